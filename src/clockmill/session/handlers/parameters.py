"""SHOW PARAMETERS: what can be set on an object, what holds there, and which level says so."""

from collections.abc import Mapping
from typing import Any, Final

from clockmill.core.catalog import PARAMETERS as OF_SCHEMAS
from clockmill.core.names import SchemaName
from clockmill.core.parameter_list import Parameter
from clockmill.core.parameters import SESSION_DEFAULTS, SESSION_PARAMETERS, TASK_PARAMETERS
from clockmill.core.warehouse import WarehouseSpec, default_slots
from clockmill.engine.result import Result
from clockmill.session.execution import Execution
from clockmill.session.handlers.listing import columns, filtered, listing, word
from clockmill.session.handlers.relation_columns import columns_of
from clockmill.sql.show import Scope, Show

_COLUMNS: Final = columns("key value default level description type")
_OF_TASKS: Final = {**SESSION_PARAMETERS, **TASK_PARAMETERS}
_OF_THE_ACCOUNT: Final = {**_OF_TASKS, **OF_SCHEMAS}
_OF_TABLES: Final = {
    name: OF_SCHEMAS[name] for name in ("DATA_RETENTION_TIME_IN_DAYS", "MAX_DATA_EXTENSION_TIME_IN_DAYS")
}
_OF_STATEMENTS: Final = ("STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "STATEMENT_TIMEOUT_IN_SECONDS")
_CONCURRENCY: Final = "MAX_CONCURRENCY_LEVEL"

Levels = list[tuple[str, Any]]
"""What may set a parameter, the nearest first: the name of the level, and an object with its properties."""


def show_parameters(run: Execution, statement: Show) -> Result:
    """List the parameters of what the statement names; without IN, those of the session."""
    match statement.scope:
        case Scope.TASK:
            return _of_task(run, statement)
        case Scope.SCHEMA | Scope.DATABASE:
            return _of_levels(statement, OF_SCHEMAS, _home_levels(run, statement))
        case Scope.TABLE:
            return _of_levels(statement, _OF_TABLES, _table_levels(run, statement))
        case Scope.WAREHOUSE:
            return _of_warehouse(run, statement)
        case Scope.ACCOUNT:
            return _of_levels(statement, _OF_THE_ACCOUNT, [])
        case Scope.USER:
            return _of_levels(statement, SESSION_PARAMETERS, [])
        case _:
            return _of_session(run, statement)


def _of_session(run: Execution, statement: Show) -> Result:
    given, holds = run.state.parameters, run.parameters
    rows = [
        _row(
            SESSION_PARAMETERS[name], holds[name], "SESSION" if name in given else "", SESSION_DEFAULTS[name]
        )
        for name in filtered(statement, sorted(SESSION_PARAMETERS), lambda each: each)
    ]
    return listing(_COLUMNS, rows)


def _of_task(run: Execution, statement: Show) -> Result:
    """List the parameters that a task can set; of a task, with what it or a level above sets."""
    if statement.scope_name is None:
        return _of_levels(statement, _OF_TASKS, [])
    task = run.services.tasks.fetch_task(run.caller, run.object_name(statement.scope_name))
    levels = [("TASK", task.spec), *_levels_of_schema(run, task.name.parent)]
    return _of_levels(statement, _OF_TASKS, levels, task.spec.session_parameters)


def _of_warehouse(run: Execution, statement: Show) -> Result:
    name = statement.scope_name
    chosen = run.state.context.warehouse if name is None else run.plain_name(name)
    found = None if chosen is None else run.services.warehouses.fetch_warehouse(run.caller, chosen)
    spec = WarehouseSpec() if found is None else found.spec
    concurrency = Parameter(
        name=_CONCURRENCY,
        kind=SESSION_PARAMETERS[_OF_STATEMENTS[0]].kind,
        default=default_slots(spec.warehouse_size),
        description="Statements that run at once",
    )
    known = {_CONCURRENCY: concurrency, **{each: SESSION_PARAMETERS[each] for each in _OF_STATEMENTS}}
    return _of_levels(statement, known, [("WAREHOUSE", spec)])


# --- levels ------------------------------------------------------------------------------------


def _home_levels(run: Execution, statement: Show) -> Levels:
    name = statement.scope_name
    if statement.scope is Scope.DATABASE:
        database = run.current_database() if name is None else run.plain_name(name)
        return [("DATABASE", run.services.catalog.fetch_database(run.caller, database).spec)]
    return _levels_of_schema(run, run.current_schema() if name is None else run.schema_name(name))


def _table_levels(run: Execution, statement: Show) -> Levels:
    home = run.current_schema()
    if statement.scope_name is not None:
        name = run.object_name(statement.scope_name)
        columns_of(run, name)  # raises that it is missing
        home = name.parent
    return _levels_of_schema(run, home)


def _levels_of_schema(run: Execution, home: SchemaName) -> Levels:
    schema = run.services.catalog.fetch_schema(run.caller, home)
    database = run.services.catalog.fetch_database(run.caller, home.database)
    return [("SCHEMA", schema.spec), ("DATABASE", database.spec)]


def _of_levels(
    statement: Show,
    known: Mapping[str, Parameter],
    levels: Levels,
    given: Mapping[str, Any] | None = None,
) -> Result:
    """List *known* with the value of the nearest of *levels* that has one; *given* is the task's own."""
    rows = []
    for name in filtered(statement, sorted(known), lambda each: each):
        level, value = ("TASK", given[name]) if given and name in given else _set_at(levels, name)
        default = known[name].default
        rows.append(_row(known[name], default if value is None else value, level, default))
    return listing(_COLUMNS, rows)


def _set_at(levels: Levels, name: str) -> tuple[str, Any]:
    """Return the nearest level that sets the parameter *name*, and its value."""
    for level, spec in levels:
        value = getattr(spec, name.lower(), None)
        if value is not None:
            return level, value
    return "", None


def _row(parameter: Parameter, value: Any, level: str, default: Any) -> tuple[Any, ...]:
    name, kind = parameter.name, parameter.kind.value
    return name, word(value), word(default), level, parameter.description, kind
