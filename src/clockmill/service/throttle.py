"""Slows down whoever keeps showing wrong passwords, without shutting others out for long.

Failures are counted in three places: for a user from one address, where guessing usually goes
on; for an address, which may guess at many users; for a user from everywhere, which a crowd of
addresses may guess at. The last one's wait is short, because whoever is guessed at must still
come in; and where a user has signed in before, neither of the wider counts applies.
"""

import threading
from collections import OrderedDict
from typing import Final, NamedTuple

from clockmill.clock import Clock
from clockmill.core.signin import TooManyFailures

FORGET_AFTER_S: Final = 900.0
MAX_ENTRIES: Final = 10_000
"""Counts of each sort that are kept; the oldest go first, so a flood costs no memory."""


class _Rule(NamedTuple):
    """After *free* failures the next wait is one second, and doubles up to *max_wait_s*."""

    free: int
    max_wait_s: float


_PAIR: Final = _Rule(free=5, max_wait_s=60)
_ADDRESS: Final = _Rule(free=20, max_wait_s=60)
_USER: Final = _Rule(free=50, max_wait_s=4)


class _Failures(NamedTuple):
    times: int
    last: float


class _Counter:
    """Failures by key, bounded, forgotten after a while."""

    def __init__(self, rule: _Rule) -> None:
        self._rule = rule
        self._failures: OrderedDict[object, _Failures] = OrderedDict()

    def wait(self, key: object, now: float) -> float:
        """Return the seconds until *key* may try again; 0 if it may at once."""
        failures = self._failures.get(key)
        if failures is None or now - failures.last >= FORGET_AFTER_S:
            return 0.0
        over = failures.times - self._rule.free
        if over < 0:
            return 0.0
        pause = min(2.0 ** min(over, 16), self._rule.max_wait_s)
        return max(0.0, failures.last + pause - now)

    def fail(self, key: object, now: float) -> None:
        before = self._failures.pop(key, None)
        times = before.times if before and now - before.last < FORGET_AFTER_S else 0
        self._failures[key] = _Failures(times + 1, now)
        if len(self._failures) > MAX_ENTRIES:
            self._failures.popitem(last=False)

    def forget(self, key: object) -> None:
        self._failures.pop(key, None)


class Throttle:
    """Remembers failed sign-ins, in this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pairs = _Counter(_PAIR)
        self._addresses = _Counter(_ADDRESS)
        self._users = _Counter(_USER)
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def check(self, user: str, address: str) -> None:
        """Raise :class:`TooManyFailures` if *user* at *address* has to wait before trying again."""
        with self._lock:
            now = self._clock.monotonic()
            wait = self._pairs.wait((user, address), now)
            if (user, address) not in self._known:
                wait = max(wait, self._addresses.wait(address, now), self._users.wait(user, now))
        if wait > 0:
            raise TooManyFailures(wait)

    def failed(self, user: str, address: str) -> None:
        """Count a sign-in that was looked at and refused."""
        with self._lock:
            now = self._clock.monotonic()
            self._pairs.fail((user, address), now)
            self._addresses.fail(address, now)
            self._users.fail(user, now)

    def succeeded(self, user: str, address: str) -> None:
        """Forget the failures of *user* at *address*, and remember that the two go together.

        The address keeps its own count: one good account must not buy guesses at others.
        """
        with self._lock:
            self._pairs.forget((user, address))
            self._known[user, address] = None
            self._known.move_to_end((user, address))
            if len(self._known) > MAX_ENTRIES:
                self._known.popitem(last=False)
