"""The pruner: takes away what is no longer kept of the history, little by little."""

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from clockmill.core.retention import Retention
from clockmill.service.runs import RETRY_WINDOW
from clockmill.store import retention as store
from clockmill.store.database import Store, Transaction
from clockmill.store.retention import RUNS, SESSIONS, SKIPPED, STATEMENTS, GroupSize, Kind, Place

log = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=10)
"""From the end of one look through the history to the next, and from a start to the first."""
PAUSE: Final = timedelta(milliseconds=50)
"""Between two batches: others want to write too."""
ROWS: Final = 100
"""Rows that one transaction takes away, so that nobody waits long for it; a run group that has more goes
alone."""
SESSIONS_KEPT: Final = timedelta(days=1)
"""How long a session is kept that nothing can renew any more."""

_BEGINNING: Final = Place(datetime(1970, 1, 1, tzinfo=UTC), 0)


class Pruner:
    """Looks through the history now and then. Several nodes may do it at once: it is only done twice."""

    def __init__(self, *, store: Store, retention: Retention) -> None:
        self._store = store
        self._retention = retention
        self._next: datetime | None = None
        self._batches: Iterator[int] | None = None

    def step(self, now: datetime) -> datetime:
        """Take away one batch if it is time; return when to be called again."""
        if self._next is None:
            self._next = now + EVERY
        if self._batches is None and now < self._next:
            return self._next
        batches, self._batches = self._batches or self._look_through(now), None
        # What raises is looked through anew, from its beginning.
        self._next = now + EVERY
        if next(batches, None) is None:
            return self._next
        self._batches = batches
        return now + PAUSE

    def prune(self, now: datetime) -> int:
        """Take away everything that is no longer kept at *now*; return how many rows and run groups."""
        return sum(self._look_through(now))

    def _look_through(self, now: datetime) -> Iterator[int]:
        """Yield, batch by batch, how much was taken away."""
        yield from self._prune_rows(SESSIONS, now - SESSIONS_KEPT)
        if not self._retention.is_limited:
            return
        for kind in (STATEMENTS, SKIPPED):
            yield from self._prune_rows(kind, self._cutoff(kind, now))
        cutoff = self._cutoff(RUNS, now)
        if cutoff is not None:
            yield from self._prune_runs(cutoff, now)
            yield from self._prune_versions(cutoff)

    def _cutoff(self, kind: Kind, now: datetime) -> datetime | None:
        most = self._retention.most
        if most is None:
            return self._retention.cutoff(now, None)
        with self._store.read() as tx:
            return self._retention.cutoff(now, store.find_oldest_of_most(tx, kind, most))

    def _prune_rows(self, kind: Kind, cutoff: datetime | None) -> Iterator[int]:
        count = ROWS
        while cutoff is not None and count == ROWS:
            count = self._store.write(partial(store.delete_ended, kind=kind, cutoff=cutoff, limit=ROWS))
            if count:
                log.info("history pruned", extra={"table": kind.table.name, "rows": count})
            yield count

    def _prune_runs(self, cutoff: datetime, now: datetime) -> Iterator[int]:
        """Take away run groups that are over, first ended first; those that stay are passed by."""
        place: Place | None = _BEGINNING
        while place is not None:
            groups, place = self._next_groups(cutoff, now, place)
            for batch in _batches(groups):
                yield self._store.write(partial(self._delete_groups, groups=batch, cutoff=cutoff, now=now))
            if not groups:
                yield 0

    def _next_groups(
        self, cutoff: datetime, now: datetime, place: Place
    ) -> tuple[dict[str, GroupSize], Place | None]:
        with self._store.read() as tx:
            found = store.list_closed_groups(tx, cutoff, place, ROWS)
            groups = dict.fromkeys(group for _, group in found)
            sizes = store.list_prunable_groups(tx, groups, cutoff, now - RETRY_WINDOW)
        return sizes, found[-1][0] if len(found) == ROWS else None

    def _delete_groups(self, tx: Transaction, groups: list[str], cutoff: datetime, now: datetime) -> int:
        # Asked again, in turn with all writes: one may have been retried meanwhile.
        still = store.list_prunable_groups(tx, groups, cutoff, now - RETRY_WINDOW)
        store.delete_runs(tx, [run_id for size in still.values() for run_id in size.run_ids])
        rows = sum(size.rows for size in still.values())
        log.info("history pruned", extra={"table": RUNS.table.name, "groups": len(still), "rows": rows})
        return len(still)

    def _prune_versions(self, cutoff: datetime) -> Iterator[int]:
        count = ROWS
        while count == ROWS:
            with self._store.read() as tx:
                keys = store.list_unused_versions(tx, cutoff, ROWS)
            count = len(keys)
            if keys:
                self._store.write(partial(store.delete_versions, keys=keys))
                log.info("history pruned", extra={"table": "graph_versions", "rows": count})
            yield count


def _batches(groups: dict[str, GroupSize]) -> Iterable[list[str]]:
    """Put groups together, in their order, up to ROWS rows."""
    batch: list[str] = []
    rows = 0
    for group, size in groups.items():
        if batch and rows + size.rows > ROWS:
            yield batch
            batch, rows = [], 0
        batch.append(group)
        rows += size.rows
    if batch:
        yield batch
