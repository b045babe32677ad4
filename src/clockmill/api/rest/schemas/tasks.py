"""Tasks on the wire."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from clockmill.api.errors import InvalidEntity
from clockmill.api.rest.schemas.decoding import decode, require
from clockmill.api.rest.schemas.schedules import (
    CronSchedule,
    MinutesSchedule,
    ScheduleIn,
    schedule_out,
    schedule_text,
    target_interval_text,
)
from clockmill.core.link_rules import finalized_name, predecessor_name
from clockmill.core.names import QualifiedName, fold, render
from clockmill.core.rules import overlap_policy
from clockmill.core.task import OverlapPolicy, Task, TaskSpec, TaskState
from clockmill.core.task_errors import InvalidPropertyValue
from clockmill.service.tasks import task_relations


class TaskIn(msgspec.Struct, frozen=True, kw_only=True):
    """A task as sent. What is read-only is not here, so it is ignored whatever it holds."""

    name: str | None = None
    definition: str | None = None
    warehouse: str | None = None
    schedule: ScheduleIn | None = None
    comment: str | None = None
    finalize: str | None = None
    task_auto_retry_attempts: int | None = None
    config: dict[str, Any] | None = None
    session_parameters: dict[str, Any] | None = None
    # One text stands for an array of one: so it stands in a tutorial of the service.
    predecessors: list[str] | str | None = None
    user_task_managed_initial_warehouse_size: str | None = None
    target_completion_interval: ScheduleIn | None = None
    serverless_task_min_statement_size: str | None = None
    serverless_task_max_statement_size: str | None = None
    user_task_timeout_ms: int | None = None
    suspend_task_after_num_failures: int | None = None
    # The same tutorial sends true.
    condition: str | bool | None = None
    allow_overlapping_execution: bool | None = None
    error_integration: str | None = None
    success_integration: str | None = None
    overlap_policy: str | None = None
    execute_as_user: str | None = None


class TaskOut(msgspec.Struct, frozen=True, kw_only=True):
    """A task as answered: every property, null where there is nothing to say."""

    name: str
    warehouse: str | None
    schedule: MinutesSchedule | CronSchedule | None
    comment: str | None
    finalize: str | None
    task_auto_retry_attempts: int | None
    config: msgspec.Raw
    session_parameters: dict[str, Any]
    definition: str
    predecessors: Sequence[str]
    task_relations: str
    user_task_managed_initial_warehouse_size: str | None
    target_completion_interval: MinutesSchedule | CronSchedule | None
    serverless_task_min_statement_size: str | None
    serverless_task_max_statement_size: str | None
    user_task_timeout_ms: int | None
    suspend_task_after_num_failures: int | None
    condition: str | None
    allow_overlapping_execution: bool | None
    error_integration: str | None
    success_integration: str | None
    overlap_policy: OverlapPolicy | None
    execute_as_user: str | None
    created_on: datetime
    id: str
    owner: str
    owner_role_type: str
    state: TaskState
    last_committed_on: datetime | None
    last_suspended_on: datetime | None
    database_name: str
    schema_name: str


_DECODER: Final = msgspec.json.Decoder(TaskIn)
_NO_CONFIG: Final = msgspec.Raw(b"{}")

render_cached = lru_cache(maxsize=4_096)(render)


def read_task(body: bytes) -> TaskIn:
    """Return the task in a request's *body*; its name and definition are there."""
    task = decode(body, _DECODER)
    require(task.name, "name")
    if task.definition is None:
        require(None, "definition")
    return task


def task_name(task: TaskIn) -> str:
    """Return the folded name of *task*."""
    return fold(task.name or "")


