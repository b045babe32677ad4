"""CREATE, ALTER, DROP, COMMENT of tables, views and sequences."""

# ruff: noqa: ARG001, E501, PLR0917
# ARG001: rules of one table share a signature.
# E501: generated SQL is not broken at will.
# PLR0917: the parts are always given together.

from datetime import UTC
from typing import Any, Final

import msgspec
from sqlglot import exp

from clockmill.core.errors import AlreadyExists, Unsupported
from clockmill.core.names import render
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault, ObjectMissing
from clockmill.engine.duckdb.locks import EXCLUSIVE
from clockmill.engine.duckdb.names import quote, quoted, words
from clockmill.engine.duckdb.objects import SEQUENCE, TABLE, VIEW, Column, Object, insertion, removal
from clockmill.engine.duckdb.parse import CALL_MARK
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.dml import parse_expression
from clockmill.engine.duckdb.translate.operators import refuse_collation
from clockmill.engine.duckdb.translate.plan import Form, Plan, Step
from clockmill.engine.duckdb.translate.queries import compile_query
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import (
    Named,
    Typed,
    Unit,
    fold_identifier,
    stored_name,
)
from clockmill.engine.duckdb.types import physical, read_type
from clockmill.engine.result import TEXT, ColumnType, StatementType

DONE: Final = "Statement executed successfully."
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


def change(
    unit: Unit, named: Named, steps: list[Step], status: str, *, added: Any = (), dropped: Any = ()
) -> Plan:
    recorded = [Step(*removal(thing)) for thing in dropped if not thing.is_temporary]
    recorded += [Step(*insertion(thing)) for thing in added if not thing.is_temporary]
    return Plan(
        form=Form.STATUS,
        steps=(*steps, *recorded),
        type=StatementType.DDL,
        columns=(),
        parameters=tuple(unit.parameters),
        locks=((named.lock, EXCLUSIVE),),
        reads=frozenset(unit.reads),
        added=tuple(added),
        dropped=tuple(dropped),
        status=status,
        is_ddl=True,
        is_cacheable=False,
    )


def nothing(status: str) -> Plan:
    return Plan(
        form=Form.STATUS,
        steps=(),
        type=StatementType.DDL,
        columns=(),
        status=status,
        is_ddl=True,
        is_cacheable=False,
    )


def _new(unit: Unit, named: Named, kind: str, **fields: Any) -> Object:
    context = unit.context
    return Object(
        namespace=named.namespace,
        name=named.full.name,
        kind=kind,
        owner=context.role,
        created_on=context.now.astimezone(UTC),
        **fields,
    )


def namespace_step(named: Named) -> Step:
    return Step(f"CREATE SCHEMA IF NOT EXISTS {quote(named.namespace)}")


# -- CREATE


def compile_create(node: exp.Create, unit: Unit, sql: str) -> Plan:
    kind = str(node.args.get("kind") or "").upper()
    for key in ("indexes", "begin", "unique", "concurrently", "refresh", "no_schema_binding"):
        if node.args.get(key):
            raise Unsupported(f"CREATE {kind} … {key.upper()}")
    if kind == "TABLE":
        return _create_table(node, unit)
    if kind == "VIEW":
        return _create_view(node, unit, sql)
    if kind == "SEQUENCE":
        return _create_sequence(node, unit)
    raise Unsupported(f"CREATE {kind}")


def _properties(node: exp.Create) -> list[exp.Expr]:
    properties = node.args.get("properties")
    return properties.expressions if properties is not None else []


def _comment(node: exp.Create) -> str | None:
    for item in _properties(node):
        if isinstance(item, exp.SchemaCommentProperty):
            return str(item.this.name)
    return None


def _has(node: exp.Create, kind: type) -> bool:
    return any(isinstance(item, kind) for item in _properties(node))


