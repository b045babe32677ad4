"""CREATE TABLE and DROP; the other statements that change objects are in modules of their own."""

# ruff: noqa: E501, PLR0917
# E501: generated SQL is not broken at will.
# PLR0917: the parts are always given together.

from datetime import UTC
from typing import Final

import msgspec
from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.core.names import render
from clockmill.engine.duckdb.faults import CompilationFault, ObjectMissing
from clockmill.engine.duckdb.names import literal, quote, quoted, words
from clockmill.engine.duckdb.objects import SEQUENCE, TABLE, VIEW, Column
from clockmill.engine.duckdb.parse import CALL_MARK
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.changes import (
    change,
    check_duplicates,
    comment_of,
    drop_steps,
    has_property,
    kept_as_it_is,
    namespace_step,
    new_object,
    nothing,
    properties,
    sequence_options,
    stored_type,
    whole_number,
)
from clockmill.engine.duckdb.translate.keys import TABLE_CONSTRAINTS, Keyed, declared_keys, under_keys
from clockmill.engine.duckdb.translate.operators import refuse_collation
from clockmill.engine.duckdb.translate.plan import Plan, Step
from clockmill.engine.duckdb.translate.queries import compile_query
from clockmill.engine.duckdb.translate.rows import parse_expression
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import (
    Named,
    Typed,
    Unit,
    fold_identifier,
    stored_name,
)
from clockmill.engine.duckdb.translate.views import create_sequence, create_view
from clockmill.engine.duckdb.types import physical, read_type
from clockmill.engine.keys import Key
from clockmill.engine.result import ColumnType

_TABLE_PROPERTIES: Final = (
    exp.TransientProperty, exp.TemporaryProperty, exp.ClusterProperty, exp.SchemaCommentProperty, exp.LikeProperty,
    exp.Property, exp.CopyGrantsProperty,
)  # fmt: skip
# Accepted without effect here: how long history is kept and how statistics are, and the like.
_IGNORED_PROPERTIES: Final = words(
    """
    DATA_RETENTION_TIME_IN_DAYS MAX_DATA_EXTENSION_TIME_IN_DAYS CHANGE_TRACKING DEFAULT_DDL_COLLATION
    ENABLE_SCHEMA_EVOLUTION
    """
)


def is_ignored(name: str) -> bool:
    """Say whether a property of tables is accepted without effect."""
    return name.upper() in _IGNORED_PROPERTIES


# -- CREATE


def compile_create(node: exp.Create, unit: Unit, sql: str) -> Plan:
    kind = str(node.args.get("kind") or "").upper()
    for key in ("indexes", "begin", "unique", "concurrently", "refresh", "no_schema_binding"):
        if node.args.get(key):
            raise Unsupported(f"CREATE {kind} … {key.upper()}")
    if kind == "TABLE":
        return _create_table(node, unit)
    if kind == "VIEW":
        return create_view(node, unit, sql)
    if kind == "SEQUENCE":
        return create_sequence(node, unit)
    raise Unsupported(f"CREATE {kind}")


def _create_table(node: exp.Create, unit: Unit) -> Plan:
    for item in properties(node):
        plain = type(item) is exp.Property
        if type(item) not in _TABLE_PROPERTIES or (plain and item.name.upper() not in _IGNORED_PROPERTIES):
            raise Unsupported(f"CREATE TABLE … {item.sql('snowflake')}")
    schema = node.this if isinstance(node.this, exp.Schema) else None
    target = schema.this if schema is not None else node.this
    temporary = has_property(node, exp.TemporaryProperty)
    named = unit.name(target)
    if temporary and (named.found is None or not named.found.is_temporary):
        named = Named(named.full, named.namespace, None)
    kept = kept_as_it_is(node, named)
    if kept is not None:
        return kept
    if named.found is not None and named.found.kind != TABLE:
        raise CompilationFault(
            f"Object '{render(named.full.name)}' already exists as {named.found.kind}",
            code="002002",
            sqlstate="42710",
        )
    like = next((item.this for item in properties(node) if isinstance(item, exp.LikeProperty)), None)
    clone = node.args.get("clone")
    if like is not None:
        columns, query = _copy_columns(unit, named, like, goes_on=False), None
        keys = unit.existing(like)[1].keys
    elif clone is not None:
        if set(clone.args) - {"this", "shallow", "copy"}:
            raise Unsupported("CLONE … AT")
        columns = _copy_columns(unit, named, clone.this, goes_on=True)
        cloned, model = unit.existing(clone.this)
        keys = model.keys
        unit.reads.add(cloned.lock)
        query = f"SELECT {', '.join(quoted(c.name) for c in model.columns)} FROM {stored_name(model)}"
    else:
        columns = _read_columns(schema, unit, named) if schema is not None else []
        query = None
        if node.expression is not None:
            columns, query = _create_as(node.expression, columns, unit, schema)
        made_on = unit.context.now.astimezone(UTC)
        declared = schema.expressions if schema is not None else []
        keys = declared_keys(declared, Keyed(unit, named, made_on, tuple(columns)))
    return _table_plan(node, unit, named, list(under_keys(columns, keys)), keys, query, temporary)


