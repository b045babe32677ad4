"""``clockmill db``: care of the data folder."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from clockmill.cli.data_folder import DEFAULT_DATA_DIR, DataDirFlag
from clockmill.compose import back_up_at_rest, check_backup
from clockmill.control import NoServer, ask
from clockmill.core.errors import ClockmillError
from clockmill.service import backups
from clockmill.store.data_dir import DataDir
from clockmill.store.database import Store

app = App(name="db", help="Take care of a server's data folder.")


@app.command
def upgrade(*, data_dir: DataDirFlag = DEFAULT_DATA_DIR) -> None:
    """Bring the data of an older clockmill to this version. Stop the server, and keep a copy, first.

    There is no way back. Data that is of this version already is left as it is.
    """
    found = DataDir.find(data_dir)
    with DataDir.claim(found.path), Store.open(found.store_file, upgrade=True):
        print(f"The data in {found.path} is ready for this version.")


@app.command
def backup(
    target: Annotated[Path, Parameter(help="Folder to make the backup in; it must be new or empty.")],
    *,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Copy all data as of one instant, also while a server runs on it.

    State and tables are of the very same instant, as a loss of power would have left them then.
    """
    found = DataDir.find(data_dir)
    folder = target.expanduser().absolute()
    try:
        ask(found.path, "backup", {"target": str(folder)})
    except NoServer:
        back_up_at_rest(found.path, folder)
    manifest = backups.read_manifest(folder)
    check_backup(folder)
    made_at = manifest.made_at.isoformat(sep=" ", timespec="milliseconds")
    print(f"The data in {found.path} as of {made_at} is in {folder}.")


@app.command
def restore(
    source: Annotated[Path, Parameter(help="Folder that a backup was made in.")],
    *,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Put a backup into a new data folder. A server on it then goes on as after a crash.

    Started tasks are started there too, and runs that were not done are taken up: do not let the
    copy run beside the original unless you want everything to be done twice.
    """
    folder = source.expanduser().absolute()
    backups.read_manifest(folder)
    with DataDir.claim(data_dir) as claimed:
        if claimed.store_file.exists():
            raise ClockmillError(
                f"There is data in {claimed.path} already, and it stays. Name a new folder with --data-dir."
            )
        manifest = backups.restore(folder, claimed.path)
    made_at = manifest.made_at.isoformat(sep=" ", timespec="milliseconds")
    print(
        f"The data as of {made_at} is in {claimed.path}. "
        f"Serve it with 'clockmill serve --data-dir {claimed.path}'."
    )