def _existing(node: exp.Create, named: Named) -> Plan | None:
    """Return the answer where the object is there already and shall stay, or raise."""
    if named.found is None or node.args.get("replace"):
        return None
    if node.args.get("exists"):
        return nothing(f"{named.full.name} already exists, statement succeeded.")
    raise AlreadyExists(render(named.full.name))


def _create_table(node: exp.Create, unit: Unit) -> Plan:
    for item in _properties(node):
        plain = type(item) is exp.Property
        plain = type(item) is exp.Property
        if type(item) not in _TABLE_PROPERTIES or (plain and item.name.upper() not in _IGNORED_PROPERTIES):
            raise Unsupported(f"CREATE TABLE … {item.sql('snowflake')}")
    schema = node.this if isinstance(node.this, exp.Schema) else None
    target = schema.this if schema is not None else node.this
    temporary = _has(node, exp.TemporaryProperty)
    named = unit.name(target)
    if temporary and (named.found is None or not named.found.is_temporary):
        named = Named(named.full, named.namespace, None)
    kept = _existing(node, named)
    if kept is not None:
        return kept
    if named.found is not None and named.found.kind == VIEW:
        raise CompilationFault(
            f"Object '{render(named.full.name)}' already exists as VIEW", code="002002", sqlstate="42710"
        )
    like = next((item.this for item in _properties(node) if isinstance(item, exp.LikeProperty)), None)
    clone = node.args.get("clone")
    if like is not None:
        columns, query = _copy_columns(unit, named, like), None
    elif clone is not None:
        if set(clone.args) - {"this", "shallow", "copy"}:
            raise Unsupported("CLONE … AT")
        columns = _copy_columns(unit, named, clone.this)
        _, model = unit.existing(clone.this)
        query = f"SELECT * FROM {stored_name(model)}"
    else:
        columns = _read_columns(schema, unit, named) if schema is not None else []
        query = None
        if node.expression is not None:
            columns, query = _create_as(node.expression, columns, unit, schema)
    return _table_plan(node, unit, named, columns, query, temporary)


def _table_plan(
    node: exp.Create, unit: Unit, named: Named, columns: list[Column], query: str | None, temporary: bool
) -> Plan:
    if not columns:
        raise CompilationFault("a table needs columns", code="002079", sqlstate="42601")
    check_duplicates(columns)
    thing = _new(
        unit,
        named,
        TABLE,
        columns=tuple(columns),
        comment=_comment(node),
        is_temporary=temporary,
        is_transient=_has(node, exp.TransientProperty),
    )
    old = named.found
    steps = [namespace_step(named)]
    dropped = []
    if old is not None:
        dropped.append(old)
        steps += _drop_steps(old)
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
        steps.append(Step(f"INSERT INTO {stored_name(thing)} {query}", (), True))
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


def sequence_options(start: int, increment: int) -> str:
    """Return the options of a sequence of DuckDB that may run up or down without a bound of its own."""
    if not increment:
        raise CompilationFault("Invalid increment 0 of a sequence", code="002112", sqlstate="42601")
    bounds = (
        "MINVALUE -9223372036854775808 MAXVALUE 9223372036854775807 " if increment < 0 or start < 1 else ""
    )
    return f"{bounds}START {start} INCREMENT {increment}"


def _without_bounds(column: Column) -> Column:
    return msgspec.structs.replace(column, default=None) if column.identity is not None else column


def check_duplicates(columns: list[Column]) -> None:
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise CompilationFault(
                f"duplicate column name '{render(column.name)}'", code="002025", sqlstate="42S21"
            )
        seen.add(column.name)


def _copy_columns(unit: Unit, named: Named, source: exp.Expr) -> list[Column]:
    _, model = unit.existing(source)
    if model.kind != TABLE:
        raise Unsupported("LIKE or CLONE of a view")
    return [
        msgspec.structs.replace(c, identity=_identity_name(named, c.name, unit), default=f"1{_BOUNDS}1")
        if c.identity is not None
        else c
        for c in model.columns
    ]


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
            Column(name=names[i] if i < len(names) else name, type=_stored_type(kind))
            for i, (name, kind) in enumerate(query.columns)
        ]
    cells = ", ".join(
        casts.assign(unit, Typed(f"s.c{i}", kind, is_wide=False), column.type)
        for i, (column, (_, kind)) in enumerate(zip(columns, query.columns, strict=True))
    )
    return columns, f"SELECT {cells} FROM ({query.sql}) AS s"


