"""Runs of graphs and tasks, as their owner writes them.

Every write of a run that has an owner names the state it comes from and the owner's epoch, so
that an owner who has lost the run changes nothing. Statements are built once, and whatever a
batch can do goes through executemany.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import and_, bindparam, exists, func, insert, literal, select, update

from clockmill.core.decide import Closing
from clockmill.core.errors import ClockmillError
from clockmill.core.run import GraphRun, GraphRunState, TaskEnd, TaskRunState
from clockmill.store.columns import Instant
from clockmill.store.database import Transaction
from clockmill.store.prepared import Prepared
from clockmill.store.run_rows import END_COLUMNS, TASK_EXECUTES, end_row, read_end
from clockmill.store.tables import graph_runs, task_runs


class RunLost(ClockmillError):
    """A run is no longer its owner's, or no longer in the state that its owner believes."""

    def __init__(self, graph_run_id: int) -> None:
        super().__init__(f"Graph run {graph_run_id} is not in the state in which its owner left it.")


class TaskStart(msgspec.Struct, frozen=True, kw_only=True):
    """A task of a graph run that begins to execute, or that is passed over."""

    graph_run_id: int
    task_id: str
    task_name: str
    query_id: str | None
    at: datetime


_EXECUTING: Final = literal(GraphRunState.EXECUTING.value)
_GRAPH_EXECUTES: Final = graph_runs.c.state == _EXECUTING
_HELD: Final = and_(
    graph_runs.c.id == bindparam("b_id"), graph_runs.c.epoch == bindparam("b_epoch"), _GRAPH_EXECUTES
)

# --- of an owner ---------------------------------------------------------------------------------

_IS_HELD: Final = select(literal(1)).select_from(graph_runs).where(_HELD)


def check_owner(tx: Transaction, graph_run_id: int, epoch: int) -> None:
    """Raise RunLost unless the run is executing under *epoch*."""
    if tx.execute(_IS_HELD, {"b_id": graph_run_id, "b_epoch": epoch}).first() is None:
        raise RunLost(graph_run_id)


_EPOCHS: Final = select(graph_runs.c.id, graph_runs.c.epoch).where(
    graph_runs.c.id.in_(bindparam("ids", expanding=True)), _GRAPH_EXECUTES
)


def check_owners(tx: Transaction, held: Sequence[GraphRun]) -> None:
    """Raise RunLost unless every one of the runs is executing under its epoch."""
    for run_id in list_lost(tx, held):
        raise RunLost(run_id)


def list_lost(tx: Transaction, held: Sequence[GraphRun]) -> set[int]:
    """Return the ids of those of the runs that are not executing under their epochs."""
    epochs = {row[0]: row[1] for row in tx.execute(_EPOCHS, {"ids": [run.id for run in held]})}
    return {run.id for run in held if epochs.get(run.id) != run.epoch}


_START_COLUMNS: Final = ("graph_run_id", "task_id", "task_name", "query_id", "scheduled_at")
_START_TASK: Final = Prepared(
    insert(task_runs).values(state=TaskRunState.EXECUTING.value, is_system_error=False), _START_COLUMNS
)


def start_task_runs(tx: Transaction, starts: Sequence[TaskStart]) -> None:
    """Record that tasks begin to execute."""
    if starts:
        _START_TASK.run_all(tx, [_start_row(start) for start in starts])


_PASS_OVER: Final = insert(task_runs)


def pass_over_tasks(tx: Transaction, passed: Sequence[tuple[TaskStart, TaskEnd]]) -> None:
    """Record tasks that have ended by their conditions, without ever executing."""
    if passed:
        tx.execute(_PASS_OVER, [{**_start_row(start), **end_row(end)} for start, end in passed])


_FINISH_TASK: Final = Prepared(
    update(task_runs)
    .where(
        task_runs.c.graph_run_id == bindparam("b_id"),
        task_runs.c.task_id == bindparam("b_task"),
        TASK_EXECUTES,
        exists().where(_HELD),
    )
    .values({name: bindparam(name) for name in END_COLUMNS}),
    ("b_id", "b_epoch", "b_task", *END_COLUMNS),
)


def finish_task_run(tx: Transaction, graph_run_id: int, epoch: int, task_id: str, end: TaskEnd) -> None:
    """Record the end of a task that was executing, or raise RunLost."""
    values = {"b_id": graph_run_id, "b_epoch": epoch, "b_task": task_id, **end_row(end)}
    if _FINISH_TASK.run(tx, values) != 1:
        raise RunLost(graph_run_id)


