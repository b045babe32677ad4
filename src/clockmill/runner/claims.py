"""Taking graph runs that are queued, and beginning them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from clockmill.core.decide import begin
from clockmill.core.fire import may_begin
from clockmill.core.run import GraphRun
from clockmill.runner.live import LiveRun
from clockmill.runner.means import Means
from clockmill.runner.record import NO_AFTERMATH, record_begins
from clockmill.runner.resumption import bring_to_life
from clockmill.runner.workers import Workers
from clockmill.store import queued_runs
from clockmill.store.database import Transaction
from clockmill.store.runs import RunLost

BATCH: Final = 500
"""Graph runs that are claimed in one transaction."""


class Claims:
    """Takes queued runs and begins them; *workers* repeat what could not be written at once."""

    def __init__(self, means: Means, workers: Workers) -> None:
        self._means = means
        self._store = means.store
        self._execution = means.execution
        self._workers = workers
        self._claimed: list[GraphRun] = []

    def take(self, now: datetime) -> None:
        """Claim what is queued and may begin, and begin it."""
        while self._claim(now):
            with self._store.read() as tx:
                lives = bring_to_life(tx, self._means.graphs, self._claimed)
            self._claimed = []
            self._means.owned.update((live.run.id, live) for live in lives)
            # Asked anew: a run that was queued while we waited for the store begins after that.
            self._begin(lives, self._means.clock.now())

    def _claim(self, now: datetime) -> bool:
        """Claim a batch, if there is any; one that could not be begun the last time is still there."""
        if not self._claimed and self._has_queued():
            self._claimed = self._store.write(partial(self._claim_batch, now=now))
        return bool(self._claimed)

    def _has_queued(self) -> bool:
        with self._store.read() as tx:
            return queued_runs.has_queued_runs(tx, self._means.placements)

    def _claim_batch(self, tx: Transaction, now: datetime) -> list[GraphRun]:
        # Asked here, in turn with all writes: what is executed after a stop began stays queued.
        if not self._means.may_take():
            return []
        beside: defaultdict[str, list[bool]] = defaultdict(list)
        chosen = []
        for run in queued_runs.list_claimable_runs(tx, BATCH, self._means.placements):
            if may_begin(run.overlap_policy, beside[run.root_id]):
                beside[run.root_id].append(False)
                chosen.append(run)
        return queued_runs.claim_graph_runs(tx, self._means.node, chosen, now)

    def _begin(self, lives: Sequence[LiveRun], now: datetime) -> None:
        """Start claimed runs; those that simply start are written together."""
        plain = []
        for live in lives:
            decision = begin(live.progress, now, self._means.conditions.judge)
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
