"""How large graphs may have become, without counting them at every change.

Counting a graph means following all its links, and a graph that is built task by task would be
counted a thousand times.
"""

from collections.abc import Sequence
from typing import Final

from clockmill.core.graph import MAX_TASKS, check_size
from clockmill.core.names import SchemaName
from clockmill.store import graphs
from clockmill.store.database import Transaction

_REMEMBERED: Final = 100_000


class GraphSizes:
    """Under which roots the latest tasks came, and what size each of those graphs has at most.

    The sizes may be too high, since of what is undone nothing is noted: only then is counted.
    For the writer's thread alone.
    """

    def __init__(self) -> None:
        self._roots: dict[str, frozenset[str]] = {}
        self._bounds: dict[str, int] = {}

    def forget(self) -> None:
        """Note that tasks which were there have been tied otherwise, or are gone."""
        self._roots.clear()
        self._bounds.clear()

    def check(self, tx: Transaction, home: SchemaName, task_id: str, tied_to: Sequence[str]) -> None:
        """Raise if a graph with the task *task_id*, newly tied to the tasks *tied_to*, is too large."""
        roots = self._find_room(tied_to)
        if roots is None:
            roots = self._count(tx, home, task_id)
            self._remember(tied_to, roots)
        self._remember([task_id], roots)

    def _find_room(self, tied_to: Sequence[str]) -> frozenset[str] | None:
        """Return the roots above, with one task more noted under each, or None to have it counted."""
        if not self._roots.keys() >= set(tied_to):
            return None
        roots = frozenset[str]().union(*(self._roots[other] for other in tied_to))
        if any(self._bounds[root] >= MAX_TASKS for root in roots):
            return None
        for root in roots:
            self._bounds[root] += 1
        return roots

    def _count(self, tx: Transaction, home: SchemaName, task_id: str) -> frozenset[str]:
        above = graphs.find_roots_above(tx, task_id)
        for root in above:
            size = graphs.count_graph(tx, root.id)
            check_size(home.object(root.name), size)
            self._bounds[root.id] = size
        return frozenset(root.id for root in above)

    def _remember(self, task_ids: Sequence[str], roots: frozenset[str]) -> None:
        if len(self._roots) >= _REMEMBERED:
            self.forget()
            return
        for task_id in task_ids:
            self._roots[task_id] = roots
