"""How runs are kept in rows, and read from them."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, literal, text

from clockmill.core.names import SchemaName
from clockmill.core.run import GraphRun, GraphRunState, NewGraphRun, Origin, TaskEnd, TaskRun, TaskRunState
from clockmill.core.task import OverlapPolicy
from clockmill.store.tables import task_runs

# Written out, because SQLite uses a partial index only if the condition reads like the index's.
IS_OPEN: Final = text("graph_runs.state IN ('QUEUED', 'EXECUTING')")
IS_QUEUED: Final = text("graph_runs.state = 'QUEUED'")
TASK_EXECUTES: Final = task_runs.c.state == literal(TaskRunState.EXECUTING.value)

_GRAPH_RUN_PLAIN: Final = tuple(
    name for name in GraphRun.__struct_fields__ if name not in {"home", "state", "origin", "overlap_policy"}
)
_TASK_RUN_PLAIN: Final = tuple(name for name in TaskRun.__struct_fields__ if name != "state")
_NEW_PLAIN: Final = tuple(name for name in NewGraphRun.__struct_fields__ if name != "home")


def not_indexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """Return what equals *column*, and that no index is looked for.

    SQLite thinks that every equality is selective, and would read a root's whole past for the one
    run of it that is open.
    """
    return column.concat("")


def read_graph_run(row: Mapping[Any, Any]) -> GraphRun:
    """Return the value of a mapping that holds the columns of ``graph_runs``."""
    return GraphRun(
        **{name: row[name] for name in _GRAPH_RUN_PLAIN},
        home=SchemaName(row["database_name"], row["schema_name"]),
        state=GraphRunState(row["state"]),
        origin=Origin(row["origin"]),
        overlap_policy=OverlapPolicy(row["overlap_policy"]),
    )


def read_task_run(row: Mapping[Any, Any]) -> TaskRun:
    """Return the value of a row of ``task_runs``."""
    return TaskRun(**{name: row[name] for name in _TASK_RUN_PLAIN}, state=TaskRunState(row["state"]))


def read_end(row: Mapping[Any, Any]) -> TaskEnd:
    """Return how the task run in *row*, which has ended, has ended."""
    return TaskEnd(
        name=row["task_name"],
        state=TaskRunState(row["state"]),
        at=row["completed_at"],
        started_at=row["started_at"],
        return_value=row["return_value"],
        error_code=row["error_code"],
        error_message=row["error_message"],
        is_system_error=row["is_system_error"],
    )


def new_graph_run_row(run: NewGraphRun) -> dict[str, Any]:
    """Return the columns of a graph run that is to be stored."""
    row = {name: getattr(run, name) for name in _NEW_PLAIN}
    row["database_name"], row["schema_name"] = run.home.database, run.home.schema
    return row


def end_row(end: TaskEnd) -> dict[str, Any]:
    """Return the columns that say how a task run has ended."""
    return {
        "state": end.state.value,
        "completed_at": end.at,
        "started_at": end.started_at,
        "return_value": end.return_value,
        "error_code": end.error_code,
        "error_message": end.error_message,
        "is_system_error": end.is_system_error,
    }


END_COLUMNS: Final = (
    "state",
    "completed_at",
    "started_at",
    "return_value",
    "error_code",
    "error_message",
    "is_system_error",
)
"""What :func:`end_row` returns."""
