"""What schedules mean, case by case. The properties are in test_schedule_properties.py."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clockmill.core.cron import Cron
from clockmill.core.errors import ClockmillError
from clockmill.core.schedule import (
    Every,
    cron_text,
    fires,
    interval_text,
    minutes_and_seconds,
    parse_interval_s,
    parse_schedule,
)

NINE = datetime(2026, 3, 4, 9, 3, tzinfo=UTC)
MALFORMED = "Invalid schedule was specified. Please refer to the docs on what constitutes a valid schedule."


def fire_times(text: str, after: datetime, count: int) -> list[str]:
    schedule = parse_schedule(text)
    assert isinstance(schedule, Cron)
    zone = ZoneInfo(schedule.zone)
    return [
        fire.astimezone(zone).strftime("%Y-%m-%d %H:%M %z") for fire in fires(schedule, after, after, count)
    ]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10 S", 10),
        ("90 second", 90),
        ("90 SECONDS", 90),
        ("1 M", 60),
        ("5 MINUTE", 300),
        ("5\tMinutes", 300),
        ("+5 MINUTES", 300),
        ("2 h", 7200),
        ("192 HOUR", 691_200),
        ("192 HOURS  ", 691_200),
        ("007 M", 420),
    ],
)
def test_an_interval_is_read_in_every_spelling(text: str, seconds: int) -> None:
    assert parse_schedule(text) == Every(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 5 M",
        "5  M",
        "5M",
        "5 MIN",
        "5 SEC",
        "5 HR",
        "5 DAY",
        "-5 M",
        "0 M",
        "1.5 M",
        "M",
        "5",
        "5 M M",
        "٥ M",
        "USING CRON",
        "CRON * * * * * UTC",
    ],
)
def test_text_that_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(ClockmillError) as refused:
        parse_schedule(text)
    assert str(refused.value) == MALFORMED


@pytest.mark.parametrize("text", ["9 S", "1 SECOND"])
def test_an_interval_under_ten_seconds_is_refused(text: str) -> None:
    with pytest.raises(ClockmillError) as refused:
        parse_schedule(text)
    assert str(refused.value) == "Cannot set schedule less than 10 seconds."


@pytest.mark.parametrize("text", ["691201 S", "11521 M", "193 H", "9" * 5000 + " M"])
def test_an_interval_over_eight_days_is_refused(text: str) -> None:
    with pytest.raises(ClockmillError) as refused:
        parse_schedule(text)
    assert str(refused.value) == "Cannot set schedule greater than 11,520 minutes."


def test_an_interval_first_fires_a_whole_step_after_its_base() -> None:
    found = fires(parse_schedule("10 MINUTES"), NINE, NINE, 2)

    assert [fire.minute for fire in found] == [13, 23]


def test_an_interval_stays_on_its_grid_when_firings_are_missed() -> None:
    """Nothing drifts after a run that took too long."""
    late = NINE + timedelta(minutes=34, seconds=12)

    assert Every(seconds=600).next_after(late, NINE) == NINE + timedelta(minutes=40)


def test_an_interval_asked_before_its_base_still_fires_one_step_after_it() -> None:
    assert Every(seconds=600).next_after(NINE - timedelta(hours=5), NINE) == NINE + timedelta(minutes=10)


def test_eight_days_of_ten_second_firings_are_found_at_once() -> None:
    found = fires(Every(seconds=10), NINE, NINE, 69_120)

    assert found[-1] == NINE + timedelta(days=8)


def test_intervals_go_to_the_rest_api_and_back() -> None:
    assert interval_text(150) == "150 SECOND"
    assert parse_interval_s(interval_text(150)) == 150
    assert minutes_and_seconds(150) == (2, 30)
    assert minutes_and_seconds(parse_interval_s("2 h")) == (120, 0)


def test_a_cron_schedule_keeps_what_was_written() -> None:
    schedule = parse_schedule("using cron  0 9 * *  mon   america/los_angeles ")

    assert isinstance(schedule, Cron)
    assert (schedule.expression, schedule.zone_text) == ("0 9 * * mon", "america/los_angeles")
    assert schedule.zone == "America/Los_Angeles"
    assert parse_schedule(cron_text(schedule.expression, schedule.zone_text)) == schedule


def test_resuming_within_a_matching_minute_waits_for_the_next_match() -> None:
    after = datetime(2026, 3, 4, 9, 0, 0, 1, tzinfo=UTC)

    assert fire_times("USING CRON 0 9 * * * UTC", after, 1) == ["2026-03-05 09:00 +0000"]


def test_a_firing_is_strictly_later_than_the_instant() -> None:
    exactly = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    just_before = exactly - timedelta(microseconds=1)

    assert fire_times("USING CRON 0 9 * * * UTC", just_before, 1) == ["2026-03-04 09:00 +0000"]
    assert fire_times("USING CRON 0 9 * * * UTC", exactly, 1) == ["2026-03-05 09:00 +0000"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/20 10 * * *", ["2026-03-04 10:00", "2026-03-04 10:20", "2026-03-04 10:40"]),
        ("*/61 10 * * *", ["2026-03-04 10:00", "2026-03-05 10:00", "2026-03-06 10:00"]),
        ("50/5 10 * * *", ["2026-03-04 10:50", "2026-03-04 10:55", "2026-03-05 10:50"]),
        ("0 10-14/2 * * *", ["2026-03-04 10:00", "2026-03-04 12:00", "2026-03-04 14:00"]),
        ("0 0 1 4/3 *", ["2026-04-01 00:00", "2026-07-01 00:00", "2026-10-01 00:00"]),
        ("0 0 1 jan,FEB *", ["2027-01-01 00:00", "2027-02-01 00:00", "2028-01-01 00:00"]),
        ("0 0 L * *", ["2026-03-31 00:00", "2026-04-30 00:00", "2026-05-31 00:00"]),
        ("0 0 L 2 *", ["2027-02-28 00:00", "2028-02-29 00:00", "2029-02-28 00:00"]),
        ("0 0 1,l * *", ["2026-03-31 00:00", "2026-04-01 00:00", "2026-04-30 00:00"]),
        ("0 0 * * FriL", ["2026-03-27 00:00", "2026-04-24 00:00", "2026-05-29 00:00"]),
        ("0 0 * * 5L", ["2026-03-27 00:00", "2026-04-24 00:00", "2026-05-29 00:00"]),
        ("0 0 * * 0", ["2026-03-08 00:00", "2026-03-15 00:00", "2026-03-22 00:00"]),
        ("0 0 * * mon-WED", ["2026-03-09 00:00", "2026-03-10 00:00", "2026-03-11 00:00"]),
        ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
    ],
)
def test_a_cron_field_means_what_it_says(expression: str, expected: list[str]) -> None:
    found = fire_times(f"USING CRON {expression} UTC", NINE, 3)

    assert found == [f"{time} +0000" for time in expected]


def test_either_a_day_or_a_weekday_is_enough() -> None:
    found = fire_times("USING CRON 0 0 13 * FRI UTC", NINE, 4)

    assert [time[:10] for time in found] == ["2026-03-06", "2026-03-13", "2026-03-20", "2026-03-27"]


def test_a_step_over_all_days_counts_as_a_restriction() -> None:
    """``*/2`` beside a weekday adds days to it; only a plain star leaves the choice to the other."""
    found = fire_times("USING CRON 0 0 */2 * WED UTC", NINE, 4)

    assert [time[:10] for time in found] == ["2026-03-05", "2026-03-07", "2026-03-09", "2026-03-11"]


@pytest.mark.parametrize(
    "expression",
    [
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 0 *",
        "* * * 13 *",
        "* * * * 7",
        "* * ? * *",
        "* * * * ?",
        "* * * * 5#2",
        "* * 15W * *",
        "* * LW * *",
        "* * L-3 * *",
        "* * * * L",
        "* * * * 1-5L",
        "* * L/2 * *",
        "*/0 * * * *",
        "*/-1 * * * *",
        "*/ * * * *",
        "/5 * * * *",
        "*-5 * * * *",
        "10-5 * * * *",
        "SAT-SUN * * * *",
        "* * * * SAT-SUN",
        "* * * DEC-JAN *",
        "1,,2 * * * *",
        ",1 * * * *",
        "1, * * * *",
        "1-2-3 * * * *",
        "1/2/3 * * * *",
        "MON * * * *",
        "* * * MON *",
        "* * * * JAN",
        "* * * * MONDAY",
        "1.5 * * * *",
        "+1 * * * *",
        "٣ * * * *",
        "* * * JANL *",
    ],
)
def test_what_other_crons_take_is_refused(expression: str) -> None:
    with pytest.raises(ClockmillError) as refused:
        parse_schedule(f"USING CRON {expression} UTC")
    assert str(refused.value) == MALFORMED


@pytest.mark.parametrize(
    "zone", ["PST", "EST", "+01:00", "UTC+1", "Mars/Olympus", "*", "../UTC", "localtime"]
)
def test_what_is_no_zone_of_the_database_is_refused_by_name(zone: str) -> None:
    with pytest.raises(ClockmillError) as refused:
        parse_schedule(f"USING CRON 0 9 * * * {zone}")
    assert str(refused.value) == (
        f'Invalid schedule was specified. "{zone}" is not a recognized time zone. '
        "Please specify time zones accepted by the TIMEZONE parameter."
    )


@pytest.mark.parametrize("zone", ["UTC", "utc", "Etc/GMT+5", "EUROPE/BERLIN", "asia/kolkata"])
def test_zones_are_found_in_any_case(zone: str) -> None:
    parse_schedule(f"USING CRON 0 9 * * * {zone}")


@pytest.mark.parametrize("expression", ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *"])
def test_a_schedule_that_never_fires_is_refused(expression: str) -> None:
    with pytest.raises(ClockmillError) as refused:
        parse_schedule(f"USING CRON {expression} UTC")
    assert str(refused.value) == "No valid time could be found under the schedule and/or interval specified"


def test_a_day_that_no_month_has_is_fine_beside_a_weekday() -> None:
    assert fire_times("USING CRON 0 0 31 2 MON UTC", NINE, 1) == ["2027-02-01 00:00 +0000"]


def test_a_time_that_the_clock_shows_twice_fires_twice() -> None:
    found = fire_times("USING CRON 0 1 * * * America/Los_Angeles", datetime(2026, 10, 31, 12, tzinfo=UTC), 3)

    assert found == ["2026-11-01 01:00 -0700", "2026-11-01 01:00 -0800", "2026-11-02 01:00 -0800"]


def test_a_time_that_the_clock_jumps_over_does_not_fire() -> None:
    found = fire_times("USING CRON 0 2 * * * America/Los_Angeles", datetime(2026, 3, 7, 0, tzinfo=UTC), 3)

    assert found == ["2026-03-07 02:00 -0800", "2026-03-09 02:00 -0700", "2026-03-10 02:00 -0700"]


def test_a_day_that_the_calendar_jumps_over_does_not_fire() -> None:
    """Samoa had no 30 December in 2011."""
    found = fire_times("USING CRON 0 12 30 12 * Pacific/Apia", datetime(2010, 12, 31, 0, tzinfo=UTC), 1)

    assert found == ["2012-12-30 12:00 +1400"]


def test_half_an_hour_of_clock_change_repeats_half_an_hour() -> None:
    found = fire_times("USING CRON */15 1 * * * Australia/Lord_Howe", datetime(2026, 4, 4, 13, tzinfo=UTC), 6)

    assert [time[11:] for time in found] == [
        "01:00 +1100",
        "01:15 +1100",
        "01:30 +1100",
        "01:45 +1100",
        "01:30 +1030",
        "01:45 +1030",
    ]


@pytest.mark.parametrize("expression", ["0 0 1 1 *", "0 0 29 2 *"])
def test_asking_at_the_end_of_the_calendar_is_an_error_like_any_other(expression: str) -> None:
    schedule = parse_schedule(f"USING CRON {expression} UTC")

    with pytest.raises(ClockmillError):
        schedule.next_after(datetime(9998, 12, 31, 23, tzinfo=UTC), NINE)
