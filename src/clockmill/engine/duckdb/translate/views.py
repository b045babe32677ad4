"""CREATE VIEW and CREATE SEQUENCE."""

# ruff: noqa: ARG001
# ARG001: rules of one table share a signature.

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
from clockmill.engine.duckdb.translate.unit import Unit, fold_identifier, stored_name


def create_view(node: exp.Create, unit: Unit, sql: str) -> Plan:
    schema = node.this if isinstance(node.this, exp.Schema) else None
    target = schema.this if schema is not None else node.this
    for item in properties(node):
        if isinstance(item, exp.MaterializedProperty):
            raise Unsupported("CREATE MATERIALIZED VIEW")
        known = isinstance(item, exp.SchemaCommentProperty | exp.SecureProperty | exp.CopyGrantsProperty)
        if not known and not is_change_tracking(item):
            raise Unsupported(f"CREATE VIEW … {item.sql('snowflake')}")
    named = unit.name(target)
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
    names = (
        [fold_identifier(c.this if isinstance(c, exp.ColumnDef) else c) for c in schema.expressions]
        if schema
        else []
    )
    if names and len(names) != len(query.columns):
        raise CompilationFault("Invalid column definition list", code="002026", sqlstate="42601")
    columns = [
        Column(name=names[i] if names else name, type=stored_type(kind))
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
    thing = new_object(unit, named, VIEW, columns=tuple(columns), comment=comment_of(node), text=text)
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
