"""INSERT, UPDATE, DELETE, MERGE, TRUNCATE."""

# ruff: noqa: S101
# S101: narrows a type that the syntax tree leaves open.

from typing import Any, Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.core.names import render
from clockmill.engine.duckdb import parse
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.locks import EXCLUSIVE, SHARED
from clockmill.engine.duckdb.names import literal, quote, quoted
from clockmill.engine.duckdb.objects import TABLE, Column, Object
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.conditions import truth
from clockmill.engine.duckdb.translate.plan import Form, Plan, Step
from clockmill.engine.duckdb.translate.queries import compile_query
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.sources import add_source, compile_from, table_source
from clockmill.engine.duckdb.translate.unit import Named, Typed, Unit, fold_identifier, stored_name
from clockmill.engine.result import NUMBER, ResultColumn, StatementType


def count_columns(*verbs: str) -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(f"number of {verb}", NUMBER) for verb in verbs)


INSERTED: Final = count_columns("rows inserted")
UPDATED: Final = count_columns("rows updated", "multi-joined rows updated")
DELETED: Final = count_columns("rows deleted")


def _plan(unit: Unit, named: Named, mode: bool, **fields: Any) -> Plan:
    return Plan(
        parameters=tuple(unit.parameters),
        locks=((named.lock, mode),),
        reads=frozenset(unit.reads),
        is_cacheable=unit.is_cacheable,
        is_deterministic=unit.is_deterministic,
        **fields,
    )


def _table(unit: Unit, node: exp.Expr) -> tuple[Named, Object]:
    named, thing = unit.existing(node)
    if thing.kind != TABLE:
        raise CompilationFault(
            f"Object found is of type '{thing.kind}', not specified type 'TABLE'.",
            code="002203",
            sqlstate="42601",
        )
    return named, thing


# -- INSERT


def compile_insert(node: exp.Insert, unit: Unit) -> Plan:
    for key in ("conflict", "returning", "where", "partition", "exists", "by_name", "alternative", "source"):
        if node.args.get(key):
            raise Unsupported(f"INSERT … {key.upper()}")
    target = node.this
    names: list[str] | None = None
    if isinstance(target, exp.Schema):
        names = [fold_identifier(c.this if isinstance(c, exp.Column) else c) for c in target.expressions]
        target = target.this
    named, thing = _table(unit, target)
    columns = _columns(thing, names)
    filled = columns + _filled_by_default(thing, columns)
    sql = _insert_source(node, unit, thing, columns)
    written = ", ".join(quoted(c.name) for c in filled)
    steps = [Step(f"INSERT INTO {stored_name(thing)} ({written}) {sql}", (), True, True)]
    overwrite = bool(node.args.get("overwrite"))
    if overwrite:
        steps.insert(0, Step(f"DELETE FROM {stored_name(thing)}"))
        if named.lock in unit.reads:
            steps = _through_copy(steps, sql, thing, written)
    return _plan(
        unit,
        named,
        EXCLUSIVE if overwrite else SHARED,
        form=Form.COUNT,
        steps=tuple(steps),
        type=StatementType.INSERT,
        columns=INSERTED,
    )


def _through_copy(steps: list[Step], sql: str, thing: Object, written: str) -> list[Step]:
    """The query reads the table that is emptied: its rows are set aside first."""
    copy = quote("overwritten")
    return [
        Step(f"CREATE OR REPLACE TEMP TABLE {copy} AS {sql}", (), True),
        steps[0],
        Step(f"INSERT INTO {stored_name(thing)} ({written}) SELECT * FROM temp.main.{copy}", (), False, True),
        Step(f"DROP TABLE temp.main.{copy}"),
    ]


def _filled_by_default(thing: Object, columns: list[Column]) -> list[Column]:
    """Return the columns that get something although the statement does not name them."""
    named = {column.name for column in columns}
    return [
        c for c in thing.columns if c.name not in named and (c.default is not None or c.identity is not None)
    ]


