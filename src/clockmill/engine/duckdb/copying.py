"""A copy of the engine's file while it is written to: as a crash at one instant would leave it.

DuckDB keeps a file and a log beside it. What is committed goes to the log; the blocks of the file
that are in use stay as they are until a checkpoint brings the log into it. So while no checkpoint
is made, the file, whenever it is read, and the log up to where it ended at an instant are together
the data as of that instant.
"""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb.names import PRIVATE
from clockmill.files import CheckGoesOn, copy_durably

_HEADERS: Final = 3 * 4096
"""Where the file says which of its blocks are in use: every checkpoint rewrites it."""


class CannotCopy(ClockmillError):
    """The engine has no file that could be copied, or not as it is now."""


class HeldFile:
    """The engine's file while no checkpoint is made of it. See :func:`hold`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = _log_of(path)
        self._headers = self._read_headers()
        self._logged = 0

    def mark(self) -> None:
        """Let the copy hold what is committed by now, and nothing that comes later."""
        with contextlib.suppress(FileNotFoundError):
            self._logged = self._log.stat().st_size

    def copy(self, target: Path, check: CheckGoesOn) -> dict[str, str]:
        """Write the data as of the mark to the file *target*, and the log beside it.

        Returns the SHA-256 of each file that was made, by its name.
        """
        digests = {target.name: copy_durably(self._path, target, check=check)}
        if self._logged:
            log = _log_of(target)
            digests[log.name] = copy_durably(self._log, log, size=self._logged, check=check)
        if self._read_headers() != self._headers:
            raise CannotCopy("The engine's file was rewritten while it was copied. Try again.")
        return digests

    def _read_headers(self) -> bytes:
        with self._path.open("rb") as file:
            return file.read(_HEADERS)


@contextlib.contextmanager
def hold(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[HeldFile]:
    """Keep DuckDB from checkpoints of the file *path* for the block, on a connection of its own."""
    if not path.is_file():
        raise CannotCopy("The engine keeps its data in memory: there is no file to copy.")
    # No checkpoint is made while a transaction is open that has written something.
    connection.execute("BEGIN")
    try:
        connection.execute(f"CREATE TABLE {PRIVATE}.held_{secrets.token_hex(8)} (nothing BOOLEAN)")
        yield HeldFile(path)
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def check_copy(path: Path) -> int:
    """Open the copy *path*, which stays as it is, and return how many tables it has."""
    try:
        with duckdb.connect(
            str(path), read_only=True, config={"enable_external_access": "false"}
        ) as connection:
            row = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone()
    except duckdb.Error as error:
        raise CannotCopy(f"The copy {path} cannot be opened: {error}") from error
    return int(row[0]) if row else 0


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + ".wal")
