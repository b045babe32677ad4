"""What all statements share that make, change or drop objects."""

from datetime import UTC
from typing import Any, Final

import msgspec
from sqlglot import exp

from clockmill.core.errors import AlreadyExists
from clockmill.core.names import render
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.locks import EXCLUSIVE
from clockmill.engine.duckdb.names import quote
from clockmill.engine.duckdb.objects import VIEW, Column, Object, insertion, removal
from clockmill.engine.duckdb.streams.log import drop_log
from clockmill.engine.duckdb.translate.plan import Form, Plan, Step
from clockmill.engine.duckdb.translate.unit import Named, Unit, stored_name
from clockmill.engine.result import TEXT, ColumnType, StatementType

DONE: Final = "Statement executed successfully."


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


def new_object(unit: Unit, named: Named, kind: str, **fields: Any) -> Object:
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


def properties(node: exp.Create) -> list[exp.Expr]:
    properties = node.args.get("properties")
    return properties.expressions if properties is not None else []


def comment_of(node: exp.Create) -> str | None:
    for item in properties(node):
        if isinstance(item, exp.SchemaCommentProperty):
            return str(item.this.name)
    return None


def is_change_tracking(item: exp.Expr) -> bool:
    """Say whether *item* is CHANGE_TRACKING = …, which has no effect: streams see to it themselves."""
    return isinstance(item, exp.Property) and item.name.upper() == "CHANGE_TRACKING"


def has_property(node: exp.Create, kind: type) -> bool:
    return any(isinstance(item, kind) for item in properties(node))


def kept_as_it_is(node: exp.Create, named: Named) -> Plan | None:
    """Return the answer where the object is there already and shall stay, or raise."""
    if named.found is None or node.args.get("replace"):
        return None
    if node.args.get("exists"):
        return nothing(f"{named.full.name} already exists, statement succeeded.")
    raise AlreadyExists(render(named.full.name))


def check_duplicates(columns: list[Column]) -> None:
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise CompilationFault(
                f"duplicate column name '{render(column.name)}'", code="002025", sqlstate="42S21"
            )
        seen.add(column.name)


def stored_type(kind: ColumnType) -> ColumnType:
    return TEXT if types.is_null(kind) else msgspec.structs.replace(kind, is_nullable=True)


def whole_number(node: exp.Expr | None) -> int:
    if node is None:
        return 1
    text = node.sql("snowflake")
    if not text.lstrip("-").isdigit():
        raise CompilationFault(f"a whole number is needed, not {text[:60]}", code="001003", sqlstate="42000")
    return int(text)


def sequence_options(start: int, increment: int) -> str:
    """Return the options of a sequence of DuckDB that may run up or down without a bound of its own."""
    if not increment:
        raise CompilationFault("Invalid increment 0 of a sequence", code="002112", sqlstate="42601")
    bounds = (
        "MINVALUE -9223372036854775808 MAXVALUE 9223372036854775807 " if increment < 0 or start < 1 else ""
    )
    return f"{bounds}START {start} INCREMENT {increment}"


def drop_steps(thing: Object) -> list[Step]:
    if thing.kind == VIEW:
        return []
    steps = [Step(f"DROP {thing.kind} {stored_name(thing)}"), *drop_log(thing)]
    steps += [
        Step(f"DROP SEQUENCE IF EXISTS {quote(thing.namespace)}.{quote(c.identity)}")
        for c in thing.columns
        if c.identity is not None
    ]
    return steps
