"""Several nodes over one store: who owns what, and who takes it up when a node is gone, stops or drains."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.runner.node_world import LEASE, Peer, pass_time
from tests.runner.run_world import ADMIN, PATIENCE_S, RunWorld, Streams, named

from clockmill.core.body import BodyOutcome, BodyRequest, Recall, Remains
from clockmill.core.names import QualifiedName
from clockmill.core.node import NodeIsRunning, NodeState
from clockmill.core.task import OverlapPolicy
from clockmill.store import nodes, ownership

# The leases of nodes that share a PostgreSQL are judged by its clock, which no test can move.
pytestmark = pytest.mark.parametrize("any_store", ["sqlite"], indirect=True)


@pytest.fixture
def a(world: RunWorld) -> Iterator[Peer]:
    peer = Peer(world, "a")
    yield peer
    peer.workers.close()


@pytest.fixture
def b(world: RunWorld) -> Iterator[Peer]:
    peer = Peer(world, "b")
    yield peer
    peer.workers.close()


def names(world: RunWorld) -> dict[str, str]:
    """Return the nodes and the states they are in."""
    with world.store.read() as tx:
        return {node.name: node.state.value for node in nodes.list_nodes(tx) if node.name != "test"}


def ask(world: RunWorld, peer: Peer, state: NodeState) -> None:
    world.store.write(lambda tx: nodes.set_node_state(tx, peer.lease.node, state))
    peer.lease.ask_soon()
    peer.step()


def _ignore(_: object) -> None:
    pass


# --- who owns what -----------------------------------------------------------------------------------


def test_a_run_has_one_owner_among_several(world: RunWorld, a: Peer, b: Peer) -> None:
    world.create("R")
    world.execute()

    a.step()
    b.step()
    b.settle()

    assert (a.bodies.order, b.bodies.order) == (["R"], [])


def test_a_node_owns_its_runs_however_long_they_take(world: RunWorld, a: Peer, b: Peer) -> None:
    world.create("R")
    world.execute()
    a.hold()

    pass_time(world, 60, a, b)

    assert world.owners() == ["a"]
    assert b.bodies.order == []
    a.bodies.let_go("R")
    a.settle()
    assert world.last().state == "SUCCEEDED"


# --- a node is gone ----------------------------------------------------------------------------------


def test_the_runs_of_a_node_that_is_gone_are_taken_up_when_its_lease_has_ended(
    world: RunWorld, a: Peer, b: Peer
) -> None:
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    world.execute()
    a.hold("A")

    pass_time(world, LEASE.total_seconds() - 1, b)
    before = world.owners()
    pass_time(world, 1, b)
    b.settle()

    assert before == ["a"]
    assert b.bodies.order == ["A"]
    assert world.last().state == "SUCCEEDED"
    assert names(world) == {"a": "STOPPED", "b": "ACTIVE"}
    a.bodies.let_go("A")


def test_what_was_asked_of_a_node_that_is_gone_is_done_by_the_next(world: RunWorld, a: Peer, b: Peer) -> None:
    world.create("R")
    world.execute()
    a.hold()
    world.runs.cancel_ongoing(ADMIN, named("R"))
    b.bodies.hold("R")

    pass_time(world, LEASE.total_seconds(), b)
    b.settle()

    assert world.last().state == "CANCELLED"
    a.bodies.let_go("R")


def test_a_node_that_was_paused_changes_nothing_of_what_others_have_taken_up(
    world: RunWorld, a: Peer, b: Peer
) -> None:
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    world.execute()
    a.hold("R")
    a.bodies.returns("R", "from the node that was paused")
    b.bodies.returns("R", "from the one that took it up")
    b.bodies.hold("A")
    pass_time(world, LEASE.total_seconds(), b)
    b.bodies.wait_for("A")

    a.bodies.let_go("R")
    assert a.workers.wait_idle(PATIENCE_S)
    a.step()
    b.bodies.let_go("A")
    b.settle()

    assert a.bodies.order == ["R"]
    assert [row.return_value for row in world.task_rows()] == ["from the one that took it up", None]
    assert world.last().state == "SUCCEEDED"


def test_a_node_that_cannot_renew_stops_its_work_before_others_may_start_it(
    world: RunWorld, a: Peer, b: Peer
) -> None:
    world.create("R")
    world.execute()
    a.hold()
    world.clock.advance(seconds=LEASE.total_seconds() * 0.95)

    a.lease.step(world.clock.now())

    assert a.conductor.owned == 0
    assert a.workers.wait_idle(PATIENCE_S)
    assert world.states() == {"R": "EXECUTING"}
    assert not a.lease.holds


def test_a_node_that_lost_its_lease_registers_anew_and_goes_on(world: RunWorld, a: Peer) -> None:
    world.create("R")
    world.execute()
    a.hold()
    world.clock.advance(minutes=5)

    a.renew()
    a.settle()

    assert a.bodies.order == ["R", "R"]
    assert world.last().state == "SUCCEEDED"
    assert names(world) == {"a": "ACTIVE"}


def test_an_answer_that_is_heard_too_late_does_not_bring_a_lease_back(world: RunWorld, a: Peer) -> None:
    """A body that was not begun meanwhile, because the lease had ended, would never be."""
    lost: list[str] = []
    a.lease.on_lost = lambda: lost.append("lost")
    world.clock.advance(seconds=4)
    a.lease.step(world.clock.now())
    assert a._answered.wait(PATIENCE_S)

    world.clock.advance(seconds=6)
    a.lease.step(world.clock.now())

    assert lost == ["lost"]


def test_a_node_begins_no_body_once_its_lease_has_ended(world: RunWorld, a: Peer) -> None:
    """It may have been paused just before: the thread that begins the body knows of nothing."""
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    world.execute()
    a.hold()
    a.bodies.does("R", lambda: _ignore(world.clock.advance(minutes=1)))

    a.bodies.let_go("R")

    assert a.workers.wait_idle(PATIENCE_S)
    assert a.bodies.order == ["R"]


class Unsettling(Streams):
    """Streams of which the asking makes a node lose its runs: after a claim, before they began."""

    def __init__(self, world: RunWorld) -> None:
        super().__init__()
        self._world = world

    def has_data(self, stream: QualifiedName) -> bool:
        self._world.store.write(lambda tx: ownership.let_go_of_node(tx, "a"))
        return True


def test_runs_that_are_lost_before_they_began_are_begun_by_the_next(world: RunWorld) -> None:
    world.streams = Unsettling(world)
    a, b = Peer(world, "a"), Peer(world, "b")
    world.create("R", condition="SYSTEM$STREAM_HAS_DATA('S')", warehouse="WH")
    world.execute()

    a.step()
    owned = a.conductor.owned
    b.settle()

    assert owned == 0
    assert (a.bodies.order, b.bodies.order) == ([], ["R"])


def test_a_body_that_is_done_is_recognised_by_the_node_that_takes_it_up(
    world: RunWorld, a: Peer, b: Peer
) -> None:
    world.create("R")
    world.execute()
    a.hold()
    b.bodies.remains["R"] = Recall(remains=Remains.COMPLETE, outcome=BodyOutcome(return_value="kept"))

    pass_time(world, LEASE.total_seconds(), b)
    b.settle()

    assert b.bodies.order == []
    assert [row.return_value for row in world.task_rows()] == ["kept"]
    a.bodies.let_go("R")


def test_a_body_is_not_begun_again_if_the_lease_ends_while_that_is_found_out(
    world: RunWorld, a: Peer, b: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking and writing take time, and others may have begun it by then."""

    def recall_slowly(body: BodyRequest) -> Recall:
        world.clock.advance(seconds=LEASE.total_seconds())
        return Recall(remains=Remains.NOTHING)

    world.create("R")
    world.execute()
    a.hold()
    monkeypatch.setattr(b.bodies, "recall", recall_slowly)

    pass_time(world, LEASE.total_seconds(), b)
    assert b.workers.wait_idle(PATIENCE_S)

    assert b.bodies.order == []
    a.bodies.let_go("R")


