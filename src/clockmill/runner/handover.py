"""Letting go of graph runs so that others can take them up, with what is known of their tasks."""

import logging
from collections.abc import Iterable

from clockmill.core.cancel import CancelReason
from clockmill.runner.execution import Execution
from clockmill.runner.limits import Limits
from clockmill.runner.live import Job, LiveRun
from clockmill.store import ownership
from clockmill.store.database import Store
from clockmill.wake import Topic, Wakeups

log = logging.getLogger(__name__)


class Handover:
    """Gives back the runs of *owned* while no body is begun, each as soon as none of its bodies runs."""

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

    def cancel_bodies(self) -> None:
        """Stop the bodies that run. How those end is for the next owner to say."""
        for live in list(self._owned.values()):
            for job in _jobs(live):
                if job.is_running:
                    job.cancel.cancel(CancelReason.SHUTDOWN)

    def let_go(self) -> int:
        """Let go of what nothing runs of any more; return how many runs that were."""
        idle = [live for live in list(self._owned.values()) if not any(job.is_running for job in _jobs(live))]
        if idle:
            self._give_back(idle)
        return len(idle)

    def _give_back(self, lives: Iterable[LiveRun]) -> None:
        """Let go of runs in one write, of which it says which tasks nobody has begun."""
        given = []
        unbegun: list[tuple[int, str]] = []
        for live in lives:
            # Whoever takes a job decides about it: what is taken here is begun by nobody else.
            waiting = [job for job in _jobs(live) if job.take()]
            for job in waiting:
                job.withdraw()
                job.is_left = True
            unbegun += [(live.run.id, job.task.id) for job in waiting if not job.executions]
            given.append(live)
        self._store.write(lambda tx: ownership.hand_over(tx, [live.run for live in given], unbegun))
        for live in given:
            drop(live, self._limits)
            self._owned.pop(live.run.id, None)
        log.info("graph runs handed over", extra={"runs": len(given)})
        self._wakeups.raise_(Topic.RUNS)


def drop(live: LiveRun, limits: Limits) -> None:
    """Forget a run: write nothing more of it, and keep no more of its time limits."""
    live.is_dropped = True
    limits.end_graph(live)
    for job in _jobs(live):
        limits.end_body(live, job)


def _jobs(live: LiveRun) -> list[Job]:
    with live.lock:
        return list(live.jobs.values())
