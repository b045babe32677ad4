"""What a schedule will do, with the nights on which clocks are changed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.test_schedule_properties import CHANGES, Drawn, crons

from clockmill.core.preview import Missing, Showing, Upcoming, preview
from clockmill.core.schedule import fires, parse_schedule

BERLIN = "USING CRON {} Europe/Berlin"
AUTUMN = datetime(2026, 10, 24, 12, tzinfo=UTC)
SPRING = datetime(2026, 3, 28, 12, tzinfo=UTC)


def test_a_local_time_that_comes_twice_fires_twice_and_says_so() -> None:
    coming = preview(parse_schedule(BERLIN.format("30 2 * * *")), AUTUMN, AUTUMN, 3)

    assert [(each.at.hour, each.local.strftime("%d %H:%M %z"), each.showing) for each in coming] == [  # type: ignore[union-attr]
        (0, "25 02:30 +0200", Showing.FIRST),
        (1, "25 02:30 +0100", Showing.SECOND),
        (1, "26 02:30 +0100", Showing.ONCE),
    ]


def test_a_local_time_that_does_not_exist_is_named_where_it_would_have_been() -> None:
    missing, next_day = preview(parse_schedule(BERLIN.format("15,30 2 * * *")), SPRING, SPRING, 1)

    assert isinstance(missing, Missing)
    assert isinstance(next_day, Upcoming)
    assert missing.at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert (missing.first.strftime("%d %H:%M"), missing.times) == ("29 02:15", 2)
    assert (missing.before.strftime("%H:%M"), missing.after.strftime("%H:%M")) == ("02:00", "03:00")
    assert next_day.local.strftime("%d %H:%M") == "30 02:15"


def test_a_clock_that_jumps_over_nothing_that_matches_is_not_named() -> None:
    [coming] = preview(parse_schedule(BERLIN.format("30 3 * * *")), SPRING, SPRING, 1)

    assert coming == Upcoming(at=coming.at, local=coming.at)


def test_an_interval_is_told_in_utc() -> None:
    [coming] = preview(parse_schedule("5 MINUTES"), SPRING, SPRING, 1)

    assert coming == Upcoming(at=SPRING + timedelta(minutes=5), local=SPRING + timedelta(minutes=5))


@settings(max_examples=100, deadline=None)
@given(crons(busy=True), st.sampled_from(CHANGES), st.integers(1, 30))
def test_what_is_previewed_is_what_fires(cron: Drawn, change: tuple[str, datetime], count: int) -> None:
    """And what is missing matches, but is shown by no clock."""
    zone, at = change
    schedule = parse_schedule(f"USING CRON {cron.text} {zone}")
    after = at - timedelta(hours=5)

    found = preview(schedule, after, after, count)

    assert [each.at for each in found if isinstance(each, Upcoming)] == fires(schedule, after, after, count)
    assert [each.at for each in found] == sorted(each.at for each in found)
    for each in found:
        if isinstance(each, Missing):
            assert cron.matches(each.first.replace(tzinfo=None))
            assert each.first.astimezone(UTC) >= each.at
            assert each.times >= 1