_NOTE_STARTED: Final = (
    update(task_runs)
    .where(
        task_runs.c.graph_run_id == bindparam("b_id"),
        task_runs.c.task_id == bindparam("b_task"),
        TASK_EXECUTES,
        exists().where(_HELD),
    )
    .values(started_at=bindparam("at"))
)


def note_started(tx: Transaction, rows: Sequence[tuple[GraphRun, str, datetime]]) -> None:
    """Record since when bodies run that still do: graph run, task and instant of each.

    Of a run that is not its owner's any more nothing is recorded.
    """
    if rows:
        tx.execute(
            _NOTE_STARTED,
            [{"b_id": run.id, "b_epoch": run.epoch, "b_task": task, "at": at} for run, task, at in rows],
        )


_FINISH_ROOT: Final = (
    update(graph_runs)
    .where(_HELD)
    .values(
        root_ended_at=bindparam("at"),
        started_at=func.coalesce(bindparam("began", type_=Instant), graph_runs.c.started_at),
    )
)


def finish_root(tx: Transaction, graph_run_id: int, epoch: int, end: TaskEnd) -> None:
    """Record that the root of an executing run has ended, so that its children may overlap."""
    values = {"b_id": graph_run_id, "b_epoch": epoch, "at": end.at, "began": end.started_at}
    tx.execute(_FINISH_ROOT, values)


_CLOSE: Final = (
    update(graph_runs)
    .where(_HELD)
    .values(
        state=bindparam("new_state"),
        completed_at=bindparam("at"),
        first_error_task=bindparam("task"),
        first_error_code=bindparam("code"),
        first_error_message=bindparam("message"),
        root_ended_at=func.coalesce(graph_runs.c.root_ended_at, bindparam("root_at", type_=Instant)),
        started_at=func.coalesce(bindparam("began", type_=Instant), graph_runs.c.started_at),
    )
)


def close_graph_run(
    tx: Transaction, graph_run_id: int, epoch: int, closing: Closing, *, root_end: TaskEnd | None
) -> None:
    """Record the end of an executing run, or raise RunLost. *root_end* if the root has just ended."""
    error = closing.first_error
    values = {
        "b_id": graph_run_id,
        "b_epoch": epoch,
        "new_state": closing.state.value,
        "at": closing.at,
        "task": error.name if error else None,
        "code": error.error_code if error else None,
        "message": error.error_message if error else None,
        "root_at": root_end.at if root_end else None,
        "began": root_end.started_at if root_end else None,
    }
    if tx.execute(_CLOSE, values).rowcount != 1:
        raise RunLost(graph_run_id)


_MARK_SUSPENDED: Final = (
    update(task_runs)
    .where(
        task_runs.c.graph_run_id == bindparam("b_id"),
        task_runs.c.task_name == bindparam("b_name"),
        task_runs.c.state == literal(TaskRunState.FAILED.value),
    )
    .values(state=TaskRunState.FAILED_AND_AUTO_SUSPENDED.value)
)


def mark_auto_suspended(tx: Transaction, graph_run_id: int, task_name: str) -> None:
    """Let the failure that led to the suspension of the root say so."""
    tx.execute(_MARK_SUSPENDED, {"b_id": graph_run_id, "b_name": task_name})


_ENDS_OF_GROUP: Final = (
    select(task_runs)
    .join(graph_runs, graph_runs.c.id == task_runs.c.graph_run_id)
    .where(
        graph_runs.c.group_id == bindparam("group_id"),
        graph_runs.c.attempt < bindparam("attempt"),
        ~TASK_EXECUTES,
    )
    .order_by(graph_runs.c.attempt, task_runs.c.id)
)


def list_ends_of_group(tx: Transaction, group_id: str, before_attempt: int) -> dict[str, TaskEnd]:
    """Return by name how the tasks of a run group ended before an attempt, each the last time."""
    rows = tx.execute(_ENDS_OF_GROUP, {"group_id": group_id, "attempt": before_attempt}).mappings()
    return {end.name: end for end in map(read_end, rows)}


def _start_row(start: TaskStart) -> dict[str, Any]:
    return {
        "graph_run_id": start.graph_run_id,
        "task_id": start.task_id,
        "task_name": start.task_name,
        "query_id": start.query_id,
        "scheduled_at": start.at,
    }
