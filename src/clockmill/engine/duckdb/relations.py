"""What the catalog tells of a namespace: its tables, views and sequences, with their columns and counts."""

from collections.abc import Iterable
from typing import Any, Final

import duckdb
import msgspec

from clockmill.engine.duckdb.names import physical_name, quote, quoted
from clockmill.engine.duckdb.objects import SEQUENCE, TABLE, VIEW, Column, Object, Stream
from clockmill.engine.duckdb.shared import Shared
from clockmill.engine.keys import Key
from clockmill.engine.protocol import Relation, RelationColumn, StreamFacts


class _Counter(msgspec.Struct, frozen=True):
    """A sequence of DuckDB."""

    start: int
    increment: int
    last: int | None

    @property
    def next_value(self) -> int:
        return self.start if self.last is None else self.last + self.increment


_COUNTERS: Final = (
    "SELECT sequence_name, start_value, increment_by, last_value FROM duckdb_sequences() "
    "WHERE database_name = current_database() AND schema_name = ?"
)


def relations(shared: Shared, namespace: str, *, counted: bool) -> list[Relation]:
    """Return what is in *namespace*, by name; the number of rows of each table only if *counted*."""
    things = shared.objects.list(namespace)
    counters: dict[str, _Counter] = {}
    if any(_counts(thing) for thing in things):
        counters = {name: _Counter(*rest) for name, *rest in shared.query(_COUNTERS, (namespace,))}
    return [_relation(shared, thing, counters, counted=counted and thing.kind == TABLE) for thing in things]


def temporary_relations(shared: Shared, things: Iterable[Object]) -> list[Relation]:
    """Return the temporary tables *things*, by name. Their rows are for their session alone to count."""
    ordered = sorted(things, key=lambda thing: thing.name)
    return [_relation(shared, thing, {}, counted=False) for thing in ordered]


def _counts(thing: Object) -> bool:
    return thing.kind == SEQUENCE or any(column.identity is not None for column in thing.columns)


def _relation(shared: Shared, thing: Object, counters: dict[str, _Counter], *, counted: bool) -> Relation:
    sequence: dict[str, Any] = {}
    if thing.kind == SEQUENCE:
        counter = counters.get(physical_name(thing.name))
        sequence = {
            "start": thing.start,
            "increment": thing.increment,
            "next_value": counter.next_value if counter is not None else thing.start,
        }
    return Relation(
        name=thing.name,
        kind=_kind(thing),
        owner=thing.owner,
        comment=thing.comment,
        created_on=thing.created_on,
        rows=count_rows(shared, thing) if counted else None,
        text=thing.text if thing.kind == VIEW else None,
        columns=tuple(_column(column, counters) for column in thing.columns),
        keys=tuple(key for key in thing.keys if _stands(shared, key)),
        is_tracked=thing.tracking is not None,
        stream=_facts(shared, thing.stream) if thing.stream is not None else None,
        **sequence,
    )


def _stands(shared: Shared, key: Key) -> bool:
    """Say whether a key is still one: a foreign key has gone with the table that it referred to."""
    if key.referred is None:
        return True
    table = shared.objects.find(key.referred.namespace, key.referred.table)
    return table is not None and table.kind == TABLE and table.created_on == key.referred.made_on


def _facts(shared: Shared, stream: Stream) -> StreamFacts:
    return StreamFacts(
        source=stream.source,
        is_on_view=stream.view is not None,
        tables=(stream.base,),
        is_append_only=stream.is_append_only,
        is_stale=shared.streams.is_stale(stream),
    )


def _kind(thing: Object) -> str:
    if thing.kind != TABLE:
        return thing.kind
    if thing.is_temporary:
        return "TEMPORARY"
    return "TRANSIENT" if thing.is_transient else thing.kind


def _column(column: Column, counters: dict[str, _Counter]) -> RelationColumn:
    counter = counters.get(column.identity) if column.identity is not None else None
    return RelationColumn(
        name=column.name,
        type=column.type,
        default=column.default,
        comment=column.comment,
        identity=(counter.start, counter.increment) if counter is not None else None,
        is_primary_key=column.is_primary_key,
        is_unique=column.is_unique,
    )


def count_rows(shared: Shared, table: Object) -> int:
    """Return how many rows *table* has; 0 if it has gone meanwhile."""
    try:
        rows = shared.query(f"SELECT count(*) FROM {quote(table.namespace)}.{quoted(table.name)}")
    except duckdb.CatalogException:
        return 0
    return int(rows[0][0])
