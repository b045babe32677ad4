"""Graph versions that were read lately. A version never changes, so none is ever stale."""

import threading
from collections.abc import Iterable
from typing import Final

from clockmill.core.graph import Graph
from clockmill.service.placement import Placement
from clockmill.store import fires
from clockmill.store.database import Transaction
from clockmill.store.fires import VersionKey

MAX_TASKS: Final = 20_000
"""Tasks kept in all graphs together: some 30 MB."""


class GraphCache:
    """Keeps graphs until their tasks are too many, and then forgets those it has had longest."""

    def __init__(self, max_tasks: int = MAX_TASKS) -> None:
        self._lock = threading.Lock()
        self._graphs: dict[VersionKey, Graph] = {}
        self._tasks = 0
        self._max_tasks = max_tasks
        self.placement = Placement()
        """What the graphs need of a node: far smaller than they are, and kept for longer."""

    def load(self, tx: Transaction, keys: Iterable[VersionKey]) -> dict[VersionKey, Graph]:
        """Return those of the versions *keys* that exist, reading the ones that are not known."""
        wanted = set(keys)
        with self._lock:
            found = {key: graph for key in wanted if (graph := self._graphs.get(key)) is not None}
        if len(found) < len(wanted):
            read = fires.load_graphs(tx, wanted - found.keys())
            self._keep(read)
            found.update(read)
        return found

    def _keep(self, graphs: dict[VersionKey, Graph]) -> None:
        with self._lock:
            for key, graph in graphs.items():
                if key not in self._graphs:
                    self._graphs[key] = graph
                    self._tasks += len(graph.tasks)
            while self._tasks > self._max_tasks:
                oldest = next(iter(self._graphs))
                self._tasks -= len(self._graphs.pop(oldest).tasks)
