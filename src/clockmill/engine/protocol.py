"""What an engine is: something that runs Snowflake SQL over tables that it keeps."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from clockmill.core.cancel import CancelToken
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.routine import Routine
from clockmill.engine.completion import Completion, Markers
from clockmill.engine.keys import Key
from clockmill.engine.result import ColumnType, Result, ResultColumn


class Catalog(Protocol):
    """How an engine finds the namespace of a schema. The store decides what exists."""

    def namespace(self, schema: SchemaName) -> str:
        """Return the id of *schema*, or raise NotFound for the schema or its database."""
        ...

    def functions(self, name: QualifiedName) -> tuple[Routine, ...]:
        """Return the functions that users have called *name*; none if there are none or no such schema.

        While nothing has changed, the very same tuple comes back.
        """
        ...


class HostFunctions(Protocol):
    """Functions that only clockmill can answer: SYSTEM$..., CURRENT_ROLE() and their like."""

    def knows(self, name: str) -> bool:
        """Say whether *name* (upper case) is answered here."""
        ...

    def call(self, name: str, arguments: Sequence[Any]) -> tuple[Any, ColumnType]:
        """Return the value and its type, or raise a ClockmillError."""
        ...

    def evaluate(self, function: Routine, arguments: Sequence[Any]) -> Any:
        """Return what *function*, whose body no engine can take in, makes of *arguments*.

        These are of the declared types, and so is the value; raises a ClockmillError.
        """
        ...


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for every row of a table that a statement wants: *column*, compared with *value*."""

    column: str
    sign: str
    """``=``, ``>=`` or ``<=``; the last two also where the statement says ``>`` or ``<``."""
    value: Any


class HostTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table that only clockmill can fill, as a statement names it.

    *name* holds the folded parts of the name, as far as they are known. *arguments* are those of a
    table function by name, as Python values (see Result), but for those left out; None for a view.
    """

    name: tuple[str, ...]
    arguments: tuple[tuple[str, Any], ...] | None = None
    bounds: tuple[Bound, ...] = ()
    """Rows outside of these need not be given, but may."""


class HostTables(Protocol):
    """Tables that only clockmill can fill: INFORMATION_SCHEMA, ACCOUNT_USAGE, earlier results."""

    def parameters(self, name: tuple[str, ...]) -> Mapping[str, ColumnType] | None:
        """Return the parameters of the table function *name*, in order; None if it is not one of these."""
        ...

    def columns(self, table: HostTable) -> tuple[ResultColumn, ...] | None:
        """Return the columns of *table*, or None if it is not one of these.

        Raises a ClockmillError for a table that would be here, and is not, and for wrong arguments.
        """
        ...

    def rows(self, table: HostTable) -> Sequence[Sequence[Any]]:
        """Return the rows of *table* as they are now; cells as Result has them."""
        ...


class Binding(msgspec.Struct, frozen=True):
    """A value bound to a placeholder, as a Python value (see Result) and its type."""

    value: Any
    type: ColumnType


class StatementContext(msgspec.Struct, frozen=True, kw_only=True):
    """All that a statement depends on besides its text and the data."""

    home: SchemaName | None
    role: str
    user: str
    catalog: Catalog
    functions: HostFunctions
    now: datetime
    """The instant that CURRENT_TIMESTAMP gives throughout the statement."""
    cancel: CancelToken
    query_id: str
    parameters: Mapping[str, Any] = {}
    """Session parameters by upper-case name, defaults filled in (TIMEZONE, *_FORMAT, ...)."""
    variables: Mapping[str, Binding] = {}
    """Session variables by upper-case name."""
    bindings: Mapping[str, Binding] = {}
    """Bind values by position («1», «2») or name."""
    describe_only: bool = False
    tables: HostTables | None = None
    waiting: "TableWait | None" = None
    completion: Completion | None = None
    """The marker of the body that the statement is part of, for its first transaction to write."""


class TableWait(Protocol):
    """Told when a statement begins and ends to wait for another's tables: its slot is then free.

    Neither raises; *end* may take its time.
    """

    def begin(self) -> None: ...

    def end(self) -> None: ...


class RelationColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a table or view. *identity* is the start and the increment of a column that counts."""

    name: str
    type: ColumnType
    default: str | None = None
    """SQL text."""
    comment: str | None = None
    identity: tuple[int, int] | None = None
    is_primary_key: bool = False
    is_unique: bool = False


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """A table, view or sequence, as SHOW lists it; None where the engine does not know."""

    name: str
    kind: str
    """TABLE, TRANSIENT, TEMPORARY (tables), VIEW, SEQUENCE or STREAM."""
    owner: str | None = None
    comment: str | None = None
    created_on: datetime | None = None
    rows: int | None = None
    text: str | None = None
    """The query of a view."""
    columns: tuple[RelationColumn, ...] = ()
    """Those of a table or view."""
    keys: tuple[Key, ...] = ()
    """Those of a table, in the order in which they were declared."""
    start: int | None = None
    increment: int | None = None
    next_value: int | None = None
    """What a sequence began with, counts by, and gives next."""
    is_tracked: bool = False
    """Of a table: whether its changes are logged, for streams."""
    stream: "StreamFacts | None" = None


class StreamFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream is: where its changes come from, and which of them it shows."""

    source: QualifiedName
    is_on_view: bool
    tables: tuple[QualifiedName, ...]
    """The tables whose changes it shows."""
    is_append_only: bool
    is_stale: bool
    """True if what it shows the changes of was dropped or made anew: it cannot be read any more."""


class NewStream(msgspec.Struct, frozen=True, kw_only=True):
    """A stream to be made: on a table or view, or (*clone*) like another, where that stands.

    *at* is a stream on the same source at whose place the new one begins.
    """

    name: QualifiedName
    source: QualifiedName | None = None
    clone: QualifiedName | None = None
    at: QualifiedName | None = None
    is_on_view: bool = False
    or_replace: bool = False
    if_not_exists: bool = False
    is_append_only: bool = False
    shows_initial_rows: bool = False
    comment: str | None = None


class StreamComment(msgspec.Struct, frozen=True, kw_only=True):
    """The comment of a stream, to be set, or (None) taken away."""

    name: QualifiedName
    comment: str | None
    if_exists: bool = False


class GoneStream(msgspec.Struct, frozen=True, kw_only=True):
    """A stream to be dropped."""

    name: QualifiedName
    if_exists: bool = False


StreamChange = NewStream | StreamComment | GoneStream


class EngineSession(Protocol):
    """A session in an engine. One thread uses it at a time; only the cancel token crosses threads."""

    @property
    def in_transaction(self) -> bool: ...

    @property
    def is_clean(self) -> bool:
        """True if whoever got it next would find nothing left: no transaction, no temporary table."""
        ...

    def temporary_relations(self, namespace: str) -> list[Relation]:
        """Return the session's temporary tables in *namespace*, by name; their rows are not counted."""
        ...

    def execute(self, sql: str, context: StatementContext) -> Result:
        """Run one statement (query, DML, DDL of tables, views, sequences, BEGIN/COMMIT/ROLLBACK).

        Raises StatementFault and its kin for the user's mistakes, Unsupported for what this
        engine cannot run the way the language means it.
        """
        ...

    def change_stream(self, change: StreamChange, context: StatementContext) -> Result:
        """Make, change or drop a stream; as other DDL it is a transaction of its own."""
        ...

    def close(self) -> None:
        """End the session; an open transaction is rolled back and its locks are freed."""
        ...


class Engine(Protocol):
    """An engine for the account: its namespaces and the sessions that work in them."""

    @property
    def markers(self) -> Markers:
        """The markers that bodies of tasks have left."""
        ...

    def open_session(self) -> EngineSession: ...

    def create_namespace(self, namespace: str) -> None:
        """Make sure that *namespace* exists."""
        ...

    def drop_namespace(self, namespace: str) -> None:
        """Drop *namespace* and all in it, if it is there."""
        ...

    def namespaces(self) -> set[str]:
        """Return every namespace that exists, so that a start can clear orphans."""
        ...

    def relations(self, namespace: str, *, counted: bool = True) -> list[Relation]:
        """Return the tables, views, sequences and streams in *namespace*, by name; none if it is not there.

        The rows of tables are counted only if *counted*.
        """
        ...

    def stream_has_data(self, namespace: str, name: str) -> bool:
        """Say whether anything was changed that a stream has not seen: quick, and rather true than false.

        Raises for a stream that does not exist or cannot be read any more.
        """
        ...

    def watch_streams(self, callback: Callable[[frozenset[tuple[str, str]]], None]) -> None:
        """Have *callback* called after each commit with the streams that may have data by it.

        They are given by namespace and name. It is called in the writer's thread and must be quick.
        """
        ...

    def close(self) -> None: ...
