"""PIVOT and UNPIVOT, written out as the aggregation and the union that they are."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.rewrites import DEFAULT_ON_NULL
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.operators import choose, comparable
from clockmill.engine.duckdb.translate.scope import Query, Scope, Source, SourceColumn
from clockmill.engine.duckdb.translate.unit import Typed, fold_identifier
from clockmill.engine.result import TEXT, Kind


def compile_pivots(pivots: list[exp.Pivot], sql: str, source: Source, scope: Scope) -> tuple[str, Source]:
    """Return the source that PIVOT or UNPIVOT makes of *source*."""
    for pivot in pivots:
        inner = scope.child()
        inner.sources = [source]
        query = (
            _unpivot(pivot, sql, source, inner)
            if pivot.args.get("unpivot")
            else _pivot(pivot, sql, source, inner)
        )
        alias = pivot.args.get("alias")
        name = fold_identifier(alias.this) if alias is not None and alias.this is not None else source.alias
        names = [fold_identifier(column) for column in alias.columns] if alias is not None else []
        stored = scope.unit.alias()
        sql, source = f"({query.sql}) AS {stored}", query.source(name, stored, names)
    return sql, source


def _pivot(pivot: exp.Pivot, sql: str, source: Source, scope: Scope) -> Query:
    if len(pivot.args["fields"]) != 1 or not isinstance(pivot.args["fields"][0], exp.In):
        raise Unsupported("this form of PIVOT")
    field = pivot.args["fields"][0]
    column = scope.column(field.this if isinstance(field.this, exp.Column) else exp.Column(this=field.this))
    items = field.expressions
    if len(items) == 1 and isinstance(items[0], exp.PivotAny):
        items = _present_values(items[0], sql, column, scope)
    if len(items) == 1 and isinstance(items[0], exp.Query | exp.Subquery):
        items = _values_of(items[0], scope)
    if not items:
        raise CompilationFault("PIVOT over no values", code="001003")
    used = {column.sql}
    for aggregate in _aggregates(pivot):
        used |= {scope.column(c).sql for c in aggregate.find_all(exp.Column)}
    kept = [c for c in source.columns if c.sql not in used]
    cells = [(c.name, Typed(c.sql, c.type)) for c in kept]
    for item in items:
        cells += [
            (name, _or_default(pivot, cell, scope)) for name, cell in _pivot_cells(pivot, item, column, scope)
        ]
    written = ", ".join(f"{value.sql} AS c{i}" for i, (_, value) in enumerate(cells))
    group = f" GROUP BY {', '.join(str(i + 1) for i in range(len(kept)))}" if kept else ""
    return Query(f"SELECT {written} FROM {sql}{group}", tuple((name, value.type) for name, value in cells))


def _is_default(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.this).upper().endswith(DEFAULT_ON_NULL)


def _aggregates(pivot: exp.Pivot) -> list[exp.Expr]:
    return [node for node in pivot.expressions if not _is_default(node)]


def _or_default(pivot: exp.Pivot, cell: Typed, scope: Scope) -> Typed:
    """Return *cell*, or where it is NULL what DEFAULT ON NULL says."""
    for node in pivot.expressions:
        if _is_default(node):
            default = scope.expression(node.expressions[0])
            return choose(scope, [(f"{cell.sql} IS NOT NULL", cell)], default)
    return cell


def _values_of(node: exp.Expr, scope: Scope) -> list[exp.Expr]:
    """Return the values that a query gives now."""
    unit = scope.unit
    unit.is_cacheable = False
    query = Scope(unit).query(node.this if isinstance(node, exp.Subquery) else node)
    kind = query.columns[0][1]
    text = casts.as_text(unit, Typed("v.c0", kind))
    values = unit.evaluate(f"(SELECT list({text}) FROM ({query.sql}) AS v)", unit.parameters)
    make = exp.Literal.string if kind.kind is Kind.TEXT else exp.Literal.number
    return [make(value) for value in values or [] if value is not None]


def _present_values(item: exp.PivotAny, sql: str, column: Typed, scope: Scope) -> list[exp.Expr]:
    """Return the values that are there now: which columns PIVOT gives depends on the data."""
    unit = scope.unit
    unit.is_cacheable = False
    order = item.this.expressions[0] if isinstance(item.this, exp.Order) else None
    direction = "DESC" if order is not None and order.args.get("desc") else "ASC"
    text = casts.as_text(unit, column)
    values = unit.evaluate(
        f"(SELECT list(t ORDER BY v {direction}) FROM (SELECT DISTINCT {column.sql} AS v, {text} AS t FROM {sql}) "
        "WHERE v IS NOT NULL)",
        unit.parameters,
    )
    is_text = column.type.kind is Kind.TEXT
    return [exp.Literal.string(v) if is_text else exp.Literal.number(v) for v in values or []]


def _pivot_cells(pivot: exp.Pivot, item: exp.Expr, column: Typed, scope: Scope) -> list[tuple[str, Typed]]:
    alias = None
    if isinstance(item, exp.PivotAlias | exp.Alias):
        alias, item = item.args["alias"], item.this
    value = scope.expression(item)
    one, other = comparable(scope, column, value)
    shown = fold_identifier(alias) if alias is not None else item.sql("snowflake")
    cells = []
    for aggregate in _aggregates(pivot):
        name = shown
        inner = aggregate
        if isinstance(aggregate, exp.Alias):
            inner = aggregate.this
            name = f"{shown}_{fold_identifier(aggregate.args['alias'])}"
        cells.append((name, _conditional(inner, f"{one} IS NOT DISTINCT FROM {other}", scope)))
    return cells


def _conditional(node: exp.Expr, condition: str, scope: Scope) -> Typed:
    """Return an aggregate over the rows where *condition* holds."""
    if not isinstance(node, exp.Anonymous) or len(node.expressions) != 1:
        raise Unsupported("this aggregate in PIVOT")
    inner = scope.child()
    argument = node.expressions[0]
    if isinstance(argument, exp.Star):
        raise Unsupported("COUNT(*) in PIVOT")
    value = scope.expression(argument)
    inner.lambdas["\0PIVOTED"] = Typed(f"(CASE WHEN {condition} THEN {value.sql} END)", value.type)
    call = exp.Anonymous(
        this=node.this, expressions=[exp.Column(this=exp.to_identifier("\0PIVOTED", quoted=True))]
    )
    return inner.expression(call)


def _unpivot(pivot: exp.Pivot, sql: str, source: Source, scope: Scope) -> Query:
    field = pivot.args["fields"][0]
    value_name = fold_identifier(_identifier(pivot.expressions[0]))
    label_name = fold_identifier(_identifier(field.this))
    parts = []
    for item in field.expressions:
        label, node = None, item
        if isinstance(item, exp.PivotAlias | exp.Alias):
            label, node = _label(item.args["alias"]), item.this
        column = _find(fold_identifier(_identifier(node)), source)
        parts.append((label or column.name, column))
    spread = {column.name for _, column in parts}
    kept = [c for c in source.columns if c.name not in spread]
    kind = types.unify(column.type for _, column in parts)
    rows = ", ".join(
        "{'l': " + _text(label) + ", 'v': " + casts.cast(scope.unit, Typed(c.sql, c.type), kind).sql + "}"
        for label, c in parts
    )
    cells = [f"{c.sql} AS c{i}" for i, c in enumerate(kept)]
    inner = f"SELECT {', '.join([*cells, f'unnest([{rows}]) AS e'])} FROM {sql}"
    alias = scope.unit.alias()
    shown = [f"{alias}.c{i} AS c{i}" for i in range(len(kept))]
    shown += [f"{alias}.e.l AS c{len(kept)}", f"{alias}.e.v AS c{len(kept) + 1}"]
    where = "" if pivot.args.get("include_nulls") else f" WHERE {alias}.e.v IS NOT NULL"
    columns = (*((c.name, c.type) for c in kept), (label_name, TEXT), (value_name, kind))
    return Query(f"SELECT {', '.join(shown)} FROM ({inner}) AS {alias}{where}", columns)


def _label(alias: exp.Expr) -> str:
    """Return what stands for a column: a text as it is, a name folded as names are."""
    inner = _identifier(alias)
    return fold_identifier(inner) if isinstance(inner, exp.Identifier) else alias.name


def _identifier(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) else node


def _text(label: str) -> str:
    return "'" + label.replace("'", "''") + "'"


def _find(name: str, source: Source) -> SourceColumn:
    for column in source.columns:
        if column.name == name:
            return column
    raise CompilationFault(f"invalid identifier '{name}'")