def _columns(thing: Object, names: list[str] | None) -> list[Column]:
    if names is None:
        return list(thing.columns)
    found = {column.name: column for column in thing.columns}
    for name in names:
        if name not in found:
            raise CompilationFault(f"invalid identifier '{render(name)}'")
        if names.count(name) > 1:
            raise CompilationFault(f"duplicate column name '{render(name)}'", code="002025", sqlstate="42S21")
    return [found[name] for name in names]


def _insert_source(node: exp.Insert, unit: Unit, thing: Object, columns: list[Column]) -> str:
    source = node.expression
    scope = Scope(unit)
    if isinstance(source, exp.Values):
        return _insert_values(source, scope, thing, columns)
    clause = node.args.get("with_") or node.args.get("with")
    if clause is not None:
        source = source.copy()
        source.set("with_", clause)
    query = compile_query(source, None, unit)
    _check_width(columns, len(query.columns))
    defaults = [default_sql(c, thing, unit) for c in _filled_by_default(thing, columns)]
    pairs = list(zip((kind for _, kind in query.columns), columns, strict=True))
    if not defaults and all(casts.is_stored_alike(kind, column.type) for kind, column in pairs):
        return query.sql
    cells = [
        casts.assign(unit, Typed(f"s.c{i}", kind), column.type) for i, (kind, column) in enumerate(pairs)
    ]
    return f"SELECT {', '.join(cells + defaults)} FROM ({query.sql}) AS s"


def _check_width(columns: list[Column], count: int) -> None:
    if len(columns) != count:
        raise CompilationFault(
            f"Insert value list does not match column list expecting {len(columns)} but got {count}",
            code="002020",
            sqlstate="21S01",
        )


def _insert_values(source: exp.Values, scope: Scope, thing: Object, columns: list[Column]) -> str:
    rows = []
    others = _filled_by_default(thing, columns)
    for row in source.expressions:
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        _check_width(columns, len(cells))
        given = [_value(cell, column, thing, scope) for column, cell in zip(columns, cells, strict=True)] + [
            default_sql(c, thing, scope.unit) for c in others
        ]
        rows.append(f"({', '.join(given)})")
    return "VALUES " + ", ".join(rows)


def _value(cell: exp.Expr, column: Column, thing: Object, scope: Scope) -> str:
    if isinstance(cell, exp.Var) and cell.name.upper() == "DEFAULT":
        return default_sql(column, thing, scope.unit)
    return casts.assign(scope.unit, scope.expression(cell), column.type)


def default_sql(column: Column, thing: Object, unit: Unit) -> str:
    """Return what fills *column* where a statement does not."""
    if column.identity is not None:
        unit.is_deterministic = False
        return f"nextval({literal(f'{quote(thing.namespace)}.{quote(column.identity)}')})"
    if column.default is None:
        return "NULL"
    return casts.assign(unit, Scope(unit).expression(parse_expression(column.default)), column.type)


def parse_expression(text: str) -> exp.Expr:
    select = parse.parse(f"SELECT {text}")
    found = select.expressions[0]
    assert isinstance(found, exp.Expr)
    return found


# -- UPDATE, DELETE


def _target_scope(unit: Unit, node: exp.Table, named: Named, thing: Object) -> tuple[Scope, str]:
    scope = Scope(unit)
    stored = unit.alias()
    alias = node.args.get("alias")
    name = fold_identifier(alias.this) if alias is not None else thing.name
    scope.sources.append(table_source(thing, stored, name, [], None if alias is not None else named.full))
    return scope, stored


