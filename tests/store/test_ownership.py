"""Graph runs that change hands: let go of, and taken up under a new epoch."""

from collections.abc import Iterable

import msgspec
import pytest
from sqlalchemy import select
from tests.store.test_runs import LATER, NOW, claimed, close, end, finish, start

from clockmill.core.node import NewNode, NodeState
from clockmill.core.run import GraphRun, TaskRunState
from clockmill.store import nodes, ownership
from clockmill.store.database import Store
from clockmill.store.runs import RunLost
from clockmill.store.tables import graph_runs, task_runs


def adopt(store: Store, node: str = "b", limit: int = 100) -> list[GraphRun]:
    return store.write(lambda tx: ownership.adopt_graph_runs(tx, node, limit))


def let_go(store: Store, node: str = "a") -> int:
    return store.write(lambda tx: ownership.let_go_of_node(tx, node))


def hand_over(store: Store, held: GraphRun, unbegun: Iterable[tuple[int, str]] = ()) -> None:
    store.write(lambda tx: ownership.hand_over(tx, [held], unbegun))


def executions(store: Store) -> list[int]:
    with store.read() as tx:
        return list(tx.execute(select(task_runs.c.executions).order_by(task_runs.c.id)).scalars())


def owners(store: Store) -> list[str | None]:
    with store.read() as tx:
        return list(tx.execute(select(graph_runs.c.owner_node).order_by(graph_runs.c.id)).scalars())


def test_a_run_that_was_let_go_is_adopted_under_a_new_epoch(store: Store) -> None:
    run = claimed(store)
    assert adopt(store) == []

    assert let_go(store) == 1
    [adopted] = adopt(store)

    assert (adopted.id, adopted.owner_node, adopted.epoch) == (run.id, "b", 3)
    assert adopted.started_at == run.started_at
    assert adopt(store, "c") == []


def test_whoever_let_go_changes_nothing_any_more(store: Store) -> None:
    run = claimed(store)
    start(store, run, "a")
    let_go(store)

    with pytest.raises(RunLost):
        finish(store, run, end("A"))
    with pytest.raises(RunLost):
        close(store, run)
    [adopted] = adopt(store)
    finish(store, adopted, end("A"))


def test_only_runs_that_execute_are_let_go_of(store: Store) -> None:
    closed = claimed(store)
    close(store, closed)
    claimed(store, root="other")

    assert let_go(store) == 1
    assert store.write(ownership.let_all_go) == 0
    assert owners(store) == ["a", None]


def test_as_many_are_adopted_as_asked_for_oldest_first(store: Store) -> None:
    ids = [claimed(store, root=str(number)).id for number in range(5)]
    let_go(store)

    first, second = adopt(store, "b", limit=3), adopt(store, "c", limit=3)

    assert [run.id for run in first] == ids[:3]
    assert [run.id for run in second] == ids[3:]


def test_a_run_goes_only_to_a_node_that_has_what_it_needs(store: Store) -> None:
    claimed(store, needs=",EMBEDDED,")
    let_go(store)

    def adopt_with(*placements: str) -> int:
        return len(store.write(lambda tx: ownership.adopt_graph_runs(tx, "b", 10, placements)))

    with store.read() as tx:
        assert not ownership.has_adoptable_runs(tx, {"b"})
        assert ownership.has_adoptable_runs(tx, {"b", "EMBEDDED"})
    assert adopt_with("b") == 0
    assert adopt_with("b", "EMBEDDED") == 1


def test_the_tasks_of_a_run_come_in_the_order_in_which_they_ended(store: Store) -> None:
    run = claimed(store)
    start(store, run, "a", "b", "c")
    finish(store, run, msgspec.structs.replace(end("A"), at=LATER))
    finish(store, run, msgspec.structs.replace(end("B"), at=NOW))

    with store.read() as tx:
        rows = ownership.list_task_runs(tx, [run.id])[run.id]

    ended = [row.task_name for row in rows if row.state is not TaskRunState.EXECUTING]
    assert ended == ["B", "A"]
    assert {row.task_name for row in rows} == {"A", "B", "C"}


def test_a_body_that_is_begun_again_is_another_query_and_counted(store: Store) -> None:
    run = claimed(store)
    start(store, run, "a")

    store.write(lambda tx: ownership.run_task_again(tx, run.id, run.epoch, "a", "another"))

    with store.read() as tx:
        [row] = ownership.list_task_runs(tx, [run.id])[run.id]
    assert (row.query_id, row.executions) == ("another", 2)


def test_a_body_is_not_begun_again_by_whoever_has_lost_the_run(store: Store) -> None:
    run = claimed(store)
    start(store, run, "a")
    let_go(store)

    with pytest.raises(RunLost):
        store.write(lambda tx: ownership.run_task_again(tx, run.id, run.epoch, "a", "another"))


def test_tasks_that_were_not_begun_are_handed_over_as_such(store: Store) -> None:
    run = claimed(store)
    start(store, run, "a", "b")

    hand_over(store, run, [(run.id, "b")])
    handed = executions(store)
    adopted = adopt(store)
    store.write(lambda tx: ownership.note_begun(tx, adopted))

    assert handed == [1, 0]
    assert executions(store) == [1, 1]


def test_a_run_that_is_lost_is_not_handed_over(store: Store) -> None:
    run = claimed(store)
    start(store, run, "a")
    let_go(store)
    adopt(store)

    hand_over(store, run, [(run.id, "a")])

    assert owners(store) == ["b"]
    assert executions(store) == [1]


def test_runs_of_nodes_that_are_not_there_are_let_go_of(store: Store) -> None:
    """As in a store that was copied: its nodes are those of another one."""
    claimed(store)
    there = NewNode(name="b", incarnation="1", home="b", version="1")
    store.write(lambda tx: nodes.register_node(tx, there, LATER, NOW))
    assert owners(store) == [None]
    adopt(store, "b")

    assert store.write(ownership.let_go_of_strangers) == 0
    store.write(lambda tx: nodes.set_node_state(tx, "b", NodeState.STOPPED))
    assert store.write(ownership.let_go_of_strangers) == 1
