"""SHOW: one list for each subject, in the columns that clients know."""

from collections.abc import Callable
from typing import Final

from clockmill.core.warehouse import Warehouse, shown_size
from clockmill.engine.result import Result
from clockmill.session.execution import Execution
from clockmill.session.handlers.keys import show_keys
from clockmill.session.handlers.listing import columns, filtered, flag, listing, word
from clockmill.session.handlers.parameters import show_parameters
from clockmill.session.handlers.places import show_databases, show_schemas
from clockmill.session.handlers.relations import show_columns, show_relations
from clockmill.session.handlers.routines import show_routines
from clockmill.session.handlers.streams import show_streams
from clockmill.session.handlers.tags import show_tags
from clockmill.session.handlers.tasks import show_tasks
from clockmill.session.handlers.users import show_roles, show_users
from clockmill.sql.show import Show, Subject

_WAREHOUSES: Final = columns(
    "name state type size min_cluster_count:number max_cluster_count:number started_clusters:number "
    "running:number queued:number is_default is_current auto_suspend:number auto_resume available "
    "provisioning quiescing other created_on:when resumed_on:when updated_on:when owner comment "
    "enable_query_acceleration query_acceleration_max_scale_factor:number resource_monitor actives pendings "
    "failed suspended uuid scaling_policy budget owner_role_type resource_constraint"
)
_VARIABLES: Final = columns("session_id created_on:when updated_on:when name value type comment")


def show(run: Execution, statement: Show) -> Result:
    """Answer a SHOW statement."""
    return _SUBJECTS[statement.subject](run, statement)


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


def _variables(run: Execution, statement: Show) -> Result:
    variables = run.state.variables
    session = None if run.state.session_id is None else str(run.state.session_id)
    rows = [
        (session, None, None, name, word(variables[name].value), variables[name].type.kind.value, "")
        for name in filtered(statement, sorted(variables), lambda each: each)
    ]
    return listing(_VARIABLES, rows)


_KEYS: Final = (Subject.PRIMARY_KEYS, Subject.UNIQUE_KEYS, Subject.IMPORTED_KEYS, Subject.EXPORTED_KEYS)
_SUBJECTS: Final[dict[Subject, Callable[[Execution, Show], Result]]] = {
    Subject.DATABASES: show_databases,
    Subject.SCHEMAS: show_schemas,
    Subject.WAREHOUSES: _warehouses,
    Subject.ROLES: show_roles,
    Subject.USERS: show_users,
    **dict.fromkeys(_KEYS, show_keys),
    Subject.PARAMETERS: show_parameters,
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
