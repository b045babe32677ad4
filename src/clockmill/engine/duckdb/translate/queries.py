"""Queries: SELECT, set operations, WITH, VALUES."""

# ruff: noqa: S101
# S101: narrows a type that the syntax tree leaves open.

from typing import Any, Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.names import words
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.calls import ordered
from clockmill.engine.duckdb.translate.conditions import truth
from clockmill.engine.duckdb.translate.hierarchies import compile_hierarchy
from clockmill.engine.duckdb.translate.marks import without_marks
from clockmill.engine.duckdb.translate.operators import describe, plain
from clockmill.engine.duckdb.translate.scope import Query, Scope, Source, SourceColumn
from clockmill.engine.duckdb.translate.sources import compile_from, with_values
from clockmill.engine.duckdb.translate.stars import expand_star
from clockmill.engine.duckdb.translate.unit import Typed, fold_identifier
from clockmill.engine.duckdb.types import physical
from clockmill.engine.result import NULL, TEXT, ColumnType, Kind

_SELECT_PARTS: Final = words(
    """
    with_ with expressions from_ from joins laterals where group having qualify windows order limit
    offset distinct hint kind operation_modifiers into sample match locks pivots settings format cluster
    distribute sort connect start prewhere exclude options
    """
)
_SELECT_REFUSED: Final = {
    "into": "SELECT INTO", "match": "MATCH_RECOGNIZE", "locks": "FOR UPDATE",
    "sample": "SAMPLE", "settings": "SETTINGS", "format": "FORMAT", "cluster": "CLUSTER BY",
    "distribute": "DISTRIBUTE BY", "sort": "SORT BY", "prewhere": "PREWHERE", "laterals": "LATERAL VIEW",
    "options": "OPTION", "kind": "SELECT AS STRUCT", "exclude": "EXCLUDE after the columns",
}  # fmt: skip


def compile_query(node: exp.Expr, parent: Scope | None, unit: Any = None) -> Query:
    """Translate a query. *parent* is the scope it stands in, if any."""
    scope = parent.child() if parent is not None else Scope(unit)
    if isinstance(node, exp.Subquery):
        return _nested(node, scope)
    if isinstance(node, exp.Select):
        return _with(node, scope, lambda: _select(node, scope))
    if isinstance(node, exp.SetOperation):
        return _with(node, scope, lambda: _set_operation(node, scope))
    if isinstance(node, exp.Values):
        return compile_values(node, scope)
    if isinstance(node, exp.Table):
        return _select(exp.select("*").from_(node), scope)
    raise Unsupported(describe(node))


def _nested(node: exp.Subquery, scope: Scope) -> Query:
    inner = compile_query(node.this, scope)
    modified = [key for key in ("order", "limit", "offset") if node.args.get(key) is not None]
    if not modified:
        return inner
    alias = scope.unit.alias()
    tail = _tail(node, scope, inner, [f"{alias}.c{i}" for i in range(len(inner.columns))])
    return Query(f"SELECT * FROM ({inner.sql}) AS {alias}{tail}", inner.columns)


# -- WITH


def _with(node: exp.Query, scope: Scope, body: Any) -> Query:
    clause = node.args.get("with_") or node.args.get("with")
    if clause is None:
        query: Query = body()
        return query
    parts = []
    recursive = False
    for cte in clause.expressions:
        name = fold_identifier(cte.args["alias"].this)
        names = [fold_identifier(column) for column in cte.args["alias"].columns]
        stored = f"q_{scope.unit.alias()}"
        if isinstance(cte.this, exp.Union) and _mentions(cte.this, name):
            recursive = True
            sql, query = _recursive(cte.this, scope, name, names, stored)
        else:
            query = compile_query(cte.this, scope)
            sql = query.sql
        columns = ", ".join(f"c{i}" for i in range(len(query.columns)))
        parts.append(f"{stored}({columns}) AS ({sql})")
        scope.ctes[name] = (stored, _renamed(query, names))
    query = body()
    word = "WITH RECURSIVE" if recursive else "WITH"
    return Query(f"{word} {', '.join(parts)} {query.sql}", query.columns)


