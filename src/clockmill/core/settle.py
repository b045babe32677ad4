"""What follows from the end of a graph run: a retry, a failure counted, a root suspended."""

import enum

from clockmill.core.decide import Closing
from clockmill.core.graph import Graph
from clockmill.core.run import GraphRunState
from clockmill.core.task import DEFAULT_SUSPEND_AFTER


class Settlement(enum.Enum):
    """What the end of an attempt means for its root."""

    NOTHING = "skipped, cancelled, or failed by our own doing: neither good nor bad"
    SUCCESS = "the count of failures begins anew"
    RETRY = "the part that failed is repeated at once"
    FAILURE = "one more failure in a row"


def settle(graph: Graph, attempt: int, closing: Closing) -> Settlement:
    """Return what the end of *attempt* (the first is 1) means.

    Failures are counted by run group, after its retries are used up.
    """
    if closing.state is GraphRunState.SUCCEEDED:
        return Settlement.SUCCESS
    if closing.state is not GraphRunState.FAILED:
        return Settlement.NOTHING
    if attempt <= (graph.root_task.spec.task_auto_retry_attempts or 0):
        return Settlement.RETRY
    return Settlement.FAILURE if closing.is_counted else Settlement.NOTHING


def failures_allowed(graph: Graph) -> int | None:
    """Return after how many failures in a row the root is suspended; None is never."""
    limit = graph.root_task.spec.suspend_task_after_num_failures
    return (DEFAULT_SUSPEND_AFTER if limit is None else limit) or None
