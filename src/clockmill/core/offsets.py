"""A zone's history as stretches of time in which its distance from UTC does not change.

Within a stretch a wall clock is plain arithmetic, so schedules step through stretches instead
of asking for the local time of every minute.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)
_LAST_YEAR: Final = 9998


def stretches(zone: str, after: int, years: int) -> Iterator[tuple[int | None, int, int]]:
    """Yield (start, end, offset), in seconds, from the stretch that holds *after* on.

    Start and end are seconds since 1970 UTC. The first start is None: it lies before *after*.
    Ends may be those of a year in which nothing changes: the next stretch then goes on with the
    same offset. It stops after so many *years*.
    """
    year = (_EPOCH + timedelta(seconds=after)).year
    at = bisect_right(changes_of_year(zone, year)[0], after) - 1
    start: int | None = None
    last_year = min(year + years, _LAST_YEAR)
    while year <= last_year:
        starts, offsets = changes_of_year(zone, year)
        for index in range(at, len(offsets)):
            end = starts[index + 1]
            yield start, end, offsets[index]
            start = end
        year, at = year + 1, 0


@lru_cache(maxsize=4096)
def changes_of_year(zone: str, year: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where the stretches of a UTC year begin, and their offsets, in seconds.

    The first stretch begins with the year; one more start than offsets closes the last one.
    """
    info = ZoneInfo(zone)
    day, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    starts, offsets = [_seconds(day)], [_offset(info, day)]
    # No zone has ever changed twice within a day, so looking once a day misses nothing.
    while day < end:
        following = min(day + _DAY, end)
        if _offset(info, following) != offsets[-1]:
            change = _change_between(info, _seconds(day), _seconds(following))
            starts.append(change)
            offsets.append(_offset(info, _EPOCH + timedelta(seconds=change)))
        day = following
    return (*starts, _seconds(end)), tuple(offsets)


def _change_between(info: ZoneInfo, before: int, after: int) -> int:
    """Return the first second of the new offset, which *after* has and *before* has not."""
    old = _offset(info, _EPOCH + timedelta(seconds=before))
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(info, _EPOCH + timedelta(seconds=middle)) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(info: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(info).utcoffset()
    return 0 if offset is None else offset // _SECOND


def _seconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _SECOND
