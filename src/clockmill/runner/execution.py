"""Running the tasks of live graph runs: a slot, a thread, the body, its end, what follows.

A decision is handed to the writer under the lock of its run and acted on once it is durable. The
thread that has finished a body waits for that itself, keeping its slot, and goes on with whatever
has a slot then, a successor or who has waited longer: no body costs a hop between threads, and
there are no more threads than slots.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

from clockmill.clock import Clock
from clockmill.core.body import BodyOutcome, BodyRunner, Slot, Slots
from clockmill.core.cancel import CancelReason
from clockmill.core.decide import Decision, end_task
from clockmill.core.errors import ClockmillError
from clockmill.core.run import TaskEnd
from clockmill.runner.conditions import Conditions
from clockmill.runner.limits import Limits
from clockmill.runner.live import Job, LiveRun
from clockmill.runner.outcomes import MISTAKE, end_of, end_of_stopped, failed
from clockmill.runner.record import Aftermath, record
from clockmill.runner.slots import WarehouseSlots
from clockmill.runner.takeover import Takeover
from clockmill.runner.workers import Workers
from clockmill.runner.writing import UNWRITTEN, Writing
from clockmill.store import ownership
from clockmill.store.database import Store, Transaction
from clockmill.store.runs import RunLost, TaskStart

T = TypeVar("T")
log = logging.getLogger(__name__)

WITHOUT_SLOT: Final = 64
"""Bodies at once that take no slot of a warehouse (CALL SYSTEM$..., ALTER TASK): each has a thread."""


class Turn(NamedTuple):
    """A job that is to be run now, with its slot; None if it needs none any more."""

    live: LiveRun
    job: Job
    slot: Slot | None


class Execution:
    """Runs jobs, as long as it *may_begin* any.

    *on_progress* is told of every decision about a graph run, once it is durable; *on_lost* of a
    run that turns out to be another owner's; *on_left* that it is left to one how a body has ended.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        bodies: BodyRunner,
        slots: Slots,
        workers: Workers,
        conditions: Conditions,
        limits: Limits,
        on_progress: Callable[[LiveRun, Decision, Aftermath], None],
        on_lost: Callable[[LiveRun], None],
        on_left: Callable[[], None],
        may_begin: Callable[[], bool],
        reruns_interrupted: bool = False,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._store = store
        self._clock = clock
        self._bodies = bodies
        self._slots = slots
        self._slotless = WarehouseSlots(lambda _: WITHOUT_SLOT)
        self._workers = workers
        self._conditions = conditions
        self._limits = limits
        self._may_begin = may_begin
        self._on_progress = on_progress
        self.on_lost = on_lost
        self._on_left = on_left
        self._new_id = new_id
        self._takeover = Takeover(
            bodies=bodies, record_execution=self._record_execution, reruns_parts=reruns_interrupted
        )
        self._paused = threading.Event()
        self._stopping = threading.Event()
        self._staying = threading.local()

    def pause(self) -> None:
        """Begin no more bodies. What is decided from now on is still written."""
        self._paused.set()

    def go_on(self) -> None:
        """Begin bodies again."""
        self._paused.clear()

    def stop(self) -> None:
        """Begin no more bodies, and give up what cannot be written."""
        self._paused.set()
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

    def submit(self, live: LiveRun, decision: Decision, at: datetime) -> Writing[Aftermath]:
        """Hand a decision to the writer. The caller holds the run's lock, as when it was made."""
        starts = self.rows_of(live, decision, at)

        def work(tx: Transaction) -> Aftermath:
            live.check_kept()
            return record(tx, live.run, live.graph, decision, starts)

        live.last_writing = written = Writing(
            self._store,
            work,
            self._stopping,
            live.last_writing,
            # The end of a run counts for its root, and for whoever may be claimed now.
            shared=decision.closing is None,
        )
        return written

    def write(self, work: Callable[[Transaction], T]) -> Writing[T]:
        """Hand *work*, which changes nothing but runs that are ours, to the writer until it is durable."""
        return Writing(self._store, work, self._stopping, shared=True)

    def act(self, live: LiveRun, decision: Decision, aftermath: Aftermath) -> None:
        """Do what a decision that is durable asks for."""
        if decision.closing is not None:
            self._limits.end_graph(live)
        self._on_progress(live, decision, aftermath)
        with live.lock:
            stopped = [job for name in decision.timed_out if (job := live.jobs.get(name)) is not None]
            started = [job for name in decision.started if (job := live.jobs.get(name)) is not None]
        for job in stopped:
            self.stop_job(live, job, CancelReason.TIMEOUT)
        self.launch(live, started)

    def act_once_durable(self, live: LiveRun, decision: Decision, written: Writing[Aftermath]) -> None:
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
            end = self._preset_end(live, job) if job.preset else self._run_body(live, job, slot)
            self._limits.end_body(live, job)
            if end is None:
                self._leave(job, slot)
                return
            turn = self._finish(live, job, end, slot)

    def _preset_end(self, live: LiveRun, job: Job) -> TaskEnd | None:
        """Return how a job ends without a body of ours, unless an owner before has brought it to its end."""
        done = self._takeover.find_complete(job, live.request(job, 0.0))
        return end_of(live, job, done, self._clock.now()) if done else job.preset

    def _leave(self, job: Job, slot: Slot | None) -> None:
        """Leave it to the next owner how a job ends."""
        job.is_left = True
        if slot is not None:
            slot.release()
        self._on_left()

    def _finish(self, live: LiveRun, job: Job, end: TaskEnd, slot: Slot | None) -> Turn | None:
        """Record how a job has ended, and let begin what may; return what of it is for this thread."""
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

    def _follow(self, live: LiveRun, decision: Decision, written: Writing[Aftermath]) -> None:
        """Wait until a decision is durable and do what it asks for, unless the run is not ours any more."""
        try:
            aftermath = written.result()
        except RunLost:
            self.on_lost(live)
        else:
            self.act(live, decision, aftermath)

    def stop_job(self, live: LiveRun, job: Job, reason: CancelReason) -> None:
        """Stop a job, whether its body runs or it still waits for a slot."""
        job.cancel.cancel(reason)
        if job.take() and (end := end_of_stopped(live, job, reason, self._clock.now())) is not None:
            self.end_without_body(live, job, end)

    # --- beginning -------------------------------------------------------------------------------

    def launch(self, live: LiveRun, jobs: Collection[Job]) -> None:
        """Ask for slots for *jobs*, which are on record, unless bodies are not begun at the moment."""
        for job in jobs:
            # First, so that whoever lets bodies begin again meanwhile finds it.
            job.may_begin = True
        if self._paused.is_set():
            return
        for job in jobs:
            try:
                job.withdraw = self._request_slot(live, job)
            except ClockmillError as error:
                # The warehouse is gone, or was never there.
                if job.take():
                    self.end_without_body(live, job, failed(job, error, self._clock.now()))

    def _request_slot(self, live: LiveRun, job: Job) -> Callable[[], None]:
        def granted(slot: Slot) -> None:
            if self._paused.is_set():
                # By another thread: whoever waits next is granted it in turn, and there may be many.
                self._workers.submit(slot.release)
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

    def _run_body(self, live: LiveRun, job: Job, slot: Slot | None) -> TaskEnd | None:
        """Run a body to its end and return that, or None if it is for another owner to say."""
        if live.is_dropped or not self._may_begin():
            return None
        began_at = self._clock.now()
        limit_s = self._limits.begin_body(live, job, began_at)
        try:
            was_begun = job.executions > 0
            outcome = self._takeover.settle(live, job, live.request(job, limit_s)) if was_begun else None
        except RunLost:
            self.on_lost(live)
            return None
        except UNWRITTEN:
            # Tried until we stop.
            return None
        if outcome is None:
            if not self._may_begin():
                # Writing that it is begun once more took longer than the lease lasts.
                return None
            job.started_at = began_at
            outcome = self._begin_body(live, job, slot, limit_s)
        return end_of(live, job, outcome, self._clock.now())

    def _begin_body(self, live: LiveRun, job: Job, slot: Slot | None, limit_s: float) -> BodyOutcome:
        try:
            needs_slot = self._bodies.needs_slot(job.task.spec.definition)
            return self._bodies.run(live.request(job, limit_s), slot if needs_slot else None, job.cancel)
        except Exception:  # whatever a body does, its run has to end
            log.exception("body runner raised", extra={"task": str(job.task.name)})
            return MISTAKE

    def _record_execution(self, live: LiveRun, job: Job) -> None:
        """Let the body of a job that was interrupted be begun once more, as a query of its own."""
        run, query_id = live.run, self._new_id()

        def work(tx: Transaction) -> None:
            live.check_kept()
            ownership.run_task_again(tx, run.id, run.epoch, job.task.id, query_id)

        self.write(work).result()
        job.query_id = query_id


class _Stay:
    """Holds the turn with which a thread goes on, once there is one."""

    turn: Turn | None = None
