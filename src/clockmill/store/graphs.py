"""Queries on how tasks hang together: what follows from a task, and what it follows from."""

from typing import NamedTuple

from sqlalchemy import bindparam, exists, func, literal_column, select

from clockmill.core.names import SchemaName
from clockmill.core.task import Task, TaskState
from clockmill.store.database import Transaction
from clockmill.store.tables import task_links, tasks
from clockmill.store.task_rows import TASK_COLUMNS, WITH_FINALIZER, read_task

# Begun with a row of the table, not with the parameter: PostgreSQL wants one collation all the way.
_itself = select(tasks.c.id).where(tasks.c.id == bindparam("id"))
_down = _itself.cte("down", recursive=True)
_down = _down.union(select(task_links.c.task_id).join(_down, task_links.c.predecessor_id == _down.c.id))
_DESCENDANTS = (
    select(*TASK_COLUMNS)
    .select_from(WITH_FINALIZER)
    .where(tasks.c.id.in_(select(_down.c.id)))
    .union_all(select(*TASK_COLUMNS).select_from(WITH_FINALIZER).where(tasks.c.finalizes == bindparam("id")))
)


def load_graph_tasks(tx: Transaction, home: SchemaName, root_id: str) -> tuple[Task, ...]:
    """Return the task *root_id*, all that follows from it, and its finalizer, by name."""
    rows = tx.execute(_DESCENDANTS, {"id": root_id}).all()
    return tuple(sorted((read_task(home, row) for row in rows), key=lambda task: task.name))


_GRAPH_SIZE = select(
    select(func.count()).select_from(_down).scalar_subquery()
    + select(func.count()).where(tasks.c.finalizes == bindparam("id")).scalar_subquery()
)


def count_graph(tx: Transaction, root_id: str) -> int:
    """Return how many tasks the graph of *root_id* has, itself and its finalizer included."""
    return int(tx.execute(_GRAPH_SIZE, {"id": root_id}).scalar_one())


# One path upwards from each of a task's predecessors. It is enough for finding a started root:
# a started graph has one root only, and every path from any member leads there.
_start = _itself.union_all(
    select(task_links.c.predecessor_id).where(task_links.c.task_id == bindparam("id")),
    select(tasks.c.finalizes).where(tasks.c.id == bindparam("id")),
).cte("start")
_up = select(_start.c.id).where(_start.c.id.is_not(None)).cte("up", recursive=True)
_parent = task_links.alias("parent")
_next_up = select(func.min(_parent.c.predecessor_id)).where(_parent.c.task_id == _up.c.id).scalar_subquery()
_up = _up.union(select(_next_up).where(_up.c.id.is_not(None)))
_ROOTS_ABOVE = (
    select(tasks.c.id, tasks.c.name, tasks.c.state)
    .join(_up, _up.c.id == tasks.c.id)
    .where(
        tasks.c.finalizes.is_(None),
        ~exists().where(task_links.c.task_id == tasks.c.id).correlate(tasks),
    )
)


class RootAbove(NamedTuple):
    """A root from which a task follows, or which it is or finalizes."""

    id: str
    name: str
    is_started: bool


def find_roots_above(tx: Transaction, task_id: str) -> list[RootAbove]:
    """Return a root for each way up from *task_id*, by name; every started one is among them."""
    rows = tx.execute(_ROOTS_ABOVE, {"id": task_id}).all()
    found = (RootAbove(row[0], row[1], row[2] == TaskState.STARTED) for row in rows)
    return sorted(found, key=lambda root: root.name)


_HAS_MORE_TASKS = (
    select(tasks.c.id).where(tasks.c.schema_id == bindparam("schema_id")).limit(1).offset(bindparam("count"))
)


def has_more_tasks(tx: Transaction, schema_id: str, count: int) -> bool:
    """Say whether the schema has more than *count* tasks, without counting them all."""
    return tx.execute(_HAS_MORE_TASKS, {"schema_id": schema_id, "count": count}).first() is not None


_COUNT_STARTED = select(func.count()).select_from(tasks).where(literal_column("tasks.state = 'started'"))


def count_started(tx: Transaction) -> int:
    """Return how many tasks of the account are started."""
    return int(tx.execute(_COUNT_STARTED).scalar_one())
