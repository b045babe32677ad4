"""UPDATE, DELETE, MERGE, TRUNCATE."""

# S101: narrows a type that the syntax tree leaves open.

from typing import Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.core.names import render
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.locks import EXCLUSIVE
from clockmill.engine.duckdb.names import quoted
from clockmill.engine.duckdb.objects import Object
from clockmill.engine.duckdb.streams.log import Capture
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.conditions import truth
from clockmill.engine.duckdb.translate.plan import Form, Plan, Step
from clockmill.engine.duckdb.translate.rows import (
    cell_value,
    check_width,
    count_columns,
    default_sql,
    named_columns,
    table_to_write,
    write_plan,
)
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.sources import add_source, compile_from, table_source
from clockmill.engine.duckdb.translate.unit import Named, Typed, Unit, fold_identifier, stored_name
from clockmill.engine.result import StatementType

UPDATED: Final = count_columns("rows updated", "multi-joined rows updated")
DELETED: Final = count_columns("rows deleted")


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
    named, thing = table_to_write(unit, node.this)
    scope, stored = _target_scope(unit, node.this, named, thing)
    source = node.args.get("from_") or node.args.get("from")
    from_sql = compile_from(source, [], scope)
    capture = Capture(unit, thing)
    sets = _assignments(node.expressions, thing, scope, capture.stamp)
    where = node.args.get("where")
    condition = f" WHERE {truth(scope, where.this)}" if where is not None else ""
    counted = [_multi_joined(thing, stored, from_sql, condition)] if source is not None else []
    before = capture.before(stored, from_sql.replace(" FROM ", ", ", 1), condition)
    is_certain = source is None and unit.is_deterministic and (where is None or not where.find(exp.Query))
    if capture.is_on and not is_certain:
        test = condition.removeprefix(" WHERE ") or "true"
        condition = f" WHERE ({test}) AND {capture.logged_before(stored)}"
    update = Step(f"UPDATE {stored_name(thing)} AS {stored} SET {sets}{from_sql}{condition}", (), True, True)
    return write_plan(
        unit,
        {named.lock: EXCLUSIVE},
        form=Form.COUNT,
        steps=(*counted, *before, update, *capture.updated(is_certain=is_certain)),
        type=StatementType.UPDATE,
        columns=UPDATED,
        is_multi_joined=source is not None,
    )


def _multi_joined(thing: Object, stored: str, from_sql: str, condition: str) -> Step:
    """Return the count of rows that the update meets more than once: it is part of the answer."""
    source = from_sql.removeprefix(" FROM ")
    rows = f"SELECT {stored}.rowid FROM {source}, {stored_name(thing)} AS {stored}{condition}"
    return Step(f"SELECT count(*) FROM ({rows} GROUP BY {stored}.rowid HAVING count(*) > 1)", (), True)


def _assignments(items: list[exp.Expr], thing: Object, scope: Scope, stamp: dict[str, str]) -> str:
    found = {column.name: column for column in thing.columns}
    cells = [f"{name} = {value}" for name, value in stamp.items()]
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
    named, thing = table_to_write(unit, node.this)
    scope, stored = _target_scope(unit, node.this, named, thing)
    using = [add_source(item, scope) for item in node.args.get("using") or []]
    using_sql = " USING " + ", ".join(using) if using else ""
    where = node.args.get("where")
    condition = f" WHERE {truth(scope, where.this)}" if where is not None else ""
    capture = Capture(unit, thing)
    before = capture.before(stored, "".join(f", {each}" for each in using), condition)
    if capture.is_on:
        using_sql, condition = "", f" WHERE {capture.logged_before(stored)}"
    sql = f"DELETE FROM {stored_name(thing)} AS {stored}{using_sql}{condition}"
    return write_plan(
        unit,
        {named.lock: EXCLUSIVE},
        form=Form.COUNT,
        steps=(*before, Step(sql, (), True, True)),
        type=StatementType.DELETE,
        columns=DELETED,
    )


# -- MERGE


def compile_merge(node: exp.Merge, unit: Unit) -> Plan:
    if node.args.get("returning") or node.args.get("with_"):
        raise Unsupported("MERGE … RETURNING")
    named, thing = table_to_write(unit, node.this)
    scope, stored = _target_scope(unit, node.this, named, thing)
    using = add_source(node.args["using"], scope)
    on = truth(scope, node.args["on"])
    whens = node.args["whens"].expressions
    if all(_action(when) == "delete" and not when.args.get("source") for when in whens):
        return _merge_of_deletes(whens, named, thing, scope, stored=stored, using=using, on=on)
    capture = Capture(unit, thing)
    clauses = " ".join(_when(when, thing, scope, capture.stamp) for when in whens)
    aside, using = capture.set_aside(using)
    before = capture.before(stored, f", {using}", f" WHERE {on}")
    if not unit.is_deterministic:
        before = capture.before_all()
    sql = (
        f"MERGE INTO {stored_name(thing)} AS {stored} USING {using} ON {on} {clauses} RETURNING merge_action"
    )
    verbs = _merge_verbs(whens)
    return write_plan(
        unit,
        {named.lock: EXCLUSIVE},
        form=Form.MERGE,
        steps=(*aside, *before, Step(sql, (), True, True), *capture.merged()),
        type=StatementType.MERGE,
        columns=count_columns(*(f"rows {verb}" for verb in verbs)),
    )


