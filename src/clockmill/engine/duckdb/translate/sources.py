"""What stands after FROM: tables, views, queries, joins, table functions, PIVOT and UNPIVOT."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from typing import Any, Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.core.names import SchemaName
from clockmill.engine.duckdb import parse
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.names import quoted
from clockmill.engine.duckdb.objects import STREAM, VIEW, Object
from clockmill.engine.duckdb.streams.sources import compile_stream
from clockmill.engine.duckdb.translate.calls import read_call
from clockmill.engine.duckdb.translate.conditions import truth
from clockmill.engine.duckdb.translate.host_tables import host_function, host_name, host_view
from clockmill.engine.duckdb.translate.operators import comparable, describe, next_value
from clockmill.engine.duckdb.translate.pivots import compile_pivots
from clockmill.engine.duckdb.translate.routines import compile_table_function, function_parts, is_quoted
from clockmill.engine.duckdb.translate.samples import compile_sample
from clockmill.engine.duckdb.translate.scope import Query, Scope, Source, SourceColumn
from clockmill.engine.duckdb.translate.table_functions import (
    FLATTENED,
    flatten,
    flatten_parts,
    generator,
    split_to_table,
)
from clockmill.engine.duckdb.translate.unit import Typed, fold_identifier, refuse_history, stored_name


def compile_from(source: exp.Expr | None, joins: list[exp.Join], scope: Scope) -> str:
    """Return the FROM clause (with a space before), and make its sources known in *scope*."""
    if source is None:
        return ""
    sql = f" FROM {add_source(source.this, scope)}"
    for join in joins:
        if is_draw(join.this):
            sql = _drawn(join.this, sql, scope)
        else:
            sql = _in_order(join, sql, scope) or sql + _join(join, scope)
    return sql


def _in_order(join: exp.Join, from_sql: str, scope: Scope) -> str | None:
    """Return FROM with a FLATTEN of each row, whose elements stay in their order; None for another join.

    DuckDB would join it as a lateral query, and give the elements in any order.
    """
    node = join.this
    if {key for key, value in join.args.items() if value} - {"this", "kind"} or not scope.sources:
        return None
    if str(join.args.get("kind") or "").upper() not in ("", "CROSS", "INNER"):
        return None
    inner = node.this if isinstance(node, exp.Lateral | exp.TableFromRows) else None
    inner = inner.this if isinstance(inner, exp.TableFromRows) else inner
    plain = not any(node.args.get(key) for key in ("pivots", "sample", "joins"))
    is_flatten = isinstance(inner, exp.Anonymous) and str(inner.this).upper() == parse.CALL_MARK + "FLATTEN"
    if (
        inner is None
        or not is_flatten
        or not plain
        or any(not s.columns and s.row is None for s in scope.sources)
    ):
        return None
    parts = flatten_parts(read_call(inner, scope))
    if parts is None:
        return None
    value, items = parts
    alias, names = _alias(node)
    held = scope.unit.alias()
    sources = _aliases(scope)
    rows = f"(SELECT {', '.join([*sources, f'{value} AS j'])}{from_sql}) AS x"
    cells = ", ".join([*sources, "1 AS s", "x.j", f"unnest({items}) AS e"])
    _add(_flattened_source(alias, names, held), scope)
    return f" FROM (SELECT {cells} FROM {rows}) AS {held}"


def _flattened_source(alias: str | None, names: list[str], held: str) -> Source:
    cells = ("s", "e.k", "e.p", "e.i", "e.v", "j")
    columns = tuple(
        SourceColumn(names[i] if i < len(names) else name, f"{held}.{cell}", kind)
        for i, ((name, kind), cell) in enumerate(zip(FLATTENED, cells, strict=True))
    )
    return Source(alias, columns)


def is_draw(node: exp.Expr) -> bool:
    """Say whether a source is TABLE(GETNEXTVAL(…)): the next value of a sequence for each row before it."""
    call = node.this if isinstance(node, exp.TableFromRows | exp.Table) else None
    return isinstance(call, exp.Anonymous) and str(call.this).upper() == parse.CALL_MARK + "GETNEXTVAL"


def _drawn(node: exp.Expr, from_sql: str, scope: Scope) -> str:
    call = read_call(node.this, scope)
    call.expect(1, 1)
    argument = call.arguments[0]
    parts = [argument.args.get(key) for key in ("table", "db")] if isinstance(argument, exp.Column) else []
    table = exp.Table(this=argument.this, **dict(zip(("db", "catalog"), parts, strict=False)))
    value = next_value(table, scope)
    alias, _ = _alias(node)
    held = scope.unit.alias()
    name = f"n{len(scope.drawn)}"
    if scope.drawn:
        # Rows that a FLATTEN makes of one draw come in its order.
        keys = [drawn.sql for drawn in scope.drawn.values()]
        keys += [c.sql for s in scope.sources[scope.drawn_for :] for c in s.columns if c.name == "INDEX"]
        ordered = scope.unit.alias()
        from_sql = (
            f" FROM (SELECT {', '.join(_aliases(scope))}{from_sql} ORDER BY {', '.join(keys)}) AS {ordered}"
        )
    scope.drawn_for = len(scope.sources)
    sql = f" FROM {with_values(from_sql, [(name, value.sql)], held, scope)}"
    scope.drawn[alias or fold_identifier(argument.this)] = Typed(f"{held}.{name}", value.type)
    return sql


def with_values(from_sql: str, values: list[tuple[str, str]], alias: str, scope: Scope) -> str:
    """Return a source that has *values* computed for each row of *from_sql*.

    Each source before becomes a column of its own name that holds a row, so that ``t1.c0`` still means it.
    """
    cells = [*_aliases(scope), *(f"{sql} AS {name}" for name, sql in values)]
    return f"(SELECT {', '.join(cells)}{from_sql}) AS {alias}"


def _aliases(scope: Scope) -> list[str]:
    """Return how DuckDB knows the sources of *scope*, and what they were wrapped in before."""
    sql = [source.columns[0].sql if source.columns else source.row or "" for source in scope.sources]
    sql += [drawn.sql for drawn in scope.drawn.values()]
    return list(dict.fromkeys(each.partition(".")[0] for each in sql if each))


def add_source(node: exp.Expr, scope: Scope) -> str:
    """Translate one source, add it to *scope*, and return its SQL with its alias."""
    if _is_joined(node):
        return _joined(node, scope)
    sql, source = compile_source(node, scope)
    _add(source, scope)
    inner = node.args.get("joins") if not isinstance(node, exp.Subquery | exp.Query) else None
    for join in inner or []:
        sql += _join(join, scope)
    return sql


def _add(source: Source, scope: Scope) -> None:
    if source.alias is not None and any(
        s.alias == source.alias and s.full == source.full for s in scope.sources
    ):
        raise CompilationFault(f"duplicate alias '{source.alias}'", code="002012", sqlstate="42601")
    scope.sources.append(source)


def _is_joined(node: exp.Expr) -> bool:
    """Say whether *node* is a join in parentheses, whose tables are all to be seen from outside."""
    return (
        isinstance(node, exp.Subquery)
        and isinstance(node.this, exp.Table | exp.Subquery)
        and bool(node.this.args.get("joins"))
        and not any(node.args.get(key) for key in ("alias", "pivots", "sample"))
    )


def _joined(node: exp.Expr, scope: Scope) -> str:
    inner = node.this
    if isinstance(inner, exp.Subquery) and not _is_joined(inner):
        alone = inner.copy()
        alone.set("joins", None)
        sql = add_source(alone, scope)
        sql += "".join(_join(join, scope) for join in inner.args.get("joins") or [])
    else:
        sql = add_source(inner, scope)
    return f"({sql})" + "".join(_join(join, scope) for join in node.args.get("joins") or [])


def _alias(node: exp.Expr) -> tuple[str | None, list[str]]:
    alias = node.args.get("alias")
    if alias is None or alias.this is None:
        return None, [fold_identifier(c) for c in alias.columns] if alias is not None else []
    return fold_identifier(alias.this), [fold_identifier(column) for column in alias.columns]


def compile_source(node: exp.Expr, scope: Scope) -> tuple[str, Source]:
    sample = node.args.get("sample")
    if sample is None:
        return _whole_source(node, scope)
    if node.args.get("pivots"):
        raise Unsupported("SAMPLE with PIVOT")
    sql, source = _whole_source(node, scope)
    return sql + compile_sample(sample, scope.unit), source


_NAME_AS_TEXT: Final = (exp.Parameter, exp.Literal, exp.Placeholder)


def _whole_source(node: exp.Expr, scope: Scope) -> tuple[str, Source]:
    alias, names = _alias(node)
    if isinstance(node, exp.Table):
        sql, source = _table(node, scope, alias, names)
    elif isinstance(node, exp.Subquery):
        sql, source = _subquery(node, scope, alias, names)
    elif isinstance(node, exp.Values):
        sql, source = _query(scope.query(_bare(node)), scope, alias, names)
    elif isinstance(node, exp.Lateral):
        sql, source = _lateral(node, scope, alias, names)
    elif isinstance(node, exp.TableFromRows) and isinstance(node.this, _NAME_AS_TEXT):
        # TABLE('name'), TABLE($variable), TABLE(:bound) are a table under a name that is text.
        sql, source = _table(exp.Table(this=exp.DynamicIdentifier(this=node.this)), scope, alias, names)
    elif isinstance(node, exp.TableFromRows):
        sql, source = _table_function(node.this, scope, alias, names)
    else:
        raise Unsupported(describe(node))
    pivots = node.args.get("pivots") or []
    return compile_pivots(pivots, sql, source, scope) if pivots else (sql, source)


def _bare(node: exp.Expr) -> exp.Expr:
    copy = node.copy()
    copy.set("alias", None)
    copy.set("pivots", None)
    return copy


def _query(
    query: Query, scope: Scope, alias: str | None, names: list[str], word: str = ""
) -> tuple[str, Source]:
    stored = scope.unit.alias()
    return f"{word}({query.sql}) AS {stored}", query.source(alias, stored, names)


def _subquery(node: exp.Subquery, scope: Scope, alias: str | None, names: list[str]) -> tuple[str, Source]:
    if isinstance(node.this, _IN_PARENTHESES) or (isinstance(node.this, exp.Values) and not names):
        # Parentheses around a table or a join change nothing.
        inner = node.this
        if isinstance(inner, exp.Table) and (inner.args.get("joins") or node.args.get("joins")):
            raise Unsupported("a join in parentheses")
        if isinstance(inner, exp.Values):
            return _query(
                scope.query(_bare(inner)), scope, alias or _alias(inner)[0], names or _alias(inner)[1]
            )
        return compile_source(_under_alias(inner, node), scope)
    if node.args.get("joins"):
        raise Unsupported("a join in parentheses")
    return _query(scope.query(node if _has_tail(node) else node.this), scope, alias, names)


_IN_PARENTHESES: Final = (exp.Table, exp.TableFromRows)


def _under_alias(inner: exp.Expr, node: exp.Expr) -> exp.Expr:
    """Return a source in parentheses under the alias that stands behind them, if one does."""
    if node.args.get("alias") is None:
        return inner
    named = inner.copy()
    named.set("alias", node.args["alias"].copy())
    return named


def _has_tail(node: exp.Expr) -> bool:
    return any(node.args.get(key) is not None for key in ("order", "limit", "offset"))


def _table(node: exp.Table, scope: Scope, alias: str | None, names: list[str]) -> tuple[str, Source]:
    refuse_history(node)
    if isinstance(node.this, exp.Func) and not isinstance(node.this, exp.DynamicIdentifier):
        return _table_function(node.this, scope, alias, names)
    parts = scope.unit.parts(node)
    if len(parts) == 1:
        cte = scope.find_cte(parts[0])
        if cte is not None:
            stored, query = cte
            under = scope.unit.alias()
            return f"{stored} AS {under}", query.source(alias or parts[0], under, names)
    host = host_view(node, parts, alias, scope.unit)
    if host is not None:
        sql, source = _query(host, scope, alias or parts[-1], names)
        return sql, Source(source.alias, source.columns, None if alias else host_name(parts, scope.unit))
    if parts == ["DUAL"] and scope.unit.name(node).found is None:
        stored = scope.unit.alias()
        return f"(SELECT 1 AS c0) AS {stored}", Source(alias or "DUAL", (), None, f"{stored}.c0")
    named, thing = scope.unit.existing(node)
    if thing.kind == VIEW:
        query = view_query(thing, named.full.parent, scope)
        sql, source = _query(query, scope, alias or named.full.name, names)
        return sql, Source(source.alias, source.columns, None if alias else named.full)
    if thing.kind == STREAM:
        return compile_stream(named, thing, scope.unit, alias, names)
    scope.unit.reads.add(named.lock)
    stored = scope.unit.alias()
    return f"{stored_name(thing)} AS {stored}", table_source(
        thing, stored, alias or named.full.name, names, None if alias else named.full
    )


def table_source(thing: Object, stored: str, alias: str, names: list[str], full: Any) -> Source:
    """Return the source for a table that DuckDB knows as *stored* in this statement."""
    columns = tuple(
        SourceColumn(
            names[i] if i < len(names) else column.name, f"{stored}.{quoted(column.name)}", column.type
        )
        for i, column in enumerate(thing.columns)
    )
    return Source(alias, columns, full)


def view_query(thing: Object, home: SchemaName, scope: Scope) -> Query:
    """Translate a view's text: names in it are looked up in the view's own schema."""
    unit = scope.unit
    unit.enter_view(str(home.object(thing.name)))
    before, unit.home = unit.home, home
    try:
        query: Query = Scope(unit).query(parse.parse(thing.text or ""))
    finally:
        unit.home = before
        unit.leave_view()
    columns = tuple(
        (column.name, kind) for column, (_, kind) in zip(thing.columns, query.columns, strict=False)
    )
    if len(columns) != len(thing.columns):
        raise CompilationFault(
            f"View definition for '{home.object(thing.name)}' declared {len(thing.columns)} column(s), but view query "
            f"produces {len(query.columns)} column(s).",
            code="002057",
            sqlstate="42601",
        )
    return Query(query.sql, columns + query.columns[len(columns) :])


# -- joins


def _join(join: exp.Join, scope: Scope) -> str:
    method = str(join.args.get("method") or "").upper()
    side = str(join.args.get("side") or "").upper()
    kind = str(join.args.get("kind") or "").upper()
    if method not in ("", "NATURAL", "ASOF") or kind not in ("", "INNER", "OUTER", "CROSS", "LATERAL"):
        raise Unsupported(f"{method} {side} {kind} JOIN".strip())
    if method == "ASOF":
        return _asof(join, scope)
    before = list(scope.sources)
    right = add_source(join.this, scope)
    added = scope.sources[len(before) :]
    using = [fold_identifier(c) for c in join.args.get("using") or []]
    if method == "NATURAL":
        left_names = {c.name for s in before for c in s.columns} | set(scope.merged)
        using = [c.name for s in added for c in s.columns if c.name in left_names]
    on = join.args.get("on")
    if using:
        condition = _using(using, before, added, side, scope)
    elif on is not None:
        condition = truth(scope, on)
    elif side:
        condition = "true"
    else:
        return f" CROSS JOIN {right}" if kind == "CROSS" else f", {right}"
    return f" {side + ' ' if side else ''}JOIN {right} ON {condition}"


def _using(names: list[str], before: list[Source], added: list[Source], side: str, scope: Scope) -> str:
    tests = []
    for name in names:
        left = scope.merged.get(name) or _one(name, before)
        right = _one(name, added)
        a, b = comparable(scope, Typed(left.sql, left.type), Typed(right.sql, right.type))
        tests.append(f"{a} = {b}")
        sql = {"FULL": f"COALESCE({left.sql}, {right.sql})", "RIGHT": right.sql}.get(side, left.sql)
        scope.merged[name] = SourceColumn(name, sql, left.type)
    return " AND ".join(tests)


def _one(name: str, sources: list[Source]) -> SourceColumn:
    for source in sources:
        for column in source.columns:
            if column.name == name:
                return column
    raise CompilationFault(f"invalid identifier '{name}'")


def _asof(join: exp.Join, scope: Scope) -> str:
    before = list(scope.sources)
    right = add_source(join.this, scope)
    conditions = [truth(scope, join.args["match_condition"])]
    using = [fold_identifier(column) for column in join.args.get("using") or []]
    if using:
        conditions.append(_using(using, before, scope.sources[len(before) :], "LEFT", scope))
    if join.args.get("on") is not None:
        conditions.append(truth(scope, join.args["on"]))
    return f" ASOF LEFT JOIN {right} ON {' AND '.join(reversed(conditions))}"


# -- table functions


def _lateral(node: exp.Lateral, scope: Scope, alias: str | None, names: list[str]) -> tuple[str, Source]:
    inner = node.this
    if isinstance(inner, exp.Subquery):
        return _query(scope.query(inner.this), scope, alias, names, "LATERAL ")
    if isinstance(inner, exp.TableFromRows):
        inner = inner.this
    return _table_function(inner, scope, alias, names)


def _table_function(node: exp.Expr, scope: Scope, alias: str | None, names: list[str]) -> tuple[str, Source]:
    host = host_function(node, scope)
    if host is not None:
        return _query(host, scope, alias, names)
    parts = function_parts(node)
    call = read_call(node.expression if isinstance(node, exp.Dot) else node, scope)
    if len(parts) > 1 or is_quoted(node):
        return _query(compile_table_function(parts, call), scope, alias, names, "LATERAL ")
    if call.name == "FLATTEN":
        return _query(flatten(call), scope, alias, names, "LATERAL ")
    if call.name == "GENERATOR":
        sql, source = _query(generator(call), scope, alias, names)
        return sql, Source(source.alias, (), None, f"{sql.rsplit(' ', 1)[1]}.c0")
    if call.name in ("SPLIT_TO_TABLE", "STRTOK_SPLIT_TO_TABLE"):
        return _query(split_to_table(call), scope, alias, names, "LATERAL ")
    return _query(compile_table_function(parts, call), scope, alias, names, "LATERAL ")
