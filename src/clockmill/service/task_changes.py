"""How tasks are made, altered, replaced and dropped: each call is the work of one transaction."""

from datetime import datetime
from typing import Final

import msgspec

from clockmill.core import link_rules, rules
from clockmill.core.caller import Caller
from clockmill.core.errors import NotFound
from clockmill.core.graph import MAX_TASKS
from clockmill.core.names import QualifiedName, SchemaName, render
from clockmill.core.task import SuspendReason, Task, TaskSpec
from clockmill.core.task_change import TaskChange, apply_change
from clockmill.core.task_errors import (
    FinalizedElsewhere,
    InvalidFinalizedRoot,
    InvalidPredecessor,
    NonexistentWarehouse,
    NotAPredecessor,
    PredecessorElsewhere,
    RootNotSuspended,
)
from clockmill.service.access import Action, authorize
from clockmill.service.graph_sizes import GraphSizes
from clockmill.service.places import require_schema
from clockmill.store import graphs, skipped_fires, tasks
from clockmill.store.database import Transaction

KIND: Final = "task"


class Ties(msgspec.Struct, frozen=True, kw_only=True):
    """What a task is tied to, by id, and whether any of it may be in a started graph."""

    predecessors: tuple[str, ...] = ()
    finalizes: str | None = None
    may_be_started: bool = False


def require_task(tx: Transaction, name: QualifiedName) -> Task:
    """Return the task *name*, or raise NotFound for what is missing of it."""
    task = tasks.find_task(tx, name)
    if task is None:
        require_schema(tx, name.parent)
        raise NotFound("Task", name)
    return task


def require_to_change(caller: Caller, task: Task) -> None:
    """Raise unless *caller* may alter, replace or drop *task*."""
    authorize(caller, Action.CHANGE, owner=task.owner, kind=KIND, name=task.name.name)


def check_references(tx: Transaction, warehouse: str | None, user: str | None) -> None:
    """Raise unless the *warehouse* and the *user* that a statement names are there.

    Integrations are not looked up: there are none yet, and any name is kept.
    """
    if warehouse is not None and not tasks.warehouse_exists(tx, warehouse):
        raise NonexistentWarehouse(render(warehouse))
    if user is not None and not tasks.user_exists(tx, user):
        raise NotFound("User", user)


def require_suspended_root(tx: Transaction, name: QualifiedName, task_id: str) -> None:
    """Raise if the task *task_id*, of the schema of *name*, is in a graph whose root is started."""
    for root in graphs.find_roots_above(tx, task_id):
        if root.is_started:
            raise RootNotSuspended(name.parent.object(root.name))


