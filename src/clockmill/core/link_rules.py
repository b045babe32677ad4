"""The rules for ties between tasks, as far as one statement is held to them.

Whether the tasks form a graph that can run, without cycle and with one root, is asked when its
root is resumed or executed (:meth:`clockmill.core.graph.Graph.validate`): a user may well pass
through graphs that cannot run on the way to one that can.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from clockmill.core.graph import check_links
from clockmill.core.names import QualifiedName, SchemaName, qualify, render
from clockmill.core.task import Task, TaskSpec
from clockmill.core.task_errors import (
    FinalizedBecomesChild,
    FinalizedElsewhere,
    FinalizedReplacedByNonRoot,
    FinalizerWithChildren,
    FinalizesNonRoot,
    InvalidFinalizedRoot,
    InvalidPredecessor,
    OwnersDiffer,
    PredecessorElsewhere,
    SecondFinalizer,
)

MAX_STARTED: Final = 30_000
"""Started tasks of an account (CREATE TASK)."""


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a task as the rules ask of one that another is tied to.

    *children* counts the tasks that wait for it, *finalizer* names the one that finalizes it;
    neither counts the task that the statement is about. *was_committed* says that it has ever
    been part of a graph version; what has not is in no started graph.
    """

    id: str
    name: QualifiedName
    owner: str
    is_finalizer: bool = False
    is_child: bool = False
    children: int = 0
    finalizer: str | None = None
    was_committed: bool = False


def predecessor_name(text: str, home: SchemaName) -> str:
    """Return the bare name of the predecessor that *text*, perhaps qualified, names."""
    name = qualify(text, home)
    if name.parent != home:
        raise PredecessorElsewhere(name)
    return name.name


def finalized_name(text: str, home: SchemaName) -> str:
    """Return the bare name of the root to finalize that *text*, perhaps qualified, names."""
    name = qualify(text, home)
    if name.parent != home:
        raise FinalizedElsewhere(name)
    return name.name


def check_predecessors(
    name: QualifiedName, owner: str, spec: TaskSpec, found: Mapping[str, Neighbour]
) -> None:
    """Raise unless *name*, belonging to *owner*, may come after each of its predecessors.

    *found* holds those that exist, by name.
    """
    for wanted in spec.predecessors:
        predecessor = found.get(wanted)
        if predecessor is None:
            raise InvalidPredecessor(render(wanted))
        if predecessor.is_finalizer:
            raise FinalizerWithChildren(predecessor.name)
        if predecessor.owner != owner:
            raise OwnersDiffer(name, predecessor.name)
        check_links(predecessor.name, children=predecessor.children + 1)


def check_finalized(name: QualifiedName, owner: str, spec: TaskSpec, target: Neighbour | None) -> None:
    """Raise unless *name*, belonging to *owner*, may finalize *target*."""
    if spec.finalize is None:
        return
    if target is None:
        raise InvalidFinalizedRoot(render(spec.finalize))
    if target.is_child or target.is_finalizer:
        raise FinalizesNonRoot(name, target.name)
    if target.finalizer is not None:
        raise SecondFinalizer(target.name.name)
    if target.owner != owner:
        raise OwnersDiffer(name, target.name)


def check_alteration(before: Task, spec: TaskSpec, children: tuple[str, ...]) -> None:
    """Raise unless *before*, which *children* name as their predecessor, may become *spec*."""
    if before.finalizer is not None and not spec.is_root:
        raise FinalizedBecomesChild
    if children and spec.is_finalizer:
        raise FinalizerWithChildren(before.name)


def check_replacement(before: Task, owner: str, spec: TaskSpec, children: tuple[str, ...]) -> None:
    """Raise unless a new task of *owner* may take the place of *before*, whose children stay."""
    if before.finalizer is not None and not spec.is_root:
        raise FinalizedReplacedByNonRoot(before.name)
    if children and spec.is_finalizer:
        raise FinalizerWithChildren(before.name)
    # What is tied together has one owner, so the old task's owner is that of all the others.
    others = (*children, *((before.finalizer,) if before.finalizer is not None else ()))
    if others and owner != before.owner:
        raise OwnersDiffer(before.name, before.name.parent.object(others[0]))
