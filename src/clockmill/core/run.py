"""Runs: the states that a task's and a graph's run can be in, and what moves them.

Two tables hold all there is to know about that; ``docs/reference/state-machine.md`` draws them,
and the store repeats them as guarded updates.
"""

import enum
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from clockmill.core.errors import ClockmillError
from clockmill.core.names import SchemaName
from clockmill.core.task import OverlapPolicy


class TaskRunState(enum.StrEnum):
    """Where the run of one task stands. Spelled as TASK_HISTORY spells it."""

    SCHEDULED = "SCHEDULED"
    """Not started. Nothing is stored of it: a root's is derived from its next fire."""
    EXECUTING = "EXECUTING"
    """It waits for a slot of its warehouse, or its body runs."""
    SUCCEEDED = "SUCCEEDED"
    """Its body came to its end."""
    FAILED = "FAILED"
    """Its body or its condition raised an error, it took too long, or we could not run it."""
    FAILED_AND_AUTO_SUSPENDED = "FAILED_AND_AUTO_SUSPENDED"
    """It failed, and that was one failure too many: the root is suspended."""
    CANCELLED = "CANCELLED"
    """Somebody stopped it."""
    SKIPPED = "SKIPPED"
    """Its condition was false; the body was not run."""


class TaskRunEvent(enum.Enum):
    """What happens to the run of one task."""

    STARTED = "started"
    CONDITION_FALSE = "condition false"
    CONDITION_RAISED = "condition raised"
    RETURNED = "returned"
    RAISED = "raised"
    TIMED_OUT = "timed out"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    ROOT_SUSPENDED = "root suspended"


class GraphRunState(enum.StrEnum):
    """Where the run of a graph stands."""

    SCHEDULED = "SCHEDULED"
    """Due in the future. Nothing is stored of it: it is derived from the root's next fire."""
    QUEUED = "QUEUED"
    """Stored, and owned by nobody: it waits for a node, or for an earlier run to make way."""
    EXECUTING = "EXECUTING"
    """A node runs its tasks, or has let go of it, and the next one to take it up will."""
    SUCCEEDED = "SUCCEEDED"
    """Every task that ran succeeded; a condition may have left out some."""
    FAILED = "FAILED"
    """At least one task failed, or the graph took too long."""
    CANCELLED = "CANCELLED"
    """At least one task was cancelled and none failed."""
    SKIPPED = "SKIPPED"
    """The root's condition was false. Such a run is not shown as one of the graph."""


class GraphRunEvent(enum.Enum):
    """What happens to the run of a graph."""

    DUE = "due"
    CLAIMED = "claimed"
    SUCCEEDED = "all succeeded"
    FAILED = "one failed"
    CANCELLED = "one cancelled"
    SKIPPED = "root skipped"


TASK_TRANSITIONS: Final[Mapping[tuple[TaskRunState, TaskRunEvent], TaskRunState]] = {
    (TaskRunState.SCHEDULED, TaskRunEvent.STARTED): TaskRunState.EXECUTING,
    (TaskRunState.SCHEDULED, TaskRunEvent.CONDITION_FALSE): TaskRunState.SKIPPED,
    (TaskRunState.SCHEDULED, TaskRunEvent.CONDITION_RAISED): TaskRunState.FAILED,
    (TaskRunState.EXECUTING, TaskRunEvent.RETURNED): TaskRunState.SUCCEEDED,
    (TaskRunState.EXECUTING, TaskRunEvent.RAISED): TaskRunState.FAILED,
    (TaskRunState.EXECUTING, TaskRunEvent.TIMED_OUT): TaskRunState.FAILED,
    (TaskRunState.EXECUTING, TaskRunEvent.INTERRUPTED): TaskRunState.FAILED,
    (TaskRunState.EXECUTING, TaskRunEvent.CANCELLED): TaskRunState.CANCELLED,
    (TaskRunState.FAILED, TaskRunEvent.ROOT_SUSPENDED): TaskRunState.FAILED_AND_AUTO_SUSPENDED,
}

