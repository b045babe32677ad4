"""Bringing graph runs to life in memory from what the store holds of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from clockmill.core.graph import Graph
from clockmill.core.run import GraphRun, TaskEnd, TaskRun, TaskRunState
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.live import Job, LiveRun
from clockmill.store import ownership, runs
from clockmill.store.database import Transaction


class Resumed(NamedTuple):
    """A graph run that another owner had: *ends* in order, and *jobs* that were executing."""

    live: LiveRun
    ends: Sequence[TaskEnd]
    jobs: Sequence[Job]


def bring_to_life(tx: Transaction, graphs: GraphCache, owned: Sequence[GraphRun]) -> list[LiveRun]:
    """Return runs that have begun nothing in this attempt."""
    known = graphs.load(tx, {(run.root_id, run.version) for run in owned})
    return [_live(tx, run, known[run.root_id, run.version]) for run in owned]


def resume_all(tx: Transaction, graphs: GraphCache, adopted: Sequence[GraphRun]) -> list[Resumed]:
    """Return runs as their earlier owners have left them."""
    task_runs = ownership.list_task_runs(tx, [run.id for run in adopted])
    return [_resumed(live, task_runs.get(live.run.id, [])) for live in bring_to_life(tx, graphs, adopted)]


def _live(tx: Transaction, run: GraphRun, graph: Graph) -> LiveRun:
    return LiveRun(run, graph, _carried(tx, run, graph.finalizer))


def _resumed(live: LiveRun, task_runs: Iterable[TaskRun]) -> Resumed:
    ends, jobs, began = [], [], []
    for row in task_runs:
        if row.started_at is not None:
            began.append(row.started_at)
        if row.state is TaskRunState.EXECUTING:
            jobs.append(_job(live.graph, row))
        else:
            ends.append(_end(row, row.completed_at or live.run.scheduled_at))
    live.began_at = min(began, default=None)
    live.jobs = {job.name: job for job in jobs}
    return Resumed(live, ends, jobs)


def _job(graph: Graph, row: TaskRun) -> Job:
    job = Job(graph.task(row.task_name), row.query_id or "", row.executions)
    job.started_at = row.started_at
    return job


def _end(row: TaskRun, at: datetime) -> TaskEnd:
    return TaskEnd(
        name=row.task_name,
        state=row.state,
        at=at,
        started_at=row.started_at,
        return_value=row.return_value,
        error_code=row.error_code,
        error_message=row.error_message,
        is_system_error=row.is_system_error,
    )


def _carried(tx: Transaction, run: GraphRun, finalizer: str | None) -> dict[str, TaskEnd]:
    """Return the ends that earlier attempts left standing; the finalizer runs in each attempt."""
    if run.attempt == 1:
        return {}
    ends = runs.list_ends_of_group(tx, run.group_id, run.attempt)
    stands = {TaskRunState.SUCCEEDED, TaskRunState.SKIPPED}
    return {name: end for name, end in ends.items() if end.state in stands and name != finalizer}
