"""What all statements share that write rows: which table and columns, what goes into a cell, the counts."""

# ruff: noqa: S101
# S101: narrows a type that the syntax tree leaves open.

from typing import Any

from sqlglot import exp

from clockmill.core.names import render
from clockmill.engine.duckdb import parse
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.names import literal, quote
from clockmill.engine.duckdb.objects import TABLE, Column, Object
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.plan import Plan
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import Named, Unit
from clockmill.engine.result import NUMBER, ResultColumn


def count_columns(*verbs: str) -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(f"number of {verb}", NUMBER) for verb in verbs)


def write_plan(unit: Unit, locks: dict[str, bool], **fields: Any) -> Plan:
    """Return the plan of a statement that writes the tables behind *locks*, each in its mode."""
    return Plan(
        parameters=tuple(unit.parameters),
        locks=tuple(locks.items()),
        reads=frozenset(unit.reads),
        is_cacheable=unit.is_cacheable,
        is_deterministic=unit.is_deterministic,
        **fields,
    )


def table_to_write(unit: Unit, node: exp.Expr) -> tuple[Named, Object]:
    named, thing = unit.existing(node)
    if thing.kind != TABLE:
        raise wrong_kind(thing, TABLE)
    return named, thing


def wrong_kind(thing: Object, wanted: str) -> CompilationFault:
    """Return the error of a statement that names something of another kind than it speaks of."""
    return CompilationFault(
        f"Object found is of type '{thing.kind}', not specified type '{wanted}'.",
        code="002203",
        sqlstate="42601",
    )


def filled_by_default(thing: Object, columns: list[Column]) -> list[Column]:
    """Return the columns that get something although the statement does not name them."""
    named = {column.name for column in columns}
    return [
        c for c in thing.columns if c.name not in named and (c.default is not None or c.identity is not None)
    ]


def named_columns(thing: Object, names: list[str] | None) -> list[Column]:
    if names is None:
        return list(thing.columns)
    found = {column.name: column for column in thing.columns}
    for name in names:
        if name not in found:
            raise CompilationFault(f"invalid identifier '{render(name)}'")
        if names.count(name) > 1:
            raise CompilationFault(f"duplicate column name '{render(name)}'", code="002025", sqlstate="42S21")
    return [found[name] for name in names]


def check_width(columns: list[Column], count: int) -> None:
    if len(columns) != count:
        raise CompilationFault(
            f"Insert value list does not match column list expecting {len(columns)} but got {count}",
            code="002020",
            sqlstate="21S01",
        )


def cell_value(cell: exp.Expr, column: Column, thing: Object, scope: Scope) -> str:
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
