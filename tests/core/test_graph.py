"""The graph as a value."""

import pytest
from tests.core.graphs import graph_of, make_graph, make_task

from clockmill.core.graph import (
    Graph,
    GraphHasCycle,
    GraphHasManyRoots,
    GraphTooLarge,
    decode,
    encode,
)

DIAMOND = graph_of({"A": ["R"], "B": ["R"], "C": ["A", "B"]}, finalizer=True)


def test_members_begin_with_the_root_and_end_with_the_finalizer() -> None:
    assert DIAMOND.members == ("R", "A", "B", "C", "F")
    assert sorted(DIAMOND.in_order()[1:3]) == ["A", "B"]
    assert DIAMOND.in_order()[3:] == ("C", "F")
    assert DIAMOND.finalizer == DIAMOND.active_finalizer == "F"


def test_children_and_predecessors_are_each_others_inverse() -> None:
    assert DIAMOND.children("R") == ("A", "B")
    assert DIAMOND.predecessors("C") == ("A", "B")
    assert DIAMOND.children("C") == ()
    assert DIAMOND.ancestors("C") == {"A", "B", "R"}


def test_a_suspended_task_is_transparent() -> None:
    graph = graph_of({"A": ["R"], "B": ["A"], "C": ["B", "A"]}, suspended=["A", "B"])

    assert graph.effective_predecessors("C") == ("R",)
    assert graph.effective_children("R") == ("C",)
    assert graph.waits == {"R": 0, "C": 1}


def test_the_root_runs_even_if_it_is_suspended() -> None:
    graph = make_graph(make_task("R", suspended=True), make_task("A", "R"))

    assert graph.is_active("R")
    assert graph.effective_predecessors("A") == ("R",)


def test_a_suspended_finalizer_is_there_but_not_active() -> None:
    graph = graph_of({}, finalizer=True, suspended=["F"])

    assert (graph.finalizer, graph.active_finalizer) == ("F", None)


def test_a_graph_survives_being_written() -> None:
    assert decode(encode(DIAMOND)) == DIAMOND
    assert decode(encode(DIAMOND)).fingerprint() == DIAMOND.fingerprint()


def test_a_cycle_is_refused_and_one_of_its_tasks_named() -> None:
    graph = graph_of({"A": ["R", "C"], "B": ["A"], "C": ["B"], "D": ["C"]})

    with pytest.raises(GraphHasCycle, match=r"Graph has at least one cycle containing task DB\.S\.[ABC]\b"):
        graph.validate()


def test_a_second_root_is_refused_and_named() -> None:
    graph = graph_of({"A": ["R", "Z"]})

    with pytest.raises(GraphHasManyRoots, match=r"more than one root task .*: DB\.S\.R, DB\.S\.Z\."):
        graph.validate()
    with pytest.raises(GraphHasManyRoots):
        make_graph(make_task("R"), make_task("A", "R", "Q"), make_task("Q")).validate()


@pytest.mark.parametrize(
    "graph",
    [
        graph_of({f"T{number}": ["R"] for number in range(101)}),
        graph_of({"Z": [f"T{number}" for number in range(101)], **{f"T{n}": ["R"] for n in range(101)}}),
        graph_of({f"T{n}": [f"T{n - 1}" if n else "R"] for n in range(1000)}),
    ],
    ids=["children", "predecessors", "tasks"],
)
def test_a_graph_that_is_too_large_is_refused(graph: Graph) -> None:
    with pytest.raises(GraphTooLarge):
        graph.validate()


def test_the_largest_graph_is_accepted() -> None:
    graph_of({f"T{n:03}": [f"T{n - 1:03}" if n else "R"] for n in range(999)}).validate()


def test_the_fingerprint_follows_what_a_run_would_do() -> None:
    plain = graph_of({"A": ["R"]})

    assert plain.fingerprint() == graph_of({"A": ["R"]}).fingerprint()
    assert plain.fingerprint() != graph_of({"A": ["R"]}, suspended=["A"]).fingerprint()
    assert plain.fingerprint() != graph_of({"A": ["R"]}, config="{}").fingerprint()
    suspended_root = make_graph(make_task("R", suspended=True), make_task("A", "R"))
    assert plain.fingerprint() == suspended_root.fingerprint()
