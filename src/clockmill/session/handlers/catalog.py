"""CREATE, ALTER and DROP of what the store keeps: databases, schemas, warehouses, tags, tasks."""

from typing import Any

import msgspec

from clockmill.core import catalog as specs
from clockmill.core import warehouse as warehouse_specs
from clockmill.core.catalog import DatabaseSpec, Permanence, SchemaSpec
from clockmill.core.errors import NotFound, Unsupported
from clockmill.core.sentences import DONE
from clockmill.core.warehouse import WarehouseSpec
from clockmill.engine.result import Result, status
from clockmill.session.execution import Execution
from clockmill.session.state import Context
from clockmill.sql.catalog import ChangeObject, CreateObject, DropObject, ObjectKind, SwitchWarehouse


def create_object(run: Execution, statement: CreateObject) -> Result:
    """Make a database, schema or warehouse; what is newly made becomes the session's current one."""
    match statement.kind:
        case ObjectKind.DATABASE:
            text, context = _create_database(run, statement)
        case ObjectKind.SCHEMA:
            text, context = _create_schema(run, statement)
        case ObjectKind.WAREHOUSE:
            text, context = _create_warehouse(run, statement)
        case _:  # pragma: no cover - the parser makes no others
            raise Unsupported(f"CREATE {statement.kind}")
    if not text.endswith("statement succeeded."):
        run.state.context = context
    return status(text)


def drop_object(run: Execution, statement: DropObject) -> Result:
    """Drop an object; what the session had current and is gone is not current any more."""
    text = _drop(run, statement)
    _leave_what_is_gone(run, statement)
    return status(text)


def change_object(run: Execution, statement: ChangeObject) -> Result:
    """Set and unset properties of a database, schema or warehouse."""
    services, caller = run.services, run.caller
    change: dict[str, Any] = {
        "settings": statement.settings,
        "unset": statement.unset,
        "if_exists": statement.if_exists,
    }
    match statement.kind:
        case ObjectKind.DATABASE:
            return status(services.catalog.alter_database(caller, run.plain_name(statement.name), **change))
        case ObjectKind.SCHEMA:
            return status(services.catalog.alter_schema(caller, run.schema_name(statement.name), **change))
        case ObjectKind.WAREHOUSE:
            change["settings"] = _without(statement.settings, "WAIT_FOR_COMPLETION")
            return status(
                services.warehouses.alter_warehouse(caller, run.plain_name(statement.name), **change)
            )
    raise Unsupported(f"ALTER {statement.kind}")  # pragma: no cover - the parser makes no others


def switch_warehouse(run: Execution, statement: SwitchWarehouse) -> Result:
    """Resume or suspend a warehouse."""
    warehouses, caller, name = run.services.warehouses, run.caller, run.plain_name(statement.name)
    try:
        if statement.resume and statement.if_suspended:
            found = warehouses.fetch_warehouse(caller, name)
            if not found.is_suspended:
                return status(DONE)
        change = warehouses.resume_warehouse if statement.resume else warehouses.suspend_warehouse
        change(caller, name)
    except NotFound:
        if not statement.if_exists:
            raise
    return status(DONE)


# --- create ----------------------------------------------------------------------------------


def _create_database(run: Execution, statement: CreateObject) -> tuple[str, Context]:
    name = run.plain_name(statement.name)
    spec = specs.altered(DatabaseSpec(kind=_permanence(statement)), statement.properties, (), "DATABASE")
    text = run.services.catalog.create_database(run.caller, name, spec, statement.mode)
    return text, msgspec.structs.replace(run.state.context, database=name, schema="PUBLIC")


def _create_schema(run: Execution, statement: CreateObject) -> tuple[str, Context]:
    name = run.schema_name(statement.name)
    spec = specs.altered(SchemaSpec(kind=_permanence(statement)), statement.properties, (), "SCHEMA")
    text = run.services.catalog.create_schema(run.caller, name, spec, statement.mode)
    return text, msgspec.structs.replace(run.state.context, database=name.database, schema=name.schema)


def _create_warehouse(run: Execution, statement: CreateObject) -> tuple[str, Context]:
    name, services = run.plain_name(statement.name), run.services
    properties = _without(statement.properties, "INITIALLY_SUSPENDED")
    suspended = statement.properties.get("INITIALLY_SUSPENDED") is True
    spec = warehouse_specs.altered(WarehouseSpec(), properties, ())
    text = services.warehouses.create_warehouse(
        run.caller, name, spec, statement.mode, initially_suspended=suspended
    )
    return text, msgspec.structs.replace(run.state.context, warehouse=name)


def _permanence(statement: CreateObject) -> Permanence:
    return Permanence.TRANSIENT if statement.is_transient else Permanence.PERMANENT


def _without(properties: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if key != name}


# --- drop ------------------------------------------------------------------------------------


def _drop(run: Execution, statement: DropObject) -> str:
    services, caller, name, if_exists = run.services, run.caller, statement.name, statement.if_exists
    match statement.kind:
        case ObjectKind.DATABASE:
            return services.catalog.drop_database(caller, run.plain_name(name), if_exists=if_exists)
        case ObjectKind.SCHEMA:
            return services.catalog.drop_schema(caller, run.schema_name(name), if_exists=if_exists)
        case ObjectKind.WAREHOUSE:
            return services.warehouses.drop_warehouse(caller, run.plain_name(name), if_exists=if_exists)
        case ObjectKind.TAG:
            return services.tags.drop_tag(caller, run.object_name(name), if_exists=if_exists)
        case ObjectKind.TASK:
            return services.tasks.drop_task(caller, run.object_name(name), if_exists=if_exists)
    raise Unsupported(f"DROP {statement.kind}")  # pragma: no cover - the parser makes no others


def _leave_what_is_gone(run: Execution, statement: DropObject) -> None:
    context = run.state.context
    match statement.kind:
        case ObjectKind.DATABASE if run.plain_name(statement.name) == context.database:
            run.state.context = msgspec.structs.replace(context, database=None, schema=None)
        case ObjectKind.SCHEMA if run.schema_name(statement.name) == context.home:
            run.state.context = msgspec.structs.replace(context, schema=None)
        case ObjectKind.WAREHOUSE if run.plain_name(statement.name) == context.warehouse:
            run.state.context = msgspec.structs.replace(context, warehouse=None)
