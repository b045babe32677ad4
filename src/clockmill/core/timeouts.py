"""How long a task and a graph may take.

A root's limit is that of the whole graph; a child follows it unless it has a limit of its own;
a finalizer has its own alone, so that it can still clean up after a graph that took too long.
"""

from datetime import datetime
from typing import Final

from clockmill.core.errors import StatementTimedOut
from clockmill.core.graph import Graph
from clockmill.core.run import TaskEnd, TaskRunEvent, TaskRunState, after_task_event
from clockmill.core.task import DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS, Task

MAX_TIMEOUT_S: Final = MAX_TIMEOUT_MS / 1000


def graph_timeout_s(graph: Graph) -> float:
    """Return the seconds that a run of *graph* may take, counted from its root's start."""
    return _task_limit_s(graph.root_task)


def task_timeout_s(graph: Graph, name: str) -> float:
    """Return the seconds that the body of *name* may take.

    STATEMENT_TIMEOUT_IN_SECONDS of the task counts too: the lower of both, 0 being the maximum.
    """
    task = graph.task(name)
    own = _task_limit_s(task) if _has_own_limit(graph, name) else MAX_TIMEOUT_S
    statement = task.spec.session_parameters.get("STATEMENT_TIMEOUT_IN_SECONDS")
    seconds = float(statement) if isinstance(statement, int | float) and statement > 0 else MAX_TIMEOUT_S
    return min(own, seconds)


def follows_graph(graph: Graph, name: str) -> bool:
    """Say whether *name* has to stop when its graph reaches its limit."""
    return name == graph.root or not _has_own_limit(graph, name)


def timed_out(name: str, seconds: float, at: datetime, started_at: datetime | None = None) -> TaskEnd:
    """Return the end of a task that reached its limit of *seconds*."""
    fault = StatementTimedOut(seconds)
    return TaskEnd(
        name=name,
        state=after_task_event(TaskRunState.EXECUTING, TaskRunEvent.TIMED_OUT),
        at=at,
        started_at=started_at,
        error_code=fault.code,
        error_message=fault.message,
    )


def _has_own_limit(graph: Graph, name: str) -> bool:
    if name in (graph.root, graph.finalizer):
        return True
    return graph.task(name).spec.user_task_timeout_ms is not None


def _task_limit_s(task: Task) -> float:
    limit_ms = task.spec.user_task_timeout_ms
    if limit_ms is None:
        limit_ms = DEFAULT_TIMEOUT_MS
    return (limit_ms or MAX_TIMEOUT_MS) / 1000
