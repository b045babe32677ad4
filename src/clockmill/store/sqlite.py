"""SQLite: how connections are made, begun and ended here, and what its errors mean to us.

We begin and end transactions ourselves on the driver's connection. SQLAlchemy on top of it
believes in one long transaction and never gets to end it.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from clockmill.core.errors import Unavailable
from clockmill.store.backend import NotADatabase

BUSY_TIMEOUT_MS: Final = 10_000
"""How long a write waits for another process (the command line) that is writing."""

MAX_LOG_BYTES: Final = 64 * 1024 * 1024
"""What the log is cut back to after a burst of writes has made it longer."""

_TRANSIENT: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}

_COMMIT_UNDONE: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL}
"""Failures of COMMIT after which SQLite surely kept nothing."""


def primary_code(error: BaseException) -> int | None:
    """Return SQLite's primary result code of *error*, raised by the driver or through SQLAlchemy."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(origin, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def as_unavailable(error: BaseException) -> Unavailable | None:
    """Return what to raise if *error* is the disk's or a lock's fault, not the statement's."""
    if primary_code(error) not in _TRANSIENT:
        return None
    origin = error.orig if isinstance(error, DBAPIError) else error
    return Unavailable(f"The store cannot be used right now ({origin}). Nothing was changed; try again.")


class SQLiteFile:
    """A database file and the engine whose statement cache its connections share."""

    is_shared = False
    explain = staticmethod(as_unavailable)

    def __init__(self, path: Path, *, is_durable: bool = True) -> None:
        self.path = path
        self._is_durable = is_durable
        # SQLite gives the -wal and -shm files the mode of the main file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._engine = create_engine(
            "sqlite+pysqlite://",
            creator=self.connect_driver,
            poolclass=NullPool,
            # Parameters hold secrets' hashes and what users typed: not for messages and logs.
            hide_parameters=True,
        )

    def connect_driver(self) -> sqlite3.Connection:
        """Open a connection of the driver's that leaves BEGIN and COMMIT to us."""
        driver = sqlite3.connect(
            self.path,
            timeout=BUSY_TIMEOUT_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute(f"PRAGMA synchronous = {'FULL' if self._is_durable else 'OFF'}")
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute(f"PRAGMA journal_size_limit = {MAX_LOG_BYTES}")
        return driver

    def connect(self) -> Connection:
        """Open a connection with SQLAlchemy's statements on it."""
        return self._engine.connect()

    @property
    def place(self) -> str:
        return str(self.path)

    @property
    def upgrade_command(self) -> str:
        return f"clockmill db upgrade --data-dir {self.path.parent}"

    def read_link(self) -> "ReadLink":
        return ReadLink(self)

    def write_link(self) -> "WriteLink":
        return WriteLink(self)

    def version_watch(self) -> "VersionWatch":
        """Open the connection that notices commits."""
        return VersionWatch(self.connect_driver())

    def list_tables(self) -> set[str]:
        """Return the names of its tables. Raises NotADatabase for a file of something else."""
        try:
            return set(self._column("SELECT name FROM sqlite_master WHERE type = 'table'"))
        except sqlite3.DatabaseError as error:
            if primary_code(error) != sqlite3.SQLITE_NOTADB:
                raise
            raise NotADatabase from error

    def read_value(self, query: str) -> object:
        return self._column(query)[0]

    def _column(self, query: str) -> list[str]:
        # By the driver alone: at a start, SQLAlchemy's share of this would be most of it.
        driver = self.connect_driver()
        try:
            return [value for (value,) in driver.execute(query)]
        finally:
            driver.close()

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Give a connection to change tables with; what it did is kept unless there is an error.

        References are not enforced meanwhile: see :meth:`broken_reference`.
        """
        with self.connect() as connection:
            # SQLite changes a table by making it anew, and dropping the old one would cascade.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            # From here on a second process that starts has to wait, and then finds the work done.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    @staticmethod
    def broken_reference(connection: Connection) -> str | None:
        """Return a table with rows that refer to nothing, if there is one."""
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        return None if broken is None else str(broken.table)

    def close(self) -> None:
        self._engine.dispose()


def _driver_of(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


class ReadLink:
    """A connection for reading: one snapshot at a time."""

    def __init__(self, file: SQLiteFile) -> None:
        self.tx = file.connect()
        self._driver = _driver_of(self.tx)
        # A query function that writes outside the writer is a mistake: let it show at once.
        self._driver.execute("PRAGMA query_only = ON")

    def begin(self) -> None:
        self._driver.execute("BEGIN")

    def end(self) -> None:
        self._driver.rollback()

    @property
    def is_usable(self) -> bool:
        return True

    def close(self) -> None:
        self.tx.close()


class WriteLink:
    """The one connection that writes, with the verbs that group commit needs."""

    explain = staticmethod(as_unavailable)

    def __init__(self, file: SQLiteFile) -> None:
        self.tx = file.connect()
        self._driver = _driver_of(self.tx)

    def begin(self, *, shared: bool = False) -> None:  # noqa: ARG002 - nobody writes beside it here
        # IMMEDIATE: two processes that both read first could never both go on to write.
        self._driver.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._driver.execute("COMMIT")

    def rollback(self) -> None:
        self._driver.rollback()

    def begin_piece(self) -> None:
        self._driver.execute("SAVEPOINT piece")

    def keep_piece(self) -> None:
        self._driver.execute("RELEASE piece")

    def undo_piece(self) -> None:
        self._driver.execute("ROLLBACK TO piece")
        self._driver.execute("RELEASE piece")

    @property
    def is_open(self) -> bool:
        """Whether the transaction still stands: a full disk makes SQLite end it by itself."""
        return self._driver.in_transaction

    def is_undone(self, error: BaseException) -> bool:
        # After a failed sync nobody knows what the disk holds: saying «nothing was done» could be a lie.
        return primary_code(error) in _COMMIT_UNDONE

    def close(self) -> None:
        self.tx.close()


class VersionWatch:
    """A connection that does nothing but notice that others, in any process, have committed."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver
        self._lock = threading.Lock()

    def current(self) -> int:
        # SQLite counts for each connection apart, so the question always goes to the same one.
        with self._lock:
            (version,) = self._driver.execute("PRAGMA data_version").fetchone()
        return int(version)

    def close(self) -> None:
        with self._lock:
            self._driver.close()
