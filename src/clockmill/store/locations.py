"""Where a store is: a file, or a database of PostgreSQL."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from clockmill.store.backend import Backend, BadLocation
from clockmill.store.sqlite import SQLiteFile
from clockmill.wake import Wakeups

_SCHEMES: Final = ("postgresql://", "postgres://")


def is_postgresql(target: str | Path) -> bool:
    """Say whether *target* names a database of PostgreSQL, else it is a path. Raises BadLocation."""
    if str(target).startswith(_SCHEMES):
        return True
    if "://" in str(target):
        raise BadLocation
    return False


def backend_of(target: str | Path) -> Backend:
    """Return the database that *target* names. Raises what its driver raises, and BadLocation."""
    if not is_postgresql(target):
        return SQLiteFile(Path(target))
    # A server on SQLite starts without the driver and its library.
    from clockmill.store.postgresql import PostgreSQLDatabase  # noqa: PLC0415

    return PostgreSQLDatabase(str(target))


def share_wakeups(target: str, wakeups: Wakeups) -> Callable[[], None]:
    """Let *wakeups* reach the other nodes on the database *target*, and return what ends that."""
    from clockmill.store.notify import WakeupRelay  # noqa: PLC0415 - for the same reason

    return WakeupRelay(target, wakeups).close
