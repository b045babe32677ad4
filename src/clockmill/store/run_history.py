"""Looking at the runs of single tasks, over a span of time."""

from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Column, Select, func, select

from clockmill.core.run import GraphRun, TaskRunState
from clockmill.store.database import Transaction
from clockmill.store.run_rows import IS_QUEUED, read_graph_run
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
_ERRORS: Final = (TaskRunState.FAILED, TaskRunState.FAILED_AND_AUTO_SUSPENDED, TaskRunState.CANCELLED)


def list_task_runs(tx: Transaction, asked: TaskRunQuery) -> list[PlacedRun]:
    """Return the task runs that *asked* describes, last scheduled first."""
    query = (
        select(*_COLUMNS)
        .join(graph_runs, graph_runs.c.id == task_runs.c.graph_run_id)
        .where(task_runs.c.scheduled_at >= asked.since, task_runs.c.scheduled_at <= asked.until)
        .order_by(task_runs.c.scheduled_at.desc(), task_runs.c.id.desc())
        .limit(asked.limit)
    )
    if asked.error_only:
        query = query.where(task_runs.c.state.in_([state.value for state in _ERRORS]))
    if asked.ended_only:
        query = query.where(task_runs.c.completed_at.is_not(None))
    query = _narrowed(query, asked, task_runs.c.task_name)
    return [PlacedRun._make(row) for row in tx.execute(query)]


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
    query = _narrowed(query, asked, graph_runs.c.root_name)
    return [read_graph_run(row) for row in tx.execute(query).mappings()]


def _narrowed(query: Select[Any], asked: TaskRunQuery, task_name: Column[str]) -> Select[Any]:
    """Return *query* with what *asked* says of names and of the root."""
    if asked.task_name is not None:
        query = query.where(func.upper(task_name) == asked.task_name.upper())
    for column, value in (
        (graph_runs.c.database_name, asked.database),
        (graph_runs.c.schema_name, asked.schema),
        (graph_runs.c.root_id, asked.root_id),
    ):
        if value is not None:
            query = query.where(column == value)
    return query
