"""Tables, views and sequences: what they are in the language's terms, kept beside their data."""

# ruff: noqa: PLR0917
# PLR0917: the parts are always given together.

import json
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import duckdb
import msgspec

from clockmill.engine.duckdb.names import PRIVATE
from clockmill.engine.result import ColumnType


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column. *default* is SQL text, *identity* the stored name of the sequence that fills it."""

    name: str
    type: ColumnType
    default: str | None = None
    identity: str | None = None
    comment: str | None = None
    is_primary_key: bool = False
    is_unique: bool = False


class Object(msgspec.Struct, frozen=True, kw_only=True):
    """A table, view or sequence. *text* is a view's query; *kind* as SHOW says it."""

    namespace: str
    name: str
    kind: str
    owner: str
    created_on: datetime
    columns: tuple[Column, ...] = ()
    comment: str | None = None
    text: str | None = None
    is_transient: bool = False
    is_temporary: bool = False
    start: int = 1
    increment: int = 1

    @property
    def key(self) -> tuple[str, str]:
        return (self.namespace, self.name)


TABLE: Final = "TABLE"
VIEW: Final = "VIEW"
SEQUENCE: Final = "SEQUENCE"

Statement = tuple[str, tuple[object, ...]]

DDL: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {PRIVATE}",
    f"""CREATE TABLE IF NOT EXISTS {PRIVATE}.objects (
        namespace VARCHAR NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL, owner VARCHAR NOT NULL,
        created_on TIMESTAMP NOT NULL, comment VARCHAR, definition VARCHAR NOT NULL)""",
)


class Objects:
    """The objects of an engine as committed, by namespace and name. One per engine file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._lock = threading.Lock()
        self.committing = threading.RLock()
        """Held from the commit of DDL until :meth:`committed` has made it known."""
        self._found: dict[tuple[str, str], Object] = {}
        self._sequences: dict[tuple[str, str], Object] = {}
        self.version = 0
        """Grows with every change, so that translations know when they are stale."""
        rows = connection.execute(
            f"SELECT namespace, name, kind, owner, created_on, comment, definition FROM {PRIVATE}.objects"
        ).fetchall()
        for row in rows:
            self._put(_read(*row))

    def _put(self, thing: Object) -> None:
        self._of(thing.kind)[thing.key] = thing

    def _of(self, kind: str) -> dict[tuple[str, str], Object]:
        # Sequences have names of their own; a table and a view cannot share one.
        return self._sequences if kind == SEQUENCE else self._found

    def find(self, namespace: str, name: str, kind: str = TABLE) -> Object | None:
        """Return the table or view (or, for SEQUENCE, the sequence) of that name, if there is one."""
        return self._of(kind).get((namespace, name))

    def list(self, namespace: str) -> list[Object]:
        """Return what is in *namespace*, by name."""
        with self._lock:
            everything = [*self._found.values(), *self._sequences.values()]
        return sorted((o for o in everything if o.namespace == namespace), key=lambda o: (o.name, o.kind))

    def committed(self, added: Iterable[Object], dropped: Iterable[Object]) -> None:
        """Make known what a transaction that has just committed added and dropped."""
        new = list(added)
        staying = {(thing.kind == SEQUENCE, thing.key) for thing in new}
        with self._lock:
            # Whoever looks meanwhile finds the old object or the new one, never none.
            for thing in new:
                self._put(thing)
            for thing in dropped:
                if (thing.kind == SEQUENCE, thing.key) not in staying:
                    self._of(thing.kind).pop(thing.key, None)
            self.version += 1

    def settled_version(self) -> int:
        """Return the version once nobody stands between a commit of DDL and making it known."""
        with self.committing:
            return self.version

    def forget(self, namespace: str) -> None:
        """Make known that *namespace* is gone."""
        with self._lock:
            for kept in (self._found, self._sequences):
                for key in [key for key in kept if key[0] == namespace]:
                    del kept[key]
            self.version += 1


def insertion(thing: Object) -> Statement:
    """Return the statement that records *thing*."""
    definition = msgspec.json.encode(
        {
            "columns": thing.columns,
            "text": thing.text,
            "is_transient": thing.is_transient,
            "start": thing.start,
            "increment": thing.increment,
        }
    ).decode()
    created = thing.created_on.astimezone(UTC).replace(tzinfo=None)
    return (
        f"INSERT INTO {PRIVATE}.objects VALUES (?, ?, ?, ?, ?, ?, ?)",
        (thing.namespace, thing.name, thing.kind, thing.owner, created, thing.comment, definition),
    )


def removal(thing: Object) -> Statement:
    """Return the statement that strikes *thing* from the record."""
    return (
        f"DELETE FROM {PRIVATE}.objects WHERE namespace = ? AND name = ? AND kind = ?",
        (thing.namespace, thing.name, thing.kind),
    )


def _read(
    namespace: str,
    name: str,
    kind: str,
    owner: str,
    created_on: datetime,
    comment: str | None,
    definition: str,
) -> Object:
    fields = json.loads(definition)
    return Object(
        namespace=namespace,
        name=name,
        kind=kind,
        owner=owner,
        created_on=created_on.replace(tzinfo=UTC),
        comment=comment,
        columns=tuple(msgspec.convert(fields["columns"], list[Column])),
        text=fields["text"],
        is_transient=fields["is_transient"],
        start=fields["start"],
        increment=fields["increment"],
    )
