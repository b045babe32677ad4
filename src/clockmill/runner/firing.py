"""Writing fires: each instant at which a root was due makes a run, or is put on record as skipped."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from clockmill.core.fire import DueRoot, Fire, may_begin, plan_after_downtime, skip_fire
from clockmill.core.misfire import Misfires, SkipReason
from clockmill.runner.graph_cache import GraphCache
from clockmill.store import fires, queued_runs, skipped_fires, triggers, warehouses
from clockmill.store.database import Store, Transaction
from clockmill.store.fires import Postponed
from clockmill.store.skipped_fires import Skip

log = logging.getLogger(__name__)

_BATCH: Final = 1000


def record_fires(tx: Transaction, planned: Sequence[Fire], misfires: Misfires, now: datetime) -> None:
    """Store the runs that *planned* begin, what they skip, and when their roots are due next.

    The roots have to be due still as they were planned. One that another run is in the way of
    begins nothing, unless *misfires* lets its run wait.
    """
    blocked = _blocked(tx, planned)
    waits = blocked if misfires.kept else []
    passed = {fire.due.root_id for fire in blocked if misfires.kept == 0 or fire.awaits_data}
    begun = [fire for fire in planned if fire.due.root_id not in passed]
    queued_runs.insert_fires(tx, [run for fire in begun for run in fire.runs])
    triggers.note_begun(tx, [fire.due for fire in begun if fire.awaits_data and fire.runs])
    fires.move_roots(tx, planned)
    skips = [
        *_overlapping(tx, [fire for fire in blocked if fire.due.root_id in passed]),
        *_crowded_out(tx, waits, misfires),
        *(Skip(fire.graph, fire.due.base, fire.skipped) for fire in planned if fire.skipped is not None),
    ]
    skipped_fires.record_skips(tx, skips, now)


def place(tx: Transaction, graphs: GraphCache, planned: Sequence[Fire]) -> list[Fire]:
    """Return *planned* with what their runs need of a node, as warehouses are placed now."""
    nodes = warehouses.list_placed(tx)
    placed = []
    for fire in planned:
        key = (fire.due.root_id, fire.due.version)
        needs = graphs.placement.needs(key, fire.graph, nodes) if fire.runs else None
        runs = tuple(msgspec.structs.replace(run, needs=needs) for run in fire.runs)
        placed.append(fire if needs is None else msgspec.structs.replace(fire, runs=runs))
    return placed


def _blocked(tx: Transaction, planned: Sequence[Fire]) -> list[Fire]:
    """Return those of *planned* that an open run of their root is in the way of."""
    open_runs = fires.list_open_runs(tx, [fire.due.root_id for fire in planned if fire.runs])
    return [
        fire
        for fire in planned
        if fire.runs and not may_begin(fire.runs[0].overlap_policy, open_runs.get(fire.due.root_id, ()))
    ]


def _overlapping(tx: Transaction, blocked: Sequence[Fire]) -> Iterator[Skip]:
    """Yield the records of fires that begin nothing because another run is in their way.

    One that has begun a run nevertheless comes again: the clock was set back, and the root resumed.
    What a stream starts is no fire: it is looked at again when the run in its way has ended.
    """
    scheduled = [fire for fire in blocked if not fire.awaits_data]
    known = queued_runs.list_fired(tx, [(fire.due.root_id, fire.due.due_at) for fire in scheduled])
    for fire in scheduled:
        if (fire.due.root_id, fire.due.due_at) not in known:
            yield _skip_one(fire, fire.due.due_at, SkipReason.OVERLAP)


def _crowded_out(tx: Transaction, waits: Sequence[Fire], misfires: Misfires) -> Iterator[Skip]:
    """Forget, and yield the records of, the oldest runs that wait where too many do."""
    by_root = {fire.due.root_id: fire for fire in waits if not fire.awaits_data}
    if not by_root:
        return
    waiting = defaultdict(list)
    for each in queued_runs.list_waiting_fires(tx, by_root):
        waiting[each.root_id].append(each)
    dropped = [each for queue in waiting.values() for each in queue[: -misfires.kept]]
    queued_runs.delete_waiting_fires(tx, dropped)
    for each in dropped:
        yield _skip_one(by_root[each.root_id], each.due_at, misfires.reason(SkipReason.OVERLAP))


def _skip_one(fire: Fire, at: datetime, reason: SkipReason) -> Skip:
    return Skip(fire.graph, fire.due.base, skip_fire(fire.graph, fire.due.root_id, at, reason))


def pass_over_downtime(store: Store, graphs: GraphCache, misfires: Misfires, now: datetime) -> int:
    """Plan anew every root that was due while no server ran; return how many there were.

    What was missed is put on record, but for what *misfires* makes up for. To be called by a node
    that starts and is alone: what others are about to fire was not missed.
    """
    total = 0
    while (count := store.write(lambda tx: _pass_over_batch(tx, graphs, misfires, now))) > 0:
        total += count
    if total:
        log.warning("fires missed", extra={"roots": total})
    return total


def _pass_over_batch(tx: Transaction, graphs: GraphCache, misfires: Misfires, now: datetime) -> int:
    missed = fires.list_due_roots(tx, now, _BATCH)
    known = graphs.load(tx, {(root.root_id, root.version) for root in missed})
    planned = [
        plan_after_downtime(graph, root, now, misfires)
        for root in missed
        if (graph := known.get((root.root_id, root.version))) is not None
    ]
    record_fires(tx, place(tx, graphs, planned), misfires, now)
    drop_lost_roots(tx, [root for root in missed if (root.root_id, root.version) not in known])
    return len(missed)


def drop_lost_roots(tx: Transaction, lost: Sequence[DueRoot]) -> None:
    """Let roots be due no more whose graph is not kept, which is a mistake of ours."""
    for root in lost:
        log.error("version of a due root is missing", extra={"root": root.root_id, "version": root.version})
    fires.move_roots(tx, [Postponed(root, None) for root in lost])