def _stored_type(kind: ColumnType) -> ColumnType:
    return TEXT if types.is_null(kind) else msgspec.structs.replace(kind, is_nullable=True)


def _identity_name(named: Named, column: str, unit: Unit) -> str:
    # The query id keeps the sequence of a replaced table apart from that of its successor.
    return f"{named.full.name}.{column}.{unit.context.query_id}"


def _read_columns(schema: exp.Schema, unit: Unit, named: Named) -> list[Column]:
    columns: list[Column] = []
    for item in schema.expressions:
        if isinstance(item, exp.ColumnDef):
            columns.append(read_column(item, unit, named))
        elif isinstance(item, exp.PrimaryKey):
            names = {fold_identifier(c) for c in item.expressions if isinstance(c, exp.Identifier)}
            columns = [
                msgspec.structs.replace(c, type=msgspec.structs.replace(c.type, is_nullable=False))
                if c.name in names
                else c
                for c in columns
            ]
        elif isinstance(item, exp.ForeignKey | exp.UniqueColumnConstraint | exp.Constraint | exp.Identifier):
            continue
        else:
            raise Unsupported(f"{item.sql('snowflake')} in CREATE TABLE")
    return columns


def read_column(item: exp.ColumnDef, unit: Unit, named: Named) -> Column:
    """Return the column that a definition declares. Keys are accepted and not enforced, as documented."""
    name = fold_identifier(item.this)
    if item.args.get("kind") is None:
        raise CompilationFault(
            f"missing data type of column '{render(name)}'", code="001003", sqlstate="42000"
        )
    kind = read_type(item.args["kind"])
    default = identity = comment = None
    for constraint in item.args.get("constraints") or []:
        rule = constraint.kind
        if isinstance(rule, exp.NotNullColumnConstraint):
            kind = msgspec.structs.replace(kind, is_nullable=bool(rule.args.get("allow_null")))
        elif isinstance(rule, exp.PrimaryKeyColumnConstraint):
            kind = msgspec.structs.replace(kind, is_nullable=False)
        elif isinstance(rule, exp.DefaultColumnConstraint):
            default = _default(rule.this, unit, kind)
        elif isinstance(rule, exp.GeneratedAsIdentityColumnConstraint | exp.AutoIncrementColumnConstraint):
            start, step = rule.args.get("start"), rule.args.get("increment")
            identity = _identity_name(named, name, unit)
            default = f"{_integer(start)}{_BOUNDS}{_integer(step)}"
        elif isinstance(rule, exp.CommentColumnConstraint):
            comment = rule.this.name
        elif isinstance(rule, exp.CollateColumnConstraint):
            refuse_collation(rule.this.name)
        elif not isinstance(
            rule,
            exp.UniqueColumnConstraint | exp.Reference | exp.AutoIncrementColumnConstraint,
        ):
            raise Unsupported(f"{constraint.sql('snowflake')} on a column")
    return Column(name=name, type=kind, default=default, identity=identity, comment=comment)


def _integer(node: exp.Expr | None) -> int:
    if node is None:
        return 1
    text = node.sql("snowflake")
    if not text.lstrip("-").isdigit():
        raise CompilationFault(f"a whole number is needed, not {text[:60]}", code="001003", sqlstate="42000")
    return int(text)


def _default(node: exp.Expr, unit: Unit, kind: ColumnType) -> str:
    text = node.sql("snowflake").replace(CALL_MARK, "")
    casts.assign(unit, Scope(unit).expression(parse_expression(text)), kind)
    return text


