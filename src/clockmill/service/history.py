"""What has run, what runs, and what will: the use cases of the history functions and endpoints.

The row of a planned run is not stored. It is derived from when its root is due next, with the
group id that the run will have.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from clockmill.clock import Clock
from clockmill.core.caller import Caller
from clockmill.core.graph import Graph
from clockmill.core.names import QualifiedName
from clockmill.service.access import Action, authorize
from clockmill.service.history_rows import (
    GraphRunRow,
    TaskRunRow,
    graph_row,
    planned_row,
    task_row,
    task_to_come,
)
from clockmill.service.kept_graphs import KeptGraphs
from clockmill.service.task_changes import require_task
from clockmill.store import run_history, run_queries, skipped_fires, versions
from clockmill.store.database import Store, Transaction
from clockmill.store.run_history import TaskRunQuery
from clockmill.store.run_queries import Planned, RootName
from clockmill.store.skipped_fires import RecordedSkip
from clockmill.store.versions import KeptVersion

AHEAD: Final = timedelta(days=8)
"""How far into the future a planned run is shown."""
COMPLETE_WINDOW: Final = timedelta(minutes=60)
"""How long a complete graph run is shown, unless the server is set to show more."""
BACK: Final = timedelta(days=7)
"""How far back the history of tasks is shown."""
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_PLANNED: Final = 30_000
"""Roots that can be due: as many as tasks can be started."""


class HistoryService:
    """The use cases of looking at runs.

    *complete_window* is how long :meth:`complete_graphs` shows what has ended; the store keeps
    it beyond that.
    """

    def __init__(self, *, store: Store, clock: Clock, complete_window: timedelta = COMPLETE_WINDOW) -> None:
        self._store = store
        self._clock = clock
        self._complete_window = complete_window
        self._graphs = KeptGraphs()

    # --- graph runs ------------------------------------------------------------------------

    def current_graphs(
        self, caller: Caller, name: QualifiedName | str | None, *, limit: int = 1000
    ) -> list[GraphRunRow]:
        """Return what executes and what is due within eight days, last scheduled first.

        Of one root, of all that have a name (a str, in any case), or of all if *name* is None. A
        task that is no root has no graph runs.
        """
        authorize(caller, Action.SEE)
        until = self._clock.now() + AHEAD
        with self._store.read() as tx:
            if not _has_runs(tx, name):
                return []
            root = _root_name(name)
            running = [graph_row(run) for run in run_queries.list_open_runs(tx, root, limit)]
            due = run_queries.list_planned(tx, root, until=until, limit=limit)
            planned = [row for row, _ in self._planned_rows(tx, due)]
        rows = sorted(planned + running, key=lambda row: row.scheduled_time, reverse=True)
        return rows[:limit]

    def complete_graphs(
        self,
        caller: Caller,
        name: QualifiedName | str | None,
        *,
        limit: int | None = 1000,
        error_only: bool = False,
        since: datetime | None = None,
    ) -> list[GraphRunRow]:
        """Return what has ended within the window, last completed first; skipped runs are no rows.

        *name* is as in :meth:`current_graphs`. With *since* the window begins there; *limit* None
        is all there are.
        """
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            if not _has_runs(tx, name):
                return []
            since = since or self._clock.now() - self._complete_window
            found = run_queries.list_complete_runs(
                tx, _root_name(name), since=since, error_only=error_only, limit=limit
            )
        return [graph_row(run) for run in found]

    # --- task runs -------------------------------------------------------------------------

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

        Without *since* seven days back; without *until* also what waits and what is planned.
        *task_name* is compared in any case.
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
            rows = self._task_rows(tx, asked)
            if not error_only:
                rows += self._queued_tasks(tx, asked) + self._planned_tasks(tx, asked)
        return sorted(rows, key=lambda row: row.scheduled_time, reverse=True)[:limit]

    def ended_tasks(
        self,
        caller: Caller,
        *,
        since: datetime,
        until: datetime | None = None,
        task_name: str | None = None,
        database: str | None = None,
        schema: str | None = None,
        root_id: str | None = None,
        error_only: bool = False,
    ) -> list[TaskRunRow]:
        """Return every run of a task that was scheduled from *since* on and has ended, the last first.

        The other arguments are as in :meth:`task_history`.
        """
        authorize(caller, Action.SEE)
        asked = TaskRunQuery(
            since=since,
            until=until or self._clock.now(),
            task_name=task_name,
            database=database,
            schema=schema,
            root_id=root_id,
            error_only=error_only,
            ended_only=True,
            limit=None,
        )
        with self._store.read() as tx:
            return self._task_rows(tx, asked)

    # --- skipped fires ---------------------------------------------------------------------

    def skipped_fires(
        self,
        caller: Caller,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        root_name: str | None = None,
        limit: int = 1000,
    ) -> list[RecordedSkip]:
        """Return the fires due from *since* to *until* that began no run, last recorded first.

        Without *since* as far back as they are kept. *root_name* is compared in any case.
        """
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            return skipped_fires.list_skips(
                tx, since=since or _EVER, until=until or self._clock.now(), root_name=root_name, limit=limit
            )

    # --- graph versions --------------------------------------------------------------------

    def versions(self, caller: Caller) -> list[KeptVersion]:
        """Return every graph version that is kept, the oldest first."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            return versions.list_versions(tx)

    # --- what is read ----------------------------------------------------------------------

    def _task_rows(self, tx: Transaction, asked: TaskRunQuery) -> list[TaskRunRow]:
        placed = run_history.list_task_runs(tx, asked)
        graphs = self._graphs.load(tx, {(run.root_id, run.version) for run in placed})
        return [task_row(run, graphs.get((run.root_id, run.version))) for run in placed]

    def _queued_tasks(self, tx: Transaction, asked: TaskRunQuery) -> list[TaskRunRow]:
        """Return the row of each root whose run waits to begin, shaped as the task run it will be."""
        queued = run_history.list_queued_runs(tx, asked)
        graphs = self._graphs.load(tx, {(run.root_id, run.version) for run in queued})
        return [
            task_to_come(graph_row(run), graph.root_task)
            for run in queued
            if (graph := graphs.get((run.root_id, run.version))) is not None
        ]

    def _planned_tasks(self, tx: Transaction, asked: TaskRunQuery) -> list[TaskRunRow]:
        """Return the row of each root that will run, shaped as the task run it will be."""
        root = None if asked.task_name is None else RootName(None, asked.task_name)
        due = run_queries.list_planned(tx, root, until=asked.until, limit=_MOST_PLANNED)
        wanted = [each for each in due if each.due_at >= asked.since and _is_asked_for(each, asked)]
        rows = self._planned_rows(tx, wanted[: asked.limit])
        return [task_to_come(row, graph.root_task) for row, graph in rows]

    def _planned_rows(self, tx: Transaction, planned: list[Planned]) -> list[tuple[GraphRunRow, Graph]]:
        graphs = self._graphs.load(tx, {(each.root_id, each.version) for each in planned})
        return [
            (planned_row(each, graph), graph)
            for each in planned
            if (graph := graphs.get((each.root_id, each.version))) is not None
        ]


def _has_runs(tx: Transaction, name: QualifiedName | str | None) -> bool:
    """Say whether there can be graph runs of *name*, or raise NotFound for a task that is missing."""
    return not isinstance(name, QualifiedName) or require_task(tx, name).spec.is_root


def _root_name(name: QualifiedName | str | None) -> RootName | None:
    if isinstance(name, QualifiedName):
        return RootName(name.parent, name.name)
    return None if name is None else RootName(None, name)


def _is_asked_for(planned: Planned, asked: TaskRunQuery) -> bool:
    """Say whether *planned*, which has the name that is asked for, is also in the right place."""
    return (
        asked.database in {None, planned.home.database}
        and asked.schema in {None, planned.home.schema}
        and asked.root_id in {None, planned.root_id}
    )
