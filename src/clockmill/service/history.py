"""What has run, what runs, and what will: the rows of the history functions and endpoints.

The row of a planned run is not stored. It is derived from when its root is due next, with the
group id that the run will have.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from clockmill.clock import Clock
from clockmill.core.caller import Caller
from clockmill.core.config import merge_texts
from clockmill.core.fire import next_fire, scheduled_group_id, scheduled_origin
from clockmill.core.graph import Graph
from clockmill.core.names import QualifiedName
from clockmill.core.run import GraphRun, GraphRunState, TaskRunState, run_id
from clockmill.core.task import Task
from clockmill.service.access import Action, authorize
from clockmill.service.task_changes import require_task
from clockmill.store import fires, run_queries
from clockmill.store.database import Store, Transaction
from clockmill.store.run_queries import PlacedRun, Planned, RootName, TaskRunQuery

AHEAD: Final = timedelta(days=8)
"""How far into the future a planned run is shown."""
COMPLETE_WINDOW: Final = timedelta(minutes=60)
"""How long a complete graph run is shown, unless the server is set to show more."""
BACK: Final = timedelta(days=7)
"""How far back the history of tasks is shown."""


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


class HistoryService:
    """The use cases of looking at runs.

    *complete_window* is how long :meth:`complete_graphs` shows what has ended; the store keeps
    it beyond that.
    """

    def __init__(self, *, store: Store, clock: Clock, complete_window: timedelta = COMPLETE_WINDOW) -> None:
        self._store = store
        self._clock = clock
        self._complete_window = complete_window

    def current_graphs(
        self, caller: Caller, name: QualifiedName | None, *, limit: int = 1000
    ) -> list[GraphRunRow]:
        """Return what executes and what is due within eight days, last scheduled first.

        Of one root, or of all if *name* is None. A task that is no root has no graph runs.
        """
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            if name is not None and not require_task(tx, name).spec.is_root:
                return []
            root = _root_name(name)
            running = [_graph_row(run) for run in run_queries.list_open_runs(tx, root, limit)]
            until = self._clock.now() + AHEAD
            planned = _planned_rows(tx, run_queries.list_planned(tx, root, until=until, limit=limit))
        rows = sorted(planned + running, key=lambda row: row.scheduled_time, reverse=True)
        return rows[:limit]

    def complete_graphs(
        self,
        caller: Caller,
        name: QualifiedName | None,
        *,
        limit: int = 1000,
        error_only: bool = False,
        since: datetime | None = None,
    ) -> list[GraphRunRow]:
        """Return what has ended within the window, last completed first; skipped runs are no rows.

        With *since* the window begins there.
        """
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            if name is not None and not require_task(tx, name).spec.is_root:
                return []
            since = since or self._clock.now() - self._complete_window
            found = run_queries.list_complete_runs(
                tx, _root_name(name), since=since, error_only=error_only, limit=limit
            )
        return [_graph_row(run) for run in found]

    def task_history(
        self,
        caller: Caller,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        task_name: str | None = None,
        database: str | None = None,
        schema: str | None = None,
        root_id: str | None = None,
        error_only: bool = False,
        limit: int = 100,
    ) -> list[TaskRunRow]:
        """Return the runs of tasks scheduled from *since* to *until*, last scheduled first.

        Without *since* seven days back; without *until* also what is planned.
        """
        authorize(caller, Action.SEE)
        now = self._clock.now()
        asked = TaskRunQuery(
            since=since or now - BACK,
            until=until or now + AHEAD,
            task_name=task_name,
            database=database,
            schema=schema,
            root_id=root_id,
            error_only=error_only,
            limit=limit,
        )
        with self._store.read() as tx:
            placed = run_queries.list_task_runs(tx, asked)
            graphs = fires.load_graphs(tx, {(run.graph.root_id, run.graph.version) for run in placed})
            planned = [] if error_only else _planned_tasks(tx, asked)
        rows = [_task_row(run, graphs.get((run.graph.root_id, run.graph.version))) for run in placed]
        return sorted(planned + rows, key=lambda row: row.scheduled_time, reverse=True)[:limit]


def _root_name(name: QualifiedName | None) -> RootName | None:
    return None if name is None else RootName(name.parent, name.name)


def _graph_row(run: GraphRun) -> GraphRunRow:
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


def _planned_rows(tx: Transaction, planned: list[Planned]) -> list[GraphRunRow]:
    graphs = fires.load_graphs(tx, {(each.root_id, each.version) for each in planned})
    return [
        GraphRunRow(
            root_task_name=each.root_name,
            database_name=each.home.database,
            schema_name=each.home.schema,
            state=GraphRunState.SCHEDULED.value,
            scheduled_time=each.due_at,
            next_scheduled_time=next_fire(graph, each.base, each.due_at),
            root_task_id=each.root_id,
            graph_version=each.version,
            run_id=run_id(each.due_at),
            attempt_number=1,
            scheduled_from=scheduled_origin(graph).value,
            config=merge_texts(graph.root_task.spec.config, None),
            graph_run_group_id=scheduled_group_id(each.root_id, each.due_at),
        )
        for each in planned
        if (graph := graphs.get((each.root_id, each.version))) is not None
    ]


def _planned_tasks(tx: Transaction, asked: TaskRunQuery) -> list[TaskRunRow]:
    """Return the row of each root that will run, shaped as the task run it will be."""
    planned = run_queries.list_planned(tx, None, until=asked.until, limit=asked.limit)
    wanted = [each for each in planned if each.due_at >= asked.since and _is_asked_for(each, asked)]
    graphs = fires.load_graphs(tx, {(each.root_id, each.version) for each in wanted})
    return [
        _planned_task(row, graphs[row.root_task_id, row.graph_version].root_task)
        for row in _planned_rows(tx, wanted)
    ]


def _is_asked_for(planned: Planned, asked: TaskRunQuery) -> bool:
    return (
        asked.task_name in {None, planned.root_name}
        and asked.database in {None, planned.home.database}
        and asked.schema in {None, planned.home.schema}
        and asked.root_id in {None, planned.root_id}
    )


def _planned_task(row: GraphRunRow, root: Task) -> TaskRunRow:
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
    )


def _task_row(placed: PlacedRun, graph: Graph | None) -> TaskRunRow:
    task, run = placed
    spec = graph.task(task.task_name).spec if graph and task.task_name in graph else None
    return TaskRunRow(
        query_id=task.query_id,
        name=task.task_name,
        database_name=run.home.database,
        schema_name=run.home.schema,
        query_text=spec.definition if spec else None,
        condition_text=spec.condition if spec else None,
        state=task.state.value,
        error_code=task.error_code,
        error_message=task.error_message,
        scheduled_time=task.scheduled_at,
        query_start_time=task.started_at,
        next_scheduled_time=run.next_scheduled_at,
        completed_time=task.completed_at,
        root_task_id=run.root_id,
        graph_version=run.version,
        run_id=run.run_id,
        return_value=task.return_value,
        scheduled_from=run.origin.value,
        attempt_number=run.attempt,
        config=run.config,
        graph_run_group_id=run.group_id,
        scheduled_by_user=run.scheduled_by,
    )