# --- names -------------------------------------------------------------------------------------------


def test_a_name_is_refused_while_another_process_may_be_at_work_under_it(world: RunWorld, a: Peer) -> None:
    with pytest.raises(NodeIsRunning, match="--node"):
        Peer(world, "a", home="elsewhere")

    world.clock.advance(seconds=LEASE.total_seconds())
    Peer(world, "a", home="elsewhere")


def test_whoever_has_the_folder_of_a_node_takes_its_place_at_once(world: RunWorld, a: Peer) -> None:
    """Nobody else can be running on it, so there is no lease to wait for."""
    world.create("R")
    world.execute()
    a.hold()

    again = Peer(world, "a")
    again.settle()

    assert world.last().state == "SUCCEEDED"
    assert again.lease.number == a.lease.number
    a.bodies.let_go("R")


# --- stops and drains --------------------------------------------------------------------------------


def test_a_node_that_stops_hands_over_what_it_owns(world: RunWorld, a: Peer, b: Peer) -> None:
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    world.execute()
    a.hold()

    assert a.conductor.stop(0.0, PATIENCE_S)
    a.lease.end()
    b.settle()

    assert b.bodies.order == ["R", "A"]
    assert world.last().state == "SUCCEEDED"
    assert names(world) == {"a": "STOPPED", "b": "ACTIVE"}


