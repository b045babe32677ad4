"""When a root fires: every so many seconds, or by a cron expression.

``SCHEDULE = '5 MINUTES'`` and ``SCHEDULE = 'USING CRON 0 9 * * MON-FRI Europe/Berlin'`` are read
by :func:`parse_schedule`; the text itself is what is stored, so it reads back as written.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

import msgspec

from clockmill.core.cron import Cron, parse_cron
from clockmill.core.schedule_errors import IntervalTooLong, IntervalTooShort, MalformedSchedule

MIN_INTERVAL_S: Final = 10
MAX_INTERVAL_S: Final = 8 * 24 * 3600

_INTERVAL: Final = re.compile(
    r"\+?(?P<count>[0-9]+)\s(?P<unit>S|M|H|SECONDS?|MINUTES?|HOURS?)\s*\Z", re.IGNORECASE
)
_SHORTEST_REACH: Final = timedelta(minutes=1)
_UNITS_S: Final = {"S": 1, "M": 60, "H": 3600}
_USING_CRON: Final = re.compile(r"\s*USING\s+CRON(?:\s+(?P<rest>.*))?\Z", re.IGNORECASE | re.DOTALL)


class Every(msgspec.Struct, frozen=True, kw_only=True):
    """Fires every *seconds*, counted from a base: the instant at which its root was resumed."""

    seconds: int

    def next_after(self, instant: datetime, base: datetime) -> datetime:
        """Return the first firing strictly later than *instant*; the base itself is none.

        >>> from datetime import UTC
        >>> base = datetime(2026, 1, 1, 9, 3, tzinfo=UTC)
        >>> Every(seconds=600).next_after(base, base).minute
        13
        """
        step = timedelta(seconds=self.seconds)
        return base + step * max(1, (instant - base) // step + 1)

    def count(self, after: datetime, until: datetime, base: datetime) -> int:
        """Return how many firings are later than *after* and not later than *until*."""
        step = timedelta(seconds=self.seconds)
        return max(0, max(0, (until - base) // step) - max(0, (after - base) // step))


Schedule = Every | Cron


def parse_schedule(text: str) -> Schedule:
    """Return the schedule that *text* describes, or raise what is wrong with it."""
    cron = _USING_CRON.match(text)
    if cron is not None:
        return _parse_using_cron(cron["rest"] or "")
    seconds = parse_interval_s(text)
    if seconds < MIN_INTERVAL_S:
        raise IntervalTooShort
    if seconds > MAX_INTERVAL_S:
        raise IntervalTooLong
    return Every(seconds=seconds)


def parse_interval_s(text: str) -> int:
    """Return the seconds of ``5 MINUTES``, ``90 S`` and their like; the range is the caller's."""
    match = _INTERVAL.match(text)
    digits = match["count"].lstrip("0") if match else ""
    if match is None or not digits:
        raise MalformedSchedule
    # Ten digits are beyond every range; longer ones are not worth the arithmetic.
    count = int(digits[:10])
    return count * _UNITS_S[match["unit"][0].upper()]


def fires(schedule: Schedule, base: datetime, after: datetime, count: int) -> list[datetime]:
    """Return the next *count* firings strictly later than *after*."""
    return list(islice(_fires(schedule, base, after), count))


def latest_fires(
    schedule: Schedule, base: datetime, after: datetime, until: datetime, at_most: int
) -> list[datetime]:
    """Return the last *at_most* firings later than *after* and not later than *until*, oldest first.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> last = latest_fires(parse_schedule("1 H"), noon, noon, noon + timedelta(days=365), 2)
    >>> [fire.hour for fire in last]
    [11, 12]
    """
    # A schedule knows its next firing and can count: so reach back, twice as far each time,
    # until there are enough.
    reach = _SHORTEST_REACH
    while until - reach > after and schedule.count(until - reach, until, base) < at_most:
        reach *= 2
    start = max(after, until - reach)
    count = schedule.count(start, until, base)
    return fires(schedule, base, start, count)[-at_most:] if at_most > 0 else []


def interval_text(seconds: int) -> str:
    """Write an interval given as a number, as the REST API does.

    >>> interval_text(150)
    '150 SECOND'
    """
    return f"{seconds} SECOND"


def minutes_and_seconds(seconds: int) -> tuple[int, int]:
    """Return whole minutes and what is left: how the REST API writes every interval.

    >>> minutes_and_seconds(parse_interval_s("90 S"))
    (1, 30)
    """
    return divmod(seconds, 60)


def cron_text(expression: str, zone: str) -> str:
    """Write a cron schedule given as an expression and a zone."""
    return f"USING CRON {expression} {zone}"


def _fires(schedule: Schedule, base: datetime, after: datetime) -> Iterator[datetime]:
    while True:
        after = schedule.next_after(after, base)
        yield after


def _parse_using_cron(rest: str) -> Cron:
    # The service takes the last word for the zone, whatever it is, so that a forgotten zone
    # is reported as a bad one.
    words = rest.split()
    if not words:
        raise MalformedSchedule
    return parse_cron(" ".join(words[:-1]), words[-1])
