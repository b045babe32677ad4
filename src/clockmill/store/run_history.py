"""Looking at the runs of single tasks, over a span of time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, func, select, text

from clockmill.core.run import GraphRun
from clockmill.store.database import Transaction
from clockmill.store.run_rows import IS_QUEUED, not_indexed, read_graph_run
from clockmill.store.tables import graph_runs, task_runs


class TaskRunQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which task runs are asked for; None is all.

    *task_name* is compared in any case, the other names as they are. *ended_only* leaves out what
    still executes; *limit* None is all there are.
    """

    since: datetime
    until: datetime
    task_name: str | None = None
    database: str | None = None
    schema: str | None = None
    root_id: str | None = None
    error_only: bool = False
    ended_only: bool = False
    limit: int | None = 100


class PlacedRun(NamedTuple):
    """A task run, and what the history tells of the graph run that it is part of."""

    task_name: str
    database: str
    schema: str
    state: str
    query_id: str | None
    scheduled_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    next_scheduled_at: datetime | None
    return_value: str | None
    error_code: str | None
    error_message: str | None
    root_id: str
    version: int
    group_id: str
    attempt: int
    origin: str
    original_scheduled_at: datetime
    config: str | None
    scheduled_by: str | None


_COLUMNS: Final = (
    task_runs.c.task_name,
    graph_runs.c.database_name,
    graph_runs.c.schema_name,
    task_runs.c.state,
    task_runs.c.query_id,
    task_runs.c.scheduled_at,
    task_runs.c.started_at,
    task_runs.c.completed_at,
    graph_runs.c.next_scheduled_at,
    task_runs.c.return_value,
    task_runs.c.error_code,
    task_runs.c.error_message,
    graph_runs.c.root_id,
    graph_runs.c.version,
    graph_runs.c.group_id,
    graph_runs.c.attempt,
    graph_runs.c.origin,
    graph_runs.c.original_scheduled_at,
    graph_runs.c.config,
    graph_runs.c.scheduled_by,
)
"""The fields of :class:`PlacedRun`, in order: a history has many rows, so each is made in one go."""
# Written out, because SQLite uses a partial index only if the condition reads like the index's.
_IS_ERROR: Final = text("task_runs.state IN ('FAILED', 'FAILED_AND_AUTO_SUSPENDED', 'CANCELLED')")

_FEW: Final = 5_000
"""Graph runs that are looked at one by one. Where there are more of a place, its task runs are met
often enough on the way back through those of all."""


def list_task_runs(tx: Transaction, asked: TaskRunQuery) -> list[PlacedRun]:
    """Return the task runs that *asked* describes, last scheduled first."""
    query: Select[Any] = (
        select(*_COLUMNS)
        .join(graph_runs, graph_runs.c.id == task_runs.c.graph_run_id)
        .order_by(task_runs.c.scheduled_at.desc(), task_runs.c.id.desc())
        .limit(asked.limit)
    )
    query = (_through_graph_runs if _is_of_few(tx, asked) else _back_in_time)(query, asked)
    if asked.error_only:
        query = query.where(_IS_ERROR)
    if asked.ended_only:
        query = query.where(task_runs.c.completed_at.is_not(None))
    return [PlacedRun._make(row) for row in tx.execute(query)]


def _is_of_few(tx: Transaction, asked: TaskRunQuery) -> bool:
    """Say whether *asked* names a root or a place that has few graph runs."""
    chosen = _in_place(asked)
    if not chosen:
        return False
    some = select(graph_runs.c.id).where(*chosen).limit(_FEW).subquery()
    return (tx.execute(select(func.count()).select_from(some)).scalar() or 0) < _FEW


def _through_graph_runs(query: Select[Any], asked: TaskRunQuery) -> Select[Any]:
    few = select(graph_runs.c.id).where(*_in_place(asked)).scalar_subquery()
    query = query.where(task_runs.c.graph_run_id.in_(few))
    # Written so that the index of times is not looked for: there are many others of the same time.
    at = func.coalesce(task_runs.c.scheduled_at, task_runs.c.scheduled_at)
    query = query.where(at >= asked.since, at <= asked.until)
    if asked.task_name is not None:
        query = query.where(func.upper(not_indexed(task_runs.c.task_name)) == asked.task_name.upper())
    return query


def _back_in_time(query: Select[Any], asked: TaskRunQuery) -> Select[Any]:
    query = query.where(task_runs.c.scheduled_at >= asked.since, task_runs.c.scheduled_at <= asked.until)
    for condition in _in_place(asked, not_indexed):
        query = query.where(condition)
    if asked.task_name is not None:
        query = query.where(func.upper(task_runs.c.task_name) == asked.task_name.upper())
    return query


def _plainly(column: ColumnElement[str]) -> ColumnElement[str]:
    return column


def _in_place(
    asked: TaskRunQuery, column_of: Callable[[ColumnElement[str]], ColumnElement[str]] = _plainly
) -> list[ColumnElement[bool]]:
    """Return what *asked* says of the graph runs: of which root, or where."""
    wanted = (
        (graph_runs.c.root_id, asked.root_id),
        (graph_runs.c.database_name, asked.database),
        (graph_runs.c.schema_name, asked.schema),
    )
    return [column_of(column) == value for column, value in wanted if value is not None]


def list_queued_runs(tx: Transaction, asked: TaskRunQuery) -> list[GraphRun]:
    """Return the graph runs that wait to begin and whose root's runs *asked* describes.

    Of those that repeat the failed part of another, it is not known yet what they begin with.
    """
    query = (
        select(graph_runs)
        .where(IS_QUEUED, graph_runs.c.attempt == 1)
        .where(graph_runs.c.scheduled_at >= asked.since, graph_runs.c.scheduled_at <= asked.until)
        .order_by(graph_runs.c.scheduled_at.desc(), graph_runs.c.id.desc())
        .limit(asked.limit)
    )
    for condition in _in_place(asked, not_indexed):
        query = query.where(condition)
    if asked.task_name is not None:
        query = query.where(func.upper(graph_runs.c.root_name) == asked.task_name.upper())
    return [read_graph_run(row) for row in tx.execute(query).mappings()]
