"""A stream after FROM: the log between two batches, netted by rows."""

# ruff: noqa: E501
# E501, S608: SQL of ours, made of names of ours.

from clockmill.core.errors import Unsupported
from clockmill.core.names import QualifiedName
from clockmill.engine.duckdb.names import literal, quote, quoted
from clockmill.engine.duckdb.objects import Object, Stream
from clockmill.engine.duckdb.streams.faults import BaseDropped
from clockmill.engine.duckdb.streams.log import BEFORE, INSERTED, KINDS, MARK, PLACE, ROW, log_name
from clockmill.engine.duckdb.streams.metadata import ACTION, IS_UPDATE, METADATA, ROW_ID
from clockmill.engine.duckdb.streams.views import view_changes
from clockmill.engine.duckdb.translate.scope import Source, SourceColumn
from clockmill.engine.duckdb.translate.unit import Named, Parameter, Unit


def compile_stream(
    named: Named, thing: Object, unit: Unit, alias: str | None, names: list[str]
) -> tuple[str, Source]:
    """Return the SQL and the source for the stream *thing*, and note that the statement reads it."""
    stream = thing.stream
    assert stream is not None  # noqa: S101 - narrows
    table = find_base(unit, named.full, stream)
    unit.streams[stream.id] = named.lock
    stored = unit.alias()
    changes = net_changes(unit, stream, table)
    columns = [(c.name, quoted(c.name), c.type) for c in table.columns]
    if stream.view is not None:
        view = find_view(unit, named.full, stream)
        changes = view_changes(changes, table, view, stream.source.parent, unit)
        columns = [(c.name, quote(f"v{i}"), c.type) for i, c in enumerate(view.columns)]
    columns += [(name, quote(under), kind) for name, under, kind in METADATA]
    return f"({changes}) AS {stored}", Source(
        alias or named.full.name,
        tuple(
            SourceColumn(names[i] if i < len(names) else name, f"{stored}.{under}", kind)
            for i, (name, under, kind) in enumerate(columns)
        ),
        None if alias else named.full,
    )


def require_sound(stream: Stream, table: Object, view: Object, unit: Unit) -> None:
    """Refuse a stream on a view whose rows depend on anything besides the row of the table."""
    known = len(unit.parameters)
    view_changes(net_changes(unit, stream, table), table, view, stream.source.parent, unit)
    if not unit.is_deterministic or any(p.source != "stream" for p in unit.parameters[known:]):
        raise Unsupported("a stream on a view that depends on more than its table")
    del unit.parameters[known:]


def find_base(unit: Unit, name: QualifiedName, stream: Stream) -> Object:
    """Return the table whose changes *stream* shows, or raise that it is gone."""
    table = unit.objects.tracked(stream.tracking)
    if table is None:
        raise BaseDropped(stream.base, name.name)
    return table


def find_view(unit: Unit, name: QualifiedName, stream: Stream) -> Object:
    """Return the view that *stream* was made on, or raise that it is gone or another one."""
    made = stream.view
    assert made is not None  # noqa: S101 - narrows
    view = unit.objects.find(made.namespace, made.name)
    if view is None or view.created_on != made.created_on:
        raise BaseDropped(stream.source, name.name, "view")
    return view


def net_changes(unit: Unit, stream: Stream, table: Object) -> str:
    """Return the query of what has become of each row that was changed.

    A row that was there before and is no more is a DELETE, one that is new an INSERT; one that was
    there and still is, is both. What came and went is nothing.
    """
    columns = ", ".join(quoted(c.name) for c in table.columns)
    row_id = f"sha1({literal(stream.tracking + ':')} || {ROW})"
    entries = f"FROM {log_name(stream.tracking)} WHERE {_limits(unit, stream)}"
    if stream.is_append_only:
        return (
            f"SELECT {columns}, 'INSERT' AS {quote(ACTION)}, false AS {quote(IS_UPDATE)}, {row_id} AS {quote(ROW_ID)} "
            f"{entries} AND {PLACE} % {KINDS} = {INSERTED}"
        )
    first, last = (f"{word}({PLACE}) OVER (PARTITION BY {ROW})" for word in ("min", "max"))
    was = f"first_place % {KINDS} = {BEFORE}"
    still = f"last_place % {KINDS} <> {BEFORE}"
    return (
        f"SELECT {columns}, CASE WHEN {PLACE} % {KINDS} = {BEFORE} THEN 'DELETE' ELSE 'INSERT' END AS {quote(ACTION)}, "
        f"{was} AND {still} AS {quote(IS_UPDATE)}, {row_id} AS {quote(ROW_ID)} "
        f"FROM (SELECT *, {first} AS first_place, {last} AS last_place {entries}) "
        f"WHERE ({was} AND {PLACE} = first_place) OR ({still} AND {PLACE} = last_place)"
    )


def _limits(unit: Unit, stream: Stream) -> str:
    def limit(which: str, kind: str) -> str:
        return unit.internal(Parameter("stream", stream.id, (which,)), kind)

    return (
        f"{PLACE} >= {limit('from', 'BIGINT')} AND {PLACE} < {limit('to', 'BIGINT')} "
        f"AND {MARK} IS NOT DISTINCT FROM {limit('mark', 'VARCHAR')}"
    )
