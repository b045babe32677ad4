"""``clockmill db``: care of the data folder."""

from cyclopts import App

from clockmill.cli.data_folder import DEFAULT_DATA_DIR, DataDirFlag
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