class Changes:
    """Makes, replaces and alters tasks. For the writer's thread alone."""

    def __init__(self) -> None:
        self._sizes = GraphSizes()

    def create(self, tx: Transaction, schema_id: str, task: Task) -> None:
        """Add *task*, whose name is free."""
        ties = _find_ties(tx, schema_id, task.name, task.owner, task.spec, own_id=None)
        tasks.insert_task(tx, schema_id, task, predecessors=ties.predecessors, finalizes=ties.finalizes)
        self._check_ties(tx, schema_id, task.name, task.id, ties)

    def replace(self, tx: Transaction, schema_id: str, before: Task, task: Task) -> None:
        """Put *task* in the place of *before*: the tasks tied to that one are tied to this one."""
        # A started task is in a started graph, be it alone there: it has to be suspended first.
        require_suspended_root(tx, before.name, before.id)
        self._sizes.forget()
        children = tasks.find_children(tx, before.id)
        link_rules.check_replacement(before, task.owner, task.spec, children)
        ties = _find_ties(tx, schema_id, task.name, task.owner, task.spec, own_id=before.id)
        skipped_fires.record_dropped(tx, [before.id], task.created_on)
        tasks.replace_task(
            tx, schema_id, before.id, task, predecessors=ties.predecessors, finalizes=ties.finalizes
        )
        self._check_ties(tx, schema_id, task.name, task.id, ties)

    def alter(self, tx: Transaction, schema_id: str, before: Task, spec: TaskSpec, now: datetime) -> None:
        """Give *before* another spec. One that becomes a root by it is suspended."""
        require_suspended_root(tx, before.name, before.id)
        link_rules.check_alteration(before, spec, tasks.find_children(tx, before.id))
        ties = _find_ties(tx, schema_id, before.name, before.owner, spec, own_id=before.id)
        self._give_spec(tx, schema_id, before, spec, ties=ties, now=now)

    def amend(self, tx: Transaction, schema_id: str, before: Task, change: TaskChange, now: datetime) -> None:
        """Make of *before* what a statement says. One that becomes a root by it is suspended.

        What is wrong is found in the order in which the service finds it: whether there are the
        tasks that the statement names, then how they are tied, and then the task's properties.
        """
        require_suspended_root(tx, before.name, before.id)
        _check_removed(tx, before, change)
        require_links(tx, before.name.parent, change)
        spec = apply_change(before.name, before.spec, change)
        ties = _find_ties(tx, schema_id, before.name, before.owner, spec, own_id=before.id)
        link_rules.check_alteration(before, spec, tasks.find_children(tx, before.id))
        checked = rules.check_properties(before.name, rules.read_statement(spec))
        self._give_spec(tx, schema_id, before, checked, ties=ties, now=now)

    def drop(self, tx: Transaction, task: Task, now: datetime) -> None:
        """Remove *task*. What followed from nothing else becomes a suspended root of its own."""
        is_alone = task.spec.is_root and task.finalizer is None and not tasks.find_children(tx, task.id)
        if not is_alone:
            require_suspended_root(tx, task.name, task.id)
        self._sizes.forget()
        skipped_fires.record_dropped(tx, [task.id], now)
        freed = tasks.delete_task(tx, task.id, task.name.name)
        tasks.suspend_tasks(tx, freed.children, SuspendReason.CHILD_BECAME_ROOT, now)
        tasks.suspend_tasks(tx, freed.finalizers, SuspendReason.FINALIZER_BECAME_ROOT, now)

    def _give_spec(
        self,
        tx: Transaction,
        schema_id: str,
        before: Task,
        spec: TaskSpec,
        *,
        ties: Ties,
        now: datetime,
    ) -> None:
        self._sizes.forget()
        tasks.update_spec(tx, before.id, spec, predecessors=ties.predecessors, finalizes=ties.finalizes)
        if spec.is_root and not before.spec.is_root:
            was_finalizer = before.spec.is_finalizer
            reason = SuspendReason.FINALIZER_BECAME_ROOT if was_finalizer else SuspendReason.CHILD_BECAME_ROOT
            tasks.suspend_tasks(tx, [before.id], reason, now)
        self._check_ties(tx, schema_id, before.name, before.id, ties)

    def _check_ties(
        self, tx: Transaction, schema_id: str, name: QualifiedName, task_id: str, ties: Ties
    ) -> None:
        """Raise if the task, tied now, is part of a started graph or of one that is too large."""
        if not ties.predecessors and ties.finalizes is None:
            return
        if ties.may_be_started:
            require_suspended_root(tx, name, task_id)
        # A graph lies in one schema, and most schemas have no room for one too large.
        if graphs.has_more_tasks(tx, schema_id, MAX_TASKS):
            finalized = () if ties.finalizes is None else (ties.finalizes,)
            self._sizes.check(tx, name.parent, task_id, (*ties.predecessors, *finalized))


def require_links(tx: Transaction, home: SchemaName, change: TaskChange) -> None:
    """Raise if *change* ties a task of the schema *home* to one that is missing or elsewhere.

    What names tasks of *home* alone is left to the search for ties.
    """
    if not change.is_elsewhere(home):
        return
    for link in change.links:
        if tasks.find_task(tx, link.name) is None:
            is_finalized = link is change.finalize
            raise InvalidFinalizedRoot(link.text) if is_finalized else InvalidPredecessor(link.text)
    for link in change.links:
        if link.name.parent != home:
            is_finalized = link is change.finalize
            raise (
                FinalizedElsewhere(link.text)
                if is_finalized
                else PredecessorElsewhere(render(link.name.name))
            )


def _check_removed(tx: Transaction, before: Task, change: TaskChange) -> None:
    """Raise unless every task in REMOVE AFTER is a predecessor. Those that exist are looked at first."""
    missing = []
    for link in change.removed:
        if link.name.parent == before.name.parent and link.name.name in before.spec.predecessors:
            continue
        if tasks.find_task(tx, link.name) is not None:
            raise NotAPredecessor(render(before.name.name), render(link.name.name))
        missing.append(link.text)
    if missing:
        raise InvalidPredecessor(missing[0])


def _find_ties(
    tx: Transaction, schema_id: str, name: QualifiedName, owner: str, spec: TaskSpec, *, own_id: str | None
) -> Ties:
    """Return the ties that *spec* asks for, or raise if *owner* cannot have them so."""
    if spec.is_root:
        return Ties()
    names = [*spec.predecessors, *((spec.finalize,) if spec.finalize is not None else ())]
    found = tasks.find_neighbours(tx, schema_id, name.parent, names, apart_from=own_id)
    link_rules.check_predecessors(name, owner, spec, found)
    target = found.get(spec.finalize) if spec.finalize is not None else None
    link_rules.check_finalized(name, owner, spec, target)
    return Ties(
        predecessors=tuple(found[each].id for each in spec.predecessors),
        finalizes=None if target is None else target.id,
        may_be_started=any(each.was_committed for each in found.values()),
    )
