"""Where time comes from. Nothing else in clockmill asks the machine for it."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The present, as aware UTC instants, and a steady count of seconds for measuring."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump or run backwards."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class VirtualClock:
    """A clock that stands still until it is moved by hand; for tests and simulation."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    def advance(
        self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> datetime:
        """Move time forward and return the new present."""
        return self.move_to(self._now + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))

    def move_to(self, instant: datetime) -> datetime:
        """Move to *instant*, which is not earlier than the present; return it."""
        with self._lock:
            if instant < self._now:
                raise ValueError("a virtual clock does not run backwards")
            self._elapsed += (instant - self._now).total_seconds()
            self._now = instant
            return instant
