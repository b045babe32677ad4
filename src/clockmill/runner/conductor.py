"""The conductor: what a node does for the graph runs that it owns, one step at a time.

It takes runs that are queued (:mod:`.claims`) and runs that others have let go (:mod:`.adoption`),
obeys commands, and keeps time limits (:mod:`.limits`). Bodies run in threads of their own
(:mod:`.execution`). What it owns when it stops it hands over (:mod:`.handover`).
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from clockmill.clock import Clock
from clockmill.core.body import BodyRunner, Slots
from clockmill.core.cancel import CancelReason
from clockmill.core.decide import Decision, expire
from clockmill.core.errors import ClockmillError
from clockmill.core.rules import is_triggered
from clockmill.runner.adoption import Adoption
from clockmill.runner.claims import Claims
from clockmill.runner.conditions import Conditions
from clockmill.runner.execution import Execution
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.handover import Handover
from clockmill.runner.limits import Limits
from clockmill.runner.live import LiveRun
from clockmill.runner.means import Means
from clockmill.runner.record import Aftermath
from clockmill.runner.workers import Workers
from clockmill.store import commands, runs
from clockmill.store.database import Store
from clockmill.wake import Topic, Wakeups

log = logging.getLogger(__name__)


class Conductor:
    """Owns graph runs on behalf of one node."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        bodies: BodyRunner,
        slots: Slots,
        workers: Workers,
        conditions: Conditions,
        graphs: GraphCache,
        node: str,
        placements: Collection[str] | None = None,
        holds: Callable[[], bool] = lambda: True,
        on_root_free: Callable[[str], None] = lambda _: None,
        reruns_interrupted: bool = False,
    ) -> None:
        """Takes runs that one of *placements* will do for (None: all), while the lease of the node *holds*.

        *on_root_free* gets the id of a root that its streams start when a run of it has ended. A
        body that may have done a part when its node ended fails, or *reruns_interrupted*.
        """
        self._store = store
        self._bodies = bodies
        self._wakeups = wakeups
        self._conditions = conditions
        self._workers = workers
        self._node = node
        self._on_root_free = on_root_free
        self._owned: dict[int, LiveRun] = {}
        self._limits = Limits()
        self._wants_runs = threading.Event()
        self._wants_commands = threading.Event()
        self._holds = holds
        self._is_draining = False
        self._is_stopping = False
        self._wake: Callable[[], None] = lambda: None
        self._execution = Execution(
            store=store,
            clock=clock,
            bodies=bodies,
            slots=slots,
            workers=workers,
            conditions=conditions,
            limits=self._limits,
            on_progress=self._note_progress,
            on_lost=self._note_lost,
            on_left=self._note_left,
            may_begin=holds,
            reruns_interrupted=reruns_interrupted,
        )
        means = Means(
            store=store,
            clock=clock,
            graphs=graphs,
            conditions=conditions,
            execution=self._execution,
            owned=self._owned,
            node=node,
            placements=placements,
            may_take=self._may_take,
        )
        self._claims = Claims(means, workers)
        self._adoption = Adoption(means, self._limits)
        self._handover = Handover(
            store=store, wakeups=wakeups, execution=self._execution, limits=self._limits, owned=self._owned
        )
        self._wants_runs.set()
        self._wants_commands.set()
        wakeups.subscribe(self._hear)

    @property
    def owned(self) -> int:
        """How many graph runs this node owns at the moment."""
        return len(self._owned)

    def step(self, now: datetime) -> datetime | None:
        """Do what is to be done at *now*; return when there is something to do without a wake-up."""
        if self._wants_runs.is_set() and self._may_take():
            with _taken(self._wants_runs):
                self._take_runs(now)
        if self._wants_commands.is_set():
            with _taken(self._wants_commands):
                self._obey()
        self._enforce_limits(now)
        self._note_starts(now)
        if self._is_draining:
            self._handover.let_go()
        return self._limits.next_at()

    def call_when_sooner(self, wake: Callable[[], None]) -> None:
        """Call *wake* whenever the next step is due before the last one said."""
        self._wake = wake
        self._limits.call_when_sooner(wake)

    def drain(self) -> None:
        """Take no run and begin no body from now on, and hand over each run once no body of it runs."""
        if not self._is_draining:
            self._is_draining = True
            self._handover.begin()
            self._wake()

    def undrain(self) -> None:
        """Take runs and begin bodies again."""
        if self._is_draining and not self._is_stopping:
            self._is_draining = False
            self._handover.call_off()
            self._wants_runs.set()
            self._wake()

    def drop_all(self) -> None:
        """Stop all work at once, and write nothing more of it: the node's lease has ended."""
        self._handover.drop_all()

    def begin_stop(self) -> None:
        """Take no run and begin no body from now on. What is decided is still written."""
        self._is_stopping = True
        self._execution.stop()
        self.drain()

    def stop(self, grace_s: float, cancelled_grace_s: float) -> bool:
        """Begin nothing more; wait for bodies to end, cancel those that do not; hand over all runs.

        Returns whether all bodies have ended.
        """
        self.begin_stop()
        has_ended = self._workers.wait_idle(grace_s)
        if not has_ended:
            self._handover.cancel_bodies()
            has_ended = self._workers.wait_idle(cancelled_grace_s)
        try:
            self._handover.let_go()
        except ClockmillError:
            # Others find them when the lease has ended, or the next start does.
            log.exception("graph runs not handed over")
        return has_ended

    def _may_take(self) -> bool:
        return self._holds() and not self._is_draining

    def _hear(self, topic: Topic) -> None:
        if topic is Topic.RUNS:
            self._wants_runs.set()
        elif topic is Topic.COMMANDS:
            self._wants_commands.set()

    def _take_runs(self, now: datetime) -> None:
        # What has begun comes before what is to begin, and may be in its way.
        if self._adoption.take():
            # What their owners before were asked for is for us to do.
            self._wants_commands.set()
        self._claims.take(now)

    # --- commands and limits ---------------------------------------------------------------------

    def _obey(self) -> None:
        with self._store.read() as tx:
            if not commands.has_commands(tx, self._node):
                return
        for command in self._store.write(lambda tx: commands.take_commands(tx, self._node)):
            live = self._owned.get(command.graph_run_id)
            job = live.job_of(command.task_id) if live else None
            if live is not None and job is not None:
                self._execution.stop_job(live, job, CancelReason.USER)

    def _enforce_limits(self, now: datetime) -> None:
        for live, name in self._limits.take_exceeded(now):
            if name is None:
                self._expire(live, now)
                continue
            with live.lock:
                job = live.jobs.get(name)
            if job is not None:
                self._execution.stop_job(live, job, CancelReason.TIMEOUT)

    def _expire(self, live: LiveRun, now: datetime) -> None:
        with live.lock:
            # The last task may have ended in this very moment.
            if not live.progress.executing:
                return
            decision = expire(live.progress, now, self._conditions.judge)
            written = self._execution.submit(live, decision, now)
        self._execution.act_once_durable(live, decision, written)

    def _note_starts(self, now: datetime) -> None:
        """Store since when bodies run that have been running for a while."""
        rows = [
            (live.run, job.task.id, job.started_at)
            for live, job in self._limits.take_notable(now)
            if job.started_at is not None
        ]
        if rows:
            self._store.submit(lambda tx: runs.note_started(tx, rows), shared=True)

    # --- what follows ----------------------------------------------------------------------------

    def _note_progress(self, live: LiveRun, decision: Decision, aftermath: Aftermath) -> None:
        if decision.closing is not None:
            self._note_closing(live)
        self._note_left()
        if aftermath.is_suspended:
            log.warning("root suspended after failures in a row", extra={"root": str(live.context.root)})
            self._wakeups.raise_(Topic.SCHEDULE)
        if aftermath.has_waiting:
            self._wakeups.raise_(Topic.RUNS)

    def _note_closing(self, live: LiveRun) -> None:
        self._owned.pop(live.run.id, None)
        self._bodies.forget([(live.run.group_id, live.run.attempt)])
        if is_triggered(live.graph.root_task.spec):
            self._on_root_free(live.run.root_id)

    def _note_lost(self, live: LiveRun) -> None:
        log.warning("graph run lost", extra={"run": live.run.id})
        self._handover.drop([live])

    def _note_left(self) -> None:
        if self._is_draining:
            # It may have been the last body of its run.
            self._wake()


@contextmanager
def _taken(wanted: threading.Event) -> Iterator[None]:
    """Clear *wanted* for a block that does it; one that fails leaves it wanted."""
    # Cleared before: what is wanted while the block runs leads to another one.
    wanted.clear()
    try:
        yield
    except BaseException:
        wanted.set()
        raise
