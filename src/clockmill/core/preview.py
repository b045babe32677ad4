"""A schedule looked at ahead of time: when it fires next, and what the clocks of its zone do to it."""

import enum
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from clockmill.core.cron import Cron
from clockmill.core.offsets import stretches
from clockmill.core.schedule import Schedule, fires

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_S: Final = 60


class Showing(enum.Enum):
    """How often the clock on the wall shows the local time of a fire."""

    ONCE = "once"
    FIRST = "the first of two times"
    SECOND = "the second of two times"


class Upcoming(msgspec.Struct, frozen=True, kw_only=True):
    """A fire to come. *local* is what the clock shows then in the schedule's zone; UTC for an interval."""

    at: datetime
    local: datetime
    showing: Showing = Showing.ONCE


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Local times that match, but that the clock jumps over at the instant *at*: nothing fires.

    *first* is the first of so many *times*. The clock jumps from *before* to *after*. All are local.
    """

    at: datetime
    first: datetime
    times: int
    before: datetime
    after: datetime


def preview(schedule: Schedule, base: datetime, after: datetime, count: int) -> list[Upcoming | Missing]:
    """Return the next *count* fires later than *after*, and what is missing between them, in order."""
    coming = fires(schedule, base, after, count)
    if not isinstance(schedule, Cron) or not coming:
        return [Upcoming(at=at, local=at) for at in coming]
    found: list[Upcoming | Missing] = [_upcoming(schedule, at) for at in coming]
    found += _missing(schedule, after, coming[-1])
    return sorted(found, key=lambda each: each.at)


def _upcoming(cron: Cron, at: datetime) -> Upcoming:
    local = at.astimezone(ZoneInfo(cron.zone))
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    shown = (Showing.FIRST, Showing.SECOND)[local.fold] if comes_twice else Showing.ONCE
    return Upcoming(at=at, local=local, showing=shown)


def _missing(cron: Cron, after: datetime, until: datetime) -> Iterator[Missing]:
    previous: int | None = None
    years = until.year - after.year + 1
    for start, _, offset in stretches(cron.zone, _seconds(after), years):
        if start is not None and start > _seconds(until):
            return
        if start is not None and previous is not None and offset > previous:
            first = -(-(start + previous) // _MINUTE_S)
            end = -(-(start + offset) // _MINUTE_S)
            times = cron.count_wall_times(first, end)
            if times:
                yield Missing(
                    at=_instant(start),
                    first=_local(cron.first_wall_time(_instant(first * _MINUTE_S)), previous),
                    times=times,
                    before=_wall(start, previous),
                    after=_wall(start, offset),
                )
        previous = offset


def _wall(seconds: int, offset: int) -> datetime:
    return _instant(seconds).astimezone(timezone(timedelta(seconds=offset)))


def _local(wall: datetime, offset: int) -> datetime:
    """Return a wall time, computed as if it were UTC, with its offset."""
    return wall.replace(tzinfo=timezone(timedelta(seconds=offset)))


def _instant(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _seconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(seconds=1)