def compile_update(node: exp.Update, unit: Unit) -> Plan:
    for key in ("returning", "order", "limit", "with_", "with"):
        if node.args.get(key):
            raise Unsupported(f"UPDATE … {key.upper()}")
    named, thing = _table(unit, node.this)
    scope, stored = _target_scope(unit, node.this, named, thing)
    source = node.args.get("from_") or node.args.get("from")
    from_sql = compile_from(source, [], scope)
    sets = _assignments(node.expressions, thing, scope)
    where = node.args.get("where")
    condition = f" WHERE {truth(scope, where.this)}" if where is not None else ""
    steps = []
    if source is not None:
        steps.append(_multi_joined(thing, stored, from_sql, condition))
    sql = f"UPDATE {stored_name(thing)} AS {stored} SET {sets}{from_sql}{condition}"
    return _plan(
        unit,
        named,
        EXCLUSIVE,
        form=Form.COUNT,
        steps=(*steps, Step(sql, (), True, True)),
        type=StatementType.UPDATE,
        columns=UPDATED,
    )


def _multi_joined(thing: Object, stored: str, from_sql: str, condition: str) -> Step:
    """Return the count of rows that the update meets more than once: it is part of the answer."""
    source = from_sql.removeprefix(" FROM ")
    rows = f"SELECT {stored}.rowid FROM {source}, {stored_name(thing)} AS {stored}{condition}"
    return Step(f"SELECT count(*) FROM ({rows} GROUP BY {stored}.rowid HAVING count(*) > 1)", (), True)


def _assignments(items: list[exp.Expr], thing: Object, scope: Scope) -> str:
    found = {column.name: column for column in thing.columns}
    cells = []
    for item in items:
        name = fold_identifier(item.this.this if isinstance(item.this, exp.Column) else item.this)
        if name not in found:
            raise CompilationFault(f"invalid identifier '{render(name)}'")
        if isinstance(item.expression, exp.Var | exp.Column) and item.expression.name.upper() == "DEFAULT":
            value = default_sql(found[name], thing, scope.unit)
        else:
            value = casts.assign(scope.unit, scope.expression(item.expression), found[name].type)
        cells.append(f"{quoted(name)} = {value}")
    return ", ".join(cells)


def compile_delete(node: exp.Delete, unit: Unit) -> Plan:
    for key in ("returning", "order", "limit", "tables", "with_", "with"):
        if node.args.get(key):
            raise Unsupported(f"DELETE … {key.upper()}")
    named, thing = _table(unit, node.this)
    scope, stored = _target_scope(unit, node.this, named, thing)
    using = [add_source(item, scope) for item in node.args.get("using") or []]
    using_sql = " USING " + ", ".join(using) if using else ""
    where = node.args.get("where")
    condition = f" WHERE {truth(scope, where.this)}" if where is not None else ""
    sql = f"DELETE FROM {stored_name(thing)} AS {stored}{using_sql}{condition}"
    return _plan(
        unit,
        named,
        EXCLUSIVE,
        form=Form.COUNT,
        steps=(Step(sql, (), True, True),),
        type=StatementType.DELETE,
        columns=DELETED,
    )


# -- MERGE


def compile_merge(node: exp.Merge, unit: Unit) -> Plan:
    if node.args.get("returning") or node.args.get("with_"):
        raise Unsupported("MERGE … RETURNING")
    named, thing = _table(unit, node.this)
    scope, stored = _target_scope(unit, node.this, named, thing)
    using = add_source(node.args["using"], scope)
    on = truth(scope, node.args["on"])
    whens = node.args["whens"].expressions
    clauses = " ".join(_when(when, thing, scope) for when in whens)
    sql = (
        f"MERGE INTO {stored_name(thing)} AS {stored} USING {using} ON {on} {clauses} RETURNING merge_action"
    )
    verbs = _merge_verbs(whens)
    return _plan(
        unit,
        named,
        EXCLUSIVE,
        form=Form.MERGE,
        steps=(Step(sql, (), True, True),),
        type=StatementType.MERGE,
        columns=count_columns(*(f"rows {verb}" for verb in verbs)),
    )


def _merge_verbs(whens: list[exp.Expr]) -> list[str]:
    """Return which counts MERGE answers with: those of the clauses it has."""
    has = {_action(when) for when in whens}
    return [
        verb
        for verb, kind in (("inserted", "insert"), ("updated", "update"), ("deleted", "delete"))
        if kind in has
    ]


