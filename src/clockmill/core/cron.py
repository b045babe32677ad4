"""Cron schedules: five fields and a time zone, read into sets and stepped field by field.

The rules are the service's own. A day matches if *either* the day of the month or the weekday
does, once both are given. A local time that the clock shows twice fires twice; one that it
jumps over does not fire at all.
"""

import calendar
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Final

import msgspec

from clockmill.core.offsets import stretches
from clockmill.core.schedule_errors import MalformedSchedule, NeverFires, UnknownTimeZone
from clockmill.core.zones import find_zone

_MONTH_NAMES: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAY_NAMES: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAYS_AT_MOST: Final = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# 29 February is at most eight years away, and no zone has kept skipping the same local time of
# the same date for this long.
_HORIZON_YEARS: Final = 40

# Wall times are computed as if the wall clock showed UTC; the offset makes instants of them.
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_FIRST_DAY: Final = _EPOCH.toordinal()
_MINUTES_OF_DAY: Final = 24 * 60
_DIGITS: Final = re.compile(r"[0-9]{1,9}\Z")


class Cron(msgspec.Struct, frozen=True, kw_only=True):
    """Fires at every minute that the fields match on a wall clock in *zone*.

    *expression* and *zone_text* are as written, *zone* is the zone's proper name. *last_day*
    adds the last day of the month, *last_weekdays* the last such weekdays of it.
    """

    expression: str
    zone_text: str
    zone: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    last_day: bool
    months: tuple[int, ...]
    weekdays: frozenset[int]
    last_weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def next_after(self, instant: datetime, base: datetime | None = None) -> datetime:  # noqa: ARG002
        """Return the first firing strictly later than *instant*, or raise :class:`NeverFires`.

        *base* has no say: it is there because an interval needs it.
        """
        after = (instant - _EPOCH) // _SECOND
        asked = found = _EPOCH
        for start, end, offset in stretches(self.zone, after, _HORIZON_YEARS):
            # The wall clock's next whole minute: strictly later than *after*, while a later
            # stretch may begin with one.
            wall = after + offset + 60 if start is None else start + offset + 59
            local = _EPOCH + timedelta(seconds=wall // 60 * 60)
            # What was found from an earlier wall time still holds until it is passed.
            if start is None or not asked <= local <= found:
                asked, found = local, self.first_wall_time(local)
            fire = (found - _EPOCH) // _SECOND - offset
            if fire < end:
                return _EPOCH + timedelta(seconds=fire)
        raise NeverFires

    def count(self, after: datetime, until: datetime, base: datetime | None = None) -> int:  # noqa: ARG002
        """Return how many firings are later than *after* and not later than *until*.

        It takes time in proportion to the days between them, however often it fires in a day.
        """
        low, high = (after - _EPOCH) // _SECOND, (until - _EPOCH) // _SECOND
        total = 0
        for start, end, offset in stretches(self.zone, low, max(0, until.year - after.year)):
            last = min(high, end - 1)
            first = low if start is None else start - 1
            if first < last:
                total += self.count_wall_times((first + offset) // 60 + 1, (last + offset) // 60 + 1)
        return total

    def count_wall_times(self, first: int, end: int) -> int:
        """Count what matches from minute *first* since 1970 on, before *end*, as if no clock changed."""
        first_day, first_minute = divmod(first, _MINUTES_OF_DAY)
        end_day, end_minute = divmod(end, _MINUTES_OF_DAY)
        days = self._days_between(first_day, end_day + 1)
        per_day = len(self.hours) * len(self.minutes)
        total = per_day * sum(1 for day in days if day < end_day)
        if first_day in days:
            total -= self._count_times(first_minute)
        if end_day in days:
            total += self._count_times(end_minute)
        return total

    def _days_between(self, first: int, end: int) -> frozenset[int]:
        """Return the days since 1970 that match, from *first* on and before *end*."""
        last = date.fromordinal(_FIRST_DAY + end - 1)
        days = takewhile(last.__ge__, self._dates_from(date.fromordinal(_FIRST_DAY + first)))
        return frozenset(day.toordinal() - _FIRST_DAY for day in days)

    def _count_times(self, minute: int) -> int:
        """Count the times of a day that matches that come before its minute *minute*."""
        hour, minute = divmod(minute, 60)
        whole = bisect_left(self.hours, hour)
        is_hour = whole < len(self.hours) and self.hours[whole] == hour
        return whole * len(self.minutes) + (bisect_left(self.minutes, minute) if is_hour else 0)

    def first_wall_time(self, local: datetime) -> datetime:
        """Return the first matching wall time from *local* on, as if no clock ever changed."""
        today = local.date()
        for day in self._dates_from(today):
            time = self._first_time(local.hour, local.minute) if day == today else self._earliest
            if time is not None:
                return datetime(day.year, day.month, day.day, *time, tzinfo=UTC)
        raise NeverFires

    @property
    def _earliest(self) -> tuple[int, int]:
        return self.hours[0], self.minutes[0]

    def _first_time(self, hour: int, minute: int) -> tuple[int, int] | None:
        at = bisect_left(self.hours, hour)
        if at < len(self.hours) and self.hours[at] == hour:
            if minute <= self.minutes[-1]:
                return hour, self.minutes[bisect_left(self.minutes, minute)]
            at += 1
        return (self.hours[at], self.minutes[0]) if at < len(self.hours) else None

    def _dates_from(self, first: date) -> Iterator[date]:
        year, month, day = first.year, first.month, first.day
        while year < min(first.year + 12, 10_000):
            if month in self.months:
                yield from self._dates_of_month(year, month, day)
            day = 1
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)

    def _dates_of_month(self, year: int, month: int, first_day: int) -> Iterator[date]:
        first_weekday, length = calendar.monthrange(year, month)
        for day in range(first_day, length + 1):
            # calendar counts weekdays from Monday, cron from Sunday.
            if self._matches(day, (first_weekday + day) % 7, length):
                yield date(year, month, day)

    def _matches(self, day: int, weekday: int, length: int) -> bool:
        by_day = day in self.days or (self.last_day and day == length)
        by_weekday = weekday in self.weekdays or (weekday in self.last_weekdays and day + 7 > length)
        if self.any_day or self.any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday


def parse_cron(expression: str, zone_text: str) -> Cron:
    """Return the schedule of five fields in a zone, or raise what is wrong with it."""
    zone = find_zone(zone_text)
    if zone is None:
        raise UnknownTimeZone(zone_text)
    fields = expression.split()
    if len(fields) != 5:
        raise MalformedSchedule
    days, last_days = _read_field(fields[2], _DAY)
    weekdays, last_weekdays = _read_field(fields[4], _WEEKDAY)
    cron = Cron(
        expression=expression,
        zone_text=zone_text,
        zone=zone.key,
        minutes=tuple(sorted(_read_field(fields[0], _MINUTE)[0])),
        hours=tuple(sorted(_read_field(fields[1], _HOUR)[0])),
        days=frozenset(days),
        last_day=bool(last_days),
        months=tuple(sorted(_read_field(fields[3], _MONTH)[0])),
        weekdays=frozenset(weekdays),
        last_weekdays=frozenset(last_weekdays),
        any_day=fields[2] == "*",
        any_weekday=fields[4] == "*",
    )
    if not _has_a_date(cron):
        raise NeverFires
    return cron


def _has_a_date(cron: Cron) -> bool:
    if cron.last_day or not cron.any_weekday:
        return True
    return any(day <= _DAYS_AT_MOST[month] for month in cron.months for day in cron.days)


class _Field(msgspec.Struct, frozen=True):
    """What one of the five fields takes. *last* reads an item that means «the last one»."""

    low: int
    high: int
    names: dict[str, int] = {}
    last: Callable[[str], int | None] = lambda _item: None


def _last_day(item: str) -> int | None:
    return 0 if item.upper() == "L" else None


def _last_weekday(item: str) -> int | None:
    if len(item) < 2 or item[-1].upper() != "L":
        return None
    return _read_number(item[:-1], _WEEKDAY)


_MINUTE: Final = _Field(0, 59)
_HOUR: Final = _Field(0, 23)
_DAY: Final = _Field(1, 31, last=_last_day)
_MONTH: Final = _Field(1, 12, {name: number for number, name in enumerate(_MONTH_NAMES, start=1)})
_WEEKDAY: Final = _Field(
    0, 6, {name: number for number, name in enumerate(_WEEKDAY_NAMES)}, last=_last_weekday
)


def _read_field(text: str, field: _Field) -> tuple[set[int], set[int]]:
    """Return the values a field lists, and those it lists as «the last»."""
    values: set[int] = set()
    lasts: set[int] = set()
    for item in text.split(","):
        last = field.last(item)
        if last is None:
            values.update(_read_item(item, field))
        else:
            lasts.add(last)
    return values, lasts


def _read_item(item: str, field: _Field) -> range:
    span, slash, step_text = item.partition("/")
    step = 1
    if slash:
        if not _DIGITS.match(step_text) or int(step_text) == 0:
            raise MalformedSchedule
        step = int(step_text)
    if span == "*":
        return range(field.low, field.high + 1, step)
    low_text, dash, high_text = span.partition("-")
    low = _read_number(low_text, field)
    high = _read_number(high_text, field) if dash else (field.high if slash else low)
    if low > high:
        raise MalformedSchedule
    return range(low, high + 1, step)


def _read_number(text: str, field: _Field) -> int:
    named = field.names.get(text.upper())
    if named is not None:
        return named
    if not _DIGITS.match(text) or not field.low <= int(text) <= field.high:
        raise MalformedSchedule
    return int(text)
