"""Streams on views: the changes of the one table that a view selects from, seen through its query.

That is sound where each row of the view comes from one row of the table and from nothing else. Such a
view picks rows and works out columns; whatever joins, groups or depends on the moment is refused.
"""

# ruff: noqa: E501
# E501, S608: SQL of ours, made of names of ours.

from typing import Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.core.names import SchemaName
from clockmill.engine.duckdb import parse
from clockmill.engine.duckdb.names import quote
from clockmill.engine.duckdb.objects import TABLE, Object
from clockmill.engine.duckdb.streams.metadata import ACTION, IS_UPDATE, METADATA, ROW_ID
from clockmill.engine.duckdb.translate.functions import AGGREGATES
from clockmill.engine.duckdb.translate.scope import Query, Scope
from clockmill.engine.duckdb.translate.unit import Named, Unit

_CHANGES: Final = "\x1fchanges"
"""What the table is called in the view's query, so that it reads the changes instead."""
_PLAIN: Final = frozenset({"expressions", "from_", "from", "where", "kind", "hint", "operation_modifiers"})
"""The parts of a SELECT that leave a row of the table a row."""


def table_of(view: Object, home: SchemaName, unit: Unit) -> tuple[Named, Object]:
    """Return the table that *view*, of the schema *home*, selects from, or refuse a stream on it."""
    node = _table_node(_query_of(view))
    before, unit.home = unit.home, home
    try:
        named, table = unit.existing(node)
    finally:
        unit.home = before
    if table.kind != TABLE:
        raise Unsupported("a stream on a view of anything but a table")
    return named, table


def view_changes(changes: str, table: Object, view: Object, home: SchemaName, unit: Unit) -> str:
    """Return the query of what *changes* of *table* mean for *view*, under the names of its columns.

    Of an update whose row was not in the view before, or is not any more, one half is left.
    """
    scope = Scope(unit)
    columns = [(column.name, column.type) for column in table.columns]
    metadata = [(stored, kind) for _, stored, kind in METADATA]
    scope.ctes[_CHANGES] = ("changes", Query("", (*columns, *metadata)))
    before, unit.home = unit.home, home
    try:
        query: Query = unit.compile_query(_through(_query_of(view)), scope)
    finally:
        unit.home = before
    # Where the view says «*», the columns of ours are in it twice.
    places = [f"c{i}" for i, (name, _) in enumerate(query.columns) if name not in _OURS]
    action, row_id = (f"c{len(query.columns) - offset}" for offset in (2, 1))
    names = [quote(f"v{i}") for i, _ in enumerate(view.columns)]
    cells = ", ".join(f"{place} AS {name}" for place, name in zip(places, names, strict=True))
    inner = ", ".join(f"c{i}" for i in range(len(columns) + len(metadata)))
    return (
        f"WITH changes({inner}) AS ({changes}) SELECT {cells}, {action} AS {quote(ACTION)}, "
        f"count(*) OVER (PARTITION BY {row_id}) = 2 AS {quote(IS_UPDATE)}, {row_id} AS {quote(ROW_ID)} FROM ({query.sql})"
    )


_OURS: Final = frozenset(stored for _, stored, _ in METADATA)


def _through(select: exp.Select) -> exp.Select:
    """Return the view's query reading the changes, and giving what they are besides."""
    select = select.copy()
    node = _table_node(select)
    alias = node.args.get("alias") or exp.TableAlias(this=node.this.copy())
    node.replace(exp.Table(this=exp.to_identifier(_CHANGES, quoted=True), alias=alias))
    for stored in (ACTION, ROW_ID):
        select.append("expressions", exp.column(exp.to_identifier(stored, quoted=True)))
    return select


def _query_of(view: Object) -> exp.Select:
    select = parse.parse(view.text or "")
    while isinstance(select, exp.Subquery) and select.is_wrapper:
        select = select.this
    if not isinstance(select, exp.Select):
        raise Unsupported("a stream on a view that is not one SELECT")
    for key, value in select.args.items():
        if value and key not in _PLAIN:
            raise Unsupported(f"a stream on a view with {key.rstrip('_').upper()}")
    for inner in select.find_all(exp.Query, exp.Window, exp.Lateral, exp.TableFromRows):
        if inner is not select:
            raise Unsupported(f"a stream on a view with {inner.key.upper()}")
    for call in select.find_all(exp.Anonymous):
        if str(call.this).removeprefix(parse.CALL_MARK).upper() in AGGREGATES:
            raise Unsupported("a stream on a view with an aggregate function")
    return select


def _table_node(select: exp.Select) -> exp.Table:
    source = select.args.get("from_") or select.args.get("from")
    if source is None or not isinstance(source.this, exp.Table):
        raise Unsupported("a stream on a view that does not select from a table")
    node = source.this
    if any(value and key not in ("this", "db", "catalog", "alias") for key, value in node.args.items()):
        raise Unsupported("a stream on a view that selects from more than a table")
    if node.args.get("alias") is not None and node.args["alias"].columns:
        raise Unsupported("a stream on a view that renames the columns of its table")
    return node