def _action(when: exp.Expr) -> str:
    then = when.args["then"]
    if isinstance(then, exp.Insert):
        return "insert"
    return "update" if isinstance(then, exp.Update) else "delete"


def _when(when: exp.Expr, thing: Object, scope: Scope) -> str:
    if when.args.get("source"):
        raise Unsupported("WHEN NOT MATCHED BY SOURCE")
    matched = bool(when.args.get("matched"))
    condition = when.args.get("condition")
    test = f" AND {truth(scope, condition)}" if condition is not None else ""
    then = when.args["then"]
    head = f"WHEN {'' if matched else 'NOT '}MATCHED{test} THEN"
    if isinstance(then, exp.Update | exp.Insert) and _is_by_name(then):
        return f"{head} {_all_by_name(then, thing, scope)}"
    if isinstance(then, exp.Update):
        return f"{head} UPDATE SET {_assignments(then.expressions, thing, scope)}"
    if isinstance(then, exp.Insert):
        return f"{head} {_merge_insert(then, thing, scope)}"
    return f"{head} DELETE"


def _is_by_name(then: exp.Expr) -> bool:
    return isinstance(then.this, exp.Star) or any(isinstance(e, exp.Star) for e in then.expressions)


def _all_by_name(then: exp.Expr, thing: Object, scope: Scope) -> str:
    """UPDATE and INSERT ALL BY NAME: every column from the source's column of the same name."""
    source = {column.name: column for column in scope.sources[1].columns}
    missing = [c.name for c in thing.columns if c.name not in source]
    if missing or len(source) != len(thing.columns):
        raise CompilationFault("ALL BY NAME needs the same columns in source and target")
    values = [
        casts.assign(scope.unit, Typed(source[c.name].sql, source[c.name].type), c.type)
        for c in thing.columns
    ]
    names = [quoted(c.name) for c in thing.columns]
    if isinstance(then, exp.Update):
        return "UPDATE SET " + ", ".join(f"{n} = {v}" for n, v in zip(names, values, strict=True))
    return f"INSERT ({', '.join(names)}) VALUES ({', '.join(values)})"


def _merge_insert(then: exp.Insert, thing: Object, scope: Scope) -> str:
    names = None
    if isinstance(then.this, exp.Tuple | exp.Schema):
        names = [fold_identifier(c.this if isinstance(c, exp.Column) else c) for c in then.this.expressions]
    columns = _columns(thing, names)
    values = then.expression
    cells = (
        values.expressions
        if isinstance(values, exp.Tuple)
        else [values.this if isinstance(values, exp.Paren) else values]
    )
    _check_width(columns, len(cells))
    given = {
        column.name: _value(cell, column, thing, scope) for column, cell in zip(columns, cells, strict=True)
    }
    written = ", ".join(quoted(c.name) for c in thing.columns)
    full = ", ".join(given.get(c.name) or default_sql(c, thing, scope.unit) for c in thing.columns)
    return f"INSERT ({written}) VALUES ({full})"


# -- TRUNCATE


def compile_truncate(node: exp.TruncateTable, unit: Unit) -> Plan:
    if len(node.expressions) != 1:
        raise Unsupported("TRUNCATE of several tables")
    target = node.expressions[0]
    if node.args.get("exists") and unit.name(target).found is None:
        return Plan(
            form=Form.STATUS,
            steps=(),
            type=StatementType.DDL,
            columns=(),
            is_ddl=True,
            is_cacheable=False,
            status="Statement executed successfully.",
        )
    named, thing = _table(unit, target)
    return _plan(
        unit,
        named,
        EXCLUSIVE,
        form=Form.STATUS,
        steps=(Step(f"DELETE FROM {stored_name(thing)}"),),
        type=StatementType.DDL,
        columns=(),
        status="Statement executed successfully.",
        is_ddl=True,
    )