def _mentions(node: exp.Expr, name: str) -> bool:
    return any(
        table.name.upper() == name.upper() and not table.args.get("db") for table in node.find_all(exp.Table)
    )


def _renamed(query: Query, names: list[str]) -> Query:
    if not names:
        return query
    if len(names) != len(query.columns):
        raise CompilationFault(
            f"Invalid column definition list: {len(names)} names for {len(query.columns)} columns",
            code="002026",
            sqlstate="42601",
        )
    return Query(query.sql, tuple((name, kind) for name, (_, kind) in zip(names, query.columns, strict=True)))


def _recursive(node: exp.Union, scope: Scope, name: str, names: list[str], stored: str) -> tuple[str, Query]:
    anchor = _renamed(compile_query(node.this, scope), names)
    # DuckDB takes the types of the first part for all; ours must have room for what follows.
    wide = [(n, _roomy(kind)) for n, kind in anchor.columns]
    scope.ctes[name] = (stored, Query("", tuple(wide)))
    step = compile_query(node.expression, scope)
    word = "UNION" if node.args.get("distinct") else "UNION ALL"
    sql = f"{_cast_query(anchor, wide, scope)} {word} {_cast_query(step, wide, scope)}"
    return sql, Query(sql, tuple(wide))


def _roomy(kind: ColumnType) -> ColumnType:
    if kind.kind is Kind.FIXED:
        return types.fixed(38, kind.scale or 0)
    return TEXT if kind.kind is Kind.TEXT else kind


def _cast_query(query: Query, columns: list[tuple[str, ColumnType]], scope: Scope) -> str:
    alias = scope.unit.alias()
    cells = []
    for i, ((_, has), (_, wants)) in enumerate(zip(query.columns, columns, strict=True)):
        value = Typed(f"{alias}.c{i}", has, is_wide=False)
        cells.append(f"{_exactly(scope, value, wants)} AS c{i}")
    return f"SELECT {', '.join(cells)} FROM ({query.sql}) AS {alias}"


def _exactly(scope: Scope, value: Typed, kind: ColumnType) -> str:
    if types.is_null(value.type) or value.type.kind is Kind.FIXED is kind.kind:
        return f"CAST({value.sql} AS {physical(kind)})"
    return casts.cast(scope.unit, value, kind).sql


# -- set operations


def _set_operation(node: exp.SetOperation, scope: Scope) -> Query:
    sides = [compile_query(side, scope) for side in _sides(node)]
    if node.args.get("by_name"):
        sides = _matched_by_name(sides, scope)
    first = sides[0]
    if any(len(side.columns) != len(first.columns) for side in sides):
        raise CompilationFault(
            "invalid number of result columns for set operator input branches, expected "
            f"{len(first.columns)}, got {len(sides[1].columns)} in branch {{2}}",
            code="001789",
            sqlstate="42601",
        )
    columns = [
        (name, types.unify(side.columns[i][1] for side in sides)) for i, (name, _) in enumerate(first.columns)
    ]
    word = _operator(node)
    sql = f" {word} ".join(f"({_adapted(side, columns, scope)})" for side in sides)
    query = Query(sql, tuple(columns))
    tail = _tail(node, scope, query, [f"c{i}" for i in range(len(columns))])
    return Query(sql + tail, query.columns)


def _sides(node: exp.SetOperation) -> list[exp.Expr]:
    """Return the operands; a chain of the same UNION is taken as one, so that deep ones do not recurse."""
    sides: list[exp.Expr] = []
    left: exp.Expr = node
    while True:
        assert isinstance(left, exp.SetOperation)
        sides.append(left.expression)
        inner = left.this
        same = type(inner) is type(node) and all(
            inner.args.get(key) == node.args.get(key) for key in ("distinct", "by_name")
        )
        if not same or any(inner.args.get(key) for key in ("order", "limit", "offset", "with_", "with")):
            sides.append(inner)
            return sides[::-1]
        if isinstance(node, exp.Except):
            sides.append(inner)
            return sides[::-1]
        left = inner