def test_a_node_that_drains_ends_the_bodies_that_run_and_hands_over_what_follows(
    world: RunWorld, a: Peer, b: Peer
) -> None:
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    world.execute()
    a.hold()

    ask(world, a, NodeState.DRAINING)
    b.step()
    owners = world.owners()
    a.bodies.let_go("R")
    assert a.workers.wait_idle(PATIENCE_S)
    a.step()
    b.settle()

    assert owners == ["a"]
    assert (a.bodies.order, b.bodies.order) == (["R"], ["A"])
    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED"}
    assert a.conductor.owned == 0


def test_a_node_that_drains_takes_nothing_until_it_may_again(world: RunWorld, a: Peer) -> None:
    world.create("R")
    ask(world, a, NodeState.DRAINING)
    world.execute()
    a.step()
    owned_before = a.conductor.owned

    ask(world, a, NodeState.ACTIVE)
    a.settle()

    assert owned_before == 0
    assert a.bodies.order == ["R"]


def test_what_waits_for_a_slot_begins_when_a_drain_is_called_off(world: RunWorld) -> None:
    a = Peer(world, "a", slots=1)
    world.create("R")
    for name in ("A", "B"):
        world.create(name, "R", warehouse="WH")
    world.resume("A", "B")
    world.execute()
    a.hold("A")
    ask(world, a, NodeState.DRAINING)

    ask(world, a, NodeState.ACTIVE)
    a.bodies.let_go("A")
    a.settle()

    assert sorted(a.bodies.order) == ["A", "B", "R"]


def test_runs_beside_each_other_may_be_of_several_nodes(world: RunWorld, a: Peer, b: Peer) -> None:
    world.create("R", overlap_policy=OverlapPolicy.ALLOW_ALL_OVERLAP)
    world.execute()
    a.hold()
    world.execute()
    b.hold()

    assert world.owners() == ["a", "b"]
    for peer in (a, b):
        peer.bodies.let_go("R")
        assert peer.workers.wait_idle(PATIENCE_S)
    b.settle()
    assert [run.state for run in world.complete()] == ["SUCCEEDED", "SUCCEEDED"]


def test_leases_may_end_while_the_clocks_of_nodes_jump(world: RunWorld, a: Peer, b: Peer) -> None:
    """A node counts by its steady clock, so that one that was set back does not keep a lease alive."""
    world.create("R")
    world.execute()
    a.hold()

    world.clock.move_to(world.clock.now() + timedelta(hours=1))
    a.lease.step(world.clock.now())

    assert not a.lease.holds
    assert a.conductor.owned == 0
