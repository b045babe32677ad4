"""What is done with runs: execute, retry, cancel.

A run that is asked for is stored to wait for an owner; one that has an owner is changed by its
owner alone, who is asked to. Either way the runner is told by a wake-up after the commit.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import msgspec

from clockmill.clock import Clock
from clockmill.core.caller import Caller
from clockmill.core.config import merge_texts
from clockmill.core.fire import repeat_run
from clockmill.core.names import QualifiedName, render
from clockmill.core.run import GraphRun, GraphRunState, NewGraphRun, Origin
from clockmill.core.run_errors import (
    ExecuteOnNonRoot,
    ModifiedSinceRun,
    NoFailures,
    NothingToRetry,
    QueryNotFound,
    RunInProgress,
    RunTooOld,
    UnknownRunGroup,
)
from clockmill.core.task import OverlapPolicy, Task
from clockmill.service.access import Action, authorize
from clockmill.service.placement import Placement
from clockmill.service.task_changes import KIND, require_task
from clockmill.service.task_states import require_to_operate
from clockmill.service.versions import cut_version, load_graph
from clockmill.store import commands, queued_runs, run_queries, versions
from clockmill.store.commands import CancelCommand
from clockmill.store.database import Store, Transaction
from clockmill.store.run_queries import OwnedRun
from clockmill.wake import Topic, Wakeups

RETRY_WINDOW: Final = timedelta(days=14)


class RunService:
    """The use cases of runs."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._store = store
        self._clock = clock
        self._wakeups = wakeups
        self._new_id = new_id
        self._placement = Placement()

    def open_runs(self) -> set[tuple[str, int]]:
        """Return the graph runs that wait or execute, by group id and attempt."""
        with self._store.read() as tx:
            return run_queries.list_open_attempts(tx)

    def execute_task(
        self, caller: Caller, name: QualifiedName, *, retry_last: bool = False, config: str | None = None
    ) -> str:
        """Queue a run of the graph of root *name*, and return the sentence that says so.

        *config* is laid over the configuration of the root, for this run. A manual run that has
        not begun yet is replaced. With *retry_last* the failed part of the last run is repeated.
        """

        def make(tx: Transaction, root: Task) -> NewGraphRun:
            return self._retry(tx, root) if retry_last else self._manual_run(tx, root, caller, config)

        return self._queue(caller, name, make)

    def retry_group(self, caller: Caller, name: QualifiedName, group_id: str) -> str:
        """Repeat the failed part of the latest run in a group of the graph of root *name*.

        Raises UnknownRunGroup for a group that this root has no runs of.
        """

        def make(tx: Transaction, root: Task) -> NewGraphRun:
            last = run_queries.find_last_run_of_group(tx, root.id, group_id)
            if last is None:
                raise UnknownRunGroup(group_id)
            if last.completed_at is None:
                raise RunInProgress(root.name.name, last.group_id, last.attempt)
            self._check_retry(tx, root, last)
            return repeat_run(last, Origin.MANUAL_RETRY, self._clock.now())

        return self._queue(caller, name, make)

    def cancel_ongoing(self, caller: Caller, name: QualifiedName) -> str:
        """Ask for the end of what task *name* is executing, and return the sentence that says so.

        What follows from the task is not cancelled, but does not run either.
        """

        def work(tx: Transaction) -> list[str]:
            task = require_task(tx, name)
            require_to_operate(caller, task)
            executing = run_queries.list_executing(tx, task.id)
            for run in executing:
                command = CancelCommand(graph_run_id=run.graph_run_id, task_id=task.id)
                commands.insert_cancel(tx, command, self._clock.now())
            return [run.query_id for run in executing if run.query_id]

        query_ids = self._store.write(work)
        if not query_ids:
            return (
                f"Task {render(name.name)} has no currently running executions. If the task was dropped or "
                "replaced after a previous execution started, use SYSTEM$CANCEL_QUERY along with the query "
                "id to cancel the run."
            )
        self._wakeups.raise_(Topic.COMMANDS)
        return (
            f"Marked {len(query_ids)} task runs for cancellation. It may take a few seconds for "
            f"cancellation to complete. Query ids canceled: [{', '.join(query_ids)}]"
        )

    def cancel_query(self, caller: Caller, query_id: str) -> str:
        """Ask for the end of the task run with *query_id*; raises QueryNotFound if none executes.

        It reaches runs of tasks that were dropped or replaced meanwhile.
        """

        def work(tx: Transaction) -> None:
            found = run_queries.find_executing(tx, query_id)
            if found is None:
                raise QueryNotFound(query_id)
            owner = found.owner or _last_owner(tx, found)
            authorize(caller, Action.OPERATE, owner=owner, kind=KIND, name=found.run.task_name)
            command = CancelCommand(graph_run_id=found.run.graph_run_id, task_id=found.run.task_id)
            commands.insert_cancel(tx, command, self._clock.now())

        self._store.write(work)
        self._wakeups.raise_(Topic.COMMANDS)
        return f"query [{query_id}] terminated."

    def _queue(
        self, caller: Caller, name: QualifiedName, make: Callable[[Transaction, Task], NewGraphRun]
    ) -> str:
        """Store the run of root *name* that *make* gives, to wait for an owner."""

        def work(tx: Transaction) -> None:
            root = require_task(tx, name)
            require_to_operate(caller, root)
            if not root.spec.is_root:
                raise ExecuteOnNonRoot(name)
            run = make(tx, root)
            needs = self._placement.needs_of_version(tx, (run.root_id, run.version))
            run = msgspec.structs.replace(run, scheduled_by=caller.user, needs=needs)
            queued_runs.insert_graph_runs(tx, [run])

        self._store.write(work)
        self._wakeups.raise_(Topic.RUNS)
        return f"Task {render(name.name)} is scheduled to run immediately."

    def _manual_run(self, tx: Transaction, root: Task, caller: Caller, config: str | None) -> NewGraphRun:
        merged = merge_texts(root.spec.config, config)
        now = self._clock.now()
        version = cut_version(tx, root, now, caller)
        # At most one waits: the last command wins.
        queued_runs.delete_queued_runs(tx, root.id)
        return NewGraphRun(
            group_id=self._new_id(),
            attempt=1,
            root_id=root.id,
            root_name=root.name.name,
            home=root.name.parent,
            version=version,
            origin=Origin.EXECUTE_TASK,
            overlap_policy=root.spec.overlap_policy or OverlapPolicy.NO_OVERLAP,
            scheduled_at=now,
            original_scheduled_at=now,
            next_scheduled_at=run_queries.find_next_fire(tx, root.id),
            config=merged,
        )

    def _retry(self, tx: Transaction, root: Task) -> NewGraphRun:
        last = run_queries.find_last_run(tx, root.id)
        if last is not None:
            # Its attempts may have been scheduled by nodes whose clocks differ.
            last = run_queries.find_last_run_of_group(tx, root.id, last.group_id)
        if last is None or last.completed_at is None:
            raise NothingToRetry(root.name.name)
        self._check_retry(tx, root, last)
        return repeat_run(last, Origin.MANUAL_RETRY, self._clock.now())

    def _check_retry(self, tx: Transaction, root: Task, last: GraphRun) -> None:
        about = (root.name.name, last.group_id, last.attempt)
        if last.state not in {GraphRunState.FAILED, GraphRunState.CANCELLED}:
            raise NoFailures(*about)
        if self._clock.now() - last.original_scheduled_at > RETRY_WINDOW:
            raise RunTooOld(*about, RETRY_WINDOW.days)
        version = versions.load_version(tx, root.id, last.version)
        if version is None or version.fingerprint() != load_graph(tx, root).fingerprint():
            raise ModifiedSinceRun(*about)


def _last_owner(tx: Transaction, found: OwnedRun) -> str:
    """Return the role that owned the task of a run when the version that it runs was cut."""
    graph = versions.load_version(tx, found.root_id, found.version)
    if graph is None:  # pragma: no cover - a version is kept as long as its runs
        raise QueryNotFound(found.run.query_id or "")
    return graph.task(found.run.task_name).owner
