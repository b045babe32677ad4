"""Looking at runs: what executes, what has ended, what is planned."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, literal, or_, select

from clockmill.core.names import SchemaName
from clockmill.core.run import GraphRun, GraphRunState, TaskRun
from clockmill.core.task import OverlapPolicy
from clockmill.store.database import Transaction
from clockmill.store.run_rows import IS_OPEN, TASK_EXECUTES, not_indexed, read_graph_run, read_task_run
from clockmill.store.tables import (
    databases,
    graph_runs,
    roots,
    schemas,
    task_runs,
    tasks,
)

# --- one root, one task --------------------------------------------------------------------------

_LAST_RUN: Final = (
    select(graph_runs)
    .where(graph_runs.c.root_id == bindparam("root"), graph_runs.c.state != GraphRunState.SKIPPED.value)
    .order_by(graph_runs.c.scheduled_at.desc(), graph_runs.c.id.desc())
    .limit(1)
)


def find_last_run(tx: Transaction, root_id: str) -> GraphRun | None:
    """Return the latest graph run of *root_id*, whatever its state, or None."""
    row = tx.execute(_LAST_RUN, {"root": root_id}).mappings().first()
    return None if row is None else read_graph_run(row)


_LAST_OF_GROUP: Final = (
    select(graph_runs)
    .where(graph_runs.c.group_id == bindparam("group"), graph_runs.c.root_id == bindparam("root"))
    .order_by(graph_runs.c.attempt.desc())
    .limit(1)
)


def find_last_run_of_group(tx: Transaction, root_id: str, group_id: str) -> GraphRun | None:
    """Return the latest attempt of the group *group_id*, or None if *root_id* has no such group."""
    row = tx.execute(_LAST_OF_GROUP, {"root": root_id, "group": group_id}).mappings().first()
    return None if row is None else read_graph_run(row)


_NEXT_FIRE: Final = select(roots.c.next_fire_at).where(roots.c.task_id == bindparam("root"))


def find_next_fire(tx: Transaction, root_id: str) -> datetime | None:
    """Return when *root_id* is due next, or None."""
    return tx.execute(_NEXT_FIRE, {"root": root_id}).scalar()


_EXECUTING_OF: Final = (
    select(task_runs)
    .join(graph_runs, graph_runs.c.id == task_runs.c.graph_run_id)
    .where(IS_OPEN, task_runs.c.task_id == bindparam("task"), TASK_EXECUTES)
    .order_by(task_runs.c.id)
)


def list_executing(tx: Transaction, task_id: str) -> list[TaskRun]:
    """Return the runs of *task_id* that are executing, oldest first."""
    return [read_task_run(row) for row in tx.execute(_EXECUTING_OF, {"task": task_id}).mappings()]


class OwnedRun(NamedTuple):
    """A task run, the role that owns its task (None if the task is gone), and its graph version."""

    run: TaskRun
    owner: str | None
    root_id: str
    version: int


_BY_QUERY: Final = (
    select(task_runs, tasks.c.owner, graph_runs.c.root_id, graph_runs.c.version)
    .join(graph_runs, graph_runs.c.id == task_runs.c.graph_run_id)
    .outerjoin(tasks, tasks.c.id == task_runs.c.task_id)
    .where(task_runs.c.query_id == bindparam("query"), TASK_EXECUTES)
)


def find_executing(tx: Transaction, query_id: str) -> OwnedRun | None:
    """Return the task run that executes under *query_id*, or None."""
    row = tx.execute(_BY_QUERY, {"query": query_id}).mappings().first()
    if row is None:
        return None
    return OwnedRun(read_task_run(row), row["owner"], row["root_id"], row["version"])


# --- listings of graph runs ----------------------------------------------------------------------


def _of_root(query: Select[Any], name: ColumnElement[str] = graph_runs.c.root_name) -> Select[Any]:
    """Return *query* for one root, by the index of names unless *name* is not_indexed."""
    return query.where(
        name == bindparam("name"),
        not_indexed(graph_runs.c.database_name) == bindparam("database"),
        not_indexed(graph_runs.c.schema_name) == bindparam("schema"),
    )


def _named(query: Select[Any]) -> Select[Any]:
    return query.where(func.upper(graph_runs.c.root_name) == bindparam("name"))


_OPEN: Final = (
    select(graph_runs)
    .where(IS_OPEN)
    .order_by(graph_runs.c.scheduled_at.desc(), graph_runs.c.id.desc())
    .limit(bindparam("n"))
)
# Few runs are open, however many a root has had.
_OPEN_BY: Final = (_OPEN, _named(_OPEN), _of_root(_OPEN, not_indexed(graph_runs.c.root_name)))


class RootName(NamedTuple):
    """The name by which a root is looked for. Roots that had it before are found too.

    Without *home* it is looked for everywhere, in any case.
    """

    home: SchemaName | None
    name: str


def _narrowed(choices: tuple[Any, Any, Any], root: RootName | None) -> tuple[Any, dict[str, str]]:
    """Return the query for all roots, for those of a name or for one, and what it is to be given."""
    if root is None:
        return choices[0], {}
    if root.home is None:
        return choices[1], {"name": root.name.upper()}
    return choices[2], {"name": root.name, "database": root.home.database, "schema": root.home.schema}


def list_open_runs(tx: Transaction, root: RootName | None, limit: int) -> list[GraphRun]:
    """Return the graph runs that wait or execute, of one root or all, last scheduled first."""
    query, key = _narrowed(_OPEN_BY, root)
    return [read_graph_run(row) for row in tx.execute(query, {**key, "n": limit}).mappings()]


_OPEN_ATTEMPTS: Final = select(graph_runs.c.group_id, graph_runs.c.attempt).where(IS_OPEN)


def list_open_attempts(tx: Transaction) -> set[tuple[str, int]]:
    """Return the graph runs that wait or execute, by group id and attempt."""
    return {(group_id, attempt) for group_id, attempt in tx.execute(_OPEN_ATTEMPTS)}


_ALL: Final = 2**63 - 1
_SHOWN: Final = (GraphRunState.SUCCEEDED, GraphRunState.FAILED, GraphRunState.CANCELLED)
_COMPLETE: Final = (
    select(graph_runs)
    .where(
        graph_runs.c.completed_at >= bindparam("since"),
        graph_runs.c.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(graph_runs.c.completed_at.desc(), graph_runs.c.id.desc())
    .limit(bindparam("n"))
)
_COMPLETE_BY: Final = (_COMPLETE, _named(_COMPLETE), _of_root(_COMPLETE))


def list_complete_runs(
    tx: Transaction, root: RootName | None, *, since: datetime, error_only: bool, limit: int | None
) -> list[GraphRun]:
    """Return the graph runs that ended at *since* or later, last completed first."""
    query, key = _narrowed(_COMPLETE_BY, root)
    states = [state.value for state in _SHOWN if not (error_only and state is GraphRunState.SUCCEEDED)]
    rows = tx.execute(
        query, {**key, "since": since, "states": states, "n": _ALL if limit is None else limit}
    ).mappings()
    return [read_graph_run(row) for row in rows]


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A root that is due in the future."""

    root_id: str
    root_name: str
    home: SchemaName
    version: int
    due_at: datetime
    base: datetime


