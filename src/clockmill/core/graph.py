"""The graph: a root and all that follows from it, as it stood when a version was cut.

A graph is a value. A run keeps the one it began with, whatever happens to its tasks meanwhile.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

import msgspec

from clockmill.core.errors import GraphRule
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.task import Task

MAX_TASKS: Final = 1000
"""Tasks of one graph, the root, the finalizer and suspended ones included (CREATE TASK)."""
MAX_PREDECESSORS: Final = 100
MAX_CHILDREN: Final = 100


class GraphHasCycle(GraphRule):
    """Following predecessors leads back to where it began."""

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(
            f"Graph has at least one cycle containing task {task}. "
            "Remove one of the predecessors on it and try again."
        )


class GraphHasManyRoots(GraphRule):
    """A task of the graph also follows from a task that this root does not lead to."""

    def __init__(self, roots: Iterable[QualifiedName]) -> None:
        names = ", ".join(str(root) for root in roots)
        super().__init__(
            f"The graph has more than one root task (one without predecessors): {names}. "
            "Give all but one of them a predecessor in the graph, or remove them from it."
        )


class GraphTooLarge(GraphRule):
    """A limit on the number of tasks or links is exceeded."""


class Graph(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The tasks of one schema that belong together, the one named *root* first among them.

    The root counts as started whatever its state: only a child or a finalizer that is suspended
    is left out of a run.
    """

    home: SchemaName
    root: str
    tasks: tuple[Task, ...]

    def task(self, name: str) -> Task:
        """Return the member *name*, or raise KeyError."""
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    @property
    def root_task(self) -> Task:
        return self._by_name[self.root]

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names of all tasks: the root, the others in name order, the finalizer last."""
        ends = {self.root, self.finalizer}
        between = sorted(name for name in self._by_name if name not in ends)
        return (self.root, *between, *((self.finalizer,) if self.finalizer else ()))

    @cached_property
    def finalizer(self) -> str | None:
        """The name of the task that runs last, be it started or not."""
        return next((task.name.name for task in self.tasks if task.spec.finalize == self.root), None)

    @cached_property
    def active_finalizer(self) -> str | None:
        """The finalizer, if a run will run it."""
        return self.finalizer if self.finalizer and self.is_active(self.finalizer) else None

    def is_active(self, name: str) -> bool:
        """Say whether runs of the graph run *name*: it is the root, or it is started."""
        return name == self.root or self._by_name[name].is_started

    def predecessors(self, name: str) -> tuple[str, ...]:
        """Return the predecessors of *name* as its owner wrote them, in name order."""
        return tuple(sorted(set(self._by_name[name].spec.predecessors)))

    def children(self, name: str) -> tuple[str, ...]:
        """Return the tasks that name *name* as a predecessor, in name order."""
        return self._children.get(name, ())

    def effective_predecessors(self, name: str) -> tuple[str, ...]:
        """Return the active tasks that *name* waits for, in name order.

        A suspended predecessor is transparent: whoever waits for it waits for what it would
        have waited for.
        """
        return self._effective[name]

    def effective_children(self, name: str) -> tuple[str, ...]:
        """Return the active tasks that wait for *name*: the inverse of effective predecessors."""
        return self._effective_children.get(name, ())

    @cached_property
    def waits(self) -> Mapping[str, int]:
        """For each active task but the finalizer, the number of active tasks it waits for."""
        return {
            name: len(self._effective[name])
            for name in self.members
            if name != self.finalizer and self.is_active(name)
        }

    def ancestors(self, name: str) -> frozenset[str]:
        """Return every active task that has to end before *name* can start."""
        found: set[str] = set()
        waiting = list(self._effective[name])
        while waiting:
            ancestor = waiting.pop()
            if ancestor not in found:
                found.add(ancestor)
                waiting.extend(self._effective[ancestor])
        return frozenset(found)

    def in_order(self) -> tuple[str, ...]:
        """Return the members so that each comes after its predecessors, or raise GraphHasCycle.

        The finalizer is last.
        """
        return self._order

    def validate(self) -> None:
        """Raise a GraphRule unless runs of this graph can begin and end."""
        self._check_size()
        outside = {
            name for task in self.tasks for name in task.spec.predecessors if name not in self._by_name
        }
        others = {name for name, task in self._by_name.items() if task.spec.is_root and name != self.root}
        if outside or others:
            raise GraphHasManyRoots(self.home.object(name) for name in sorted({self.root} | outside | others))
        self.in_order()

    def fingerprint(self) -> str:
        """Return a digest that is the same for graphs whose runs would do the same.

        When a task was made, resumed or suspended, and the state of the root, do not count.
        """
        parts = [
            (task.id, task.name.name, task.owner, self.is_active(task.name.name), task.spec)
            for task in map(self.task, self.members)
        ]
        return hashlib.sha256(_FINGERPRINT.encode((self.home, parts))).hexdigest()

    def _check_size(self) -> None:
        check_size(self.home.object(self.root), len(self.tasks))
        for name in self.members:
            check_links(
                self.home.object(name),
                predecessors=len(self.predecessors(name)),
                children=len(self.children(name)),
            )

    @cached_property
    def _by_name(self) -> Mapping[str, Task]:
        return {task.name.name: task for task in self.tasks}

    @cached_property
    def _children(self) -> Mapping[str, tuple[str, ...]]:
        return _inverse((name, self.predecessors(name)) for name in self.members)

    @cached_property
    def _effective_children(self) -> Mapping[str, tuple[str, ...]]:
        return _inverse((name, self._effective[name]) for name in self.members if self.is_active(name))

    @cached_property
    def _order(self) -> tuple[str, ...]:
        missing = {name: len(self.predecessors(name)) for name in self.members}
        ready = [name for name in reversed(self.members) if not missing[name] and name != self.finalizer]
        order: list[str] = []
        while ready:
            order.append(name := ready.pop())
            for child in self.children(name):
                missing[child] -= 1
                if not missing[child]:
                    ready.append(child)
        order.extend(name for name in self.members if name == self.finalizer)
        if len(order) < len(self.members):
            raise GraphHasCycle(self.home.object(self._on_a_cycle({n for n in missing if missing[n]})))
        return tuple(order)

    def _on_a_cycle(self, stuck: set[str]) -> str:
        """Walk backwards among tasks that never become ready until one comes up again."""
        seen: set[str] = set()
        name = min(stuck)
        while name not in seen:
            seen.add(name)
            name = next(each for each in self.predecessors(name) if each in stuck or each not in self)
            if name not in self:  # not a cycle at all: validate() has said so before
                break
        return name

    @cached_property
    def _effective(self) -> Mapping[str, tuple[str, ...]]:
        # In order, so that each predecessor is resolved before whoever asks: a recursive walk
        # would meet the interpreter's limit on a chain of a thousand suspended tasks.
        found: dict[str, tuple[str, ...]] = {}
        for name in self.in_order():
            active: set[str] = set()
            for predecessor in self.predecessors(name):
                active.update((predecessor,) if self.is_active(predecessor) else found[predecessor])
            found[name] = tuple(sorted(active))
        return found


def encode(graph: Graph) -> str:
    """Return *graph* as JSON text, for the store."""
    return _JSON.encode(graph).decode()


def decode(text: str) -> Graph:
    """Return the graph that :func:`encode` wrote."""
    return _GRAPH.decode(text)


def check_size(root: QualifiedName, tasks: int) -> None:
    """Raise if the graph of *root* has more *tasks* than it may."""
    if tasks > MAX_TASKS:
        raise GraphTooLarge(
            f"The graph with root task {root} has {tasks} tasks. "
            f"A graph cannot have more than {MAX_TASKS} tasks."
        )


def check_links(task: QualifiedName, *, predecessors: int = 0, children: int = 0) -> None:
    """Raise if *task* has more *predecessors* or *children* than it may."""
    if predecessors > MAX_PREDECESSORS:
        raise GraphTooLarge(f"Task {task} cannot have more than {MAX_PREDECESSORS} predecessors.")
    if children > MAX_CHILDREN:
        raise GraphTooLarge(f"Task {task} cannot have more than {MAX_CHILDREN} child tasks.")


def _inverse(pairs: Iterable[tuple[str, tuple[str, ...]]]) -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, targets in pairs:
        for target in targets:
            found[target].append(name)
    return {name: tuple(sorted(sources)) for name, sources in found.items()}


_JSON: Final = msgspec.json.Encoder()
_FINGERPRINT: Final = msgspec.json.Encoder(order="deterministic")
_GRAPH: Final = msgspec.json.Decoder(Graph)
