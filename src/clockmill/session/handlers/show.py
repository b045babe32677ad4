"""SHOW: one list for each subject, in the columns that clients know."""

from collections.abc import Callable
from typing import Final

from clockmill.core.caller import Caller
from clockmill.core.catalog import Permanence
from clockmill.core.parameters import SESSION_DEFAULTS, SESSION_PARAMETERS
from clockmill.core.warehouse import Warehouse, shown_size
from clockmill.engine.result import Result
from clockmill.session.execution import Execution
from clockmill.session.handlers.listing import columns, filtered, flag, listing, word
from clockmill.session.handlers.routines import show_routines
from clockmill.session.handlers.scope import where
from clockmill.session.handlers.streams import show_streams
from clockmill.session.handlers.tables import show_columns, show_relations
from clockmill.session.handlers.tags import show_tags
from clockmill.session.handlers.task_parameters import PARAMETERS, show_task_parameters
from clockmill.session.handlers.tasks import show_tasks
from clockmill.sql.show import Scope, Show, Subject

_TERSE: Final = columns("created_on:when name kind database_name schema_name")
_DATABASES: Final = columns(
    "created_on:when name is_default is_current origin owner comment options retention_time kind budget "
    "owner_role_type"
)
_SCHEMAS: Final = columns(
    "created_on:when name is_default is_current database_name owner comment options retention_time "
    "owner_role_type budget"
)
_WAREHOUSES: Final = columns(
    "name state type size min_cluster_count:number max_cluster_count:number started_clusters:number "
    "running:number queued:number is_default is_current auto_suspend:number auto_resume available "
    "provisioning quiescing other created_on:when resumed_on:when updated_on:when owner comment "
    "enable_query_acceleration query_acceleration_max_scale_factor:number resource_monitor actives pendings "
    "failed suspended uuid scaling_policy budget owner_role_type resource_constraint"
)
_ROLES: Final = columns(
    "created_on:when name is_default is_current is_inherited assigned_to_users:number "
    "granted_to_roles:number granted_roles:number owner comment"
)
_VARIABLES: Final = columns("session_id created_on:when updated_on:when name value type comment")

_RETENTION_DAYS: Final = 1


def show(run: Execution, statement: Show) -> Result:
    """Answer a SHOW statement."""
    return _SUBJECTS[statement.subject](run, statement)


def _databases(run: Execution, statement: Show) -> Result:
    found = filtered(statement, run.services.catalog.list_databases(run.caller), lambda each: each.name)
    if statement.terse:
        return listing(_TERSE, [(each.created_on, each.name, None, None, None) for each in found])
    current = run.state.context.database
    return listing(
        _DATABASES,
        [
            (
                *(each.created_on, each.name, "N", flag(each.name == current), "", each.owner),
                *(each.spec.comment or "", _options(each.spec.kind), _retention(each.spec)),
                *("STANDARD", None, "ROLE"),
            )
            for each in found
        ],
    )


def _schemas(run: Execution, statement: Show) -> Result:
    looked = where(run, statement)
    catalog, caller = run.services.catalog, run.caller
    database = looked.schema.database if looked.schema is not None else looked.database
    databases = [database] if database else [each.name for each in catalog.list_databases(caller)]
    every = [each for name in databases for each in catalog.list_schemas(caller, name)]
    found = filtered(statement, every, lambda each: each.name.schema)
    if statement.terse:
        return listing(
            _TERSE, [(each.created_on, each.name.schema, None, each.name.database, None) for each in found]
        )
    home = run.state.context.home
    return listing(
        _SCHEMAS,
        [
            (
                *(each.created_on, each.name.schema, "N", flag(each.name == home), each.name.database),
                *(each.owner, each.spec.comment or "", _options(each.spec.kind), _retention(each.spec)),
                *("ROLE", None),
            )
            for each in found
        ],
    )


def _options(kind: Permanence) -> str:
    return "TRANSIENT" if kind is Permanence.TRANSIENT else ""


def _retention(spec: object) -> str:
    days = getattr(spec, "data_retention_time_in_days", None)
    return str(_RETENTION_DAYS if days is None else days)


def _warehouses(run: Execution, statement: Show) -> Result:
    found = filtered(statement, run.services.warehouses.list_warehouses(run.caller), lambda each: each.name)
    return listing(_WAREHOUSES, [_warehouse_row(each, run.state.context.warehouse) for each in found])


def _warehouse_row(each: Warehouse, current: str | None) -> tuple[object, ...]:
    spec, runs = each.spec, not each.is_suspended
    return (
        *(each.name, each.state, spec.warehouse_type, shown_size(spec.warehouse_size)),
        *(spec.min_cluster_count, spec.max_cluster_count, int(runs), 0, 0),
        *("N", flag(each.name == current), spec.auto_suspend, word(spec.auto_resume)),
        *("100" if runs else "", "0" if runs else "", "0" if runs else "", "0" if runs else ""),
        *(each.created_on, each.resumed_on, each.updated_on, each.owner, spec.comment or ""),
        *(word(spec.enable_query_acceleration), spec.query_acceleration_max_scale_factor),
        *(spec.resource_monitor or "null", "0", "0", "0", "0", each.id, spec.scaling_policy),
        *(None, "ROLE", None),
    )


def _roles(run: Execution, statement: Show) -> Result:
    caller: Caller = run.caller
    found = filtered(statement, sorted(caller.roles | {"PUBLIC"}), lambda name: name)
    return listing(
        _ROLES,
        [(None, name, "N", flag(name == caller.role), "N", 0, 0, 0, "", "") for name in found],
    )


def _parameters(run: Execution, statement: Show) -> Result:
    """List the session's parameters; of a task, those that it can set."""
    if statement.scope is Scope.TASK:
        return show_task_parameters(run, statement)
    parameters, given = run.parameters, run.state.parameters
    found = filtered(statement, sorted(SESSION_PARAMETERS), lambda name: name)
    rows = [
        (
            *(name, word(parameters[name]), word(SESSION_DEFAULTS[name])),
            "SESSION" if name in given else "",
            *(SESSION_PARAMETERS[name].description, SESSION_PARAMETERS[name].kind.value),
        )
        for name in found
    ]
    return listing(PARAMETERS, rows)


def _variables(run: Execution, statement: Show) -> Result:
    variables = run.state.variables
    session = None if run.state.session_id is None else str(run.state.session_id)
    rows = [
        (session, None, None, name, word(variables[name].value), variables[name].type.kind.value, "")
        for name in filtered(statement, sorted(variables), lambda each: each)
    ]
    return listing(_VARIABLES, rows)


_SUBJECTS: Final[dict[Subject, Callable[[Execution, Show], Result]]] = {
    Subject.DATABASES: _databases,
    Subject.SCHEMAS: _schemas,
    Subject.WAREHOUSES: _warehouses,
    Subject.ROLES: _roles,
    Subject.PARAMETERS: _parameters,
    Subject.VARIABLES: _variables,
    Subject.TABLES: show_relations,
    Subject.VIEWS: show_relations,
    Subject.OBJECTS: show_relations,
    Subject.SEQUENCES: show_relations,
    Subject.STREAMS: show_streams,
    Subject.COLUMNS: show_columns,
    Subject.TAGS: show_tags,
    Subject.TASKS: show_tasks,
    Subject.PROCEDURES: show_routines,
    Subject.FUNCTIONS: show_routines,
}