def task_spec(task: TaskIn, name: QualifiedName) -> TaskSpec:
    """Return what *task* asks for under the name *name*."""
    predecessors = _predecessors(task, name)
    finalize = _finalize(task, name)
    return TaskSpec(
        definition=task.definition or "",
        warehouse=_fold(task.warehouse),
        schedule=schedule_text(task.schedule),
        comment=task.comment,
        predecessors=predecessors,
        finalize=finalize,
        condition=_condition(task.condition),
        config=_config_text(task.config),
        session_parameters=task.session_parameters or {},
        overlap_policy=overlap_policy(
            name,
            legacy=task.allow_overlapping_execution,
            policy=_overlap_policy(task.overlap_policy),
            is_root=not predecessors and finalize is None,
        ),
        user_task_timeout_ms=task.user_task_timeout_ms,
        suspend_task_after_num_failures=task.suspend_task_after_num_failures,
        task_auto_retry_attempts=task.task_auto_retry_attempts,
        user_task_managed_initial_warehouse_size=task.user_task_managed_initial_warehouse_size,
        target_completion_interval=target_interval_text(task.target_completion_interval),
        serverless_task_min_statement_size=task.serverless_task_min_statement_size,
        serverless_task_max_statement_size=task.serverless_task_max_statement_size,
        error_integration=_fold(task.error_integration),
        success_integration=_fold(task.success_integration),
        execute_as_user=_fold(task.execute_as_user),
    )


def _fold(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _predecessors(task: TaskIn, name: QualifiedName) -> tuple[str, ...]:
    given = [task.predecessors] if isinstance(task.predecessors, str) else task.predecessors or []
    return tuple(dict.fromkeys(predecessor_name(text, name.parent) for text in given))


def _finalize(task: TaskIn, name: QualifiedName) -> str | None:
    return None if task.finalize is None else finalized_name(task.finalize, name.parent)


def _overlap_policy(given: str | None) -> OverlapPolicy | None:
    try:
        return None if given is None else OverlapPolicy(given)
    except ValueError:
        raise InvalidPropertyValue("OVERLAP_POLICY", given) from None


def _condition(given: str | bool | None) -> str | None:
    return str(given).upper() if isinstance(given, bool) else given


def _config_text(config: dict[str, Any] | None) -> str | None:
    if not config:
        return None
    try:
        # Not msgspec: JSON has integers of any size, and it writes only those of 64 bits.
        return json.dumps(config, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError):
        raise InvalidEntity(
            "The request entity had the following errors: a number is too large, "
            "or values are nested too deeply - at `$.config`"
        ) from None


def task_out(task: Task) -> TaskOut:
    """Return *task* as it is answered."""
    spec, name = task.spec, task.name
    overlap = (spec.overlap_policy or OverlapPolicy.NO_OVERLAP) if spec.is_root else None
    return TaskOut(
        name=render_cached(name.name),
        warehouse=spec.warehouse and render_cached(spec.warehouse),
        schedule=schedule_out(spec.schedule),
        comment=spec.comment,
        finalize=spec.finalize and render_cached(spec.finalize),
        task_auto_retry_attempts=spec.task_auto_retry_attempts,
        config=msgspec.Raw(spec.config.encode()) if spec.config else _NO_CONFIG,
        session_parameters=spec.session_parameters,
        definition=spec.definition,
        predecessors=sorted(map(render_cached, spec.predecessors)),
        task_relations=task_relations(task),
        user_task_managed_initial_warehouse_size=spec.user_task_managed_initial_warehouse_size,
        target_completion_interval=schedule_out(spec.target_completion_interval),
        serverless_task_min_statement_size=spec.serverless_task_min_statement_size,
        serverless_task_max_statement_size=spec.serverless_task_max_statement_size,
        user_task_timeout_ms=spec.user_task_timeout_ms,
        suspend_task_after_num_failures=spec.suspend_task_after_num_failures,
        condition=spec.condition,
        allow_overlapping_execution=_FLAG.get(overlap),
        error_integration=spec.error_integration and render_cached(spec.error_integration),
        success_integration=spec.success_integration and render_cached(spec.success_integration),
        overlap_policy=overlap,
        execute_as_user=spec.execute_as_user and render_cached(spec.execute_as_user),
        created_on=task.created_on,
        id=task.id,
        owner=render_cached(task.owner),
        owner_role_type="ROLE",
        state=task.state,
        last_committed_on=task.last_committed_on,
        last_suspended_on=task.last_suspended_on,
        database_name=render_cached(name.database),
        schema_name=render_cached(name.schema),
    )


# The flag has no word for ALLOW_ALL_OVERLAP, and does not apply to tasks that are no roots.
_FLAG: Final[dict[OverlapPolicy | None, bool]] = {
    OverlapPolicy.NO_OVERLAP: False,
    OverlapPolicy.ALLOW_CHILD_OVERLAP: True,
}


def tasks_out(tasks: Iterable[Task]) -> list[TaskOut]:
    """Return *tasks* as they are answered."""
    return [task_out(task) for task in tasks]