_in_the_way = (
    select(literal(1))
    .select_from(graph_runs)
    .where(IS_OPEN, graph_runs.c.root_id == roots.c.task_id)
    .where(
        or_(
            graph_runs.c.overlap_policy == literal(OverlapPolicy.NO_OVERLAP.value),
            and_(
                graph_runs.c.overlap_policy == literal(OverlapPolicy.ALLOW_CHILD_OVERLAP.value),
                graph_runs.c.root_ended_at.is_(None),
            ),
        )
    )
    .exists()
)
_PLANNED: Final = (
    select(
        roots.c.task_id,
        tasks.c.name,
        databases.c.name,
        schemas.c.name,
        roots.c.graph_version,
        roots.c.next_fire_at,
        roots.c.schedule_base,
    )
    .join(tasks, tasks.c.id == roots.c.task_id)
    .join(schemas, schemas.c.id == tasks.c.schema_id)
    .join(databases, databases.c.id == schemas.c.database_id)
    .where(roots.c.next_fire_at <= bindparam("until"), roots.c.awaits_data == false(), ~_in_the_way)
    .order_by(roots.c.next_fire_at.desc())
    .limit(bindparam("n"))
)
_PLANNED_BY: Final = (
    _PLANNED,
    _PLANNED.where(func.upper(tasks.c.name) == bindparam("name")),
    _PLANNED.where(
        tasks.c.name == bindparam("name"),
        databases.c.name == bindparam("database"),
        schemas.c.name == bindparam("schema"),
    ),
)


def list_planned(tx: Transaction, root: RootName | None, *, until: datetime, limit: int) -> list[Planned]:
    """Return the next fires up to *until* of roots that no run of their own stands in the way of."""
    query, key = _narrowed(_PLANNED_BY, root)
    return [_read_planned(row) for row in tx.execute(query, {**key, "until": until, "n": limit})]


def _read_planned(row: Sequence[Any]) -> Planned:
    return Planned(
        root_id=row[0],
        root_name=row[1],
        home=SchemaName(row[2], row[3]),
        version=row[4],
        due_at=row[5],
        base=row[6] or row[5],
    )
