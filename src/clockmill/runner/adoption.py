"""Taking up graph runs that their owners have let go of, or lost."""

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from clockmill.clock import Clock
from clockmill.core.decide import Decision, resume
from clockmill.core.run import GraphRun
from clockmill.runner.conditions import Conditions
from clockmill.runner.execution import Execution
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.limits import Limits
from clockmill.runner.live import LiveRun
from clockmill.runner.record import NO_AFTERMATH
from clockmill.runner.resumption import Resumed, resume_all
from clockmill.store import ownership
from clockmill.store.database import Store, Transaction

log = logging.getLogger(__name__)

BATCH: Final = 200
"""Graph runs that are adopted in one transaction."""


class Adoption:
    """Takes up runs that *placements* will do for, for *node* into *owned*, while it *may_take* any."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        graphs: GraphCache,
        conditions: Conditions,
        execution: Execution,
        limits: Limits,
        owned: dict[int, LiveRun],
        node: str,
        placements: Collection[str] | None,
        may_take: Callable[[], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._graphs = graphs
        self._conditions = conditions
        self._execution = execution
        self._limits = limits
        self._owned = owned
        self._node = node
        self._placements = placements
        self._may_take = may_take
        self._adopted: list[GraphRun] = []

    def take(self) -> int:
        """Adopt what was let go, and go on with it; return how many runs that were."""
        count = 0
        while self._adopt():
            count += len(self._adopted)
            self._resume()
        if count:
            log.info("graph runs taken up", extra={"runs": count, "node": self._node})
        return count

    def _adopt(self) -> bool:
        """Adopt a batch, if there is any; one that could not be resumed the last time is still there."""
        if not self._adopted and self._has_adoptable():
            self._adopted = self._store.write(self._adopt_batch)
        return bool(self._adopted)

    def _has_adoptable(self) -> bool:
        with self._store.read() as tx:
            return ownership.has_adoptable_runs(tx, self._placements)

    def _adopt_batch(self, tx: Transaction) -> list[GraphRun]:
        # Asked here, as for claims.
        return ownership.adopt_graph_runs(tx, self._node, BATCH, self._placements) if self._may_take() else []

    def _resume(self) -> None:
        with self._store.read() as tx:
            resumed = resume_all(tx, self._graphs, self._adopted)
        fresh = [live.run for live, _, jobs in resumed if any(not job.executions for job in jobs)]
        if fresh:
            lost = self._store.write(lambda tx: ownership.note_begun(tx, fresh))
            resumed = [each for each in resumed if each.live.run.id not in lost]
        self._adopted = []
        self._owned.update((each.live.run.id, each.live) for each in resumed)
        # After all that the last owner has noted, however long we waited for the store.
        now = self._clock.now()
        for each in resumed:
            self._go_on(each, now)

    def _go_on(self, resumed: Resumed, now: datetime) -> None:
        live, ends, jobs = resumed
        expires_at = live.expires_at
        live.progress.is_expired = expires_at is not None and expires_at <= now
        with live.lock:
            decision = resume(live.progress, ends, [job.name for job in jobs], now, self._conditions.judge)
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
