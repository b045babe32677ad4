"""Putting the store in order when nobody runs anything: after a crash, and at the end of a stop."""

import logging
from datetime import datetime
from typing import Final

from clockmill.core.errors import SystemFault
from clockmill.core.misfire import NO_MISFIRES, Misfires
from clockmill.runner.firing import pass_over_downtime
from clockmill.runner.graph_cache import GraphCache
from clockmill.store import queued_runs, runs
from clockmill.store.database import Store, Transaction

log = logging.getLogger(__name__)

CRASHED: Final = "The server ended while this was running."
STOPPED: Final = "The server was stopped while this was running."


def recover(store: Store, graphs: GraphCache, now: datetime, misfires: Misfires = NO_MISFIRES) -> None:
    """Close what was executing when the server ended, and plan anew what it has slept through.

    What waits for an owner goes on waiting, and so does what had one but began nothing. Fires that
    were missed are put on record, but for what *misfires* makes up for.
    """
    closed = close_interrupted(store, CRASHED, now)
    missed = pass_over_downtime(store, graphs, misfires, now)
    if closed or missed:
        log.warning("recovered", extra={"closed_runs": closed, "late_roots": missed})


def close_interrupted(store: Store, message: str, now: datetime) -> int:
    """Close every run that has begun as a failure of ours, which is not counted; return how many.

    What was claimed but has begun nothing is queued again.
    """

    def work(tx: Transaction) -> int:
        if requeued := queued_runs.requeue_abandoned_runs(tx):
            log.warning("queued again", extra={"runs": requeued})
        return runs.close_interrupted_runs(tx, SystemFault.code, message, now)

    return store.write(work)
