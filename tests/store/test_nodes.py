"""Nodes and their leases in the store."""

from datetime import UTC, datetime, timedelta

import pytest

from clockmill.core.node import NewNode, NodeIsRunning, NodeState
from clockmill.store import nodes
from clockmill.store.database import Store
from clockmill.store.nodes import Lease
from clockmill.store.present import present

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LENGTH = 10 * SECOND


def node(name: str, *, process: str = "1", home: str | None = None) -> NewNode:
    return NewNode(name=name, incarnation=process, home=home or name, version="1")


def register(store: Store, new: NewNode, at: datetime = NOW) -> Lease:
    return store.write(lambda tx: nodes.register_node(tx, new, at + LENGTH, at))


def renew(store: Store, known: NewNode, at: datetime) -> Lease | None:
    return store.write(lambda tx: nodes.renew_lease(tx, known, at + LENGTH, at))


def expire(store: Store, at: datetime) -> list[str]:
    return store.write(lambda tx: nodes.expire_leases(tx, at))


def states(store: Store) -> dict[str, NodeState]:
    with store.read() as tx:
        return {each.name: each.state for each in nodes.list_nodes(tx)}


def test_each_node_has_a_number_that_stays_with_its_name(store: Store) -> None:
    numbers = [register(store, node(name)).number for name in ("a", "b", "c")]

    again = register(store, node("b", process="2"))

    assert numbers == [1, 2, 3]
    assert again.number == 2


def test_a_lease_lasts_as_long_as_it_is_renewed(store: Store) -> None:
    register(store, node("a"))

    assert renew(store, node("a"), NOW + 9 * SECOND) is not None
    assert expire(store, NOW + 18 * SECOND) == []
    assert expire(store, NOW + 19 * SECOND) == ["a"]
    assert states(store) == {"a": NodeState.STOPPED}


def test_a_lease_that_was_ended_cannot_be_renewed(store: Store) -> None:
    register(store, node("a"))
    expire(store, NOW + LENGTH)

    assert renew(store, node("a"), NOW + LENGTH) is None


def test_a_process_cannot_renew_the_lease_of_the_one_that_came_after_it(store: Store) -> None:
    register(store, node("a", process="1"))
    register(store, node("a", process="2"))

    assert renew(store, node("a", process="1"), NOW + SECOND) is None
    assert renew(store, node("a", process="2"), NOW + SECOND) is not None


def test_a_process_that_ends_late_does_not_end_the_one_that_came_after_it(store: Store) -> None:
    register(store, node("a", process="1"))
    register(store, node("a", process="2"))

    store.write(lambda tx: nodes.end_lease(tx, node("a", process="1"), NOW))

    assert states(store) == {"a": NodeState.ACTIVE}


def test_a_name_is_taken_while_its_lease_lasts_unless_the_folder_is_the_same(store: Store) -> None:
    register(store, node("a", home="one"))

    with pytest.raises(NodeIsRunning):
        register(store, node("a", process="2", home="other"), NOW + 9 * SECOND)

    register(store, node("a", process="2", home="one"), NOW + 9 * SECOND)
    register(store, node("a", process="3", home="other"), NOW + 19 * SECOND)


def test_a_node_knows_when_the_first_lease_of_another_may_end(store: Store) -> None:
    alone = register(store, node("a"))
    beside = register(store, node("b"), NOW + 3 * SECOND)

    known = renew(store, node("a"), NOW + 4 * SECOND)

    assert alone.others_end_in is None
    assert beside.others_end_in == 7 * SECOND
    assert known is not None
    assert known.others_end_in == 9 * SECOND


def test_what_a_node_is_asked_to_be_it_learns_when_it_renews(store: Store) -> None:
    register(store, node("a"))
    store.write(lambda tx: nodes.set_node_state(tx, "a", NodeState.DRAINING))

    known = renew(store, node("a"), NOW + SECOND)

    assert known is not None
    assert known.state is NodeState.DRAINING


def test_a_node_that_stopped_long_ago_is_forgotten_and_its_number_free(store: Store) -> None:
    """Names may be new at every start, as in containers."""
    register(store, node("a"))
    expire(store, NOW + LENGTH)

    later = register(store, node("b"), NOW + timedelta(days=8))

    assert later.number == 1
    assert set(states(store)) == {"b"}


def test_the_present_of_nodes_that_share_a_store_is_the_servers(store: Store) -> None:
    """On a store that is one process's own it is that process's."""
    with store.read() as tx:
        found = present(tx, NOW)

    assert (found == NOW) is not store.is_shared
    assert found.tzinfo is UTC
