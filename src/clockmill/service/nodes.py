"""What is done with nodes from outside: look at them, let one take up nothing more."""

from datetime import datetime

import msgspec

from clockmill.clock import Clock
from clockmill.core.errors import InvalidRequest
from clockmill.core.node import Node, NodeState, UnknownNode
from clockmill.core.placement import EMBEDDED
from clockmill.store import engines, nodes
from clockmill.store.database import Store, Transaction
from clockmill.store.placements import count_owned
from clockmill.store.present import present


class NothingToDrain(InvalidRequest):
    """The store is one server's own, so nobody could take its work."""

    def __init__(self) -> None:
        super().__init__(
            "The store is one server's own: nobody else could take its runs. Stop the server instead; "
            "what it has begun goes on when it is started again."
        )


class NodeAtWork(msgspec.Struct, frozen=True):
    """A node and the number of graph runs that it owns."""

    node: Node
    runs: int


class NodeOverview(msgspec.Struct, frozen=True):
    """The nodes by name as of *at*, and which of them has the embedded engine."""

    at: datetime
    nodes: tuple[NodeAtWork, ...]
    engine_node: str | None


class NodeService:
    """The use cases of nodes, for whoever can write to the store."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def list_nodes(self) -> NodeOverview:
        """Return every node there has been, those that have stopped included."""
        with self._store.read() as tx:
            owned = count_owned(tx)
            place = engines.find_place(tx, EMBEDDED)
            return NodeOverview(
                at=present(tx, self._clock.now()),
                nodes=tuple(NodeAtWork(node, owned.get(node.name, 0)) for node in nodes.list_nodes(tx)),
                engine_node=None if place is None else place.node,
            )

    def drain(self, name: str) -> None:
        """Let the node *name* take up no more runs; raises UnknownNode."""
        self._set_state(name, NodeState.DRAINING)

    def undrain(self, name: str) -> None:
        """Let the node *name* take up runs again; raises UnknownNode."""
        self._set_state(name, NodeState.ACTIVE)

    def _set_state(self, name: str, state: NodeState) -> None:
        """Set it in the store, where the node sees it when it renews its lease at the latest."""
        if not self._store.is_shared:
            raise NothingToDrain

        def work(tx: Transaction) -> None:
            if not nodes.set_node_state(tx, name, state):
                raise UnknownNode(name)

        self._store.write(work)
