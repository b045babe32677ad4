"""Putting the store in order at a start that nobody else runs beside."""

import logging
from datetime import datetime

from clockmill.core.misfire import NO_MISFIRES, Misfires
from clockmill.runner.firing import pass_over_downtime
from clockmill.runner.graph_cache import GraphCache
from clockmill.store import ownership
from clockmill.store.database import Store

log = logging.getLogger(__name__)


def recover(store: Store, graphs: GraphCache, now: datetime, misfires: Misfires = NO_MISFIRES) -> None:
    """Let go of what was executing when the server ended, and plan anew what it has slept through.

    What was let go is taken up again. Fires that were missed are put on record, but for what
    *misfires* makes up for.
    """
    interrupted = store.write(ownership.let_all_go)
    missed = pass_over_downtime(store, graphs, misfires, now)
    if interrupted or missed:
        log.warning("recovered", extra={"interrupted_runs": interrupted, "late_roots": missed})
