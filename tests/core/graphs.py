"""Graphs for tests, from few words."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from clockmill.core.graph import Graph
from clockmill.core.names import SchemaName
from clockmill.core.task import Task, TaskSpec, TaskState

HOME: Final = SchemaName("DB", "S")
NOW: Final = datetime(2026, 3, 1, 9, 3, tzinfo=UTC)


def make_task(name: str, *after: str, suspended: bool = False, **properties: Any) -> Task:
    """Return a task that comes after the tasks named *after*; it is started."""
    return Task(
        id=f"id of {name}",
        name=HOME.object(name),
        owner="ME",
        spec=TaskSpec(**{"definition": "select 1", "predecessors": after, **properties}),
        state=TaskState.SUSPENDED if suspended else TaskState.STARTED,
        created_on=NOW,
    )


def make_graph(*tasks: Task) -> Graph:
    """Return the graph of *tasks*, of which the first is the root."""
    return Graph(home=HOME, root=tasks[0].name.name, tasks=tasks)


def graph_of(
    links: Mapping[str, Iterable[str]],
    *,
    suspended: Iterable[str] = (),
    conditions: Iterable[str] = (),
    finalizer: bool = False,
    **root: Any,
) -> Graph:
    """Return a graph whose tasks follow from others as *links* say; the root R is not among them.

    Those in *conditions* have a condition; the finalizer is F.
    """
    left_out, conditional = set(suspended), set(conditions)
    tasks = [make_task("R", condition="1 = 1" if "R" in conditional else None, **root)]
    for name, after in links.items():
        condition = "1 = 1" if name in conditional else None
        tasks.append(make_task(name, *after, suspended=name in left_out, condition=condition))
    if finalizer:
        tasks.append(make_task("F", finalize="R", suspended="F" in left_out))
    return make_graph(*tasks)
