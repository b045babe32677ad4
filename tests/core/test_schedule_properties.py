"""Schedules against a slow and obvious oracle: look at every minute and ask whether it matches."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from clockmill.core.schedule import Every, fires, latest_fires, parse_schedule
from clockmill.core.schedule_errors import NeverFires

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

# Where clocks did something: an hour or half of one, forward and back, a month apart, at
# midnight, around the year's end, a whole day left out or lived twice.
CHANGES = [
    ("UTC", datetime(2026, 1, 1, tzinfo=UTC)),
    ("America/Los_Angeles", datetime(2026, 3, 8, 10, tzinfo=UTC)),
    ("America/Los_Angeles", datetime(2026, 11, 1, 9, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Europe/Dublin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 2, 15, 2, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 3, 22, 2, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 10, 29, 21, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
    ("America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC)),
    ("America/Toronto", datetime(1987, 10, 25, 5, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(1985, 12, 31, 18, 30, tzinfo=UTC)),
    ("Asia/Pyongyang", datetime(2018, 5, 4, 15, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ("Pacific/Kwajalein", datetime(1993, 8, 21, 12, tzinfo=UTC)),
    ("Pacific/Chatham", datetime(2026, 4, 4, 14, tzinfo=UTC)),
    ("Antarctica/Troll", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Asia/Manila", datetime(1990, 7, 28, 16, tzinfo=UTC)),
    ("Europe/Moscow", datetime(2014, 10, 25, 22, tzinfo=UTC)),
    ("Etc/GMT+12", datetime(2026, 6, 1, tzinfo=UTC)),
]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

Field = tuple[str, Callable[[int], bool]]


class Drawn(NamedTuple):
    """An expression, and its meaning told in other words: of wall times, and of their dates alone."""

    text: str
    matches: Callable[[datetime], bool]
    is_date: Callable[[datetime], bool]


@st.composite
def items(draw: st.DrawFn, low: int, high: int) -> Field:
    """Draw one item of a field: its text, and what it matches told in other words."""
    kind = draw(st.sampled_from(["value", "range", "step", "from", "stepped range"]))
    first, last = sorted([draw(st.integers(low, high)), draw(st.integers(low, high))])
    step = draw(st.integers(1, high + 5))
    match kind:
        case "value":
            return str(first), lambda v: v == first
        case "range":
            return f"{first}-{last}", lambda v: first <= v <= last
        case "step":
            return f"*/{step}", lambda v: (v - low) % step == 0
        case "from":
            return f"{first}/{step}", lambda v: v >= first and (v - first) % step == 0
        case _:
            return f"{first}-{last}/{step}", lambda v: first <= v <= last and (v - first) % step == 0


def fields(low: int, high: int) -> st.SearchStrategy[Field]:
    def join(drawn: list[Field]) -> Field:
        return ",".join(text for text, _ in drawn), lambda v: any(test(v) for _, test in drawn)

    listed = st.lists(items(low, high), min_size=1, max_size=3).map(join)
    everything: Field = ("*", lambda _v: True)
    return st.one_of(st.just(everything), listed)


@st.composite
def crons(draw: st.DrawFn, *, busy: bool = False) -> Drawn:
    """Draw an expression. *busy* ones fire in every month."""
    minute, is_minute = draw(fields(0, 59))
    hour, is_hour = draw(fields(0, 23))
    month, is_month = ("*", lambda _v: True) if busy else draw(fields(1, 12))
    day, is_day = draw(fields(1, 31))
    weekday, is_weekday = draw(fields(0, 6))
    adds_last = day != "*" and draw(st.booleans())
    last_weekday = draw(st.none() | st.integers(0, 6)) if weekday != "*" else None

    def is_date(wall: datetime) -> bool:
        return is_month(wall.month) and is_day_of_month(wall)

    def is_day_of_month(wall: datetime) -> bool:
        at = wall.isoweekday() % 7
        is_last_week = (wall + 7 * DAY).month != wall.month
        by_day = is_day(wall.day) or (adds_last and (wall + DAY).month != wall.month)
        by_weekday = is_weekday(at) or (at == last_weekday and is_last_week)
        if day == "*":
            return by_weekday
        return by_day if weekday == "*" else by_day or by_weekday

    def matches(wall: datetime) -> bool:
        return is_minute(wall.minute) and is_hour(wall.hour) and is_date(wall)

    text = " ".join(
        [
            minute,
            hour,
            day + (",L" if adds_last else ""),
            month,
            weekday + (f",{last_weekday}L" if last_weekday is not None else ""),
        ]
    )
    return Drawn(text, matches, is_date)


def slow_fires(
    matches: Callable[[datetime], bool], zone: str, after: datetime, until: datetime
) -> list[datetime]:
    """Look at every whole minute of UTC in (after, until]."""
    info = ZoneInfo(zone)
    minute = after.replace(second=0, microsecond=0) + MINUTE
    found = []
    while minute <= until:
        if matches(minute.astimezone(info).replace(tzinfo=None)):
            found.append(minute)
        minute += MINUTE
    return found


@settings(max_examples=120, deadline=None)
@given(crons(busy=True), st.sampled_from(CHANGES), st.integers(0, 24 * 60 * 60), st.integers(0, 999_999))
def test_cron_fires_at_exactly_the_minutes_that_match(
    cron: Drawn,
    change: tuple[str, datetime],
    before_s: int,
    microseconds: int,
) -> None:
    """Each example looks at two days around an instant at which some country changed its clocks."""
    zone, at = change
    after = at - timedelta(seconds=before_s, microseconds=microseconds)
    until = after + 2 * DAY
    expected = slow_fires(cron.matches, zone, after, until)

    schedule = parse_schedule(f"USING CRON {cron.text} {zone}")
    found = fires(schedule, after, after, len(expected) + 1)

    assert found[:-1] == expected
    assert found[-1] > until


@settings(max_examples=120, deadline=None)
@given(crons(busy=True), st.sampled_from(CHANGES), st.integers(0, 24 * 60 * 60), st.integers(0, 40))
def test_firings_that_are_counted_are_those_that_there_are(
    cron: Drawn, change: tuple[str, datetime], before_s: int, at_most: int
) -> None:
    """What was missed is counted, not walked through: a year of minutes is half a million."""
    zone, at = change
    after = at - timedelta(seconds=before_s)
    until = after + 2 * DAY
    expected = slow_fires(cron.matches, zone, after, until)
    schedule = parse_schedule(f"USING CRON {cron.text} {zone}")

    assert schedule.count(after, until, after) == len(expected)
    assert latest_fires(schedule, after, after, until, at_most) == expected[-at_most:][:at_most]


@settings(max_examples=60, deadline=None)
@given(crons(), st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)), st.integers(0, 1500))
def test_firings_are_counted_over_the_years(cron: Drawn, start: datetime, days: int) -> None:
    dates = cron.text.split(" ", 2)[2]
    after = start.replace(hour=4, minute=30, second=0, microsecond=0, tzinfo=UTC)
    expected = sum(cron.is_date(after + number * DAY) for number in range(1, days + 1))
    if not expected:
        return

    assert parse_schedule(f"USING CRON 30 4 {dates} UTC").count(after, after + days * DAY, NOON) == expected


@given(st.integers(10, 700), st.integers(-5000, 5000), st.integers(0, 5000), st.integers(0, 9))
def test_firings_of_an_interval_are_counted_from_its_base(
    seconds: int, after_s: int, length_s: int, at_most: int
) -> None:
    every = Every(seconds=seconds)
    after = NOON + timedelta(seconds=after_s)
    until = after + timedelta(seconds=length_s)
    expected = [fire for fire in fires(every, NOON, after, length_s // seconds + 2) if fire <= until]

    assert every.count(after, until, NOON) == len(expected)
    assert latest_fires(every, NOON, after, until, at_most) == expected[-at_most:][:at_most]


@settings(max_examples=60, deadline=None)
@given(crons(), st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)))
def test_cron_finds_the_right_dates_over_the_years(cron: Drawn, start: datetime) -> None:
    """Days, months and weekdays, with the time of day held still so that the oracle is bearable."""
    dates = cron.text.split(" ", 2)[2]
    after = start.replace(hour=4, minute=30, second=0, microsecond=0, tzinfo=UTC)
    candidates = (after + number * DAY for number in range(1, 366 * 4))
    expected = [day for day in candidates if cron.is_date(day)]
    if not expected:
        return

    found = fires(parse_schedule(f"USING CRON 30 4 {dates} UTC"), NOON, after, len(expected))

    assert found == expected


@settings(max_examples=100, deadline=None)
@given(crons(), st.sampled_from(CHANGES), st.floats(0, 1))
def test_asking_again_before_a_firing_gives_the_same_firing(
    cron: Drawn, change: tuple[str, datetime], part: float
) -> None:
    """A scheduler may ask as often as it likes, and a restart asks from another instant."""
    zone, at = change
    try:
        schedule = parse_schedule(f"USING CRON {cron.text} {zone}")
    except NeverFires:
        return
    first = schedule.next_after(at, at)
    between = at + (first - at) * part

    assert first > at
    assert first.tzinfo is UTC
    if between < first:
        assert schedule.next_after(between, at) == first


@settings(max_examples=100, deadline=None)
@given(
    st.integers(10, 691_200),
    st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)),
    st.timedeltas(-10 * DAY, 1000 * DAY),
)
def test_an_interval_fires_on_its_grid_and_never_early(
    seconds: int, base: datetime, later: timedelta
) -> None:
    step = timedelta(seconds=seconds)
    anchor = base.replace(tzinfo=UTC)
    instant = anchor + later

    fire = Every(seconds=seconds).next_after(instant, anchor)

    assert fire > instant
    assert fire >= anchor + step
    assert (fire - anchor) % step == timedelta(0)
    assert fire - step <= instant or fire == anchor + step


@st.composite
def agreed_crons(draw: st.DrawFn) -> str:
    """Draw what another implementation reads as we do: no step on days, nothing odd in ranges."""
    minute = draw(st.sampled_from(["*", "0", "59", "*/7", "5-50/11", "0,30", "40/10"]))
    hour = draw(st.sampled_from(["*", "0", "23", "*/5", "9-17", "3,21"]))
    day = draw(st.sampled_from(["*", "L", "1", "15", "1,15", "28-31", "10-20"]))
    month = draw(st.sampled_from(["*", "2", "1-6", "JAN,DEC", "*/5"]))
    weekday = draw(st.sampled_from(["*", "0", "1-5", "SUN,WED", "5L"])) if day != "L" else "*"
    return f"{minute} {hour} {day} {month} {weekday}"


@settings(max_examples=60, deadline=None)
@given(agreed_crons(), st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)))
def test_another_implementation_agrees_where_the_rules_are_the_same(expression: str, start: datetime) -> None:
    if "5L" in expression and expression.split()[2] != "*":
        return
    theirs = CronSim(expression, start.replace(second=0, microsecond=0))
    expected = [next(theirs).replace(tzinfo=UTC) for _ in range(20)]

    after = start.replace(second=0, microsecond=0, tzinfo=UTC)
    assert fires(parse_schedule(f"USING CRON {expression} UTC"), after, after, 20) == expected


@pytest.mark.parametrize("text", ["USING CRON 0 0 29 2 * UTC", "USING CRON */5 * * * MON Asia/Tokyo"])
def test_a_schedule_keeps_firing_for_decades(text: str) -> None:
    found = fires(parse_schedule(text), NOON, NOON, 10)

    assert found == sorted(set(found))
