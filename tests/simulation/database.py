"""The database of a simulation: one SQLite connection in memory, put back to a template for each seed.

All nodes share it. That is no cheat, because no transaction is open while a fiber is parked; and
it keeps statements compiled over all seeds. Triggers write every change of a row to a journal, so
that what the checker reads owes nothing to the code that made the change.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar, cast

import msgspec
from sqlalchemy import Connection, NullPool, create_engine

from clockmill.store.backend import WriteLink
from clockmill.store.database import Store
from clockmill.store.sqlite import as_unavailable
from clockmill.store.tables import metadata
from clockmill.store.writer import Pending, Writer

T = TypeVar("T")

_WATCHED: Final = {
    "graph_runs": "id group_id attempt root_id root_name state origin scheduled_at original_scheduled_at "
    "started_at root_ended_at completed_at owner_node epoch first_error_task",
    "task_runs": "id graph_run_id task_id task_name state query_id completed_at return_value error_code "
    "is_system_error executions",
    "roots": "task_id schedule_base next_fire_at consecutive_failures last_success_group_id",
    "tasks": "id name state",
    "skipped_fires": "id root_id first_due_at last_due_at fires reason",
    "nodes": "name incarnation state lease_until",
}
"""The tables and columns whose changes are journalled."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was made (no *before*), changed, or deleted (no *after*)."""

    table: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    def said(self) -> str:
        """Return what is new in the row, for people."""
        before, after = self.before or {}, self.after or {}
        new = {
            name: value for name, value in after.items() if value is not None and value != before.get(name)
        }
        row = after or before
        return f"{self.table} {row.get('id', row.get('task_id'))} {new if after else 'is gone'}"


