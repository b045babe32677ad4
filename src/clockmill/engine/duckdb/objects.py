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

from clockmill.core.names import QualifiedName
from clockmill.engine.duckdb.names import PRIVATE
from clockmill.engine.keys import Key, KeyKind
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


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream shows: the changes in the log *tracking*, of the table *base*.

    A stream on a view (*source*) shows them through its query; *view* is the view that it was made on.
    """

    id: str
    tracking: str
    source: QualifiedName
    base: QualifiedName
    is_append_only: bool = False
    view: "MadeView | None" = None


class MadeView(msgspec.Struct, frozen=True, kw_only=True):
    """A view as it was made: another of its name is another view."""

    namespace: str
    name: str
    created_on: datetime


class Object(msgspec.Struct, frozen=True, kw_only=True):
    """A table, view, sequence or stream. *text* is a view's query; *kind* as SHOW says it.

    *tracking* names the log of a table's changes, where it has one: while streams look at it.
    """

    namespace: str
    name: str
    kind: str
    owner: str
    created_on: datetime
    columns: tuple[Column, ...] = ()
    keys: tuple[Key, ...] = ()
    comment: str | None = None
    text: str | None = None
    is_transient: bool = False
    is_temporary: bool = False
    start: int = 1
    increment: int = 1
    tracking: str | None = None
    stream: Stream | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.namespace, self.name)


TABLE: Final = "TABLE"
VIEW: Final = "VIEW"
SEQUENCE: Final = "SEQUENCE"
STREAM: Final = "STREAM"

Statement = tuple[str, tuple[object, ...]]

DDL: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {PRIVATE}",
    f"""CREATE TABLE IF NOT EXISTS {PRIVATE}.objects (
        namespace VARCHAR NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL, owner VARCHAR NOT NULL,
        created_on TIMESTAMP NOT NULL, comment VARCHAR, definition VARCHAR NOT NULL)""",
    f"""CREATE TABLE IF NOT EXISTS {PRIVATE}.offsets (
        id VARCHAR NOT NULL, tracking VARCHAR NOT NULL, batch BIGINT NOT NULL,
        is_initial BOOLEAN NOT NULL)""",
    f"CREATE SEQUENCE IF NOT EXISTS {PRIVATE}.row_ids",
    f"CREATE TABLE IF NOT EXISTS {PRIVATE}.file (id VARCHAR NOT NULL)",
    f"INSERT INTO {PRIVATE}.file SELECT uuid()::VARCHAR WHERE NOT EXISTS (FROM {PRIVATE}.file)",
)


class Objects:
    """The objects of an engine as committed, by namespace and name. One per engine file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._lock = threading.Lock()
        self.committing = threading.RLock()
        """Held from the commit of DDL until :meth:`committed` has made it known."""
        self._found: dict[tuple[str, str], Object] = {}
        self._sequences: dict[tuple[str, str], Object] = {}
        self._streams: dict[tuple[str, str], Object] = {}
        self._tracked: dict[str, tuple[str, str]] = {}
        self.version = 0
        """Grows with every change, so that translations know when they are stale."""
        rows = connection.execute(
            f"SELECT namespace, name, kind, owner, created_on, comment, definition FROM {PRIVATE}.objects"
        ).fetchall()
        for row in rows:
            self._put(_read(*row))

    def _put(self, thing: Object) -> None:
        self._of(thing.kind)[thing.key] = thing
        if thing.tracking is not None:
            self._tracked[thing.tracking] = thing.key
        if thing.stream is not None:
            self._streams[thing.key] = thing
        else:
            self._streams.pop(thing.key, None)

    def _of(self, kind: str) -> dict[tuple[str, str], Object]:
        # Sequences have names of their own; tables, views and streams share theirs.
        return self._sequences if kind == SEQUENCE else self._found

    def find(self, namespace: str, name: str, kind: str = TABLE) -> Object | None:
        """Return the table or view (or, for SEQUENCE, the sequence) of that name, if there is one."""
        return self._of(kind).get((namespace, name))

    def tracked(self, tracking: str) -> Object | None:
        """Return the table whose changes go to the log *tracking*; None if it is gone."""
        thing = self._found.get(self._tracked.get(tracking, ("", "")))
        return thing if thing is not None and thing.tracking == tracking else None

    def streams(self) -> tuple[Stream, ...]:
        """Return what every stream shows."""
        with self._lock:
            return tuple(each.stream for each in self._streams.values() if each.stream is not None)

    def streams_on(self, tracking: str) -> tuple[Object, ...]:
        """Return the streams that look at the log *tracking*."""
        with self._lock:
            streams = (*self._streams.values(),)
        return tuple(each for each in streams if each.stream is not None and each.stream.tracking == tracking)

    def referring(self, key: tuple[str, str]) -> tuple[Object, ...]:
        """Return the tables with a foreign key that refers to the table *key*."""
        with self._lock:
            things = (*self._found.values(),)
        return tuple(
            thing
            for thing in things
            if any(
                each.referred is not None and (each.referred.namespace, each.referred.table) == key
                for each in thing.keys
            )
        )

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
                    if thing.kind == STREAM:
                        self._streams.pop(thing.key, None)
            self.version += 1

    def settled_version(self) -> int:
        """Return the version once nobody stands between a commit of DDL and making it known."""
        with self.committing:
            return self.version

    def forget(self, namespace: str) -> None:
        """Make known that *namespace* is gone."""
        with self._lock:
            for kept in (self._found, self._sequences, self._streams):
                for key in [key for key in kept if key[0] == namespace]:
                    del kept[key]
            self.version += 1


def insertion(thing: Object) -> Statement:
    """Return the statement that records *thing*."""
    definition = msgspec.json.encode(
        {
            "columns": thing.columns,
            "keys": thing.keys,
            "text": thing.text,
            "is_transient": thing.is_transient,
            "start": thing.start,
            "increment": thing.increment,
            "tracking": thing.tracking,
            "stream": thing.stream,
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
    columns = tuple(msgspec.convert(fields["columns"], list[Column]))
    return Object(
        namespace=namespace,
        name=name,
        kind=kind,
        owner=owner,
        created_on=created_on.replace(tzinfo=UTC),
        comment=comment,
        columns=columns,
        keys=_keys(fields.get("keys"), columns),
        text=fields["text"],
        is_transient=fields["is_transient"],
        start=fields["start"],
        increment=fields["increment"],
        tracking=fields.get("tracking"),
        stream=msgspec.convert(fields.get("stream"), Stream | None),
    )


def _keys(kept: list[object] | None, columns: tuple[Column, ...]) -> tuple[Key, ...]:
    """Return the keys of a table; a table of an older file says of its columns alone what they are."""
    if kept is not None:
        return tuple(msgspec.convert(kept, list[Key]))
    primary = tuple(column.name for column in columns if column.is_primary_key)
    unique = tuple(column.name for column in columns if column.is_unique)
    found = ((KeyKind.PRIMARY, primary), (KeyKind.UNIQUE, unique))
    return tuple(Key(kind=kind, columns=names) for kind, names in found if names)
