"""Who the other nodes are and where they can be reached, as of a moment ago."""

import threading
from collections.abc import Mapping
from typing import Final

import msgspec

from clockmill.clock import Clock
from clockmill.core.node import Node
from clockmill.core.placement import EMBEDDED
from clockmill.store import engines, nodes
from clockmill.store.database import Store

_FRESH_S: Final = 1.0
"""How long what was read is trusted. A node that moved within that time is looked up again."""


class Directory(msgspec.Struct, frozen=True):
    """The nodes by name, and the name of the one that has the embedded engine, if any has."""

    nodes: Mapping[str, Node]
    engine_node: str | None

    def has_incarnation(self, incarnation: str) -> bool:
        """Say whether *incarnation*, which only the nodes know, is one of theirs."""
        return any(node.incarnation == incarnation for node in self.nodes.values())

    def with_number(self, number: int) -> Node | None:
        """Return the node with *number*, or None."""
        return next((node for node in self.nodes.values() if node.number == number), None)


class NodeDirectory:
    """Reads the directory from the store, at most every second. Any thread may ask."""

    def __init__(self, *, store: Store, clock: Clock, node: str) -> None:
        self._store = store
        self._clock = clock
        self._node = node
        self._lock = threading.Lock()
        self._read: tuple[float, Directory] | None = None

    @property
    def node(self) -> str:
        """The name of this node."""
        return self._node

    def current(self) -> Directory:
        """Return the directory; it reads the store if what is known is not fresh."""
        with self._lock:
            now = self._clock.monotonic()
            if self._read is None or now - self._read[0] >= _FRESH_S:
                self._read = (now, self._load())
            return self._read[1]

    def known(self) -> Directory | None:
        """Return the directory if it is fresh, without reading anything."""
        read = self._read
        if read is None or self._clock.monotonic() - read[0] >= _FRESH_S:
            return None
        return read[1]

    def own(self) -> Node | None:
        """Return this node as it is registered, or None before it is."""
        return self.current().nodes.get(self._node)

    def _load(self) -> Directory:
        with self._store.read() as tx:
            place = engines.find_place(tx, EMBEDDED)
            return Directory(
                {node.name: node for node in nodes.list_nodes(tx)}, None if place is None else place.node
            )