# -- views and sequences


def _create_view(node: exp.Create, unit: Unit, sql: str) -> Plan:
    schema = node.this if isinstance(node.this, exp.Schema) else None
    target = schema.this if schema is not None else node.this
    for item in _properties(node):
        if isinstance(item, exp.MaterializedProperty):
            raise Unsupported("CREATE MATERIALIZED VIEW")
        if not isinstance(item, exp.SchemaCommentProperty | exp.SecureProperty | exp.CopyGrantsProperty):
            raise Unsupported(f"CREATE VIEW … {item.sql('snowflake')}")
    named = unit.name(target)
    kept = _existing(node, named)
    if kept is not None:
        return kept
    if node.expression.find(exp.Placeholder, exp.Parameter) and not _only_columns(node.expression):
        raise Unsupported("bind or session variables in a view")
    text = node.expression.sql("snowflake").replace(CALL_MARK, "")
    before, unit.home = unit.home, named.full.parent
    try:
        query = compile_query(node.expression, None, unit)
    finally:
        unit.home = before
    names = (
        [fold_identifier(c.this if isinstance(c, exp.ColumnDef) else c) for c in schema.expressions]
        if schema
        else []
    )
    if names and len(names) != len(query.columns):
        raise CompilationFault("Invalid column definition list", code="002026", sqlstate="42601")
    columns = [
        Column(name=names[i] if names else name, type=_stored_type(kind))
        for i, (name, kind) in enumerate(query.columns)
    ]
    check_duplicates(columns)
    old = named.found
    if old is not None and old.kind != VIEW:
        raise CompilationFault(
            f"Object '{render(named.full.name)}' already exists as {old.kind}",
            code="002002",
            sqlstate="42710",
        )
    thing = _new(unit, named, VIEW, columns=tuple(columns), comment=_comment(node), text=text)
    return change(
        unit,
        named,
        [namespace_step(named)],
        f"View {named.full.name} successfully created.",
        added=[thing],
        dropped=[old] if old is not None else [],
    )


def _only_columns(query: exp.Expr) -> bool:
    """Say whether all of the query's parameters are columns by their place ($1)."""
    found = query.find_all(exp.Placeholder, exp.Parameter)
    return all(isinstance(each, exp.Parameter) and each.this.name.isdigit() for each in found)


def _create_sequence(node: exp.Create, unit: Unit) -> Plan:
    named = unit.name(node.this, SEQUENCE)
    kept = _existing(node, named)
    if kept is not None:
        return kept
    start = increment = 1
    for item in _properties(node):
        if isinstance(item, exp.SequenceProperties):
            start = _integer(item.args.get("start"))
            increment = _integer(item.args.get("increment"))
        elif not isinstance(item, exp.SchemaCommentProperty):
            raise Unsupported(f"CREATE SEQUENCE … {item.sql('snowflake')}")
    thing = _new(unit, named, SEQUENCE, comment=_comment(node), start=start, increment=increment)
    old = named.found
    steps = [namespace_step(named)]
    if old is not None:
        steps += _drop_steps(old)
    steps.append(Step(f"CREATE SEQUENCE {stored_name(thing)} {sequence_options(start, increment)}"))
    return change(
        unit,
        named,
        steps,
        f"Sequence {named.full.name} successfully created.",
        added=[thing],
        dropped=[old] if old is not None else [],
    )


# -- DROP


def _drop_steps(thing: Object) -> list[Step]:
    if thing.kind == VIEW:
        return []
    steps = [Step(f"DROP {thing.kind} {stored_name(thing)}")]
    steps += [
        Step(f"DROP SEQUENCE IF EXISTS {quote(thing.namespace)}.{quote(c.identity)}")
        for c in thing.columns
        if c.identity is not None
    ]
    return steps


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
    return change(
        unit, named, _drop_steps(thing), f"{named.full.name} successfully dropped.", dropped=[thing]
    )
