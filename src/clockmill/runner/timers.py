"""Instants at which something has to happen unless it is called off before."""

import heapq
import threading
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

_SLACK = 1000


class Timers(Generic[K]):
    """One instant for each key. Nearly all are called off, so that is what costs least.

    *on_sooner* is called, in the setter's thread, when the earliest instant has become earlier.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: dict[K, datetime] = {}
        self._heap: list[tuple[datetime, int, K]] = []
        self._count = 0
        self.on_sooner: Callable[[], None] = _nothing

    def set(self, key: K, at: datetime) -> None:
        """Let *key* be due at *at*, instead of when it was; tell if that is before all others."""
        with self._lock:
            is_first = not self._heap or at < self._heap[0][0]
            self._at[key] = at
            self._count += 1
            # The number keeps the heap from comparing keys.
            heapq.heappush(self._heap, (at, self._count, key))
            if len(self._heap) > 2 * len(self._at) + _SLACK:
                self._sweep()
        if is_first:
            self.on_sooner()

    def clear(self, key: K) -> None:
        """Call *key* off, if it is set."""
        with self._lock:
            self._at.pop(key, None)

    def take_due(self, now: datetime) -> list[K]:
        """Return, and forget, the keys that are due, earliest first."""
        due = []
        with self._lock:
            while self._heap and self._heap[0][0] <= now:
                at, _, key = heapq.heappop(self._heap)
                if self._at.get(key) == at:
                    del self._at[key]
                    due.append(key)
        return due

    def next_at(self) -> datetime | None:
        """Return when the next key is due, or None."""
        with self._lock:
            while self._heap and self._at.get(self._heap[0][2]) != self._heap[0][0]:
                heapq.heappop(self._heap)
            return self._heap[0][0] if self._heap else None

    def _sweep(self) -> None:
        self._heap = [entry for entry in self._heap if self._at.get(entry[2]) == entry[0]]
        heapq.heapify(self._heap)


def _nothing() -> None:
    pass
