"""Taking up graph runs that their owners have let go of, or lost."""

import logging
from datetime import datetime
from typing import Final

from clockmill.core.decide import Decision, resume
from clockmill.core.run import GraphRun
from clockmill.runner.limits import Limits
from clockmill.runner.means import Means
from clockmill.runner.record import NO_AFTERMATH
from clockmill.runner.resumption import Resumed, resume_all
from clockmill.store import ownership
from clockmill.store.database import Transaction

log = logging.getLogger(__name__)

BATCH: Final = 200
"""Graph runs that are adopted in one transaction."""


class Adoption:
    """Takes up runs that were let go, and goes on to keep their *limits*."""

    def __init__(self, means: Means, limits: Limits) -> None:
        self._means = means
        self._store = means.store
        self._execution = means.execution
        self._limits = limits
        self._adopted: list[GraphRun] = []

    def take(self) -> int:
        """Adopt what was let go, and go on with it; return how many runs that were."""
        count = 0
        while self._adopt():
            count += len(self._adopted)
            self._resume()
        if count:
            log.info("graph runs taken up", extra={"runs": count, "node": self._means.node})
        return count

    def _adopt(self) -> bool:
        """Adopt a batch, if there is any; one that could not be resumed the last time is still there."""
        if not self._adopted and self._has_adoptable():
            self._adopted = self._store.write(self._adopt_batch)
        return bool(self._adopted)

    def _has_adoptable(self) -> bool:
        with self._store.read() as tx:
            return ownership.has_adoptable_runs(tx, self._means.placements)

    def _adopt_batch(self, tx: Transaction) -> list[GraphRun]:
        # Asked here, as for claims.
        if not self._means.may_take():
            return []
        return ownership.adopt_graph_runs(tx, self._means.node, BATCH, self._means.placements)

    def _resume(self) -> None:
        with self._store.read() as tx:
            resumed = resume_all(tx, self._means.graphs, self._adopted)
        fresh = [live.run for live, _, jobs in resumed if any(not job.executions for job in jobs)]
        if fresh:
            lost = self._store.write(lambda tx: ownership.note_begun(tx, fresh))
            resumed = [each for each in resumed if each.live.run.id not in lost]
        self._adopted = []
        self._means.owned.update((each.live.run.id, each.live) for each in resumed)
        # After all that the last owner has noted, however long we waited for the store.
        now = self._means.clock.now()
        for each in resumed:
            self._go_on(each, now)

    def _go_on(self, resumed: Resumed, now: datetime) -> None:
        live, ends, jobs = resumed
        expires_at = live.expires_at
        live.progress.is_expired = expires_at is not None and expires_at <= now
        with live.lock:
            decision = resume(
                live.progress, ends, [job.name for job in jobs], now, self._means.conditions.judge
            )
            written = self._execution.submit(live, decision, now) if _changes_store(decision) else None
        if not live.progress.is_expired:
            self._limits.count_graph(live)
        self._execution.launch(live, [job for job in jobs if job.name not in decision.timed_out])
        if written is None:
            self._execution.act(live, decision, NO_AFTERMATH)
        else:
            self._execution.act_once_durable(live, decision, written)


def _changes_store(decision: Decision) -> bool:
    """Say whether there is more to *decision* than bodies to be stopped."""
    return bool(decision.started or decision.passed_over or decision.closing)
