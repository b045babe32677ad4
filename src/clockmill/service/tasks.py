"""What is done with tasks: create, alter, replace, drop, resume, suspend, look at.

Each call that changes something is one transaction, so a refusal changes nothing. The runner is
told by a wake-up after the commit; all that it needs to know is in the store by then.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Unpack

import msgspec

from clockmill.clock import Clock
from clockmill.core import link_rules, rules
from clockmill.core.caller import Caller
from clockmill.core.dependents import in_order_of_dependence
from clockmill.core.listing import Selection, select_named
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.sentences import DONE, already_dropped, already_there, created, dropped
from clockmill.core.tag import TagLevel
from clockmill.core.task import CreateMode, Task, TaskSpec
from clockmill.core.task_change import TaskChange, apply_change, read_change
from clockmill.service import task_states
from clockmill.service.access import Action, authorize
from clockmill.service.places import require_schema
from clockmill.service.tags import TagValue, put_tags, tags_of
from clockmill.service.task_changes import (
    Changes,
    check_references,
    require_links,
    require_task,
    require_to_change,
)
from clockmill.service.task_drafts import Draft
from clockmill.service.task_states import require_to_operate
from clockmill.store import graphs, tasks
from clockmill.store.database import Store, Transaction
from clockmill.store.snapshot_cache import SnapshotCache
from clockmill.wake import Topic, Wakeups


class TaskService:
    """The use cases of tasks."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        max_started: int = link_rules.MAX_STARTED,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._store = store
        self._clock = clock
        self._wakeups = wakeups
        self._max_started = max_started
        self._new_id = new_id
        self._changes = Changes()
        self._fetched: SnapshotCache[QualifiedName, Task] = SnapshotCache(store)

    # --- looking ---------------------------------------------------------------------------

    def list_tasks(
        self,
        caller: Caller,
        schema: SchemaName,
        *,
        root_only: bool = False,
        **wanted: Unpack[Selection],
    ) -> list[Task]:
        """Return the tasks of *schema* in name order; the options are those of SHOW TASKS."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            require_schema(tx, schema)
            listed = tasks.list_tasks(tx, database=schema.database, schema=schema.schema)
        return _select(listed, root_only=root_only, **wanted)

    def list_tasks_of(
        self,
        caller: Caller,
        database: str | None,
        *,
        root_only: bool = False,
        **wanted: Unpack[Selection],
    ) -> list[Task]:
        """Return the tasks of *database*, or of the account if it is None, by schema and name."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            listed = tasks.list_tasks(tx, database=database)
        return _select(listed, root_only=root_only, **wanted)

    def fetch_task(self, caller: Caller, name: QualifiedName) -> Task:
        """Return the task *name*, or raise NotFound."""
        authorize(caller, Action.SEE)
        return self._fetched.get(name, lambda tx: require_task(tx, name))

    def list_dependents(self, caller: Caller, name: QualifiedName, *, recursive: bool = True) -> list[Task]:
        """Return the task *name*, then all that follows from it, each after what it follows from.

        Without *recursive*, only what names it. A root's finalizer is among its dependents.
        """
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            task = require_task(tx, name)
            found = graphs.load_graph_tasks(tx, name.parent, task.id)
        if not recursive:
            found = tuple(each for each in found if each.id == task.id or _names(each.spec, name.name))
        return in_order_of_dependence(name.name, found)

    # --- defining --------------------------------------------------------------------------

    def create_task(
        self,
        caller: Caller,
        name: QualifiedName,
        wanted: TaskSpec | TaskChange,
        mode: CreateMode,
        *,
        tags: Sequence[TagValue] = (),
    ) -> str:
        """Make the task *name*, suspended, and return the sentence that says so.

        If the name is taken, *mode* says whether to refuse, to replace the task (by one with
        another id), or to leave it as it is.
        """
        draft = Draft(name, wanted)

        def work(tx: Transaction) -> str:
            schema_id, before = _look_up(tx, name)
            draft.check_references(tx)
            if before is not None:
                if mode.keeps(name.name):
                    return already_there(name.name)
                require_to_change(caller, before)
            self._put(tx, schema_id, before, self._new_task(caller, name, draft.checked(tx)), tags)
            return created("Task", name.name)

        authorize(caller, Action.CREATE)
        return self._store.write(work)

    def clone_task(
        self,
        caller: Caller,
        name: QualifiedName,
        source: QualifiedName,
        change: TaskChange,
        mode: CreateMode,
        *,
        tags: Sequence[TagValue] = (),
    ) -> str:
        """Make the task *name*, suspended, as *source* is, apart from what *change* says.

        It has the tags of *source* too. It keeps the predecessors only in the same schema and of
        the same owner, and finalizes nothing: a root has one finalizer.
        """
        read_change(change)

        def work(tx: Transaction) -> str:
            schema_id, before = _look_up(tx, name)
            check_references(tx, change.settings.get("WAREHOUSE"), change.execute_as_user)
            copied = require_task(tx, source)
            if before is not None:
                if mode.keeps(name.name):
                    return already_there(name.name)
                require_to_change(caller, before)
            require_links(tx, name.parent, change)
            spec = apply_change(name, _cloned(copied, name, caller), change)
            checked = rules.check_properties(name, rules.read_statement(spec))
            task = self._new_task(caller, name, checked)
            self._put(tx, schema_id, before, task, [*tags_of(tx, copied.id), *tags])
            return created("Task", name.name)

        authorize(caller, Action.CREATE)
        return self._store.write(work)

    def create_or_alter_task(self, caller: Caller, name: QualifiedName, wanted: TaskSpec | TaskChange) -> str:
        """Make the task *name*, or make it what is *wanted*, in which what is left out is reset.

        The id, the tags, the owner and the state of a task that is there are kept.
        """
        draft = Draft(name, wanted)

        def work(tx: Transaction) -> str:
            schema_id, before = _look_up(tx, name)
            draft.check_references(tx)
            if before is None:
                self._put(tx, schema_id, None, self._new_task(caller, name, draft.checked(tx)), ())
                return created("Task", name.name)
            require_to_change(caller, before)
            self._changes.alter(tx, schema_id, before, draft.checked(tx), self._clock.now())
            return DONE

        authorize(caller, Action.CREATE)
        return self._store.write(work)

    def alter_task(
        self, caller: Caller, name: QualifiedName, change: TaskChange, *, if_exists: bool = False
    ) -> str:
        """Change of the task *name* what *change* mentions."""
        read_change(change)

        def work(tx: Transaction) -> str:
            if if_exists and tasks.find_task(tx, name) is None:
                return DONE
            task, schema_id = require_task(tx, name), require_schema(tx, name.parent)
            require_to_change(caller, task)
            check_references(tx, change.settings.get("WAREHOUSE"), change.execute_as_user)
            self._changes.amend(tx, schema_id, task, change, self._clock.now())
            return DONE

        return self._store.write(work)

    def drop_task(self, caller: Caller, name: QualifiedName, *, if_exists: bool = False) -> str:
        """Remove the task *name* and return the sentence that says so. What runs goes on to its end."""

        def work(tx: Transaction) -> str:
            if if_exists and tasks.find_task(tx, name) is None:
                return already_dropped(name.name)
            task = require_task(tx, name)
            require_to_change(caller, task)
            self._changes.drop(tx, task, self._clock.now())
            return dropped(name.name)

        return self._write_and_wake(work)

    # --- resuming and suspending -----------------------------------------------------------

    def resume_task(self, caller: Caller, name: QualifiedName, *, if_exists: bool = False) -> str:
        """Let the task *name* run. Resuming what is started changes nothing.

        A root's graph is checked, and its schedule counts from now.
        """

        def work(tx: Transaction) -> str:
            if if_exists and tasks.find_task(tx, name) is None:
                return DONE
            task = require_task(tx, name)
            require_to_operate(caller, task)
            task_states.resume(tx, task, caller, self._clock.now(), self._max_started)
            return DONE

        return self._write_and_wake(work)

    def suspend_task(self, caller: Caller, name: QualifiedName, *, if_exists: bool = False) -> str:
        """Let the task *name* run no more. Suspending what is suspended changes nothing."""

        def work(tx: Transaction) -> str:
            if if_exists and tasks.find_task(tx, name) is None:
                return DONE
            task = require_task(tx, name)
            require_to_operate(caller, task)
            task_states.suspend(tx, task, self._clock.now())
            return DONE

        return self._write_and_wake(work)

    def enable_dependents(self, caller: Caller, name: QualifiedName) -> str:
        """Resume the task *name* and all that follows from it, or nothing of it."""

        def work(tx: Transaction) -> str:
            task = require_task(tx, name)
            require_to_operate(caller, task)
            task_states.resume_with_dependents(tx, task, caller, self._clock.now(), self._max_started)
            return DONE

        return self._write_and_wake(work)

    def _write_and_wake(self, work: Callable[[Transaction], str]) -> str:
        status = self._store.write(work)
        self._wakeups.raise_(Topic.SCHEDULE)
        return status

    def _put(
        self, tx: Transaction, schema_id: str, before: Task | None, task: Task, tags: Sequence[TagValue]
    ) -> None:
        """Add *task* with its *tags*, in the place of *before* if that is there."""
        if before is None:
            self._changes.create(tx, schema_id, task)
        else:
            self._changes.replace(tx, schema_id, before, task)
        if tags:
            put_tags(tx, TagLevel.TASK, task.id, tags)

    def _new_task(self, caller: Caller, name: QualifiedName, spec: TaskSpec) -> Task:
        return Task(
            id=self._new_id(),
            name=name,
            owner=caller.role,
            spec=spec,
            created_on=self._clock.now(),
            created_by=caller.user,
        )


