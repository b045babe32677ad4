"""``clockmill db``: care of what servers keep."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from clockmill.at_rest import back_up_at_rest, check_backup
from clockmill.cli.data_folder import DEFAULT_DATA_DIR, DataDirFlag, StoreFlag
from clockmill.clock import SystemClock
from clockmill.control import NoServer, ask
from clockmill.core.errors import ClockmillError
from clockmill.service import backups
from clockmill.service.nodes import NodeService
from clockmill.store.copying import copy_store
from clockmill.store.data_dir import DataDir
from clockmill.store.database import Store
from clockmill.store.locations import is_postgresql

app = App(name="db", help="Take care of what servers keep.")


class StoreInUse(ClockmillError):
    """A node is at work on a store that is to be copied as a whole."""

    def __init__(self, node: str) -> None:
        super().__init__(
            f"Node '{node}' is at work on the store, and would go on there. Stop it first; if it has died, "
            "wait until its lease is over."
        )


@app.command
def upgrade(*, store: StoreFlag = None, data_dir: DataDirFlag = DEFAULT_DATA_DIR) -> None:
    """Bring the data of an older clockmill to this version. Stop the servers, and keep a copy, first.

    There is no way back. Data that is of this version already is left as it is.
    """
    if store is not None:
        with Store.open(store, upgrade=True, make=False) as opened:
            print(f"The data in {opened.place} is ready for this version.")
        return
    found = DataDir.find(data_dir)
    with DataDir.claim(found.path), Store.open(found.store_file, upgrade=True):
        print(f"The data in {found.path} is ready for this version.")


@app.command
def copy(
    source: Annotated[str, Parameter(help="A data folder, or the URL of a PostgreSQL (postgresql://…).")],
    target: Annotated[str, Parameter(help="Where to: the same. There must be nothing in it yet.")],
    /,
) -> None:
    """Copy the state of an account from SQLite to PostgreSQL, or back. Stop its servers first.

    Tables stay where they are, in the data folder of their node: serve that folder with the copy.
    A password is better left to PGPASSWORD or ~/.pgpass than put into the URL: others can read a
    command line.
    """
    with _at_rest(source) as kept, _place_for(target) as copied:
        with kept.read() as tx:
            count = copy_store(tx, copied)
        print(f"{count} rows of {kept.place} are in {copied.place}.")


@contextmanager
def _at_rest(place: str) -> Iterator[Store]:
    """Give the store at *place*, on which no server is at work."""
    if not is_postgresql(place):
        found = DataDir.find(Path(place))
        with DataDir.claim(found.path), Store.open(found.store_file) as store:
            yield store
        return
    with Store.open(place, make=False) as store:
        overview = NodeService(store=store, clock=SystemClock()).list_nodes()
        for each in overview.nodes:
            if each.node.is_alive(overview.at):
                raise StoreInUse(each.node.name)
        yield store


@contextmanager
def _place_for(place: str) -> Iterator[Store]:
    if is_postgresql(place):
        with Store.open(place) as store:
            yield store
        return
    with DataDir.claim(Path(place)) as folder, Store.open(folder.store_file) as store:
        yield store


@app.command
def backup(
    target: Annotated[Path, Parameter(help="Folder to make the backup in; it must be new or empty.")],
    *,
    store: StoreFlag = None,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Copy all data as of one instant, also while servers run on it.

    State and tables are of the very same instant, as a loss of power would have left them then. Of
    several nodes, name the data folder of the one that has the tables; the store's URL is needed
    only where none runs on that folder.
    """
    source, folder = data_dir.expanduser().absolute(), target.expanduser().absolute()
    try:
        ask(source, "backup", {"target": str(folder)})
    except NoServer:
        if store is None:
            DataDir.find(source)
        back_up_at_rest(source, folder, store_url=store)
    manifest = backups.read_manifest(folder)
    check_backup(folder)
    made_at = manifest.made_at.isoformat(sep=" ", timespec="milliseconds")
    print(f"The data of {source} as of {made_at} is in {folder}.")


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
