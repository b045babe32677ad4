"""Decisions: something happens to a graph run, and a value says what to write and to do.

:func:`begin`, :func:`end_task` and :func:`expire` are what can happen to a run that has an owner,
:func:`resume` is how it gets another one. Each notes it in the run's
:class:`~clockmill.core.progress.Progress` and returns a :class:`Decision`, whose cost is in
proportion to the children of what ended. The owner of the run writes the decision in one
transaction and acts on it once it is durable.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import msgspec

from clockmill.core.errors import ClockmillError
from clockmill.core.progress import Progress
from clockmill.core.run import (
    GraphRunEvent,
    GraphRunState,
    TaskEnd,
    TaskRunEvent,
    TaskRunState,
    after_graph_event,
    after_task_event,
)
from clockmill.core.task import Task
from clockmill.core.timeouts import follows_graph, graph_timeout_s, timed_out

CONDITION_FALSE_CODE: Final = "0040003"
CONDITION_FALSE_TEXT: Final = "Conditional expression for task evaluated to false."

Judge = Callable[[Task, Progress], bool]
"""Evaluates the condition of a task that is ready; raises a ClockmillError if it cannot."""


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """How a graph run ends.

    *is_counted* marks a failure that brings suspension nearer, and *culprit* names the first task
    that failed so, unless it was the graph as a whole that took too long.
    """

    state: GraphRunState
    at: datetime
    first_error: TaskEnd | None = None
    is_counted: bool = False
    culprit: str | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What to write and then to do about a graph run.

    *ended* were executing; *passed_over* never did, because of their conditions; *started* are
    to be executed; *timed_out* are executing and to be stopped. *root_end* is there once, when
    from now on only children run.
    """

    ended: tuple[TaskEnd, ...] = ()
    passed_over: tuple[TaskEnd, ...] = ()
    started: tuple[str, ...] = ()
    timed_out: tuple[str, ...] = ()
    closing: Closing | None = None
    root_end: TaskEnd | None = None


def begin(progress: Progress, at: datetime, judge: Judge) -> Decision:
    """Start a graph run with the tasks that wait for nothing: the root, or what a retry repeats."""
    decision = _advance(progress, progress.ready_at_begin(), at, judge)
    if progress.root_end is None or decision.root_end is not None:
        return decision
    # The root has done its part in an earlier attempt, and did not start in this one.
    return msgspec.structs.replace(
        decision, root_end=msgspec.structs.replace(progress.root_end, at=at, started_at=None)
    )


def resume(
    progress: Progress, ends: Iterable[TaskEnd], executing: Iterable[str], at: datetime, judge: Judge
) -> Decision:
    """Go on with a graph run of which an earlier owner has left *ends*, in order, and what is *executing*.

    What follows from an end is on record together with it. So there is nothing to start, unless
    nothing was begun at all; or the graph had expired, of which *progress* is told beforehand.
    """
    ended, begun = tuple(ends), tuple(executing)
    if not ended and not begun:
        return begin(progress, at, judge)
    progress.restore(ended, begun)
    left_out = progress.left_out()
    is_finishing = progress.graph.active_finalizer in {*begun, *(end.name for end in ended)}
    if is_finishing and left_out:
        # The finalizer comes when nothing else may begin: the graph had expired before it.
        progress.is_expired = True
    decision = _advance(progress, left_out, at, judge)
    stops = progress.is_expired and not is_finishing
    return msgspec.structs.replace(decision, timed_out=_stopped(progress) if stops else ())


def end_task(progress: Progress, end: TaskEnd, judge: Judge) -> Decision:
    """Take note of how a task that was executing has ended."""
    progress.record(end)
    decision = _advance(progress, progress.pass_on(end), end.at, judge)
    root_end = end if end.name == progress.graph.root else decision.root_end
    return msgspec.structs.replace(decision, ended=(end,), root_end=root_end)


def expire(progress: Progress, at: datetime, judge: Judge) -> Decision:
    """The graph has reached its time limit: nothing more starts but the finalizer.

    Tasks with a limit of their own go on to the end of that.
    """
    if progress.is_expired:
        return Decision()
    progress.is_expired = True
    stopped = _stopped(progress)
    return msgspec.structs.replace(_advance(progress, [], at, judge), timed_out=stopped)


def _stopped(progress: Progress) -> tuple[str, ...]:
    """Return what is executing and has to stop because the graph has reached its limit."""
    return tuple(name for name in sorted(progress.executing) if follows_graph(progress.graph, name))


def _advance(progress: Progress, ready: Iterable[str], at: datetime, judge: Judge) -> Decision:
    started: list[str] = []
    passed_over: list[TaskEnd] = []
    waiting = list(ready)
    while waiting:
        name = waiting.pop(0)
        if progress.is_expired:
            progress.is_cut_short = True
        elif (end := _judged(progress, name, at, judge)) is None:
            progress.executing.add(name)
            started.append(name)
        else:
            progress.record(end)
            passed_over.append(end)
            waiting.extend(progress.pass_on(end))
    return _conclude(progress, started, passed_over, at, judge)


def _conclude(
    progress: Progress, started: list[str], passed_over: list[TaskEnd], at: datetime, judge: Judge
) -> Decision:
    """Add what follows when nothing executes any more: the finalizer, and after it the end."""
    finalizer = progress.graph.active_finalizer
    if not progress.executing and finalizer and finalizer not in progress.ends and _root_ran(progress):
        end = _judged(progress, finalizer, at, judge)
        if end is None:
            progress.executing.add(finalizer)
            started.append(finalizer)
        else:
            progress.record(end)
            passed_over.append(end)
    return Decision(
        started=tuple(started),
        passed_over=tuple(passed_over),
        closing=None if progress.executing else _closing(progress, at),
        root_end=next((end for end in passed_over if end.name == progress.graph.root), None),
    )


def _root_ran(progress: Progress) -> bool:
    root = progress.root_end
    return root is None or root.state is not TaskRunState.SKIPPED


def _judged(progress: Progress, name: str, at: datetime, judge: Judge) -> TaskEnd | None:
    """Return how *name* ends by its condition alone, or None if its body is to run."""
    task = progress.graph.task(name)
    if task.spec.condition is None:
        return None
    try:
        if judge(task, progress):
            return None
    except ClockmillError as error:
        event, code, text = TaskRunEvent.CONDITION_RAISED, error.code, error.message
    else:
        event, code, text = TaskRunEvent.CONDITION_FALSE, CONDITION_FALSE_CODE, CONDITION_FALSE_TEXT
    state = after_task_event(TaskRunState.SCHEDULED, event)
    return TaskEnd(name=name, state=state, at=at, error_code=code, error_message=text)


def _closing(progress: Progress, at: datetime) -> Closing:
    first = progress.first_error
    if first is None and progress.is_cut_short:
        first = timed_out(progress.graph.root, graph_timeout_s(progress.graph), at)
    event = _closing_event(progress)
    culprit = progress.first_counted_failure
    return Closing(
        state=after_graph_event(GraphRunState.EXECUTING, event),
        at=at,
        first_error=first,
        is_counted=event is GraphRunEvent.FAILED and (culprit is not None or progress.is_cut_short),
        culprit=culprit.name if culprit else None,
    )


def _closing_event(progress: Progress) -> GraphRunEvent:
    if not _root_ran(progress):
        return GraphRunEvent.SKIPPED
    if progress.has_failed or progress.is_cut_short:
        return GraphRunEvent.FAILED
    return GraphRunEvent.CANCELLED if progress.first_error else GraphRunEvent.SUCCEEDED
