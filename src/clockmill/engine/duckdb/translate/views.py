"""CREATE VIEW and CREATE SEQUENCE."""

# ruff: noqa: ARG001
# ARG001: rules of one table share a signature.

from typing import Final

import msgspec
from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.core.names import render
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.objects import SEQUENCE, VIEW, Column
from clockmill.engine.duckdb.parse import CALL_MARK
from clockmill.engine.duckdb.translate.changes import (
    change,
    check_duplicates,
    comment_of,
    drop_steps,
    has_property,
    is_change_tracking,
    kept_as_it_is,
    namespace_step,
    new_object,
    properties,
    sequence_options,
    stored_type,
    whole_number,
)
from clockmill.engine.duckdb.translate.plan import Plan, Step
from clockmill.engine.duckdb.translate.queries import compile_query
from clockmill.engine.duckdb.translate.scope import Query
from clockmill.engine.duckdb.translate.unit import Named, Unit, fold_identifier, stored_name

_VIEW_PROPERTIES: Final = (
    exp.SchemaCommentProperty,
    exp.SecureProperty,
    exp.CopyGrantsProperty,
    exp.TemporaryProperty,
)


def create_view(node: exp.Create, unit: Unit, sql: str) -> Plan:
    schema = node.this if isinstance(node.this, exp.Schema) else None
    target = schema.this if schema is not None else node.this
    for item in properties(node):
        if isinstance(item, exp.MaterializedProperty):
            raise Unsupported("CREATE MATERIALIZED VIEW")
        known = isinstance(item, _VIEW_PROPERTIES)
        if not known and not is_change_tracking(item):
            raise Unsupported(f"CREATE VIEW … {item.sql('snowflake')}")
    temporary = has_property(node, exp.TemporaryProperty)
    named = unit.name(target)
    if temporary and (named.found is None or not named.found.is_temporary):
        named = Named(named.full, named.namespace, None)
    kept = kept_as_it_is(node, named)
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
    columns = _columns(query, schema.expressions if schema is not None else [])
    old = named.found
    if old is not None and old.kind != VIEW:
        raise CompilationFault(
            f"Object '{render(named.full.name)}' already exists as {old.kind}",
            code="002002",
            sqlstate="42710",
        )
    thing = new_object(
        unit,
        named,
        VIEW,
        columns=tuple(columns),
        comment=comment_of(node),
        text=text,
        is_temporary=temporary,
    )
    return change(
        unit,
        named,
        [namespace_step(named)],
        f"View {named.full.name} successfully created.",
        added=[thing],
        dropped=[old] if old is not None else [],
    )


def _columns(query: Query, listed: list[exp.Expr]) -> list[Column]:
    """Return the columns of a view: those of its query, under the names that are *listed*, if any are."""
    if listed and len(listed) != len(query.columns):
        raise CompilationFault("Invalid column definition list", code="002026", sqlstate="42601")
    columns = [Column(name=name, type=stored_type(kind)) for name, kind in query.columns]
    if listed:
        columns = [_listed(item, column) for item, column in zip(listed, columns, strict=True)]
    check_duplicates(columns)
    return columns


def _listed(item: exp.Expr, column: Column) -> Column:
    if not isinstance(item, exp.ColumnDef):
        return msgspec.structs.replace(column, name=fold_identifier(item))
    comment = None
    for constraint in item.args.get("constraints") or []:
        if not isinstance(constraint.kind, exp.CommentColumnConstraint):
            raise Unsupported(f"{constraint.sql('snowflake')} on a column of a view")
        comment = constraint.kind.this.name
    return msgspec.structs.replace(column, name=fold_identifier(item.this), comment=comment)


def _only_columns(query: exp.Expr) -> bool:
    """Say whether all of the query's parameters are columns by their place ($1)."""
    found = query.find_all(exp.Placeholder, exp.Parameter)
    return all(isinstance(each, exp.Parameter) and each.this.name.isdigit() for each in found)


def create_sequence(node: exp.Create, unit: Unit) -> Plan:
    named = unit.name(node.this, SEQUENCE)
    kept = kept_as_it_is(node, named)
    if kept is not None:
        return kept
    start = increment = 1
    for item in properties(node):
        if isinstance(item, exp.SequenceProperties):
            start = whole_number(item.args.get("start"))
            increment = whole_number(item.args.get("increment"))
        elif not isinstance(item, exp.SchemaCommentProperty):
            raise Unsupported(f"CREATE SEQUENCE … {item.sql('snowflake')}")
    thing = new_object(unit, named, SEQUENCE, comment=comment_of(node), start=start, increment=increment)
    old = named.found
    steps = [namespace_step(named)]
    if old is not None:
        steps += drop_steps(old)
    steps.append(Step(f"CREATE SEQUENCE {stored_name(thing)} {sequence_options(start, increment)}"))
    return change(
        unit,
        named,
        steps,
        f"Sequence {named.full.name} successfully created.",
        added=[thing],
        dropped=[old] if old is not None else [],
    )
