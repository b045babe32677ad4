"""What the owner of a graph run keeps of it in memory while it goes on."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from clockmill.core.body import BodyRequest, GraphRunContext
from clockmill.core.cancel import CancelToken
from clockmill.core.graph import Graph
from clockmill.core.progress import Progress
from clockmill.core.run import GraphRun, TaskEnd
from clockmill.core.task import Task


class Job:
    """One task that is executing: it waits for a slot, or its body runs.

    Whoever takes it first decides what becomes of it: a granted slot runs it, a cancellation or
    a timeout before that ends it. *preset* is how it ends without its body being run.
    """

    def __init__(self, task: Task, query_id: str) -> None:
        self.task = task
        self.name = task.name.name
        self.query_id = query_id
        self.cancel = CancelToken()
        self.withdraw: Callable[[], None] = _nothing
        self.started_at: datetime | None = None
        self.preset: TaskEnd | None = None
        self._lock = threading.Lock()
        self._is_taken = False

    def take(self) -> bool:
        """Claim the job; True for the first who does."""
        with self._lock:
            first, self._is_taken = not self._is_taken, True
        return first


def _nothing() -> None:
    pass


class LiveRun:
    """A graph run that this node owns.

    *lock* guards the progress and the jobs, and orders the decisions: what is decided under it
    is handed to the writer under it, so that decisions are written in the order they were made.
    """

    def __init__(self, run: GraphRun, graph: Graph, carried: Mapping[str, TaskEnd]) -> None:
        self.run = run
        self.graph = graph
        self.progress = Progress(graph, carried)
        self.lock = threading.Lock()
        self.jobs: dict[str, Job] = {}
        self.has_started = False
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
