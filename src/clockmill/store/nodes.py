"""Queries on nodes: who there is, where they are, and what they take up."""

from typing import Final

from sqlalchemy import RowMapping, bindparam, literal, select, update

from clockmill.core.node import Node, NodeState
from clockmill.store.database import Transaction
from clockmill.store.tables import nodes

_NODES: Final = select(nodes).order_by(nodes.c.name)
_NODE: Final = select(nodes).where(nodes.c.name == bindparam("name"))
_BY_NUMBER: Final = select(nodes).where(nodes.c.number == bindparam("number"))
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


def find_node_by_number(tx: Transaction, number: int) -> Node | None:
    """Return the node with *number*, or None."""
    row = tx.execute(_BY_NUMBER, {"number": number}).mappings().first()
    return None if row is None else _read(row)


def set_node_state(tx: Transaction, name: str, state: NodeState) -> bool:
    """Ask a node that has not stopped to be in *state*; say whether there is one."""
    return tx.execute(_SET_STATE, {"key": name, "new_state": state.value}).rowcount == 1


def _read(row: RowMapping) -> Node:
    return Node(**{**row, "state": NodeState(row["state"])})
