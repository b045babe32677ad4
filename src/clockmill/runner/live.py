"""What the owner of a graph run keeps of it in memory while it goes on."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from clockmill.core.body import BodyRequest, GraphRunContext
from clockmill.core.cancel import CancelToken
from clockmill.core.graph import Graph
from clockmill.core.progress import Progress
from clockmill.core.run import GraphRun, TaskEnd
from clockmill.core.task import Task
from clockmill.core.timeouts import graph_timeout_s
from clockmill.runner.writing import Writing
from clockmill.store.runs import RunLost


class Job:
    """One task that is executing: it waits for a slot, or its body runs.

    Whoever takes it first decides what becomes of it: a granted slot runs it, a cancellation or
    a timeout before that ends it. *preset* is how it ends without its body being run.
    *executions* is how often owners before have begun its body; *is_left* once it is for the next
    owner to say how it ends. Before it *may_begin* it is not on record that it does.
    """

    def __init__(self, task: Task, query_id: str, executions: int = 0) -> None:
        self.task = task
        self.name = task.name.name
        self.query_id = query_id
        self.executions = executions
        self.cancel = CancelToken()
        self.withdraw: Callable[[], None] = _nothing
        self.started_at: datetime | None = None
        self.preset: TaskEnd | None = None
        self.is_left = False
        self.may_begin = False
        self._lock = threading.Lock()
        self._is_taken = False

    def take(self) -> bool:
        """Claim the job; True for the first who does."""
        with self._lock:
            first, self._is_taken = not self._is_taken, True
        return first

    def give_back(self) -> None:
        """Let the job be claimed by others, after all."""
        with self._lock:
            self._is_taken = False

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has taken it yet."""
        return not self._is_taken


def _nothing() -> None:
    pass


class LiveRun:
    """A graph run that this node owns.

    *lock* guards the progress and the jobs, and orders the decisions: what is decided under it
    is handed to the writer under it, so that decisions are written in the order they were made,
    each after *last_writing*. *began_at* is when its first body began, from which the limit of the
    graph counts. Nothing more is written of a run that *is_dropped*.
    """

    def __init__(self, run: GraphRun, graph: Graph, carried: Mapping[str, TaskEnd]) -> None:
        self.run = run
        self.graph = graph
        self.progress = Progress(graph, carried)
        self.lock = threading.Lock()
        self.jobs: dict[str, Job] = {}
        self.is_dropped = False
        self.last_writing: Writing[Any] | None = None
        self.began_at: datetime | None = None
        self.context = GraphRunContext(
            root=graph.home.object(graph.root),
            root_id=run.root_id,
            group_id=run.group_id,
            attempt=run.attempt,
            original_scheduled_at=run.original_scheduled_at,
            last_successful_group_id=run.last_success_group_id,
            last_successful_scheduled_at=run.last_success_scheduled_at,
            config=run.config,
        )

    @property
    def expires_at(self) -> datetime | None:
        """When the graph as a whole has taken too long; None before it began, and for a lone task."""
        if self.began_at is None or len(self.graph.tasks) == 1:
            return None
        return self.began_at + timedelta(seconds=graph_timeout_s(self.graph))

    def check_kept(self) -> None:
        """Raise RunLost if this node has given the run up."""
        if self.is_dropped:
            raise RunLost(self.run.id)

    def all_jobs(self) -> list[Job]:
        """Return the jobs that are executing, as far as the store knows."""
        with self.lock:
            return list(self.jobs.values())

    def waiting_jobs(self) -> list[Job]:
        """Return the jobs that nobody has taken yet."""
        return [job for job in self.all_jobs() if job.is_waiting]

    def running_jobs(self) -> list[Job]:
        """Return the jobs of which a thread of ours has yet to say how they end."""
        return [job for job in self.all_jobs() if not (job.is_waiting or job.is_left)]

    def job_of(self, task_id: str) -> Job | None:
        """Return the job of the task with that id, if it is executing."""
        with self.lock:
            return next((job for job in self.jobs.values() if job.task.id == task_id), None)

    def request(self, job: Job, timeout_s: float) -> BodyRequest:
        """Return what the body of *job* is run with."""
        spec, graph = job.task.spec, self.graph
        return BodyRequest(
            task=job.task.name,
            task_id=job.task.id,
            owner=job.task.owner,
            definition=spec.definition,
            warehouse=spec.warehouse,
            session_parameters=spec.session_parameters,
            execute_as_user=spec.execute_as_user,
            query_id=job.query_id,
            graph_run=self.context,
            predecessors=enabled_predecessors(graph, job.name),
            return_values=AncestorValues(self.progress, job.name),
            timeout_s=timeout_s,
        )


def enabled_predecessors(graph: Graph, name: str) -> tuple[str, ...]:
    """Return the predecessors of *name*, as its owner wrote them, that are not suspended."""
    return tuple(each for each in graph.predecessors(name) if graph.is_active(each))


class AncestorValues(Mapping[str, str | None]):
    """The return values that a task may ask for, by the name of the ancestor.

    The ancestors are only gathered when somebody asks: in a chain that is all of it, each time.
    """

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._name = name
        self._known: frozenset[str] | None = None

    def __getitem__(self, name: str) -> str | None:
        if name not in self._ancestors():
            raise KeyError(name)
        return self._progress.return_value(name)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._ancestors()))

    def __len__(self) -> int:
        return len(self._ancestors())

    def _ancestors(self) -> frozenset[str]:
        if self._known is None:
            self._known = self._progress.graph.ancestors(self._name)
        return self._known