class Database:
    """SQLite in memory, its journal, and templates of what it may begin with."""

    def __init__(self) -> None:
        self._driver = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, cached_statements=512
        )
        self._driver.execute("PRAGMA foreign_keys = ON")
        engine = create_engine("sqlite+pysqlite://", creator=lambda: self._driver, poolclass=NullPool)
        self.tx: Connection = engine.connect()
        self._seen = 0
        metadata.create_all(self.tx)
        for statement in _journal():
            self._driver.execute(statement)
        self._empty = self._driver.serialize()

    def clear(self) -> None:
        """Forget every row."""
        self.restore(self._empty)

    def restore(self, image: bytes) -> None:
        """Put back what :meth:`image` gave; the journal is as long as it was then."""
        self._driver.rollback()
        self._driver.deserialize(image)
        self._seen = self._driver.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0]

    def image(self) -> bytes:
        return self._driver.serialize()

    def execute(self, statement: str) -> None:
        self._driver.execute(statement)

    def rollback(self) -> None:
        self._driver.rollback()

    @property
    def is_open(self) -> bool:
        """Whether a transaction is open."""
        return self._driver.in_transaction

    def take_changes(self) -> list[Change]:
        """Return, in their order, the changes that were committed since it was asked last."""
        rows = self._driver.execute(
            "SELECT seq, kind, before, after FROM journal WHERE seq > ? ORDER BY seq", (self._seen,)
        ).fetchall()
        if rows:
            self._seen = rows[-1][0]
        return [Change(table=kind, before=_read(old), after=_read(new)) for _, kind, old, new in rows]

    def standing(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the rows of the watched tables as they are now, each with its table."""
        found = []
        for table, columns in _WATCHED.items():
            rows = self._driver.execute(f"SELECT {', '.join(columns.split())} FROM {table} ORDER BY 1")
            found += [(table, dict(zip(columns.split(), row, strict=True))) for row in rows]
        return found


def _read(text: str | None) -> dict[str, Any] | None:
    return None if text is None else cast("dict[str, Any]", json.loads(text))


def _journal() -> Iterator[str]:
    yield "CREATE TABLE journal (seq INTEGER PRIMARY KEY, kind TEXT, before TEXT, after TEXT)"
    for table, columns in _WATCHED.items():
        old, new = (
            "json_object(" + ", ".join(f"'{name}', {row}.{name}" for name in columns.split()) + ")"
            for row in ("old", "new")
        )
        for event, before, after in (
            ("INSERT", "NULL", new),
            ("UPDATE", old, new),
            ("DELETE", old, "NULL"),
        ):
            yield (
                f"CREATE TRIGGER journal_{table}_{event} AFTER {event} ON {table} BEGIN "
                f"INSERT INTO journal (kind, before, after) VALUES ('{table}', {before}, {after}); END"
            )


class PlainLink:
    """Groups pieces of work on the database; a :class:`clockmill.store.backend.WriteLink`."""

    explain = staticmethod(as_unavailable)

    def __init__(self, database: Database) -> None:
        self._database = database
        self.tx = database.tx

    def begin(self, *, shared: bool = False) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._database.execute("COMMIT")

    def rollback(self) -> None:
        self._database.rollback()

    def begin_piece(self) -> None:
        self._database.execute("SAVEPOINT piece")

    def keep_piece(self) -> None:
        self._database.execute("RELEASE piece")

    def undo_piece(self) -> None:
        self._database.execute("ROLLBACK TO piece")
        self._database.execute("RELEASE piece")

    @property
    def is_open(self) -> bool:
        return self._database.is_open

    def is_undone(self, error: BaseException) -> bool:
        return False

    def close(self) -> None:
        pass


class SharedReadLink:
    """A snapshot of the database."""

    is_usable = True

    def __init__(self, database: Database, check: Callable[[], None]) -> None:
        self._database = database
        self._check = check
        self.tx = database.tx

    def begin(self) -> None:
        self._check()
        # Nothing is committed before it ends, so that it needs no transaction to be a snapshot.
        assert not self._database.is_open, "a read inside a write"

    def end(self) -> None:
        pass

    def close(self) -> None:
        pass


class EveryTime:
    """Says of every two instants that there was a commit between them."""

    def __init__(self) -> None:
        self._count = 0

    def current(self) -> int:
        self._count += 1
        return self._count

    def close(self) -> None:
        pass


class SimulatedBackend:
    """What a process has of the database; a :class:`clockmill.store.backend.Backend` in the main.

    *check* is asked before each read: it raises what a store that is away does.
    """

    explain = staticmethod(as_unavailable)
    place = "a simulation"
    upgrade_command = ""

    def __init__(
        self, database: Database, link: WriteLink, *, is_shared: bool, check: Callable[[], None]
    ) -> None:
        self._database = database
        self._link = link
        self._check = check
        self.is_shared = is_shared

    def read_link(self) -> SharedReadLink:
        return SharedReadLink(self._database, self._check)

    def write_link(self) -> WriteLink:
        return self._link

    def version_watch(self) -> EveryTime:
        return EveryTime()

    def list_tables(self) -> set[str]:
        raise NotImplementedError

    def read_value(self, query: str) -> object:
        raise NotImplementedError

    def changing(self) -> AbstractContextManager[Connection]:
        raise NotImplementedError

    def broken_reference(self, connection: Connection) -> str | None:
        raise NotImplementedError

    def close(self) -> None:
        pass


class SteppedWriter(Writer):
    """The writer without its thread: *soon* is given what nobody waits for.

    *wait* is called before and after whatever somebody waits for: it takes the time of a slow store.
    """

    def __init__(
        self, link: WriteLink, soon: Callable[[Callable[[], None]], None], wait: Callable[[], None]
    ) -> None:
        super().__init__(link)
        self._soon = soon
        self._wait = wait

    def see_done(self, piece: Pending[Any]) -> None:
        if not piece.is_done:
            # Here, where nobody holds a lock.
            self._wait()
            super().see_done(piece)
            self._wait()

    def _call(self) -> None:
        self._soon(self._do_what_waits)

    def _do_what_waits(self) -> None:
        with self._turn:
            while self._waiting:
                self._lead()


class SimulatedStore(Store):
    """A store of one process of a node: its own writer, over the database that all share."""

    def __init__(
        self,
        backend: SimulatedBackend,
        *,
        soon: Callable[[Callable[[], None]], None] = lambda work: work(),
        wait: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(backend)
        self._writer = SteppedWriter(backend.write_link(), soon, wait)


def plain_store(database: Database) -> SimulatedStore:
    """Return a store on *database* with which nothing goes wrong."""
    return SimulatedStore(
        SimulatedBackend(database, PlainLink(database), is_shared=False, check=lambda: None)
    )
