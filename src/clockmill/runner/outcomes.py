"""How jobs end: what a body has come to, or why it was stopped, as the end that is recorded."""

from datetime import datetime

from clockmill.core.body import BodyOutcome
from clockmill.core.cancel import CancelReason
from clockmill.core.errors import ClockmillError, InternalFault, StatementCancelled
from clockmill.core.run import TaskEnd, TaskRunEvent, TaskRunState, after_task_event
from clockmill.core.timeouts import graph_timeout_s, task_timeout_s, timed_out
from clockmill.runner.live import Job, LiveRun

MISTAKE = BodyOutcome(error_code=InternalFault.code, error_message=InternalFault.text, is_system_error=True)
"""The outcome of a body that raised, which bodies never do."""


def end_of(live: LiveRun, job: Job, outcome: BodyOutcome, at: datetime) -> TaskEnd | None:
    """Return how *job* ends, whose body has come to *outcome*; None if that is for another owner to say."""
    if outcome.succeeded:
        event = TaskRunEvent.RETURNED
    elif job.cancel.reason is not None:
        return end_of_stopped(live, job, job.cancel.reason, at)
    elif outcome.is_system_error:
        event = TaskRunEvent.INTERRUPTED
    else:
        event = TaskRunEvent.CANCELLED if outcome.is_cancelled else TaskRunEvent.RAISED
    return TaskEnd(
        name=job.name,
        state=after_task_event(TaskRunState.EXECUTING, event),
        at=at,
        started_at=outcome.started_at or job.started_at,
        return_value=outcome.return_value,
        error_code=outcome.error_code,
        error_message=outcome.error_message,
        is_system_error=outcome.is_system_error,
    )


def end_of_stopped(live: LiveRun, job: Job, reason: CancelReason, at: datetime) -> TaskEnd | None:
    """Return the end of a job that was stopped for *reason*, whatever its body said about it.

    None if it was stopped because this node lets go of the run: whoever takes it up sees what is
    left of the body.
    """
    match reason:
        case CancelReason.TIMEOUT:
            return timed_out(job.name, _limit_s(live, job), at, job.started_at)
        case CancelReason.USER:
            return failed(job, StatementCancelled(), at, TaskRunEvent.CANCELLED)
        case CancelReason.SHUTDOWN | CancelReason.LOST:
            return None


def failed(
    job: Job, error: ClockmillError, at: datetime, event: TaskRunEvent = TaskRunEvent.RAISED
) -> TaskEnd:
    """Return the end of a job that failed with *error*; an interrupted one is our own failure."""
    return TaskEnd(
        name=job.name,
        state=after_task_event(TaskRunState.EXECUTING, event),
        at=at,
        started_at=job.started_at,
        error_code=error.code,
        error_message=error.message,
        is_system_error=event is TaskRunEvent.INTERRUPTED,
    )


def _limit_s(live: LiveRun, job: Job) -> float:
    own = task_timeout_s(live.graph, job.name)
    return min(own, graph_timeout_s(live.graph)) if live.progress.is_expired else own
