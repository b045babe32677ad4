"""Letting go of graph runs: handed over for others to take up, or dropped because they may have been."""

import logging
import threading
from collections.abc import Sequence

from clockmill.core.cancel import CancelReason
from clockmill.runner.execution import Execution
from clockmill.runner.limits import Limits
from clockmill.runner.live import LiveRun
from clockmill.store import ownership
from clockmill.store.database import Store
from clockmill.wake import Topic, Wakeups

log = logging.getLogger(__name__)


class Handover:
    """Gives away the runs of *owned*: of its own will, while nothing is begun, or because it has to."""

    def __init__(
        self,
        *,
        store: Store,
        wakeups: Wakeups,
        execution: Execution,
        limits: Limits,
        owned: dict[int, LiveRun],
    ) -> None:
        self._store = store
        self._wakeups = wakeups
        self._execution = execution
        self._limits = limits
        self._owned = owned
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Let no body begin from now on."""
        self._execution.pause()
        for live in list(self._owned.values()):
            for job in live.waiting_jobs():
                job.withdraw()

    def call_off(self) -> None:
        """Let bodies begin again, of what was not let go."""
        self._execution.go_on()
        for live in list(self._owned.values()):
            self._execution.launch(live, [job for job in live.waiting_jobs() if job.may_begin])

    def cancel_bodies(self) -> None:
        """Stop the bodies that run. How those end is for the next owner to say."""
        for live in list(self._owned.values()):
            for job in live.running_jobs():
                job.cancel.cancel(CancelReason.SHUTDOWN)

    def let_go(self) -> None:
        """Let go of every run that no body runs of any more."""
        # A stop does it beside the steps that go on.
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        idle = [live for live in list(self._owned.values()) if not live.running_jobs()]
        if not idle:
            return
        # Whoever takes a job decides about it: what is taken here is begun by nobody else.
        taken = [(live, job) for live in idle for job in live.waiting_jobs() if job.take()]
        unbegun = [(live.run.id, job.task.id) for live, job in taken if not job.executions]
        try:
            self._store.write(lambda tx: ownership.hand_over(tx, [live.run for live in idle], unbegun))
        except BaseException:
            for _, job in taken:
                job.give_back()
            raise
        self._forget(idle)
        log.info("graph runs handed over", extra={"runs": len(idle)})
        self._wakeups.raise_(Topic.RUNS)

    def drop_all(self) -> None:
        """Stop all work on every run, and write nothing more of it: others may have taken it up."""
        dropped = list(self._owned.values())
        self.drop(dropped)
        if dropped:
            log.error("graph runs dropped", extra={"runs": len(dropped)})

    def drop(self, lives: Sequence[LiveRun]) -> None:
        """Stop all work on runs that are not ours any more."""
        self._forget(lives)
        for live in lives:
            for job in live.waiting_jobs():
                if job.take():
                    job.withdraw()
            for job in live.running_jobs():
                job.cancel.cancel(CancelReason.LOST)

    def _forget(self, lives: Sequence[LiveRun]) -> None:
        for live in lives:
            live.is_dropped = True
        for live in lives:
            self._limits.forget(live)
            if self._owned.get(live.run.id) is live:
                del self._owned[live.run.id]
