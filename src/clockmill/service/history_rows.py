"""The rows in which runs and graph versions are shown, and how they are made."""

from datetime import datetime

import msgspec

from clockmill.core.config import merge_texts
from clockmill.core.fire import next_fire, scheduled_group_id, scheduled_origin
from clockmill.core.graph import Graph
from clockmill.core.run import GraphRun, GraphRunState, TaskRunState, run_id
from clockmill.core.task import Task
from clockmill.store.run_history import PlacedRun
from clockmill.store.run_queries import Planned


class GraphRunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A graph run as CURRENT_TASK_GRAPHS and COMPLETE_TASK_GRAPHS show it.

    *next_scheduled_time* is None for a run by hand of a root without a schedule.
    """

    root_task_name: str
    database_name: str
    schema_name: str
    state: str
    first_error_task_name: str | None = None
    first_error_code: str | None = None
    first_error_message: str | None = None
    scheduled_time: datetime
    query_start_time: datetime | None = None
    next_scheduled_time: datetime | None = None
    completed_time: datetime | None = None
    root_task_id: str
    graph_version: int
    run_id: int
    attempt_number: int
    scheduled_from: str
    config: str | None = None
    graph_run_group_id: str
    scheduled_by_user: str | None = None


class TaskRunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A task run as TASK_HISTORY shows it."""

    query_id: str | None = None
    name: str
    database_name: str
    schema_name: str
    query_text: str | None = None
    condition_text: str | None = None
    state: str
    error_code: str | None = None
    error_message: str | None = None
    scheduled_time: datetime
    query_start_time: datetime | None = None
    next_scheduled_time: datetime | None = None
    completed_time: datetime | None = None
    root_task_id: str
    graph_version: int
    run_id: int
    return_value: str | None = None
    scheduled_from: str
    attempt_number: int
    config: str | None = None
    graph_run_group_id: str
    scheduled_by_user: str | None = None


def graph_row(run: GraphRun) -> GraphRunRow:
    """Return the row of a graph run that is stored."""
    # A run that waits for an earlier one to end is one to come, for whoever looks.
    state = GraphRunState.SCHEDULED if run.state is GraphRunState.QUEUED else run.state
    return GraphRunRow(
        root_task_name=run.root_name,
        database_name=run.home.database,
        schema_name=run.home.schema,
        state=state.value,
        first_error_task_name=run.first_error_task,
        first_error_code=run.first_error_code,
        first_error_message=run.first_error_message,
        scheduled_time=run.scheduled_at,
        query_start_time=run.started_at,
        next_scheduled_time=run.next_scheduled_at,
        completed_time=run.completed_at,
        root_task_id=run.root_id,
        graph_version=run.version,
        run_id=run.run_id,
        attempt_number=run.attempt,
        scheduled_from=run.origin.value,
        config=run.config,
        graph_run_group_id=run.group_id,
        scheduled_by_user=run.scheduled_by,
    )


def planned_row(planned: Planned, graph: Graph) -> GraphRunRow:
    """Return the row of the graph run that a root is due for; *graph* is the version it will run."""
    return GraphRunRow(
        root_task_name=planned.root_name,
        database_name=planned.home.database,
        schema_name=planned.home.schema,
        state=GraphRunState.SCHEDULED.value,
        scheduled_time=planned.due_at,
        next_scheduled_time=next_fire(graph, planned.base, planned.due_at),
        root_task_id=planned.root_id,
        graph_version=planned.version,
        run_id=run_id(planned.due_at),
        attempt_number=1,
        scheduled_from=scheduled_origin(graph).value,
        config=merge_texts(graph.root_task.spec.config, None),
        graph_run_group_id=scheduled_group_id(planned.root_id, planned.due_at),
    )


def task_to_come(row: GraphRunRow, root: Task) -> TaskRunRow:
    """Return the row of the run of *root* with which the graph run of *row* will begin."""
    return TaskRunRow(
        name=row.root_task_name,
        database_name=row.database_name,
        schema_name=row.schema_name,
        query_text=root.spec.definition,
        condition_text=root.spec.condition,
        state=TaskRunState.SCHEDULED.value,
        scheduled_time=row.scheduled_time,
        next_scheduled_time=row.next_scheduled_time,
        root_task_id=row.root_task_id,
        graph_version=row.graph_version,
        run_id=row.run_id,
        scheduled_from=row.scheduled_from,
        attempt_number=row.attempt_number,
        config=row.config,
        graph_run_group_id=row.graph_run_group_id,
        scheduled_by_user=row.scheduled_by_user,
    )


def task_row(run: PlacedRun, graph: Graph | None) -> TaskRunRow:
    """Return the row of a task's run; *graph* is the version that it ran, if that is kept."""
    spec = graph.task(run.task_name).spec if graph and run.task_name in graph else None
    return TaskRunRow(
        query_id=run.query_id,
        name=run.task_name,
        database_name=run.database,
        schema_name=run.schema,
        query_text=spec.definition if spec else None,
        condition_text=spec.condition if spec else None,
        state=run.state,
        error_code=run.error_code,
        error_message=run.error_message,
        scheduled_time=run.scheduled_at,
        query_start_time=run.started_at,
        next_scheduled_time=run.next_scheduled_at,
        completed_time=run.completed_at,
        root_task_id=run.root_id,
        graph_version=run.version,
        run_id=run_id(run.original_scheduled_at),
        return_value=run.return_value,
        scheduled_from=run.origin,
        attempt_number=run.attempt,
        config=run.config,
        graph_run_group_id=run.group_id,
        scheduled_by_user=run.scheduled_by,
    )
