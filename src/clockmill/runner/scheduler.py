"""The scheduler: lets roots that are due begin, and knows when the next one is."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from clockmill.core.fire import plan_fire
from clockmill.core.misfire import NO_MISFIRES, Misfires
from clockmill.core.names import QualifiedName
from clockmill.runner.conditions import Conditions
from clockmill.runner.firing import drop_lost_roots, place, record_fires
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.triggers import Triggers
from clockmill.store import fires
from clockmill.store.database import Store, Transaction
from clockmill.wake import Topic, Wakeups

BATCH: Final = 1000
"""Roots that are fired in one transaction."""


class Scheduler:
    """Fires what is due. It never looks at a root that is not, and that no stream has given reason to."""

    def __init__(
        self,
        *,
        store: Store,
        wakeups: Wakeups,
        graphs: GraphCache,
        conditions: Conditions,
        misfires: Misfires = NO_MISFIRES,
    ) -> None:
        self._store = store
        self._misfires = misfires
        self._wakeups = wakeups
        self._graphs = graphs
        self._triggers = Triggers(store=store, graphs=graphs, conditions=conditions)

    def hear_streams(self, streams: Collection[QualifiedName]) -> None:
        """Let the next tick know that *streams* may have data. It is quick, and does not wake anybody."""
        self._triggers.hear_streams(streams)

    def hear_end(self, root_id: str) -> None:
        """Let the next tick know that a run has ended of a root that its streams start."""
        self._triggers.hear_end(root_id)

    def recover(self, now: datetime) -> None:
        """Let every root begin whose streams have got data while nobody looked."""
        self._triggers.look_at_all(now)

    def tick(self, now: datetime) -> datetime | None:
        """Let every root begin that is due at *now*; return when the next one is.

        The runs are durable when this returns.
        """
        self._triggers.take_up(now)
        has_fired = False
        try:
            while (count := self._fire_batch(now)) > 0:
                has_fired = True
                if count < BATCH:
                    break
        finally:
            # After the last batch: what is due has to be on record soon, and running the first of
            # them would hold up recording the others.
            if has_fired:
                self._wakeups.raise_(Topic.RUNS)
        with self._store.read() as tx:
            return fires.next_fire_at(tx)

    def _fire_batch(self, now: datetime) -> int:
        """Fire up to BATCH roots; return how many were due."""
        # Planned outside the writer, which others wait for meanwhile.
        with self._store.read() as tx:
            due = fires.list_due_roots(tx, now, BATCH)
            graphs = self._graphs.load(tx, {(root.root_id, root.version) for root in due})
            planned = [
                plan_fire(graph, root, now, self._misfires)
                for root in due
                if (graph := graphs.get((root.root_id, root.version))) is not None
            ]
            planned = place(tx, self._graphs, planned)
        lost = [root for root in due if (root.root_id, root.version) not in graphs]

        def work(tx: Transaction) -> None:
            still_due = {(root.root_id, root.version): root for root in fires.list_due_roots(tx, now, BATCH)}
            due_still = [f for f in planned if still_due.get((f.due.root_id, f.due.version)) == f.due]
            record_fires(tx, due_still, self._misfires, now)
            drop_lost_roots(tx, lost)

        if due:
            self._store.write(work)
        return len(due)
