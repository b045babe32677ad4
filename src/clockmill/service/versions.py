"""Graph versions: what a graph was when its root was last resumed or executed.

A run keeps to the version it began with, so tasks may change and go while it goes on.
"""

from datetime import datetime

from clockmill.core.caller import Caller
from clockmill.core.graph import Graph
from clockmill.core.levels import inherit
from clockmill.core.task import Task
from clockmill.store import catalog, graphs, versions
from clockmill.store.database import Transaction


def cut_version(tx: Transaction, root: Task, now: datetime, caller: Caller) -> int:
    """Check the graph of *root* and return the number of the version that says what it is now.

    A graph that is what it was at its last version keeps the number. Raises a GraphRule, and the
    transaction has to be given up then, if runs of the graph could not begin and end.
    """
    graph = load_graph(tx, root)
    graph.validate()
    latest = versions.find_latest_version(tx, root.id)
    if latest is not None and latest.fingerprint == graph.fingerprint():
        versions.mark_committed(tx, [root.id], now)
        number = latest.number
    else:
        number = 1 if latest is None else latest.number + 1
        versions.insert_version(tx, root.id, number, graph, now=now, by=caller.user)
        versions.mark_committed(tx, [task.id for task in graph.tasks], now)
    versions.set_current_version(tx, root.id, number)
    return number


def load_graph(tx: Transaction, root: Task) -> Graph:
    """Return the graph of *root* as it is now, with what it inherits, checked by nobody."""
    home = root.name.parent
    tasks = graphs.load_graph_tasks(tx, home, root.id)
    levels = catalog.find_levels(tx, home)
    if levels is not None:
        tasks = tuple(inherit(task, *levels) for task in tasks)
    return Graph(home=home, root=root.name.name, tasks=tasks)
