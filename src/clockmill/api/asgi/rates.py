"""Limits how many requests a user may send."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from clockmill.core.errors import TooManyRequests

_MAX_USERS: Final = 10_000


class RateLimit:
    """Lets each user send so many requests a minute, at most that many at once.

    An allowance refills steadily, so that a user who waits is served again within a moment.
    """

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._burst = float(per_minute)
        self._per_second = per_minute / 60
        self._monotonic = monotonic
        self._allowances: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, user: str) -> None:
        """Count a request of *user*, or raise :class:`TooManyRequests`."""
        now = self._monotonic()
        left, at = self._allowances.pop(user, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        allowed = left >= 1
        self._allowances[user] = (left - 1 if allowed else left, now)
        if len(self._allowances) > _MAX_USERS:
            self._allowances.popitem(last=False)
        if not allowed:
            raise TooManyRequests(
                f"User {user} has sent more than {self._burst:g} requests per minute. Try again later."
            )