def _matched_by_name(sides: list[Query], scope: Scope) -> list[Query]:
    """Return the operands with their columns in one order; a column that one does not have is NULL there."""
    names = list(dict.fromkeys(name for side in sides for name, _ in side.columns))
    matched = []
    for side in sides:
        places = {name: place for place, (name, _) in enumerate(side.columns)}
        if len(places) != len(side.columns):
            raise CompilationFault("duplicate column name in UNION BY NAME", code="002025", sqlstate="42S21")
        alias = scope.unit.alias()
        cells = [f"{alias}.c{places[name]}" if name in places else "NULL" for name in names]
        written = ", ".join(f"{cell} AS c{i}" for i, cell in enumerate(cells))
        columns = tuple((name, side.columns[places[name]][1] if name in places else NULL) for name in names)
        matched.append(Query(f"SELECT {written} FROM ({side.sql}) AS {alias}", columns))
    return matched


def _operator(node: exp.SetOperation) -> str:
    word = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}[type(node)]
    return word if node.args.get("distinct") else f"{word} ALL"


def _adapted(query: Query, columns: list[tuple[str, ColumnType]], scope: Scope) -> str:
    same = all(
        has == wants or (has.kind is wants.kind and has.scale == wants.scale)
        for (_, has), (_, wants) in zip(query.columns, columns, strict=True)
    )
    return query.sql if same else _cast_query(query, columns, scope)


# -- SELECT


def _select(node: exp.Select, scope: Scope) -> Query:
    for part, value in node.args.items():
        if value and part in _SELECT_REFUSED:
            raise Unsupported(_SELECT_REFUSED[part])
        if value and part not in _SELECT_PARTS:
            raise Unsupported(f"SELECT … {part.upper()}")
    node, from_sql = _from(without_marks(node), scope)
    for window in node.args.get("windows") or []:
        scope.windows[fold_identifier(window.this)] = window
    for item in node.expressions:
        if isinstance(item, exp.Alias):
            scope.aliases.setdefault(fold_identifier(item.args["alias"]), item.this)
    items = _projection(node, scope)
    cells = ", ".join(f"{_cell(value)} AS c{i}" for i, (_, value) in enumerate(items))
    query = Query("", tuple((name, value.type) for name, value in items))
    where = node.args.get("where")
    if where is not None:
        from_sql += f" WHERE {truth(scope, where.this)}"
    parts = _grouping(node, scope, items)
    for key, word in (("having", "HAVING"), ("qualify", "QUALIFY")):
        clause = node.args.get(key)
        if clause is not None:
            parts.append(f"{word} {truth(scope, clause.this)}")
    tail = _tail(node, scope, query, [value.sql for _, value in items])
    if scope.before:
        from_sql = _with_what_comes_before(node, from_sql, scope)
    return Query(" ".join([f"SELECT {_distinct(node)}{cells}{from_sql}", *parts]) + tail, query.columns)


def _with_what_comes_before(node: exp.Select, from_sql: str, scope: Scope) -> str:
    if node.args.get("group") is not None:
        raise Unsupported("CONDITIONAL_CHANGE_EVENT with GROUP BY")
    values = [(f"x{i}", sql) for i, sql in enumerate(scope.before)]
    return f" FROM {with_values(from_sql, values, 'w', scope)}"


def _from(node: exp.Select, scope: Scope) -> tuple[exp.Select, str]:
    if node.args.get("connect") is not None:
        return compile_hierarchy(node, scope)
    source = node.args.get("from_") or node.args.get("from")
    return node, compile_from(source, node.args.get("joins") or [], scope)


def _cell(value: Typed) -> str:
    if value.interval:
        raise Unsupported("INTERVAL anywhere but beside a date or time")
    if types.is_null(value.type) and value.sql == "NULL":
        return "CAST(NULL AS VARCHAR)"
    return value.sql


def _distinct(node: exp.Select) -> str:
    distinct = node.args.get("distinct")
    if distinct is None:
        return ""
    if distinct.args.get("on") is not None:
        raise Unsupported("DISTINCT ON")
    return "DISTINCT "


def _projection(node: exp.Select, scope: Scope) -> list[tuple[str, Typed]]:
    items: list[tuple[str, Typed]] = []
    for item in node.expressions:
        star = item.this if isinstance(item, exp.Column) and isinstance(item.this, exp.Star) else item
        if isinstance(star, exp.Star):
            items += expand_star(star, item, scope)
        elif isinstance(item, exp.Alias):
            items.append((fold_identifier(item.args["alias"]), scope.expression(item.this)))
        elif isinstance(item, exp.Aliases):
            raise Unsupported(describe(item))
        else:
            items.append((_name_of(item), scope.expression(item)))
    if not items:
        raise CompilationFault("SELECT with no columns", code="002079", sqlstate="42601")
    return items