def task_relations(task: Task) -> str:
    """Return what *task* is tied to, as the JSON text that SHOW TASKS and the REST API answer.

    Keys are in the order in which the service writes them.
    """
    home = task.name.parent
    relations: dict[str, str | list[str]] = {}
    if task.spec.finalize is not None:
        relations["FinalizedRootTask"] = str(home.object(task.spec.finalize))
    relations["Predecessors"] = [str(home.object(name)) for name in task.spec.predecessors]
    if task.finalizer is not None:
        relations["FinalizerTask"] = str(home.object(task.finalizer))
    return msgspec.json.encode(relations).decode()


def _select(listed: list[tasks.ListedTask], *, root_only: bool, **wanted: Unpack[Selection]) -> list[Task]:
    """Return the tasks that the options ask for, and read no others from their rows."""
    if not root_only:
        return [each.read() for each in select_named(listed, lambda each: each.name, **wanted)]
    like, starts_with = wanted.pop("like", None), wanted.pop("starts_with", None)
    named = select_named(listed, lambda each: each.name, like=like, starts_with=starts_with)
    roots = [task for task in (each.read() for each in named) if task.spec.is_root]
    return select_named(roots, lambda task: task.name.name, **wanted)


def _look_up(tx: Transaction, name: QualifiedName) -> tuple[str, Task | None]:
    """Return the id of the schema of *name* and the task that has the name, if there is one.

    Raises NotFound if there is no such schema.
    """
    return require_schema(tx, name.parent), tasks.find_task(tx, name)


def _cloned(source: Task, name: QualifiedName, caller: Caller) -> TaskSpec:
    """Return what a clone of *source* called *name* is made of."""
    stays_in_graph = name.parent == source.name.parent and caller.role == source.owner
    predecessors = source.spec.predecessors if stays_in_graph else ()
    return msgspec.structs.replace(source.spec, predecessors=predecessors, finalize=None)


def _names(spec: TaskSpec, name: str) -> bool:
    return name in spec.predecessors or spec.finalize == name
