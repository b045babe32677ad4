"""Queries on tasks and on what ties them together.

A task is one row: its spec as JSON, with the names of its predecessors and of the root that it
finalizes. ``task_links`` and ``tasks.finalizes`` say the same by id, for looking from the other
side; the functions here keep the two in step.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import bindparam, delete, exists, func, insert, literal, select, update

from clockmill.core.link_rules import Neighbour
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.task import SuspendReason, Task, TaskSpec, TaskState
from clockmill.store.database import Transaction
from clockmill.store.tables import (
    databases,
    graph_runs,
    roots,
    schemas,
    tag_assignments,
    task_links,
    tasks,
    users,
    warehouses,
)
from clockmill.store.task_rows import PLACED, TASK_COLUMNS, decode_spec, encode_spec, finalizers, read_task

TAG_LEVEL: Final = "TASK"
"""How tag assignments name this kind of object."""


class ListedTask(NamedTuple):
    """A task in a listing, not yet read: most listings leave most of them out."""

    home: SchemaName
    name: str
    row: Sequence[Any]

    def read(self) -> Task:
        """Return the task itself."""
        return read_task(self.home, self.row)


# --- finding -----------------------------------------------------------------------------------

_TASK_BY_NAME = (
    select(*TASK_COLUMNS)
    .select_from(PLACED)
    .where(
        databases.c.name == bindparam("database"),
        schemas.c.name == bindparam("schema"),
        tasks.c.name == bindparam("name"),
    )
)


def find_task(tx: Transaction, name: QualifiedName) -> Task | None:
    """Return the task called *name*, or None."""
    key = {"database": name.database, "schema": name.schema, "name": name.name}
    row = tx.execute(_TASK_BY_NAME, key).first()
    return None if row is None else read_task(name.parent, row)


_TASK_BY_ID = (
    select(*TASK_COLUMNS, databases.c.name, schemas.c.name)
    .select_from(PLACED)
    .where(tasks.c.id == bindparam("id"))
)


def get_task(tx: Transaction, task_id: str) -> Task | None:
    """Return the task with the id *task_id*, or None if it was dropped or replaced."""
    row = tx.execute(_TASK_BY_ID, {"id": task_id}).first()
    return None if row is None else read_task(SchemaName(row[-2], row[-1]), row)


_ALL_TASKS = select(*TASK_COLUMNS, databases.c.name, schemas.c.name).select_from(PLACED)
_TASKS_OF_DATABASE = _ALL_TASKS.where(databases.c.name == bindparam("database"))
_TASKS_OF_SCHEMA = _TASKS_OF_DATABASE.where(schemas.c.name == bindparam("schema"))


def list_tasks(
    tx: Transaction, *, database: str | None = None, schema: str | None = None
) -> list[ListedTask]:
    """Return the tasks of a schema, a database or the account, by database, schema and name."""
    query = _ALL_TASKS if database is None else _TASKS_OF_DATABASE if schema is None else _TASKS_OF_SCHEMA
    rows = tx.execute(query, {"database": database, "schema": schema} if database else {}).all()
    listed = [ListedTask(SchemaName(row[-2], row[-1]), row[1], row) for row in rows]
    # Sorted here, because databases differ in how they compare text.
    listed.sort(key=lambda each: (each.home, each.name))
    return listed


_NEIGHBOUR_COLUMNS = (
    tasks.c.id,
    tasks.c.name,
    tasks.c.owner,
    tasks.c.finalizes,
    select(func.count())
    .select_from(task_links)
    .where(task_links.c.predecessor_id == tasks.c.id, task_links.c.task_id != bindparam("own"))
    .scalar_subquery(),
    exists().where(task_links.c.task_id == tasks.c.id).correlate(tasks),
    select(finalizers.c.name)
    .where(finalizers.c.finalizes == tasks.c.id, finalizers.c.id != bindparam("own"))
    .scalar_subquery(),
    tasks.c.last_committed_on.is_not(None),
)
_NEIGHBOURS = select(*_NEIGHBOUR_COLUMNS).where(
    tasks.c.schema_id == bindparam("schema_id"), tasks.c.name.in_(bindparam("names", expanding=True))
)


def find_neighbours(
    tx: Transaction, schema_id: str, home: SchemaName, names: Sequence[str], *, apart_from: str | None
) -> dict[str, Neighbour]:
    """Return those of *names* that exist in the schema, by name.

    Ties with the task *apart_from* (an id) are not counted: it is the one being changed.
    """
    key = {"schema_id": schema_id, "names": list(names), "own": apart_from or ""}
    return {row[1]: _neighbour(home, row) for row in tx.execute(_NEIGHBOURS, key)}


def _neighbour(home: SchemaName, row: Sequence[Any]) -> Neighbour:
    return Neighbour(
        id=row[0],
        name=home.object(row[1]),
        owner=row[2],
        is_finalizer=row[3] is not None,
        children=row[4],
        is_child=bool(row[5]),
        finalizer=row[6],
        was_committed=bool(row[7]),
    )


_CHILDREN = (
    select(tasks.c.name)
    .join(task_links, task_links.c.task_id == tasks.c.id)
    .where(task_links.c.predecessor_id == bindparam("id"))
)


def find_children(tx: Transaction, task_id: str) -> tuple[str, ...]:
    """Return the names of the tasks that name the task *task_id* as a predecessor."""
    return tuple(sorted(tx.execute(_CHILDREN, {"id": task_id}).scalars()))


_WAREHOUSE = select(warehouses.c.id).where(warehouses.c.name == bindparam("name"))
_USER = select(users.c.name).where(users.c.name == bindparam("name"))


def warehouse_exists(tx: Transaction, name: str) -> bool:
    """Say whether there is a warehouse called *name*."""
    return tx.execute(_WAREHOUSE, {"name": name}).first() is not None


def user_exists(tx: Transaction, name: str) -> bool:
    """Say whether there is a user called *name*."""
    return tx.execute(_USER, {"name": name}).first() is not None


# --- changing ----------------------------------------------------------------------------------

_INSERT = insert(tasks)
_INSERT_LINKS = insert(task_links)
_DELETE_LINKS = delete(task_links).where(task_links.c.task_id == bindparam("id"))


def insert_task(
    tx: Transaction, schema_id: str, task: Task, *, predecessors: Iterable[str], finalizes: str | None
) -> None:
    """Add *task*, tied by id to its *predecessors* and to the root that it *finalizes*."""
    row = {
        "id": task.id,
        "schema_id": schema_id,
        "name": task.name.name,
        "owner": task.owner,
        "state": task.state.value,
        "spec": encode_spec(task.spec),
        "finalizes": finalizes,
        "created_on": task.created_on,
        "created_by": task.created_by,
        "last_committed_on": task.last_committed_on,
        "last_suspended_on": task.last_suspended_on,
        "last_suspended_reason": task.last_suspended_reason,
    }
    tx.execute(_INSERT, row)
    _insert_links(tx, [(task.id, predecessor) for predecessor in predecessors])


def _insert_links(tx: Transaction, links: Iterable[tuple[str, str]]) -> None:
    rows = [{"task_id": task, "predecessor_id": predecessor} for task, predecessor in links]
    if rows:
        tx.execute(_INSERT_LINKS, rows)


_UPDATE_SPEC = (
    update(tasks)
    .where(tasks.c.id == bindparam("key"))
    .values(spec=bindparam("new_spec"), finalizes=bindparam("new_root"))
)


def update_spec(
    tx: Transaction, task_id: str, spec: TaskSpec, *, predecessors: Iterable[str], finalizes: str | None
) -> None:
    """Give the task *task_id* another spec and the ties that go with it."""
    tx.execute(_UPDATE_SPEC, {"key": task_id, "new_spec": encode_spec(spec), "new_root": finalizes})
    tx.execute(_DELETE_LINKS, {"id": task_id})
    _insert_links(tx, [(task_id, predecessor) for predecessor in predecessors])


_TIED = (
    select(tasks.c.id, tasks.c.spec)
    .join(task_links, task_links.c.task_id == tasks.c.id)
    .where(task_links.c.predecessor_id == bindparam("id"))
    .union_all(select(tasks.c.id, tasks.c.spec).where(tasks.c.finalizes == bindparam("id")))
)
_SET_SPEC = update(tasks).where(tasks.c.id == bindparam("key")).values(spec=bindparam("new_spec"))
_FREE_FINALIZER = update(tasks).where(tasks.c.finalizes == bindparam("key")).values(finalizes=None)
_DELETE_TASK = delete(tasks).where(tasks.c.id == bindparam("id"))
_DELETE_TAGS = delete(tag_assignments).where(
    tag_assignments.c.level == TAG_LEVEL, tag_assignments.c.object_id == bindparam("id")
)
_DELETE_ROOT = delete(roots).where(roots.c.task_id == bindparam("id"))
_DELETE_WAITING = delete(graph_runs).where(
    graph_runs.c.root_id == bindparam("id"), graph_runs.c.state == literal("QUEUED")
)


class Freed(NamedTuple):
    """The tasks that became roots when what they followed from went away."""

    children: list[str]
    finalizers: list[str]


def delete_task(tx: Transaction, task_id: str, name: str) -> Freed:
    """Remove the task *task_id*, called *name*, with its ties, tags, next fire and waiting runs.

    Returns the ids of the tasks that no longer follow from anything.
    """
    freed = _untie(tx, task_id, name)
    tx.execute(_FREE_FINALIZER, {"key": task_id})
    _remove(tx, task_id)
    return freed


def _untie(tx: Transaction, task_id: str, name: str) -> Freed:
    """Take *name* out of the specs of the tasks that are tied to it."""
    freed = Freed([], [])
    rewritten = []
    for tied_id, text in tx.execute(_TIED, {"id": task_id}).all():
        spec = decode_spec(text)
        left = tuple(each for each in spec.predecessors if each != name)
        after = msgspec.structs.replace(spec, predecessors=left, finalize=None)
        rewritten.append({"key": tied_id, "new_spec": encode_spec(after)})
        if spec.is_finalizer:
            freed.finalizers.append(tied_id)
        elif not left:
            freed.children.append(tied_id)
    if rewritten:
        tx.execute(_SET_SPEC, rewritten)
    return freed


def _remove(tx: Transaction, task_id: str) -> None:
    tx.execute(_DELETE_TAGS, {"id": task_id})
    tx.execute(_DELETE_ROOT, {"id": task_id})
    tx.execute(_DELETE_WAITING, {"id": task_id})
    # The links of the row go with it, by the foreign key.
    tx.execute(_DELETE_TASK, {"id": task_id})


_CHILD_IDS = select(task_links.c.task_id).where(task_links.c.predecessor_id == bindparam("id"))
_FINALIZER_ID = select(tasks.c.id).where(tasks.c.finalizes == bindparam("id"))
_TIE_FINALIZER = update(tasks).where(tasks.c.id == bindparam("key")).values(finalizes=bindparam("new_root"))


def replace_task(
    tx: Transaction,
    schema_id: str,
    before: str,
    task: Task,
    *,
    predecessors: Iterable[str],
    finalizes: str | None,
) -> None:
    """Put *task* in the place of the task *before* (an id), whose children and finalizer stay."""
    children = list(tx.execute(_CHILD_IDS, {"id": before}).scalars())
    finalizer = tx.execute(_FINALIZER_ID, {"id": before}).scalar()
    tx.execute(_FREE_FINALIZER, {"key": before})
    _remove(tx, before)
    insert_task(tx, schema_id, task, predecessors=predecessors, finalizes=finalizes)
    _insert_links(tx, [(child, task.id) for child in children])
    if finalizer is not None:
        tx.execute(_TIE_FINALIZER, {"key": finalizer, "new_root": task.id})


_START = update(tasks).where(tasks.c.id == bindparam("key")).values(state=TaskState.STARTED.value)
_SUSPEND = (
    update(tasks)
    .where(tasks.c.id == bindparam("key"))
    .values(
        state=TaskState.SUSPENDED.value,
        last_suspended_on=bindparam("at"),
        last_suspended_reason=bindparam("reason"),
    )
)


def start_tasks(tx: Transaction, task_ids: Iterable[str]) -> None:
    """Let the tasks *task_ids* run."""
    rows = [{"key": task_id} for task_id in task_ids]
    if rows:
        tx.execute(_START, rows)


def suspend_tasks(tx: Transaction, task_ids: Iterable[str], reason: SuspendReason, at: datetime) -> None:
    """Let the tasks *task_ids* run no more, for *reason*."""
    rows = [{"key": task_id, "reason": reason.value, "at": at} for task_id in task_ids]
    if rows:
        tx.execute(_SUSPEND, rows)
