"""What is done to a data folder on which no server runs: it is backed up, and a backup is looked at."""

import contextlib
from importlib.metadata import version
from pathlib import Path

from clockmill.clock import SystemClock
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.engine.duckdb.copying import check_copy
from clockmill.service.backups import ENGINE_FILE, BackupRefused, BackupService, Manifest
from clockmill.service.identity import IdentityService
from clockmill.store.data_dir import DataDir
from clockmill.store.database import Store


def back_up_at_rest(data_dir: Path, target: Path, *, store_url: str | None = None) -> Manifest:
    """Back up the data folder *data_dir*, on which no server runs, into the folder *target*.

    The state is in the folder too, or at *store_url*.
    """
    if not DataDir(data_dir, None).engine_file.exists():
        raise BackupRefused(
            f"The account's tables are not in {data_dir}: name the data folder of the node that has them."
        )
    with contextlib.ExitStack() as ends:
        folder = ends.enter_context(DataDir.claim(data_dir))
        store = ends.enter_context(Store.open(store_url or folder.store_file, make=False))
        clock = SystemClock()
        engine = ends.enter_context(contextlib.closing(DuckDBEngine(folder.engine_file)))
        return BackupService(
            store=store,
            clock=clock,
            hold_engine=engine.hold_file,
            account=IdentityService(store=store, clock=clock).account_name() or "",
            version=version("clockmill"),
        ).back_up(target)


def check_backup(target: Path) -> int:
    """Open the engine's data in the backup *target* to see that it can be read; return its tables."""
    return check_copy(target / ENGINE_FILE)