def _table_plan(
    node: exp.Create,
    unit: Unit,
    named: Named,
    columns: list[Column],
    keys: tuple[Key, ...],
    query: str | None,
    temporary: bool,
) -> Plan:
    if not columns:
        raise CompilationFault("a table needs columns", code="002079", sqlstate="42601")
    check_duplicates(columns)
    thing = new_object(
        unit,
        named,
        TABLE,
        columns=tuple(columns),
        keys=keys,
        comment=comment_of(node),
        is_temporary=temporary,
        is_transient=has_property(node, exp.TransientProperty),
    )
    old = named.found
    steps = [namespace_step(named)]
    dropped = []
    copy = None
    if old is not None and query is not None and named.lock in unit.reads:
        # The query reads the table that goes: its rows are set aside before.
        copy = "temp.main.replaced"
        steps.append(Step(f"CREATE OR REPLACE TEMP TABLE replaced AS {query}", (), True))
        query = f"SELECT * FROM {copy}"
    if old is not None:
        dropped.append(old)
        steps += drop_steps(old)
    steps += [
        Step(f"CREATE SEQUENCE {quote(named.namespace)}.{quote(c.identity)} {_sequence_bounds(c)}")
        for c in columns
        if c.identity is not None
    ]
    definition = ", ".join(
        f"{quoted(c.name)} {physical(c.type)}{'' if c.type.is_nullable else ' NOT NULL'}" for c in columns
    )
    where = f"{'TEMP ' if temporary else ''}TABLE {stored_name(thing)}"
    steps.append(Step(f"CREATE {where} ({definition})"))
    if query is not None:
        steps.append(Step(f"INSERT INTO {stored_name(thing)} {query}", (), copy is None))
    if copy is not None:
        steps.append(Step(f"DROP TABLE {copy}"))
    columns_kept = tuple(_without_bounds(c) for c in thing.columns)
    thing = msgspec.structs.replace(thing, columns=columns_kept)
    return change(
        unit, named, steps, f"Table {named.full.name} successfully created.", added=[thing], dropped=dropped
    )


_BOUNDS: Final = "\0"
"""Parts a new identity column's sequence name from its start and increment until it is made."""


def _sequence_bounds(column: Column) -> str:
    start, increment = (column.default or f"1{_BOUNDS}1").split(_BOUNDS)
    return sequence_options(int(start), int(increment))


def _without_bounds(column: Column) -> Column:
    return msgspec.structs.replace(column, default=None) if column.identity is not None else column


def _copy_columns(unit: Unit, named: Named, source: exp.Expr, *, goes_on: bool) -> list[Column]:
    """Return the columns of another table; what counts rows *goes_on* where it stands there, or begins."""
    _, model = unit.existing(source)
    if model.kind != TABLE:
        raise Unsupported("LIKE or CLONE of a view")
    return [
        msgspec.structs.replace(
            c,
            identity=_identity_name(named, c.name, unit),
            default=_bounds_of(unit, model.namespace, c.identity, goes_on),
        )
        if c.identity is not None
        else c
        for c in model.columns
    ]


def _bounds_of(unit: Unit, namespace: str, sequence: str, goes_on: bool) -> str:
    unit.is_cacheable = False
    next_value = "COALESCE(last_value + increment_by, start_value)" if goes_on else "start_value"
    which = f"schema_name = {literal(namespace)} AND sequence_name = {literal(sequence)}"
    found = unit.evaluate(
        f"(SELECT [{next_value}, increment_by] FROM duckdb_sequences() WHERE {which})", unit.parameters
    )
    return _BOUNDS.join(str(bound) for bound in found)