def _name_of(item: exp.Expr) -> str:
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Identifier):
        if item.name.upper() == "NEXTVAL":
            return "NEXTVAL"
        return fold_identifier(item.this)
    return describe_column(item)


def describe_column(item: exp.Expr) -> str:
    return item.sql("snowflake").replace("F$", "").upper()


# -- GROUP BY, ORDER BY, LIMIT


def _grouping(node: exp.Select, scope: Scope, items: list[tuple[str, Typed]]) -> list[str]:
    group = node.args.get("group")
    if group is None:
        return []
    if group.args.get("all"):
        return ["GROUP BY ALL"]
    parts = [_group_item(item, scope, items) for item in group.expressions]
    for key, word in (("rollup", "ROLLUP"), ("cube", "CUBE"), ("grouping_sets", "GROUPING SETS")):
        for clause in group.args.get(key) or []:
            inside = ", ".join(_group_set(item, scope, items) for item in clause.expressions)
            parts.append(f"{word} ({inside})")
    return ["GROUP BY " + ", ".join(parts)]


def _group_set(item: exp.Expr, scope: Scope, items: list[tuple[str, Typed]]) -> str:
    if isinstance(item, exp.Tuple):
        return "(" + ", ".join(_group_key(part, scope, items) for part in item.expressions) + ")"
    if isinstance(item, exp.Paren):
        return "(" + _group_key(item.this, scope, items) + ")"
    if isinstance(item, exp.Rollup | exp.Cube):
        inside = ", ".join(_group_set(part, scope, items) for part in item.expressions)
        return f"{'ROLLUP' if isinstance(item, exp.Rollup) else 'CUBE'} ({inside})"
    return _group_key(item, scope, items)


def _group_item(item: exp.Expr, scope: Scope, items: list[tuple[str, Typed]]) -> str:
    place = _ordinal(item, items, "GROUP BY")
    if place is not None:
        return str(place)
    if isinstance(item, exp.GroupingSets):
        inside = ", ".join(_group_set(part, scope, items) for part in item.expressions)
        return f"GROUPING SETS ({inside})"
    if isinstance(item, exp.Rollup | exp.Cube | exp.Tuple):
        return _group_set(item, scope, items)
    sql = plain(scope.expression(item))
    for number, (_, value) in enumerate(items, 1):
        if value.sql == sql:
            return str(number)
    return sql


def _group_key(item: exp.Expr, scope: Scope, items: list[tuple[str, Typed]]) -> str:
    place = _ordinal(item, items, "GROUP BY")
    return items[place - 1][1].sql if place is not None else plain(scope.expression(item))


def _ordinal(item: exp.Expr, items: list[Any], clause: str) -> int | None:
    if not isinstance(item, exp.Literal) or item.is_string or not item.name.isdigit():
        return None
    place = int(item.name)
    if not 1 <= place <= len(items):
        raise CompilationFault(
            f"{clause} position {place} is not in the select list", code="000979", sqlstate="42601"
        )
    return place


def _tail(node: exp.Expr, scope: Scope, query: Query, cells: list[str]) -> str:
    """Return ORDER BY, LIMIT and OFFSET; *cells* is how the columns are written there."""
    sql = ""
    order = node.args.get("order")
    if order is not None:
        keys = [_order_key(item, scope, query, cells) for item in order.expressions]
        sql += " ORDER BY " + ", ".join(keys)
    limit, offset = node.args.get("limit"), node.args.get("offset")
    if isinstance(limit, exp.Fetch):
        options = limit.args.get("limit_options")
        if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
            raise Unsupported("FETCH of PERCENT or WITH TIES")
        sql += f" LIMIT {_count(limit.args.get('count'), scope)}"
    elif limit is not None and not _is_unlimited(limit.expression):
        sql += f" LIMIT {_count(limit.expression, scope)}"
    if offset is not None and not _is_unlimited(offset.expression):
        sql += f" OFFSET {_count(offset.expression, scope)}"
    return sql


