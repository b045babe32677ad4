"""Graph versions that history is told from, read once: a version never changes."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from clockmill.core.graph import Graph
from clockmill.store import fires
from clockmill.store.database import Transaction
from clockmill.store.fires import VersionKey

_MOST_TASKS: Final = 20_000
"""Tasks of all graphs that are kept together: some tens of megabytes."""


class KeptGraphs:
    """The graph versions asked for of late, bounded in what they hold. Any thread may use it."""

    def __init__(self, most_tasks: int = _MOST_TASKS) -> None:
        self._most_tasks = most_tasks
        self._lock = threading.Lock()
        self._graphs: OrderedDict[VersionKey, Graph] = OrderedDict()
        self._tasks = 0

    def load(self, tx: Transaction, keys: Iterable[VersionKey]) -> dict[VersionKey, Graph]:
        """Return those of the versions *keys* that the store has, read where they are not kept."""
        wanted = set(keys)
        with self._lock:
            found = {key: self._graphs[key] for key in wanted & self._graphs.keys()}
            for key in found:
                self._graphs.move_to_end(key)
        read = fires.load_graphs(tx, wanted - found.keys())
        with self._lock:
            for key, graph in read.items():
                self._keep(key, graph)
        return found | read

    def _keep(self, key: VersionKey, graph: Graph) -> None:
        if key in self._graphs or len(graph.tasks) > self._most_tasks:
            return
        self._graphs[key] = graph
        self._tasks += len(graph.tasks)
        while self._tasks > self._most_tasks:
            _, dropped = self._graphs.popitem(last=False)
            self._tasks -= len(dropped.tasks)
