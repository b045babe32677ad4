"""Going on with a graph run that an earlier owner has left."""

from tests.core.graphs import NOW, graph_of

from clockmill.core.decide import resume
from clockmill.core.progress import Progress
from clockmill.core.run import TaskEnd, TaskRunState

GRAPH = graph_of({"A": ["R"], "B": ["A"]}, finalizer=True)


def succeeded(name: str) -> TaskEnd:
    return TaskEnd(name=name, state=TaskRunState.SUCCEEDED, at=NOW)


def test_nothing_begins_any_more_once_the_finalizer_has() -> None:
    """The graph had reached its limit before, though nothing on record may tell the new owner."""
    progress = Progress(GRAPH, {})
    decision = resume(
        progress, [succeeded("R"), succeeded("A")], [GRAPH.finalizer or ""], NOW, lambda *_: True
    )

    assert (decision.started, decision.timed_out) == ((), ())
    assert progress.is_cut_short


def test_a_finalizer_that_executes_is_not_stopped_by_the_limit_of_its_graph() -> None:
    progress = Progress(GRAPH, {})
    progress.is_expired = True
    decision = resume(
        progress, [succeeded("R"), succeeded("A")], [GRAPH.finalizer or ""], NOW, lambda *_: True
    )

    assert decision.timed_out == ()


def test_what_an_expired_graph_has_left_executing_is_stopped() -> None:
    progress = Progress(GRAPH, {})
    progress.is_expired = True
    decision = resume(progress, [succeeded("R")], ["A"], NOW, lambda *_: True)

    assert (decision.started, decision.timed_out) == ((), ("A",))