GRAPH_TRANSITIONS: Final[Mapping[tuple[GraphRunState, GraphRunEvent], GraphRunState]] = {
    (GraphRunState.SCHEDULED, GraphRunEvent.DUE): GraphRunState.QUEUED,
    (GraphRunState.QUEUED, GraphRunEvent.CLAIMED): GraphRunState.EXECUTING,
    (GraphRunState.EXECUTING, GraphRunEvent.SUCCEEDED): GraphRunState.SUCCEEDED,
    (GraphRunState.EXECUTING, GraphRunEvent.FAILED): GraphRunState.FAILED,
    (GraphRunState.EXECUTING, GraphRunEvent.CANCELLED): GraphRunState.CANCELLED,
    (GraphRunState.EXECUTING, GraphRunEvent.SKIPPED): GraphRunState.SKIPPED,
}


class IllegalTransition(ClockmillError):
    """An event came to a run that cannot have it: a mistake of ours."""

    def __init__(self, state: enum.Enum, event: enum.Enum) -> None:
        super().__init__(f"A run that is {state.value} cannot be {event.value}.")


def after_task_event(state: TaskRunState, event: TaskRunEvent) -> TaskRunState:
    """Return the state of a task's run after *event*, or raise IllegalTransition."""
    after = TASK_TRANSITIONS.get((state, event))
    if after is None:
        raise IllegalTransition(state, event)
    return after


def after_graph_event(state: GraphRunState, event: GraphRunEvent) -> GraphRunState:
    """Return the state of a graph's run after *event*, or raise IllegalTransition."""
    after = GRAPH_TRANSITIONS.get((state, event))
    if after is None:
        raise IllegalTransition(state, event)
    return after


class Origin(enum.StrEnum):
    """What began a graph run. Spelled as SCHEDULED_FROM of a live account spells it."""

    SCHEDULE = "SCHEDULE"
    EXECUTE_TASK = "EXECUTE TASK"
    MANUAL_RETRY = "MANUAL RETRY"
    AUTOMATIC_RETRY = "AUTOMATIC RETRY"
    TRIGGER = "TRIGGER"


class TaskEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How the run of one task ended. *started_at* is None if its body never began."""

    name: str
    state: TaskRunState
    at: datetime
    started_at: datetime | None = None
    return_value: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    is_system_error: bool = False

    @property
    def succeeded(self) -> bool:
        return self.state is TaskRunState.SUCCEEDED

    @property
    def is_error(self) -> bool:
        """True if the task failed or was cancelled: whoever waits for it never runs."""
        return self.state in _ERRORS


_ERRORS: Final = frozenset(
    {TaskRunState.FAILED, TaskRunState.FAILED_AND_AUTO_SUSPENDED, TaskRunState.CANCELLED}
)


class NewGraphRun(msgspec.Struct, frozen=True, kw_only=True):
    """What is laid down of a graph run when it is stored, to wait for an owner.

    *original_scheduled_at* is that of the first attempt.
    """

    group_id: str
    attempt: int
    root_id: str
    root_name: str
    home: SchemaName
    version: int
    origin: Origin
    overlap_policy: OverlapPolicy
    scheduled_at: datetime
    original_scheduled_at: datetime
    next_scheduled_at: datetime | None = None
    config: str | None = None
    last_success_group_id: str | None = None
    last_success_scheduled_at: datetime | None = None
    scheduled_by: str | None = None
    needs: str | None = None
    """What a node must have to own it, see :mod:`clockmill.core.placement`."""


class GraphRun(NewGraphRun, frozen=True, kw_only=True):
    """One run of a graph version, as the store has it: with what has become of it.

    *epoch* grows with each owner; a write that carries an older one changes nothing.
    """

    id: int
    state: GraphRunState
    started_at: datetime | None = None
    root_ended_at: datetime | None = None
    completed_at: datetime | None = None
    first_error_task: str | None = None
    first_error_code: str | None = None
    first_error_message: str | None = None
    owner_node: str | None = None
    epoch: int = 0

    @property
    def run_id(self) -> int:
        """The number that the API knows a run by; attempts of one group share it."""
        return run_id(self.original_scheduled_at)


class TaskRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one task in a graph run, as the store has it."""

    graph_run_id: int
    task_id: str
    task_name: str
    state: TaskRunState
    query_id: str | None
    scheduled_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    return_value: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    is_system_error: bool = False
    executions: int = 1
    """How often its body was begun; 0 if it was handed over before it was."""


def run_id(scheduled_at: datetime) -> int:
    """Return RUN_ID of a run whose root was first due at *scheduled_at*: milliseconds since 1970."""
    return (scheduled_at - _EPOCH) // timedelta(milliseconds=1)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
