"""How large graphs may have become, without counting them at every change.

Counting a graph means following all its links, and a graph that is built task by task would be
counted a thousand times.
"""

from collections import OrderedDict
from typing import Final

from clockmill.core.graph import MAX_TASKS, check_size
from clockmill.core.names import SchemaName
from clockmill.store import graphs
from clockmill.store.database import Transaction

_REMEMBERED: Final = 1000


class GraphSizes:
    """For each root met lately, a number that its graph's size does not exceed.

    It may well be too high: of what is undone or dropped nothing is noted. Only then is counted.
    For the writer's thread alone.
    """

    def __init__(self) -> None:
        self._bounds: OrderedDict[str, int] = OrderedDict()

    def check(self, tx: Transaction, home: SchemaName, task_id: str, *, is_new: bool) -> None:
        """Raise if a graph with the task *task_id*, just tied, is too large.

        A task that *is_new* has brought nobody with it.
        """
        for root in graphs.find_roots_above(tx, task_id):
            known = self._bounds.pop(root.id, MAX_TASKS) if is_new else MAX_TASKS
            bound = known + 1
            if bound > MAX_TASKS:
                bound = graphs.count_graph(tx, root.id)
                check_size(home.object(root.name), bound)
            self._bounds[root.id] = bound
            if len(self._bounds) > _REMEMBERED:
                self._bounds.popitem(last=False)
