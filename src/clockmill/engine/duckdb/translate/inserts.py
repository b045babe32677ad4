"""INSERT into one table, and into several."""

# S101: narrows a type that the syntax tree leaves open.

from typing import Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb.locks import EXCLUSIVE, SHARED
from clockmill.engine.duckdb.names import quote, quoted
from clockmill.engine.duckdb.objects import Column, Object
from clockmill.engine.duckdb.streams.log import Capture
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.conditions import truth
from clockmill.engine.duckdb.translate.plan import Form, Plan, Step
from clockmill.engine.duckdb.translate.queries import compile_query
from clockmill.engine.duckdb.translate.rows import (
    cell_value,
    check_width,
    count_columns,
    default_sql,
    filled_by_default,
    named_columns,
    table_to_write,
    write_plan,
)
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import Named, Typed, Unit, fold_identifier, stored_name
from clockmill.engine.result import StatementType

INSERTED: Final = count_columns("rows inserted")


def compile_insert(node: exp.Insert, unit: Unit) -> Plan:
    for key in ("conflict", "returning", "where", "partition", "exists", "by_name", "alternative", "source"):
        if node.args.get(key):
            raise Unsupported(f"INSERT … {key.upper()}")
    named, thing = _target(node, unit)
    columns = named_columns(thing, _written_names(node.this))
    filled = columns + filled_by_default(thing, columns)
    capture = Capture(unit, thing)
    sql = _insert_source(node, unit, thing, columns, capture.stamp)
    written = ", ".join([*(quoted(c.name) for c in filled), *capture.stamp])
    steps = [Step(f"INSERT INTO {stored_name(thing)} ({written}) {sql}", (), True, True)]
    overwrite = bool(node.args.get("overwrite"))
    if overwrite:
        steps.insert(0, Step(f"DELETE FROM {stored_name(thing)}"))
        if named.lock in unit.reads:
            steps = _through_copy(steps, sql, thing, written)
        steps = [*capture.before_all(), *steps]
    return write_plan(
        unit,
        {named.lock: EXCLUSIVE if overwrite or capture.is_on else SHARED},
        form=Form.COUNT,
        steps=(*steps, *capture.inserted()),
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


def _insert_source(
    node: exp.Insert, unit: Unit, thing: Object, columns: list[Column], stamp: dict[str, str]
) -> str:
    source = node.expression
    scope = Scope(unit)
    if isinstance(source, exp.Values):
        return _insert_values(source, scope, thing, columns, stamp)
    clause = node.args.get("with_") or node.args.get("with")
    if clause is not None:
        source = source.copy()
        source.set("with_", clause)
    query = compile_query(source, None, unit)
    check_width(columns, len(query.columns))
    defaults = [default_sql(c, thing, unit) for c in filled_by_default(thing, columns)]
    defaults += stamp.values()
    pairs = list(zip((kind for _, kind in query.columns), columns, strict=True))
    if not defaults and all(casts.is_stored_alike(kind, column.type) for kind, column in pairs):
        return query.sql
    cells = [
        casts.assign(unit, Typed(f"s.c{i}", kind), column.type) for i, (kind, column) in enumerate(pairs)
    ]
    return f"SELECT {', '.join(cells + defaults)} FROM ({query.sql}) AS s"


def _insert_values(
    source: exp.Values, scope: Scope, thing: Object, columns: list[Column], stamp: dict[str, str]
) -> str:
    rows = []
    others = filled_by_default(thing, columns)
    for row in source.expressions:
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        check_width(columns, len(cells))
        given = [
            *(cell_value(cell, column, thing, scope) for column, cell in zip(columns, cells, strict=True)),
            *(default_sql(c, thing, scope.unit) for c in others),
            *stamp.values(),
        ]
        rows.append(f"({', '.join(given)})")
    return "VALUES " + ", ".join(rows)


# -- into several tables

_SET_ASIDE: Final = quote("inserted")


def compile_multi_insert(node: exp.MultitableInserts, overwrite: bool, unit: Unit) -> Plan:
    """Translate INSERT ALL and INSERT FIRST: the query runs once, and each INTO takes from its rows."""
    query = compile_query(node.args["source"], None, unit)
    scope = Scope(unit)
    scope.sources.append(query.source(None, "s"))
    targets: dict[str, Object] = {}
    captures: dict[str, Capture] = {}
    steps: list[Step] = []
    columns: dict[str, int] = {}
    tallies = []
    conditions = _conditions(node, scope)
    for clause, condition in zip(node.expressions, conditions, strict=True):
        named, thing = _target(clause.this, unit)
        captures[named.lock] = Capture(unit, thing)
        steps.append(_insert_where(clause.this, condition, thing, scope, captures[named.lock].stamp))
        targets[named.lock] = thing
        tallies.append(columns.setdefault(named.full.name, len(columns)))
    aside = Step(f"CREATE OR REPLACE TEMP TABLE {_SET_ASIDE} AS {query.sql}", (), True)
    cleared = [
        step
        for lock, thing in targets.items()
        if overwrite
        for step in (*captures[lock].before_all(), Step(f"DELETE FROM {stored_name(thing)}"))
    ]
    logged = [step for capture in captures.values() for step in capture.inserted()]
    return write_plan(
        unit,
        {lock: EXCLUSIVE if overwrite or each.is_on else SHARED for lock, each in captures.items()},
        form=Form.COUNTS,
        steps=(aside, *cleared, *steps, *logged, Step(f"DROP TABLE temp.main.{_SET_ASIDE}")),
        type=StatementType.MULTI_TABLE_INSERT,
        columns=count_columns(*(f"rows inserted into {name}" for name in columns)),
        tallies=tuple(tallies),
    )


def _conditions(node: exp.MultitableInserts, scope: Scope) -> list[str]:
    """Return, for each INTO, the SQL that says which rows it takes."""
    is_first = str(node.args["kind"]).upper() == "FIRST"
    taken: list[str] = []
    conditions = []
    current = "true"
    for clause in node.expressions:
        untaken = " AND ".join(f"NOT {test}" for test in taken)
        when = clause.args.get("expression")
        if when is not None:
            test = f"COALESCE({truth(scope, when)}, false)"
            current = f"{untaken} AND {test}" if is_first and taken else test
            taken.append(test)
        elif clause.args.get("else_"):
            current = untaken
        conditions.append(current)  # an INTO without WHEN goes on with the one before
    return conditions


def _insert_where(
    node: exp.Insert, condition: str, thing: Object, scope: Scope, stamp: dict[str, str]
) -> Step:
    target = node.this
    names = _written_names(target)
    columns = named_columns(thing, names)
    others = [default_sql(c, thing, scope.unit) for c in filled_by_default(thing, columns)]
    others += stamp.values()
    if node.expression is None:
        offered = scope.sources[0].columns
        check_width(columns, len(offered))
        given = [
            casts.assign(scope.unit, Typed(source.sql, source.type, is_wide=False), column.type)
            for source, column in zip(offered, columns, strict=True)
        ]
    else:
        if len(node.expression.expressions) > 1:
            raise Unsupported("several rows of VALUES in an INSERT into several tables")
        cells = node.expression.expressions[0].expressions
        check_width(columns, len(cells))
        given = [cell_value(cell, column, thing, scope) for cell, column in zip(cells, columns, strict=True)]
    written = [*(quoted(c.name) for c in columns + filled_by_default(thing, columns)), *stamp]
    sql = (
        f"INSERT INTO {stored_name(thing)} ({', '.join(written)}) SELECT {', '.join(given + others)} "
        f"FROM temp.main.{_SET_ASIDE} AS s WHERE {condition}"
    )
    return Step(sql, (), True, True)


def _target(node: exp.Insert, unit: Unit) -> tuple[Named, Object]:
    return table_to_write(unit, node.this.this if isinstance(node.this, exp.Schema) else node.this)


def _written_names(target: exp.Expr) -> list[str] | None:
    """Return the columns that stand after the table's name, or None where none do."""
    if not isinstance(target, exp.Schema):
        return None
    return [fold_identifier(c.this if isinstance(c, exp.Column) else c) for c in target.expressions]
