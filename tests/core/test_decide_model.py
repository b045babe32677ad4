"""Decisions against a model that looks at the whole graph each time.

Random graphs run with random outcomes, in a random order of ends. After each, the set of tasks
that execute must be what the model says, which knows nothing of counts and children.
"""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.graphs import NOW, graph_of

from clockmill.core.decide import Decision, begin, end_task, expire
from clockmill.core.graph import Graph
from clockmill.core.progress import Progress
from clockmill.core.run import GraphRunState, TaskEnd, TaskRunState
from clockmill.core.task import Task

OUTCOMES = (TaskRunState.SUCCEEDED, TaskRunState.FAILED, TaskRunState.CANCELLED)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = [f"T{number}" for number in range(draw(st.integers(0, 9)))]
    links: dict[str, list[str]] = {}
    for index, name in enumerate(names):
        earlier = ["R", *names[:index]]
        links[name] = draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=4, unique=True))
    some = st.lists(st.sampled_from(names), unique=True) if names else st.just([])
    return graph_of(links, suspended=draw(some), conditions=draw(some), finalizer=draw(st.booleans()))


class Model:
    """What should be executing, found by looking at everything."""

    def __init__(self, graph: Graph, is_true: Callable[[str], bool], stands: dict[str, TaskRunState]) -> None:
        self.graph = graph
        self.is_true = is_true
        self.stands = dict(stands)
        self.ran: set[str] = set()
        self.is_expired = False

    def executing(self) -> set[str]:
        while True:
            ready = {name for name in self.graph.members if self._is_ready(name)}
            passed = {name for name in ready if not self._runs(name)}
            if not passed:
                break
            self.stands.update(dict.fromkeys(passed, TaskRunState.SKIPPED))
        self.ran |= ready
        return {name for name in self.ran if name not in self.stands} or self._last()

    def _last(self) -> set[str]:
        finalizer = self.graph.active_finalizer
        if finalizer is None or finalizer in self.stands or self.stands.get("R") is TaskRunState.SKIPPED:
            return set()
        self.ran.add(finalizer)
        return {finalizer}

    def _runs(self, name: str) -> bool:
        return self.graph.task(name).spec.condition is None or self.is_true(name)

    def _is_ready(self, name: str) -> bool:
        started = self.graph.is_active(name) and name != self.graph.finalizer
        if not started or name in self.stands or name in self.ran or self.is_expired:
            return False
        before = [self.stands.get(each) for each in self._before(name)]
        calm = {TaskRunState.SUCCEEDED, TaskRunState.SKIPPED}
        return not before or (set(before) <= calm and TaskRunState.SUCCEEDED in before)

    def _before(self, name: str) -> set[str]:
        found: set[str] = set()
        for each in self.graph.task(name).spec.predecessors:
            found |= {each} if self.graph.is_active(each) else self._before(each)
        return found


def end_of(name: str, state: TaskRunState, minute: int = 0) -> TaskEnd:
    return TaskEnd(name=name, state=state, at=NOW + timedelta(minutes=minute))


def judge_by(false: set[str]) -> Callable[[Task, Progress], bool]:
    return lambda task, progress: task.name.name not in false


@settings(max_examples=300)
@given(graph=graphs(), data=st.data())
def test_what_executes_is_what_the_model_says(graph: Graph, data: st.DataObject) -> None:
    false = set(data.draw(st.lists(st.sampled_from(graph.members), unique=True)))
    judge = judge_by(false)
    progress, model = Progress(graph), Model(graph, lambda name: name not in false, {})
    ends: list[str] = []

    decision = begin(progress, NOW, judge)
    while True:
        ends += [end.name for end in decision.passed_over]
        assert progress.executing == model.executing()
        if not progress.executing:
            break
        assert decision.closing is None
        name = data.draw(st.sampled_from(sorted(progress.executing)))
        state = data.draw(st.sampled_from(OUTCOMES))
        model.stands[name] = state
        ends.append(name)
        decision = end_task(progress, end_of(name, state), judge)

    assert len(ends) == len(set(ends)), "a task has one outcome"
    check_order(graph, ends, progress)
    assert decision.closing is not None
    assert decision.closing.state is expected_state(progress)


def check_order(graph: Graph, ends: list[str], progress: Progress) -> None:
    for name in ends:
        for predecessor in graph.effective_predecessors(name):
            assert ends.index(predecessor) < ends.index(name)
    if graph.active_finalizer in ends:
        assert ends[-1] == graph.active_finalizer
    assert all(graph.is_active(name) for name in ends)
    assert set(ends) == set(progress.ends)


def expected_state(progress: Progress) -> GraphRunState:
    states = {end.state for end in progress.ends.values()}
    root = progress.root_end
    if root is None or root.state is TaskRunState.SKIPPED:
        return GraphRunState.SKIPPED
    if TaskRunState.FAILED in states:
        return GraphRunState.FAILED
    return GraphRunState.CANCELLED if TaskRunState.CANCELLED in states else GraphRunState.SUCCEEDED


@settings(max_examples=150)
@given(graph=graphs(), data=st.data())
def test_retries_run_each_task_to_success_once(graph: Graph, data: st.DataObject) -> None:
    """However often parts fail: what has succeeded is not run again, and in the end all has."""
    carried: dict[str, TaskEnd] = {}
    succeeded: list[str] = []
    for attempt in range(30):
        progress = Progress(graph, carried)
        decision = begin(progress, NOW, judge_by(set()))
        while progress.executing:
            name = data.draw(st.sampled_from(sorted(progress.executing)))
            fails = attempt < 3 and data.draw(st.booleans())
            state = TaskRunState.FAILED if fails else TaskRunState.SUCCEEDED
            if not fails and name != graph.finalizer:
                succeeded.append(name)
            decision = end_task(progress, end_of(name, state, attempt), judge_by(set()))
        assert decision.closing is not None
        if decision.closing.state is GraphRunState.SUCCEEDED:
            break
        carried = {
            end.name: end for end in progress.ends.values() if end.succeeded and end.name != graph.finalizer
        }

    assert sorted(succeeded) == sorted(
        name for name in graph.members if graph.is_active(name) and name != graph.finalizer
    )


@settings(max_examples=150)
@given(graph=graphs(), data=st.data())
def test_a_graph_that_has_expired_starts_nothing_but_its_finalizer(graph: Graph, data: st.DataObject) -> None:
    judge = judge_by(set())
    progress = Progress(graph)
    begin(progress, NOW, judge)
    for _ in range(data.draw(st.integers(0, 4))):
        if progress.executing - {graph.finalizer}:
            name = min(progress.executing)
            end_task(progress, end_of(name, TaskRunState.SUCCEEDED), judge)
    was_executing = set(progress.executing)
    if not was_executing:
        return

    decision: Decision = expire(progress, NOW, judge)

    assert set(decision.timed_out) == was_executing - {graph.finalizer}
    assert decision.started == ()
    while progress.executing:
        name = min(progress.executing)
        state = TaskRunState.SUCCEEDED if name == graph.finalizer else TaskRunState.FAILED
        decision = end_task(progress, end_of(name, state), judge)
        assert set(decision.started) <= {graph.finalizer}
    assert decision.closing is not None
