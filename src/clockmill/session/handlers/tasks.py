"""CREATE, ALTER and EXECUTE TASK, and what SHOW and DESCRIBE tell of tasks."""

import json
from typing import Any, Final

from clockmill.core.task import OverlapPolicy, Task
from clockmill.engine.result import Result, status
from clockmill.service.tasks import task_relations
from clockmill.session.execution import Execution
from clockmill.session.faults import ListingTooLong
from clockmill.session.handlers.listing import columns, listing
from clockmill.session.handlers.scope import where
from clockmill.session.handlers.task_changes import altered_of, wanted_of
from clockmill.sql.parser import Reference
from clockmill.sql.show import Show
from clockmill.sql.task import AlterTask, CreateTask, ExecuteTask, SwitchTask

_TASKS: Final = columns(
    "created_on:when name id database_name schema_name owner comment warehouse schedule predecessors state "
    "definition condition allow_overlapping_execution error_integration last_committed_on:when "
    "last_suspended_on:when owner_role_type config task_relations last_suspended_reason success_integration "
    "scheduling_mode target_completion_interval execute_as_user overlap_policy created_by_user"
)
_TERSE: Final = columns("created_on:when name kind database_name schema_name schedule")

MAX_ROWS: Final = 10_000
"""Rows of the longest list, as SHOW TASKS documents it."""

_UNSET: Final = "null"
"""The four letters that the service writes where some properties are not set."""


def create_task(run: Execution, statement: CreateTask) -> Result:
    """Make a task, suspended: new, changed, or as a clone of another."""
    name, tasks, caller = run.object_name(statement.name), run.services.tasks, run.caller
    change = wanted_of(run, name, statement.clauses)
    if statement.mode is None:
        return status(tasks.create_or_alter_task(caller, name, change))
    tags = [(run.object_name(tag), value) for tag, value in statement.clauses.tags]
    if statement.source is None:
        return status(tasks.create_task(caller, name, change, statement.mode, tags=tags))
    source = run.object_name(statement.source)
    return status(tasks.clone_task(caller, name, source, change, statement.mode, tags=tags))


def alter_task(run: Execution, statement: AlterTask) -> Result:
    """Change what the statement mentions of a task."""
    name = run.object_name(statement.name)
    change = altered_of(run, name, statement.alteration)
    return status(run.services.tasks.alter_task(run.caller, name, change, if_exists=statement.if_exists))


def switch_task(run: Execution, statement: SwitchTask) -> Result:
    """Resume or suspend a task."""
    name, tasks = run.object_name(statement.name), run.services.tasks
    change = tasks.resume_task if statement.resume else tasks.suspend_task
    return status(change(run.caller, name, if_exists=statement.if_exists))


def execute_task(run: Execution, statement: ExecuteTask) -> Result:
    """Start a run of a graph now, or run the failures of an earlier one again."""
    name, runs = run.object_name(statement.name), run.services.runs
    if statement.retry_group is not None:
        return status(runs.retry_group(run.caller, name, statement.retry_group))
    return status(
        runs.execute_task(run.caller, name, retry_last=statement.retry_last, config=statement.config)
    )


def show_tasks(run: Execution, statement: Show) -> Result:
    """List tasks by database, schema and name; a list that is too long has to be limited."""
    if statement.limit is not None and statement.limit > MAX_ROWS:
        raise ListingTooLong(MAX_ROWS)
    looked = where(run, statement)
    options: dict[str, Any] = {
        "root_only": statement.root_only,
        "like": statement.like,
        "starts_with": statement.starts_with,
        "limit": MAX_ROWS + 1 if statement.limit is None else statement.limit,
        "from_name": statement.from_name,
    }
    tasks, caller = run.services.tasks, run.caller
    if looked.schema is not None:
        found = tasks.list_tasks(caller, looked.schema, **options)
    else:
        found = tasks.list_tasks_of(caller, looked.database, **options)
    if len(found) > MAX_ROWS:
        raise ListingTooLong(MAX_ROWS)
    if statement.terse:
        return listing(_TERSE, [_terse_row(task) for task in found])
    return listing(_TASKS, [_row(task) for task in found])


def describe_task(run: Execution, name: Reference) -> Result:
    """Tell of one task what SHOW TASKS does."""
    return listing(_TASKS, [_row(run.services.tasks.fetch_task(run.caller, run.object_name(name)))])


def _terse_row(task: Task) -> tuple[Any, ...]:
    return (
        *(task.created_on, task.name.name, None, task.name.database, task.name.schema),
        task.spec.schedule,
    )


def _row(task: Task) -> tuple[Any, ...]:
    spec, name = task.spec, task.name
    # Laid out over lines, as the service does.
    predecessors = json.dumps([str(name.parent.object(each)) for each in spec.predecessors], indent=2)
    return (
        *(task.created_on, name.name, task.id, name.database, name.schema, task.owner),
        *(spec.comment or "", spec.warehouse, spec.schedule, predecessors, task.state.value),
        *(spec.definition, spec.condition, _overlapping(task), spec.error_integration or _UNSET),
        *(task.last_committed_on, task.last_suspended_on, "ROLE", spec.config, task_relations(task)),
        *(task.last_suspended_reason, spec.success_integration or _UNSET, _scheduling_mode(task)),
        *(spec.target_completion_interval, spec.execute_as_user, _policy(task), task.created_by),
    )


def _policy(task: Task) -> str | None:
    """Return the overlap policy that holds; only a root has one."""
    if not task.spec.is_root:
        return None
    return (task.spec.overlap_policy or OverlapPolicy.NO_OVERLAP).value


def _overlapping(task: Task) -> str:
    """Write the older property that the overlap policy replaced: a text, and «null» for others."""
    policy = _policy(task)
    if policy is None:
        return _UNSET
    return "true" if policy == OverlapPolicy.ALLOW_CHILD_OVERLAP else "false"


def _scheduling_mode(task: Task) -> str | None:
    is_serverless_root = task.spec.warehouse is None and task.spec.is_root
    if not is_serverless_root:
        return None
    return "FIXED" if task.spec.target_completion_interval is None else "FLEXIBLE"