def _create_as(
    node: exp.Expr, declared: list[Column], unit: Unit, schema: exp.Schema | None
) -> tuple[list[Column], str]:
    query = compile_query(node, None, unit)
    names = (
        [fold_identifier(c) for c in schema.expressions if isinstance(c, exp.Identifier)] if schema else []
    )
    if declared:
        if len(declared) != len(query.columns):
            raise CompilationFault(
                "Invalid number of columns: the query gives "
                f"{len(query.columns)}, the table declares {len(declared)}",
                code="002026",
                sqlstate="42601",
            )
        columns = declared
    else:
        columns = [
            Column(name=names[i] if i < len(names) else name, type=stored_type(kind))
            for i, (name, kind) in enumerate(query.columns)
        ]
    cells = ", ".join(
        casts.assign(unit, Typed(f"s.c{i}", kind, is_wide=False), column.type)
        for i, (column, (_, kind)) in enumerate(zip(columns, query.columns, strict=True))
    )
    return columns, f"SELECT {cells} FROM ({query.sql}) AS s"


def _identity_name(named: Named, column: str, unit: Unit) -> str:
    # The query id keeps the sequence of a replaced table apart from that of its successor.
    return f"{named.full.name}.{column}.{unit.context.query_id}"


def _read_columns(schema: exp.Schema, unit: Unit, named: Named) -> list[Column]:
    columns: list[Column] = []
    for item in schema.expressions:
        if isinstance(item, exp.ColumnDef):
            columns.append(read_column(item, unit, named))
        elif not isinstance(item, (*TABLE_CONSTRAINTS, exp.Identifier)):
            raise Unsupported(f"{item.sql('snowflake')} in CREATE TABLE")
    return columns


_KEYS_OF_COLUMNS: Final = (
    exp.PrimaryKeyColumnConstraint,
    exp.UniqueColumnConstraint,
    exp.ForeignKey,
    exp.Reference,
)


def read_column(item: exp.ColumnDef, unit: Unit, named: Named) -> Column:
    """Return the column that a definition declares; its keys are read by themselves."""
    name = fold_identifier(item.this)
    if item.args.get("kind") is None:
        raise CompilationFault(
            f"missing data type of column '{render(name)}'", code="001003", sqlstate="42000"
        )
    kind = read_type(item.args["kind"], unit.timestamp)
    default = identity = comment = None
    for constraint in item.args.get("constraints") or []:
        rule = constraint.kind
        if isinstance(rule, exp.NotNullColumnConstraint):
            kind = msgspec.structs.replace(kind, is_nullable=bool(rule.args.get("allow_null")))
        elif isinstance(rule, exp.DefaultColumnConstraint):
            default = _default(rule.this, unit, kind)
        elif isinstance(rule, exp.GeneratedAsIdentityColumnConstraint | exp.AutoIncrementColumnConstraint):
            start, step = rule.args.get("start"), rule.args.get("increment")
            identity = _identity_name(named, name, unit)
            default = f"{whole_number(start)}{_BOUNDS}{whole_number(step)}"
        elif isinstance(rule, exp.CommentColumnConstraint):
            comment = rule.this.name
        elif isinstance(rule, exp.CollateColumnConstraint):
            refuse_collation(rule.this.name)
        elif not isinstance(rule, _KEYS_OF_COLUMNS):
            raise Unsupported(f"{constraint.sql('snowflake')} on a column")
    return Column(name=name, type=kind, default=default, identity=identity, comment=comment)


def _default(node: exp.Expr, unit: Unit, kind: ColumnType) -> str:
    text = node.sql("snowflake").replace(CALL_MARK, "")
    casts.assign(unit, Scope(unit).expression(parse_expression(text)), kind)
    return text


# -- DROP


def compile_drop(node: exp.Drop, unit: Unit) -> Plan:
    kind = str(node.args.get("kind") or "").upper()
    if kind not in (TABLE, VIEW, SEQUENCE) or node.args.get("materialized"):
        raise Unsupported(f"DROP {kind}")
    tables = node.args.get("tables") or [node.this]
    if len(tables) != 1:
        raise Unsupported(f"DROP {kind} of several objects")
    target = tables[0]
    try:
        named, thing = unit.existing(target, SEQUENCE if kind == SEQUENCE else TABLE)
    except ObjectMissing:
        shown = ".".join(render(part) for part in unit.parts(target))
        if node.args.get("exists"):
            return nothing(f"Drop statement executed successfully ({shown} already dropped).")
        raise ObjectMissing(shown, kind.capitalize()) from None
    if thing.kind != kind:
        raise CompilationFault(
            f"Object found is of type '{thing.kind}', not specified type '{kind}'.",
            code="002203",
            sqlstate="42601",
        )
    return change(unit, named, drop_steps(thing), f"{named.full.name} successfully dropped.", dropped=[thing])
