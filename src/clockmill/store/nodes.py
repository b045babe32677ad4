"""Queries on nodes: who there is, where they are, what they take up, and how long that is sure."""

from datetime import datetime, timedelta
from itertools import count
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import RowMapping, bindparam, delete, insert, literal, select, update

from clockmill.core.node import NewNode, Node, NodeIsRunning, NodeState
from clockmill.store import ownership
from clockmill.store.database import Transaction
from clockmill.store.tables import engines, nodes

_NODES: Final = select(nodes).order_by(nodes.c.name)
_NODE: Final = select(nodes).where(nodes.c.name == bindparam("name"))
_SET_STATE: Final = (
    update(nodes)
    .where(nodes.c.name == bindparam("key"), nodes.c.state != literal(NodeState.STOPPED.value))
    .values(state=bindparam("new_state"))
)


def list_nodes(tx: Transaction) -> list[Node]:
    """Return every node that there has been, by name."""
    return [_read(row) for row in tx.execute(_NODES).mappings()]


def find_node(tx: Transaction, name: str) -> Node | None:
    """Return the node called *name*, or None."""
    row = tx.execute(_NODE, {"name": name}).mappings().first()
    return None if row is None else _read(row)


def set_node_state(tx: Transaction, name: str, state: NodeState) -> bool:
    """Ask a node that has not stopped to be in *state*; say whether there is one."""
    return tx.execute(_SET_STATE, {"key": name, "new_state": state.value}).rowcount == 1


def _read(row: RowMapping) -> Node:
    return Node(**{**row, "state": NodeState(row["state"])})


# --- leases ----------------------------------------------------------------------------------


class Lease(NamedTuple):
    """What a node has been granted: its number, its state, and when the first lease of another may end.

    *others_end_in* is counted from the moment of the grant; None if no other node has one.
    """

    number: int
    state: NodeState
    others_end_in: timedelta | None


_INSERT: Final = insert(nodes)
_REPLACE: Final = update(nodes).where(nodes.c.name == bindparam("key"))
_RENEW: Final = (
    update(nodes)
    .where(
        nodes.c.name == bindparam("key"),
        nodes.c.incarnation == bindparam("process"),
        nodes.c.state != literal(NodeState.STOPPED.value),
    )
    .values(lease_until=bindparam("until"), address=bindparam("reached_at"))
    .returning(nodes.c.number, nodes.c.state)
)
_END: Final = (
    update(nodes)
    .where(nodes.c.name == bindparam("key"), nodes.c.incarnation == bindparam("process"))
    .values(state=NodeState.STOPPED.value, lease_until=bindparam("until"))
)


REMEMBERED: Final = timedelta(days=7)
"""How long a node that has stopped is listed, and its number not given to another."""

_FORGET: Final = delete(nodes).where(
    nodes.c.state == literal(NodeState.STOPPED.value),
    nodes.c.lease_until < bindparam("before"),
    nodes.c.name.not_in(select(engines.c.node)),
)


def register_node(
    tx: Transaction, new: NewNode, until: datetime, now: datetime, state: NodeState = NodeState.ACTIVE
) -> Lease:
    """Let a node be there, whose lease lasts to *until*, and let go of what its name owned before.

    It keeps its number; a new one gets the lowest that is free. Raises :class:`NodeIsRunning` if a
    process with another data folder may be at work under the name.
    """
    tx.execute(_FORGET, {"before": now - REMEMBERED})
    before = find_node(tx, new.name)
    if before is not None and before.is_alive(now) and before.home != new.home:
        raise NodeIsRunning(before)
    row = {**msgspec.structs.asdict(new), "state": state.value, "started_on": now, "lease_until": until}
    if before is None:
        number = _free_number(tx)
        tx.execute(_INSERT, {**row, "number": number})
    else:
        number = before.number
        tx.execute(_REPLACE, {**row, "key": new.name})
    ownership.let_go_of_node(tx, new.name)
    ownership.let_go_of_strangers(tx)
    return Lease(number, state, _others_end_in(tx, new.name, now))


def renew_lease(tx: Transaction, node: NewNode, until: datetime, now: datetime) -> Lease | None:
    """Let the lease of a node last to *until*; None if it has lost it to anybody."""
    values = {"key": node.name, "process": node.incarnation, "until": until, "reached_at": node.address}
    row = tx.execute(_RENEW, values).first()
    if row is None:
        return None
    return Lease(row[0], NodeState(row[1]), _others_end_in(tx, node.name, now))


def end_lease(tx: Transaction, node: NewNode, now: datetime) -> None:
    """Let a node have stopped, and let go of what it still owns; nothing if it is another process by now."""
    values = {"key": node.name, "process": node.incarnation, "until": now}
    if tx.execute(_END, values).rowcount:
        ownership.let_go_of_node(tx, node.name)


def expire_leases(tx: Transaction, now: datetime) -> list[str]:
    """Let nodes have stopped whose leases have ended, and let go of what they own; return their names."""
    ended = [
        node for node in list_nodes(tx) if node.state is not NodeState.STOPPED and not node.is_alive(now)
    ]
    for node in ended:
        end_lease(tx, node, node.lease_until)
    return [node.name for node in ended]


def end_all_leases(tx: Transaction, now: datetime) -> None:
    """Let every node have stopped, and let go of all runs: for a start that nobody else runs beside."""
    for node in list_nodes(tx):
        if node.state is not NodeState.STOPPED:
            end_lease(tx, node, min(node.lease_until, now))
    ownership.let_all_go(tx)


def _others_end_in(tx: Transaction, name: str, now: datetime) -> timedelta | None:
    others = (
        node.lease_until - now
        for node in list_nodes(tx)
        if node.name != name and node.state is not NodeState.STOPPED
    )
    return min(others, default=None)


def _free_number(tx: Transaction) -> int:
    taken = {node.number for node in list_nodes(tx)}
    return next(number for number in count(1) if number not in taken)
