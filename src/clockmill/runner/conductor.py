"""The conductor: takes graph runs that wait for an owner, and sees them through.

:meth:`Conductor.step` does what is to be done at an instant: claim runs, obey commands, stop what
takes too long. Bodies run in threads of their own, see :mod:`clockmill.runner.execution`.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Final

from clockmill.clock import Clock
from clockmill.core.body import BodyRunner, Slots
from clockmill.core.cancel import CancelReason
from clockmill.core.decide import Decision, begin, expire
from clockmill.core.fire import may_begin
from clockmill.core.rules import is_triggered
from clockmill.core.run import GraphRun, TaskEnd, TaskRunState
from clockmill.runner.conditions import Conditions
from clockmill.runner.execution import LOST, Execution, TimerKey
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.live import LiveRun
from clockmill.runner.record import NO_AFTERMATH, Aftermath, record_begins
from clockmill.runner.timers import Timers
from clockmill.runner.workers import Workers
from clockmill.store import commands, queued_runs, runs
from clockmill.store.database import Store, Transaction
from clockmill.wake import Topic, Wakeups

log = logging.getLogger(__name__)

BATCH: Final = 500
"""Graph runs that are claimed in one transaction."""


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
        on_root_free: Callable[[str], None] = lambda _: None,
    ) -> None:
        """*on_root_free* gets the id of a root that its streams start when a run of it has ended."""
        self._store = store
        self._wakeups = wakeups
        self._graphs = graphs
        self._conditions = conditions
        self._workers = workers
        self._node = node
        self._on_root_free = on_root_free
        self._runs: dict[int, LiveRun] = {}
        self._timers: Timers[TimerKey] = Timers()
        self._notes: Timers[tuple[int, str]] = Timers()
        self._wants_claims = threading.Event()
        self._wants_commands = threading.Event()
        self._is_stopping = False
        self._execution = Execution(
            store=store,
            clock=clock,
            bodies=bodies,
            slots=slots,
            workers=workers,
            conditions=conditions,
            timers=self._timers,
            notes=self._notes,
            on_progress=self._note_progress,
        )
        self._wants_claims.set()
        self._wants_commands.set()
        wakeups.subscribe(self._hear)

    @property
    def owned(self) -> int:
        """How many graph runs this node owns at the moment."""
        return len(self._runs)

    def step(self, now: datetime) -> datetime | None:
        """Do what is to be done at *now*; return when there is something to do without a wake-up."""
        if self._wants_claims.is_set() and not self._is_stopping:
            with _taken(self._wants_claims):
                self._claim(now)
        if self._wants_commands.is_set():
            with _taken(self._wants_commands):
                self._obey()
        self._enforce_limits(now)
        self._note_starts(now)
        return min(filter(None, (self._timers.next_at(), self._notes.next_at())), default=None)

    def call_when_sooner(self, wake: Callable[[], None]) -> None:
        """Call *wake* whenever the next step is due before the last one said."""
        self._timers.on_sooner = self._notes.on_sooner = wake

    def begin_stop(self) -> None:
        """Claim no run and begin no body from now on. What is decided is still written."""
        self._is_stopping = True
        self._execution.stop()

    def stop(self, grace_s: float, cancelled_grace_s: float) -> bool:
        """Begin nothing more; wait for bodies to end, cancel those that do not, wait for them.

        Returns whether all have ended. What is still executing in the store is to be closed then.
        """
        self.begin_stop()
        if self._workers.wait_idle(grace_s):
            return True
        for live in list(self._runs.values()):
            with live.lock:
                jobs = list(live.jobs.values())
            for job in jobs:
                job.cancel.cancel(CancelReason.SHUTDOWN)
        return self._workers.wait_idle(cancelled_grace_s)

    def _hear(self, topic: Topic) -> None:
        if topic is Topic.RUNS:
            self._wants_claims.set()
        elif topic is Topic.COMMANDS:
            self._wants_commands.set()

    # --- claiming --------------------------------------------------------------------------------

    def _claim(self, now: datetime) -> None:
        while self._has_queued() and (claimed := self._store.write(partial(self._claim_batch, now=now))):
            self._begin(self._bring_to_life(claimed), now)

    def _has_queued(self) -> bool:
        with self._store.read() as tx:
            return queued_runs.has_queued_runs(tx)

    def _claim_batch(self, tx: Transaction, now: datetime) -> list[GraphRun]:
        # Asked here, in turn with all writes: what is executed after a stop began stays queued.
        if self._is_stopping:
            return []
        beside: defaultdict[str, list[bool]] = defaultdict(list)
        chosen = []
        for run in queued_runs.list_claimable_runs(tx, BATCH):
            if may_begin(run.overlap_policy, beside[run.root_id]):
                beside[run.root_id].append(False)
                chosen.append(run)
        return queued_runs.claim_graph_runs(tx, self._node, chosen, now)

    def _bring_to_life(self, claimed: Sequence[GraphRun]) -> list[LiveRun]:
        with self._store.read() as tx:
            graphs = self._graphs.load(tx, {(run.root_id, run.version) for run in claimed})
            lives = []
            for run in claimed:
                graph = graphs[run.root_id, run.version]
                lives.append(LiveRun(run, graph, _carried(tx, run, graph.finalizer)))
        for live in lives:
            self._runs[live.run.id] = live
        return lives

    def _begin(self, lives: Sequence[LiveRun], now: datetime) -> None:
        """Start claimed runs; those that simply start are written together."""
        plain = []
        for live in lives:
            decision = begin(live.progress, now, self._conditions.judge)
            if decision.passed_over or decision.closing or decision.root_end:
                self._execution.act_once_durable(live, decision, self._execution.submit(live, decision, now))
            else:
                plain.append((live, decision, self._execution.rows_of(live, decision, now)))
        rows = [(live.run, list(starts.values())) for live, _, starts in plain]
        written = self._execution.write(lambda tx: record_begins(tx, rows))

        def act() -> None:
            written.result()
            for live, decision, _ in plain:
                self._execution.act(live, decision, NO_AFTERMATH)

        if written.has_to_be_repeated():
            self._workers.submit(act)
        else:
            act()

    # --- commands and limits ---------------------------------------------------------------------

    def _obey(self) -> None:
        with self._store.read() as tx:
            if not commands.has_commands(tx):
                return
        for command in self._store.write(lambda tx: commands.take_commands(tx, self._node)):
            live = self._runs.get(command.graph_run_id)
            job = live.job_of(command.task_id) if live else None
            if live is not None and job is not None:
                self._execution.stop_job(live, job, CancelReason.USER)

    def _enforce_limits(self, now: datetime) -> None:
        for run_id, name in self._timers.take_due(now):
            live = self._runs.get(run_id)
            if live is None:
                continue
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

    def _note_progress(self, live: LiveRun, decision: Decision, aftermath: Aftermath) -> None:
        if decision.closing is not None or decision is LOST:
            self._runs.pop(live.run.id, None)
        if decision.closing is not None and is_triggered(live.graph.root_task.spec):
            self._on_root_free(live.run.root_id)
        if aftermath.is_suspended:
            log.warning("root suspended after failures in a row", extra={"root": str(live.context.root)})
            self._wakeups.raise_(Topic.SCHEDULE)
        if aftermath.has_waiting:
            self._wakeups.raise_(Topic.RUNS)

    def _note_starts(self, now: datetime) -> None:
        """Store since when bodies run that have been running for a while."""
        rows = []
        for run_id, name in self._notes.take_due(now):
            live = self._runs.get(run_id)
            job = live.jobs.get(name) if live else None
            if job is not None and job.started_at is not None:
                rows.append((run_id, job.task.id, job.started_at))
        if rows:
            self._store.submit(lambda tx: runs.note_started(tx, rows))


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


def _carried(tx: Transaction, run: GraphRun, finalizer: str | None) -> dict[str, TaskEnd]:
    """Return the ends that earlier attempts left standing; the finalizer runs in each attempt."""
    if run.attempt == 1:
        return {}
    ends = runs.list_ends_of_group(tx, run.group_id, run.attempt)
    stands = {TaskRunState.SUCCEEDED, TaskRunState.SKIPPED}
    return {name: end for name, end in ends.items() if end.state in stands and name != finalizer}