def _merge_of_deletes(
    whens: list[exp.Expr], named: Named, thing: Object, scope: Scope, *, stored: str, using: str, on: str
) -> Plan:
    """Return a MERGE that only deletes: a row that several rows of the source meet goes once."""
    conditions = [when.args.get("condition") for when in whens]
    tests = " OR ".join("true" if test is None else truth(scope, test) for test in conditions)
    rest = f" USING {using} WHERE {on} AND ({tests})"
    capture = Capture(scope.unit, thing)
    before = capture.before(stored, f", {using}", f" WHERE {on} AND ({tests})")
    if capture.is_on:
        rest = f" WHERE {capture.logged_before(stored)}"
    return write_plan(
        scope.unit,
        {named.lock: EXCLUSIVE},
        form=Form.COUNT,
        steps=(*before, Step(f"DELETE FROM {stored_name(thing)} AS {stored}{rest}", (), True, True)),
        type=StatementType.MERGE,
        columns=DELETED,
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


def _when(when: exp.Expr, thing: Object, scope: Scope, stamp: dict[str, str]) -> str:
    if when.args.get("source"):
        raise Unsupported("WHEN NOT MATCHED BY SOURCE")
    matched = bool(when.args.get("matched"))
    scope = scope if matched else _of_source(scope)
    condition = when.args.get("condition")
    test = f" AND {truth(scope, condition)}" if condition is not None else ""
    then = when.args["then"]
    head = f"WHEN {'' if matched else 'NOT '}MATCHED{test} THEN"
    if isinstance(then, exp.Update | exp.Insert) and _is_by_name(then):
        return f"{head} {_all_by_name(then, thing, scope, stamp)}"
    if isinstance(then, exp.Update):
        return f"{head} UPDATE SET {_assignments(then.expressions, thing, scope, stamp)}"
    if isinstance(then, exp.Insert):
        return f"{head} {_merge_insert(then, thing, scope, stamp)}"
    return f"{head} DELETE"


def _of_source(scope: Scope) -> Scope:
    """Return the names that a row without a match can use: the source's alone."""
    only = Scope(scope.unit)
    only.sources = scope.sources[1:]
    return only


def _is_by_name(then: exp.Expr) -> bool:
    return isinstance(then.this, exp.Star) or any(isinstance(e, exp.Star) for e in then.expressions)


def _all_by_name(then: exp.Expr, thing: Object, scope: Scope, stamp: dict[str, str]) -> str:
    """UPDATE and INSERT ALL BY NAME: every column from the source's column of the same name."""
    source = {column.name: column for column in scope.sources[-1].columns}
    missing = [c.name for c in thing.columns if c.name not in source]
    if missing or len(source) != len(thing.columns):
        raise CompilationFault("ALL BY NAME needs the same columns in source and target")
    values = [
        *(
            casts.assign(scope.unit, Typed(source[c.name].sql, source[c.name].type), c.type)
            for c in thing.columns
        ),
        *stamp.values(),
    ]
    names = [*(quoted(c.name) for c in thing.columns), *stamp]
    if isinstance(then, exp.Update):
        return "UPDATE SET " + ", ".join(f"{n} = {v}" for n, v in zip(names, values, strict=True))
    return f"INSERT ({', '.join(names)}) VALUES ({', '.join(values)})"


def _merge_insert(then: exp.Insert, thing: Object, scope: Scope, stamp: dict[str, str]) -> str:
    names = None
    if isinstance(then.this, exp.Tuple | exp.Schema):
        names = [fold_identifier(c.this if isinstance(c, exp.Column) else c) for c in then.this.expressions]
    columns = named_columns(thing, names)
    values = then.expression
    cells = (
        values.expressions
        if isinstance(values, exp.Tuple)
        else [values.this if isinstance(values, exp.Paren) else values]
    )
    check_width(columns, len(cells))
    given = {
        column.name: cell_value(cell, column, thing, scope)
        for column, cell in zip(columns, cells, strict=True)
    }
    written = [*(quoted(c.name) for c in thing.columns), *stamp]
    full = [given.get(c.name) or default_sql(c, thing, scope.unit) for c in thing.columns]
    return f"INSERT ({', '.join(written)}) VALUES ({', '.join([*full, *stamp.values()])})"


# -- TRUNCATE


def compile_truncate(node: exp.TruncateTable, unit: Unit) -> Plan:
    if len(node.expressions) != 1:
        raise Unsupported("TRUNCATE of several tables")
    # It is listed among the statements that change rows, and takes part in the open transaction as they do.
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
    named, thing = table_to_write(unit, target)
    return write_plan(
        unit,
        {named.lock: EXCLUSIVE},
        form=Form.STATUS,
        steps=(*Capture(unit, thing).before_all(), Step(f"DELETE FROM {stored_name(thing)}")),
        type=StatementType.DDL,
        columns=(),
        status="Statement executed successfully.",
    )
