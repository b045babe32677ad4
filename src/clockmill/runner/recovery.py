"""Putting the store in order when nobody runs anything: after a crash, and at the end of a stop."""

import logging
from datetime import datetime
from typing import Final

from clockmill.core.errors import SystemFault
from clockmill.core.fire import due_after_restart
from clockmill.core.rules import is_triggered
from clockmill.runner.graph_cache import GraphCache
from clockmill.store import fires, queued_runs, runs
from clockmill.store.database import Store, Transaction
from clockmill.store.fires import Postponed

log = logging.getLogger(__name__)

CRASHED: Final = "The server ended while this was running."
STOPPED: Final = "The server was stopped while this was running."

_BATCH: Final = 1000


def recover(store: Store, graphs: GraphCache, now: datetime) -> None:
    """Close what was executing when the server ended, and plan anew what it has slept through.

    What waits for an owner goes on waiting, and so does what had one but began nothing. Fires that
    were missed are not made up for.
    """
    closed = close_interrupted(store, CRASHED, now)
    missed = 0
    while (count := _postpone_batch(store, graphs, now)) > 0:
        missed += count
    if closed or missed:
        log.warning("recovered", extra={"closed_runs": closed, "missed_fires": missed})


def close_interrupted(store: Store, message: str, now: datetime) -> int:
    """Close every run that has begun as a failure of ours, which is not counted; return how many.

    What was claimed but has begun nothing is queued again.
    """

    def work(tx: Transaction) -> int:
        if requeued := queued_runs.requeue_abandoned_runs(tx):
            log.warning("queued again", extra={"runs": requeued})
        return runs.close_interrupted_runs(tx, SystemFault.code, message, now)

    return store.write(work)


def _postpone_batch(store: Store, graphs: GraphCache, now: datetime) -> int:
    def work(tx: Transaction) -> int:
        missed = fires.list_due_roots(tx, now, _BATCH)
        known = graphs.load(tx, {(root.root_id, root.version) for root in missed})
        moves = []
        for root in missed:
            graph = known.get((root.root_id, root.version))
            following = due_after_restart(graph, root, now) if graph else None
            awaits_data = graph is not None and is_triggered(graph.root_task.spec)
            moves.append(Postponed(root, following, awaits_data))
        fires.move_roots(tx, moves)
        return len(missed)

    return store.write(work)
