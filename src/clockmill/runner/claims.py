"""Taking graph runs that are queued, and beginning them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from clockmill.clock import Clock
from clockmill.core.decide import begin
from clockmill.core.fire import may_begin
from clockmill.core.run import GraphRun
from clockmill.runner.conditions import Conditions
from clockmill.runner.execution import Execution
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.live import LiveRun
from clockmill.runner.record import NO_AFTERMATH, record_begins
from clockmill.runner.resumption import bring_to_life
from clockmill.runner.workers import Workers
from clockmill.store import queued_runs
from clockmill.store.database import Store, Transaction
from clockmill.store.runs import RunLost

BATCH: Final = 500
"""Graph runs that are claimed in one transaction."""


class Claims:
    """Takes queued runs that *placements* will do for, for *node* into *owned*, while it *may_take* any."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        graphs: GraphCache,
        conditions: Conditions,
        execution: Execution,
        workers: Workers,
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
        self._workers = workers
        self._owned = owned
        self._node = node
        self._placements = placements
        self._may_take = may_take
        self._claimed: list[GraphRun] = []

    def take(self, now: datetime) -> None:
        """Claim what is queued and may begin, and begin it."""
        while self._claim(now):
            with self._store.read() as tx:
                lives = bring_to_life(tx, self._graphs, self._claimed)
            self._claimed = []
            self._owned.update((live.run.id, live) for live in lives)
            # Asked anew: a run that was queued while we waited for the store begins after that.
            self._begin(lives, self._clock.now())

    def _claim(self, now: datetime) -> bool:
        """Claim a batch, if there is any; one that could not be begun the last time is still there."""
        if not self._claimed and self._has_queued():
            self._claimed = self._store.write(partial(self._claim_batch, now=now))
        return bool(self._claimed)

    def _has_queued(self) -> bool:
        with self._store.read() as tx:
            return queued_runs.has_queued_runs(tx, self._placements)

    def _claim_batch(self, tx: Transaction, now: datetime) -> list[GraphRun]:
        # Asked here, in turn with all writes: what is executed after a stop began stays queued.
        if not self._may_take():
            return []
        beside: defaultdict[str, list[bool]] = defaultdict(list)
        chosen = []
        for run in queued_runs.list_claimable_runs(tx, BATCH, self._placements):
            if may_begin(run.overlap_policy, beside[run.root_id]):
                beside[run.root_id].append(False)
                chosen.append(run)
        return queued_runs.claim_graph_runs(tx, self._node, chosen, now)

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
        for live, _, _ in plain:
            live.last_writing = written

        def act() -> None:
            try:
                written.result()
            except RunLost:
                # Runs are let go by node: with one of them, all are lost.
                for live, _, _ in plain:
                    self._execution.on_lost(live)
                return
            for live, decision, _ in plain:
                self._execution.act(live, decision, NO_AFTERMATH)

        if written.has_to_be_repeated():
            self._workers.submit(act)
        else:
            act()
