"""Running the tasks of live graph runs: a slot, a thread, the body, its end, what follows.

A decision is handed to the writer under the lock of its run and acted on once it is durable. The
thread that has finished a body waits for that itself, keeping its slot, and goes on with whatever
has a slot then, a successor or who has waited longer: no body costs a hop between threads, and
there are no more threads than slots.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, Generic, NamedTuple, TypeVar

from clockmill.clock import Clock
from clockmill.core.body import BodyOutcome, BodyRunner, Slot, Slots
from clockmill.core.cancel import CancelReason
from clockmill.core.decide import Decision, end_task
from clockmill.core.errors import ClockmillError, InternalFault, StatementCancelled, SystemFault, Unavailable
from clockmill.core.run import TaskEnd, TaskRunEvent, TaskRunState, after_task_event
from clockmill.core.timeouts import graph_timeout_s, task_timeout_s, timed_out
from clockmill.runner.conditions import Conditions
from clockmill.runner.live import Job, LiveRun
from clockmill.runner.record import NO_AFTERMATH, Aftermath, record
from clockmill.runner.recovery import STOPPED
from clockmill.runner.slots import WarehouseSlots
from clockmill.runner.timers import Timers
from clockmill.runner.workers import Workers
from clockmill.store.database import Store, Transaction
from clockmill.store.runs import RunLost, TaskStart
from clockmill.store.writer import Pending

T = TypeVar("T")
log = logging.getLogger(__name__)

WITHOUT_SLOT: Final = 64
"""Bodies at once that take no slot of a warehouse (CALL SYSTEM$..., ALTER TASK): each has a thread."""

NOTE_AFTER: Final = timedelta(seconds=1)
"""A body that runs longer than this has its start noted in the store before it ends."""

RETRY_WRITE_S: Final = 1.0
"""How long a decision that could not be written is kept before it is tried again."""

_UNWRITTEN: Final = (Unavailable, InternalFault)
"""What a write raises that changed nothing. A failed sync is one of them: SQLite shows nobody
what it could not sync, and writes over it next time."""

LOST: Final = Decision()
"""Stands for whatever was decided about a run that is no longer ours."""

TimerKey = tuple[int, str | None]
"""A graph run and one of its tasks, or None for the graph as a whole."""


class Turn(NamedTuple):
    """A job that is to be run now, with its slot; None if it needs none any more."""

    live: LiveRun
    job: Job
    slot: Slot | None


class Execution:
    """Runs jobs. *on_progress* is told of every decision about a graph run, once it is durable."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        bodies: BodyRunner,
        slots: Slots,
        workers: Workers,
        conditions: Conditions,
        timers: Timers[TimerKey],
        notes: Timers[tuple[int, str]],
        on_progress: Callable[[LiveRun, Decision, Aftermath], None],
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._store = store
        self._clock = clock
        self._bodies = bodies
        self._slots = slots
        self._slotless = WarehouseSlots(lambda _: WITHOUT_SLOT)
        self._workers = workers
        self._conditions = conditions
        self._timers = timers
        self._notes = notes
        self._on_progress = on_progress
        self._new_id = new_id
        self._stopping = threading.Event()
        self._staying = threading.local()

    def stop(self) -> None:
        """Start no more bodies. What is decided from now on is still written."""
        self._stopping.set()

    def rows_of(self, live: LiveRun, decision: Decision, at: datetime) -> dict[str, TaskStart]:
        """Make the jobs of a decision, and return by name the rows that they begin with.

        The caller holds the run's lock.
        """
        starts = {}
        for name in (*decision.started, *(end.name for end in decision.passed_over)):
            job = Job(live.graph.task(name), self._new_id())
            starts[name] = TaskStart(
                graph_run_id=live.run.id,
                task_id=job.task.id,
                task_name=name,
                query_id=job.query_id if name in live.progress.executing else None,
                at=live.run.scheduled_at if name == live.graph.root else at,
            )
            if name in live.progress.executing:
                live.jobs[name] = job
        return starts

    def submit(self, live: LiveRun, decision: Decision, at: datetime) -> "Writing[Aftermath]":
        """Hand a decision to the writer. The caller holds the run's lock, as when it was made."""
        starts = self.rows_of(live, decision, at)
        run, graph = live.run, live.graph
        return self.write(lambda tx: record(tx, run, graph, decision, starts))

    def write(self, work: Callable[[Transaction], T]) -> "Writing[T]":
        """Hand *work* to the writer, to be repeated until it is durable."""
        return Writing(self._store, work, self._stopping)

    def act(self, live: LiveRun, decision: Decision, aftermath: Aftermath) -> None:
        """Do what a decision that is durable asks for."""
        if decision.closing is not None:
            self._timers.clear((live.run.id, None))
        self._on_progress(live, decision, aftermath)
        with live.lock:
            stopped = [job for name in decision.timed_out if (job := live.jobs.get(name)) is not None]
            started = [job for name in decision.started if (job := live.jobs.get(name)) is not None]
        for job in stopped:
            self.stop_job(live, job, CancelReason.TIMEOUT)
        if not self._stopping.is_set():
            self._launch(live, started)

    def act_once_durable(self, live: LiveRun, decision: Decision, written: "Writing[Aftermath]") -> None:
        """Do what a decision asks for as soon as it is durable.

        The first try is waited for here. If it fails, a thread of its own repeats it: the caller
        has time limits to keep meanwhile.
        """
        if written.has_to_be_repeated():
            self._workers.submit(lambda: self._follow(live, decision, written))
        else:
            self._follow(live, decision, written)

    def end_without_body(self, live: LiveRun, job: Job, end: TaskEnd) -> None:
        """Let a job end that was taken before its body began."""
        job.withdraw()
        job.preset = end
        self._workers.submit(lambda: self.run(Turn(live, job, None)))

    def run(self, first: Turn) -> None:
        """Run a job, then whatever this thread has let begin and may go on with."""
        turn: Turn | None = first
        while turn is not None:
            live, job, slot = turn
            end = job.preset or self._run_body(live, job, slot)
            turn = self._finish(live, job, end, slot)

    def _finish(self, live: LiveRun, job: Job, end: TaskEnd, slot: Slot | None) -> Turn | None:
        """Record how a job has ended, and let begin what may; return what of it is for this thread."""
        self._timers.clear((live.run.id, job.name))
        self._notes.clear((live.run.id, job.name))
        with live.lock:
            live.jobs.pop(job.name, None)
            decision = end_task(live.progress, end, self._conditions.judge)
            written = self.submit(live, decision, end.at)
        if slot is not None and written.has_to_be_repeated():
            # That can take long, and there are statements that need a slot and no store.
            slot.release()
        with self._stay() as stay:
            self._follow(live, decision, written)
            if slot is not None:
                slot.release()
        return stay.turn

    @contextmanager
    def _stay(self) -> Iterator["_Stay"]:
        """Keep one of the turns that this thread brings about in the block."""
        outer = getattr(self._staying, "stay", None)
        self._staying.stay = stay = _Stay()
        try:
            yield stay
        finally:
            self._staying.stay = outer

    def _follow(self, live: LiveRun, decision: Decision, written: "Writing[Aftermath]") -> None:
        """Wait until a decision is durable and do what it asks for, unless the run is not ours any more."""
        try:
            aftermath = written.result()
        except RunLost:
            log.warning("graph run lost", extra={"run": live.run.id})
            self._on_progress(live, LOST, NO_AFTERMATH)
        else:
            self.act(live, decision, aftermath)

    def stop_job(self, live: LiveRun, job: Job, reason: CancelReason) -> None:
        """Stop a job, whether its body runs or it still waits for a slot."""
        job.cancel.cancel(reason)
        if job.take():
            self.end_without_body(live, job, self._end_of_cancelled(live, job, reason))

    # --- beginning -------------------------------------------------------------------------------

    def _launch(self, live: LiveRun, jobs: Iterable[Job]) -> None:
        """Ask for slots for *jobs*."""
        for job in jobs:
            try:
                job.withdraw = self._request_slot(live, job)
            except ClockmillError as error:
                # The warehouse is gone, or was never there.
                if job.take():
                    self.end_without_body(live, job, self._failed(job, error))

    def _request_slot(self, live: LiveRun, job: Job) -> Callable[[], None]:
        def granted(slot: Slot) -> None:
            if self._stopping.is_set():
                # Kept, because releasing it would only grant it to the next who must not begin.
                return
            if not job.take():
                slot.release()
                return
            turn = Turn(live, job, slot)
            stay: _Stay | None = getattr(self._staying, "stay", None)
            if stay is not None and stay.turn is None:
                stay.turn = turn
            else:
                self._workers.submit(lambda: self.run(turn))

        if self._bodies.needs_slot(job.task.spec.definition):
            return self._slots.request(job.task.spec.warehouse, granted)
        return self._slotless.request(None, granted)

    # --- the body --------------------------------------------------------------------------------

    def _run_body(self, live: LiveRun, job: Job, slot: Slot | None) -> TaskEnd:
        job.started_at = started_at = self._clock.now()
        timeout_s = self._set_timers(live, job, started_at)
        needs_slot = self._bodies.needs_slot(job.task.spec.definition)
        try:
            outcome = self._bodies.run(live.request(job, timeout_s), slot if needs_slot else None, job.cancel)
        except Exception:  # whatever a body does, its run has to end
            log.exception("body runner raised", extra={"task": str(job.task.name)})
            outcome = BodyOutcome(
                error_code=InternalFault.code, error_message=InternalFault.text, is_system_error=True
            )
        return self._end_of(live, job, outcome)

    def _set_timers(self, live: LiveRun, job: Job, started_at: datetime) -> float:
        """Begin to count the time of a task, and of its graph if it is the first; return its limit."""
        limit_s = task_timeout_s(live.graph, job.name)
        self._timers.set((live.run.id, job.name), started_at + timedelta(seconds=limit_s))
        self._notes.set((live.run.id, job.name), started_at + NOTE_AFTER)
        with live.lock:
            is_first, live.has_started = not live.has_started, True
        if is_first and len(live.graph.tasks) > 1:
            graph_limit = timedelta(seconds=graph_timeout_s(live.graph))
            self._timers.set((live.run.id, None), started_at + graph_limit)
        return limit_s

    def _end_of(self, live: LiveRun, job: Job, outcome: BodyOutcome) -> TaskEnd:
        if outcome.succeeded:
            event = TaskRunEvent.RETURNED
        elif job.cancel.reason is not None:
            return self._end_of_cancelled(live, job, job.cancel.reason)
        elif outcome.is_system_error:
            event = TaskRunEvent.INTERRUPTED
        else:
            event = TaskRunEvent.CANCELLED if outcome.is_cancelled else TaskRunEvent.RAISED
        return TaskEnd(
            name=job.name,
            state=after_task_event(TaskRunState.EXECUTING, event),
            at=self._clock.now(),
            started_at=outcome.started_at or job.started_at,
            return_value=outcome.return_value,
            error_code=outcome.error_code,
            error_message=outcome.error_message,
            is_system_error=outcome.is_system_error,
        )

    def _end_of_cancelled(self, live: LiveRun, job: Job, reason: CancelReason) -> TaskEnd:
        """Return the end of a job that was stopped for *reason*, whatever its body said about it."""
        match reason:
            case CancelReason.TIMEOUT:
                seconds = self._limit_s(live, job)
                return timed_out(job.name, seconds, self._clock.now(), job.started_at)
            case CancelReason.SHUTDOWN:
                return self._failed(job, SystemFault(STOPPED), TaskRunEvent.INTERRUPTED)
            case CancelReason.USER:
                return self._failed(job, StatementCancelled(), TaskRunEvent.CANCELLED)

    def _limit_s(self, live: LiveRun, job: Job) -> float:
        own = task_timeout_s(live.graph, job.name)
        return min(own, graph_timeout_s(live.graph)) if live.progress.is_expired else own

    def _failed(self, job: Job, error: ClockmillError, event: TaskRunEvent = TaskRunEvent.RAISED) -> TaskEnd:
        return TaskEnd(
            name=job.name,
            state=after_task_event(TaskRunState.EXECUTING, event),
            at=self._clock.now(),
            started_at=job.started_at,
            error_code=error.code,
            error_message=error.message,
            is_system_error=event is TaskRunEvent.INTERRUPTED,
        )


class Writing(Generic[T]):
    """A decision on its way to the disk. It is taken already, so it has to arrive."""

    def __init__(self, store: Store, work: Callable[[Transaction], T], stopping: threading.Event) -> None:
        self._store = store
        self._work = work
        self._stopping = stopping
        self._pending: Pending[T] = store.enqueue(work)

    def has_to_be_repeated(self) -> bool:
        """Wait for the first try and say whether it failed through no fault of the decision's."""
        return isinstance(self._pending.exception(), _UNWRITTEN)

    def result(self) -> T:
        """Wait until it is durable; a full disk or a busy database is tried again until we stop."""
        while True:
            try:
                return self._pending.result()
            except _UNWRITTEN:
                if self._stopping.wait(RETRY_WRITE_S):
                    raise
                self._pending = self._store.enqueue(self._work)


class _Stay:
    """Holds the turn with which a thread goes on, once there is one."""

    turn: Turn | None = None
