"""PostgreSQL: how connections are made, begun and ended here, and what its errors mean to us.

As on SQLite we begin and end transactions ourselves, on the driver's connection. A connection that
is lost is replaced at the next BEGIN; what was under way is told to whoever waits for it.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, LiteralString, cast

import psycopg
from psycopg import conninfo, errors
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from clockmill.store.backend import BadLocation
from clockmill.store.postgresql_errors import (
    CannotConnect,
    CommitLost,
    DatabaseRefused,
    OutcomeUnknown,
    as_unavailable,
    hide_values,
)

log = logging.getLogger(__name__)

STALL_MS: Final = 5_000
"""How long a transaction that writes may do nothing. A node that is paused in the middle of one
would keep every other from writing."""

PREPARED: Final = 300
"""Statements that a connection keeps prepared: what runs often, and lists of several lengths."""

LOCK_TIMEOUT_MS: Final = 10_000
"""How long a write waits for the others that are writing."""

_DEFAULTS: Final = {
    "application_name": "clockmill",
    "connect_timeout": "5",
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",
}
"""A server that is gone without a word is noticed within seconds. What the URL says comes first."""

_LOCKS: Final = 0x636C6B  # "clk"
"""The first half of the keys of our advisory locks; the second says which."""

_SETUP: Final = f"SELECT pg_advisory_xact_lock({_LOCKS}, 0)"
_EXCLUSIVE: Final = f"SELECT pg_advisory_xact_lock({_LOCKS}, 1), pg_current_xact_id()::text"
_SHARED: Final = f"SELECT pg_advisory_xact_lock_shared({_LOCKS}, 1), pg_current_xact_id()::text"

# READ COMMITTED: once the lock is there, each statement sees all that its last holders did.
_BEGIN_ALONE: Final = f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {_EXCLUSIVE}"
_BEGIN_SHARED: Final = f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {_SHARED}"
_BEGIN_READING: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

_ASKS_FOR_OUTCOME: Final = 60
"""How often a new connection is tried to learn of a commit that nobody answered for; a second apart
from the fourth on."""


OLDEST: Final = 13_00_00
"""The first version that gives transactions ids which are never used again."""


class PostgreSQLDatabase:
    """A database and the engine whose statement cache its connections share."""

    is_shared = True
    explain = staticmethod(as_unavailable)

    def __init__(self, url: str) -> None:
        try:
            self._parameters = {**_DEFAULTS, **conninfo.conninfo_to_dict(url)}
        except psycopg.ProgrammingError:
            # Without its words: they quote the URL, and a password in it.
            raise BadLocation from None
        if any("@" in str(self._parameters.get(part, "")) for part in ("host", "dbname")):
            # A password with a character of URLs in it: its rest would be shown as the place.
            raise BadLocation
        self._conninfo = conninfo.make_conninfo("", **self._parameters)
        self._engine = create_engine(
            "postgresql+psycopg://",
            creator=self.connect_driver,
            poolclass=NullPool,
            pool_reset_on_return=None,
            # Parameters hold secrets' hashes and what users typed: not for messages and logs.
            hide_parameters=True,
            paramstyle="format",
            use_native_hstore=False,
        )
        event.listen(self._engine, "handle_error", hide_values)

    def connect_driver(self) -> "psycopg.Connection[Any]":
        """Open a connection of the driver's that leaves BEGIN and COMMIT to us."""
        driver = psycopg.connect(self._conninfo, autocommit=True)
        driver.prepared_max = PREPARED
        return driver

    def connect(self) -> Connection:
        """Open a connection with SQLAlchemy's statements on it."""
        return self._engine.connect()

    @property
    def place(self) -> str:
        given = self._parameters
        return f"{given.get('host', 'localhost')}:{given.get('port', 5432)}/{given.get('dbname', '')}"

    @property
    def upgrade_command(self) -> str:
        return "clockmill db upgrade --store postgresql://…"

    def read_link(self) -> "ReadLink":
        return ReadLink(self)

    def write_link(self) -> "WriteLink":
        return WriteLink(self)

    def version_watch(self) -> "VersionWatch":
        return VersionWatch(self)

    def list_tables(self) -> set[str]:
        """Return the names of the tables in the schema that comes first in the search path.

        This is how a store is opened. Raises :class:`DatabaseRefused` and :class:`CannotConnect`.
        """
        try:
            first = self.connect_driver()
        except psycopg.OperationalError as error:
            raise CannotConnect(self.place, error) from error
        with first as driver:
            self._check_server(driver.info)
            query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            return {name for (name,) in driver.execute(query)}

    def _check_server(self, server: psycopg.ConnectionInfo) -> None:
        if server.server_version < OLDEST:
            raise DatabaseRefused(
                f"{self.place} is PostgreSQL {server.server_version // 10_000}: clockmill needs "
                f"{OLDEST // 10_000} or later."
            )
        encoding = server.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise DatabaseRefused(
                f"The database {self.place} has the encoding {encoding}, which cannot keep every text. Make "
                "one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."
            )

    def read_value(self, query: str) -> object:
        with self.connect_driver() as driver:
            row = driver.execute(query).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Give a connection to change tables with; what it did is kept unless there is an error."""
        with self.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            # Several nodes may start at once; and nobody may write while tables change.
            connection.exec_driver_sql(_SETUP)
            connection.exec_driver_sql(_EXCLUSIVE)
            yield connection
            connection.commit()

    @staticmethod
    def broken_reference(connection: Connection) -> str | None:  # noqa: ARG004 - the server sees to it
        """Return None: references are always enforced here."""
        return None

    def was_kept(self, transaction_id: str) -> bool:
        """Say whether a transaction whose COMMIT nobody answered for was kept, or raise OutcomeUnknown."""
        pause = threading.Event()
        for number in range(_ASKS_FOR_OUTCOME):
            with suppress(psycopg.OperationalError):
                status = self._status_of(transaction_id)
                if status in {"committed", "aborted"}:
                    return status == "committed"
                if status is None:
                    break
            # The server starts again, or has not noticed yet that we are gone.
            pause.wait(min(1.0, 0.02 * 4**number))
        raise OutcomeUnknown

    def _status_of(self, transaction_id: str) -> str | None:
        with self.connect_driver() as driver:
            try:
                row = driver.execute("SELECT pg_xact_status(%s::xid8)", (transaction_id,)).fetchone()
            except errors.InvalidParameterValue:
                # It lies in this server's future: another one has taken over, and never saw it.
                return "aborted"
        return None if row is None else row[0]

    def close(self) -> None:
        self._engine.dispose()


def _driver_of(connection: Connection) -> "psycopg.Connection[Any]":
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


class _Link:
    """A connection that is made anew when it is found to be lost, as by a restart of the server."""

    def __init__(self, database: PostgreSQLDatabase) -> None:
        self._database = database
        self._connect()

    def _connect(self) -> None:
        self.tx = self._database.connect()
        self._driver = _driver_of(self.tx)
        self._prepare_session()

    def _prepare_session(self) -> None:
        """Set what holds for as long as the connection does."""

    def send_first(self, statement: LiteralString) -> "psycopg.Cursor[Any]":
        """Execute *statement* outside of a transaction, on another connection if this one is lost."""
        if not self.is_usable:
            self._reconnect()
        try:
            return self._driver.execute(statement, prepare=False)
        except psycopg.OperationalError:
            if self.is_usable:
                raise
        # It was lost since it was last used, and nothing has happened on it yet.
        self._reconnect()
        return self._driver.execute(statement, prepare=False)

    def _reconnect(self) -> None:
        self.close()
        self._connect()

    def _end(self) -> None:
        """Give up what is open; a connection that is lost has done so already."""
        if self._driver.closed or self._driver.info.transaction_status is TransactionStatus.IDLE:
            return
        with suppress(psycopg.Error):
            self._driver.execute("ROLLBACK", prepare=False)

    @property
    def is_usable(self) -> bool:
        return not self._driver.closed and not self.tx.invalidated

    def close(self) -> None:
        if not self.tx.closed:
            # Without the ROLLBACK that would be sent first, and fail on a connection that is lost.
            self.tx.invalidate()
            self.tx.close()


class ReadLink(_Link):
    """A connection for reading: one snapshot at a time."""

    def begin(self) -> None:
        self.send_first(_BEGIN_READING)

    def end(self) -> None:
        self._end()


class WriteLink(_Link):
    """The one connection that writes, with the verbs that group commit needs."""

    explain = staticmethod(as_unavailable)

    def _prepare_session(self) -> None:
        self._transaction_id = ""
        self._has_piece = False
        self._driver.execute(
            f"SET idle_in_transaction_session_timeout = {STALL_MS}; SET lock_timeout = {LOCK_TIMEOUT_MS};"
            # What was acknowledged must be on disk; a setting that asks for more than that stands.
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'",
            prepare=False,
        )

    def begin(self, *, shared: bool = False) -> None:
        self._has_piece = False
        answers = self.send_first(_BEGIN_SHARED if shared else _BEGIN_ALONE)
        answers.nextset()
        row = answers.fetchone()
        self._transaction_id = row[1] if row else ""

    def commit(self) -> None:
        try:
            answer = self._driver.execute("COMMIT", prepare=False).statusmessage
        except psycopg.OperationalError as error:
            if self.is_usable:
                raise
            log.warning("commit unanswered", extra={"transaction": self._transaction_id})
            if not self._database.was_kept(self._transaction_id):
                raise CommitLost from error
            return
        if answer != "COMMIT":
            # A piece has failed and kept quiet about it: the server undoes all, and says only this.
            raise CommitLost

    def is_undone(self, error: BaseException) -> bool:
        return not isinstance(error, OutcomeUnknown)

    def rollback(self) -> None:
        self._end()

    def begin_piece(self) -> None:
        # One round trip for the end of a piece and the next one's beginning; COMMIT ends the last.
        self._driver.execute(
            "RELEASE piece; SAVEPOINT piece" if self._has_piece else "SAVEPOINT piece", prepare=False
        )
        self._has_piece = True

    def keep_piece(self) -> None:
        """Do nothing: see :meth:`begin_piece`."""

    def undo_piece(self) -> None:
        self._driver.execute("ROLLBACK TO piece", prepare=False)

    @property
    def is_open(self) -> bool:
        """Whether the transaction still stands; one with a failed statement does, up to its savepoint."""
        return self.is_usable and self._driver.info.transaction_status in {
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
        }


class VersionWatch:
    """A connection that does nothing but notice that others, in any process, have committed."""

    def __init__(self, database: PostgreSQLDatabase) -> None:
        self._link = _Link(database)
        self._lock = threading.Lock()
        self._snapshot = ""
        self._count = 0

    def current(self) -> int:
        """Return a number that is another one after each commit. Raises Unavailable."""
        with self._lock:
            try:
                snapshot = self._link.send_first("SELECT pg_current_snapshot()::text").fetchone()
            except (psycopg.Error, DBAPIError) as error:
                raise as_unavailable(error) or error from error
            if snapshot is None or snapshot[0] != self._snapshot:
                self._snapshot = "" if snapshot is None else snapshot[0]
                self._count += 1
            return self._count

    def close(self) -> None:
        with self._lock:
            self._link.close()
