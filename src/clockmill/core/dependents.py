"""Tasks in the order of what follows from what, whether or not they make a graph that can run."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from clockmill.core.task import Task


def in_order_of_dependence(first: str, tasks: Iterable[Task]) -> list[Task]:
    """Return *tasks* so that each comes after those it follows from: *first* first, finalizers last.

    Who drops tasks from the end of the list never drops one that another still names. Tasks on a
    cycle, for which no such order exists, come after the others in name order.
    """
    by_name = {task.name.name: task for task in sorted(tasks, key=_place)}
    ordered = [first, *_ordered(first, by_name)]
    left = [name for name in by_name if name not in set(ordered)]
    return [by_name[name] for name in (*ordered, *left)]


def _ordered(first: str, by_name: Mapping[str, Task]) -> list[str]:
    """Return those that follow from *first* and from nothing that comes round again."""
    missing: dict[str, int] = {}
    children = defaultdict(list)
    for name, task in by_name.items():
        awaited = [each for each in task.spec.predecessors if each in by_name]
        missing[name] = len(awaited)
        for predecessor in awaited:
            children[predecessor].append(name)
    order: list[str] = []
    level = [first]
    while level:
        ready = []
        for child in (child for name in level for child in children[name]):
            missing[child] -= 1
            if not missing[child] and child != first:
                ready.append(child)
        level = sorted(ready)
        order += level
    return order


def _place(task: Task) -> tuple[bool, str]:
    return task.spec.is_finalizer, task.name.name