def _is_unlimited(node: exp.Expr) -> bool:
    """Say whether NULL or an empty text stands for the number of rows: all of them."""
    return isinstance(node, exp.Null) or (isinstance(node, exp.Literal | exp.RawString) and node.name == "")


def _count(node: exp.Expr | None, scope: Scope) -> str:
    if node is None:
        return "1"
    value = Scope(scope.unit).expression(node)
    return value.sql if value.is_constant and not value.is_wide else f"CAST({value.sql} AS BIGINT)"


def _order_key(item: exp.Expr, scope: Scope, query: Query, cells: list[str]) -> str:
    inner = item.this
    if isinstance(inner, exp.Identifier):
        inner = exp.Column(this=inner)
    if _is_all(inner):
        places = (exp.Literal.number(place) for place in range(1, len(cells) + 1))
        keys = (exp.Ordered(**{**item.args, "this": place}) for place in places)
        return ", ".join(_order_key(key, scope, query, cells) for key in keys)
    place = _ordinal(inner, cells, "ORDER BY")
    if place is None and isinstance(inner, exp.Column) and not inner.args.get("table"):
        name = fold_identifier(inner.this) if isinstance(inner.this, exp.Identifier) else ""
        named = [i for i, (column, _) in enumerate(query.columns, 1) if column == name]
        # The name of a result column goes before a column of the tables.
        place = named[0] if named else None
    if place is not None:
        kind = query.columns[place - 1][1].kind
        if kind in types.SEMI:
            return _variant_order(item, cells[place - 1])
        if kind is Kind.TIMESTAMP_TZ:
            return ordered(item, f"({cells[place - 1]}).u")
        return ordered(item, str(place))
    if isinstance(inner, exp.Literal | exp.Null):
        return ordered(item, "(SELECT NULL)")
    value = _order_scope(scope, query, cells).expression(inner)
    if value.type.kind in types.SEMI:
        return _variant_order(item, value.sql)
    sql = plain(value)
    return ordered(item, str(cells.index(sql) + 1) if sql in cells else sql)


def _is_all(node: exp.Expr | None) -> bool:
    """Say whether ORDER BY has ALL, which stands for every column of the result."""
    word = node.this if isinstance(node, exp.Column) and not node.args.get("table") else node
    quoted = isinstance(word, exp.Identifier) and word.args.get("quoted")
    return isinstance(word, exp.Var | exp.Identifier) and not quoted and word.name.upper() == "ALL"


def _order_scope(scope: Scope, query: Query, cells: list[str]) -> Scope:
    """Return the scope for ORDER BY: after a set operation only the result's columns are there."""
    if scope.sources or scope.aliases:
        return scope
    columns = (SourceColumn(name, cells[i], kind) for i, (name, kind) in enumerate(query.columns))
    scope.sources.append(Source(None, tuple(columns)))
    return scope


def _variant_order(item: exp.Expr, sql: str) -> str:
    text = casts.scalar_text(Typed(sql, types.VARIANT))
    return f"{ordered(item, f'TRY_CAST({text} AS DOUBLE)')}, {ordered(item, text)}"


# -- VALUES


def compile_values(node: exp.Values, scope: Scope) -> Query:
    """Translate VALUES; its columns are called COLUMN1, COLUMN2 …"""
    rows = [
        [scope.expression(cell) for cell in (row.expressions if isinstance(row, exp.Tuple) else [row])]
        for row in node.expressions
    ]
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise CompilationFault("Invalid number of values in VALUES list", code="002057", sqlstate="42601")
    kinds = [types.unify(row[i].type for row in rows) for i in range(width)]
    tuples = ", ".join(
        "(" + ", ".join(_exactly(scope, cell, kind) for cell, kind in zip(row, kinds, strict=True)) + ")"
        for row in rows
    )
    names = ", ".join(f"c{i}" for i in range(width))
    alias = scope.unit.alias()
    columns = tuple((f"COLUMN{i + 1}", kind) for i, kind in enumerate(kinds))
    return Query(f"SELECT * FROM (VALUES {tuples}) AS {alias}({names})", columns)
