"""Results that are kept for a while, so that they can be fetched, or scanned, after the statement."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

import msgspec

from clockmill.clock import Clock
from clockmill.core.caller import Caller
from clockmill.core.errors import ClockmillError
from clockmill.engine.result import Result

_KEPT_FOR: Final = timedelta(hours=1)
_MOST_RESULTS: Final = 2_000
_MOST_CELLS: Final = 4_000_000
"""Cells of all kept results together: some hundred megabytes of Python values at the very most."""


class ResultGone(ClockmillError):
    """The result of a statement is asked for that is not kept (any more), or is another's."""

    code, sqlstate = "000709", "02000"

    def __init__(self, query_id: str) -> None:
        super().__init__(
            f"Statement {query_id} not found. Its result may have been cleared; run the statement again."
        )


class _Kept(msgspec.Struct, frozen=True):
    user: str
    role: str
    result: Result
    cells: int
    kept_on: datetime


class Results:
    """The results of finished statements by query id, bounded in age, number and size.

    Those of statements within a block make room among themselves alone: a loop of many must not
    drive out what clients will come back for.
    """

    def __init__(self, clock: Clock, *, most_cells: int = _MOST_CELLS) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._top = _Shelf(most_cells)
        self._nested = _Shelf(most_cells // 4)

    def keep(self, query_id: str, caller: Caller, result: Result, *, is_nested: bool = False) -> None:
        """Keep *result* for whoever is the same user in the same role; the oldest make room."""
        cells = (len(result.rows) + 1) * max(1, len(result.columns))
        kept = _Kept(caller.user, caller.role, result, cells, self._clock.now())
        with self._lock:
            (self._nested if is_nested else self._top).put(query_id, kept)

    def fetch(self, query_id: str, caller: Caller) -> Result:
        """Return the result of *query_id*, or raise ResultGone."""
        with self._lock:
            kept = self._top.get(query_id) or self._nested.get(query_id)
        expired = kept is None or kept.kept_on < self._clock.now() - _KEPT_FOR
        if kept is None or expired or (kept.user, kept.role) != (caller.user, caller.role):
            raise ResultGone(query_id)
        return kept.result


class _Shelf:
    """Kept results from the oldest to the newest."""

    def __init__(self, most_cells: int) -> None:
        self._most_cells = most_cells
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._cells = 0

    def get(self, query_id: str) -> _Kept | None:
        return self._kept.get(query_id)

    def put(self, query_id: str, kept: _Kept) -> None:
        if kept.cells > self._most_cells:
            return
        self._drop(query_id)
        self._kept[query_id] = kept
        self._cells += kept.cells
        self._make_room(kept.kept_on - _KEPT_FOR)

    def _make_room(self, oldest: datetime) -> None:
        while self._kept:
            query_id, first = next(iter(self._kept.items()))
            full = len(self._kept) > _MOST_RESULTS or self._cells > self._most_cells
            if not full and first.kept_on >= oldest:
                return
            self._drop(query_id)

    def _drop(self, query_id: str) -> None:
        kept = self._kept.pop(query_id, None)
        if kept is not None:
            self._cells -= kept.cells
