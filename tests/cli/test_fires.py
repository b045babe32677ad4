"""``clockmill fires``."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.commands import Commands
from tests.service.task_world import TaskWorld, named

from clockmill.core.errors import ClockmillError, InvalidRequest, NotFound
from clockmill.core.misfire import NO_MISFIRES
from clockmill.runner.firing import pass_over_downtime
from clockmill.runner.graph_cache import GraphCache
from clockmill.service.schedules import HasNoSchedule
from clockmill.store.data_dir import DataDir
from clockmill.store.database import Store


def lines(commands: Commands, *words: str) -> list[list[str]]:
    """Return what a listing says below its head, in words."""
    return [line.split() for line in commands.run("fires", *words).splitlines()[1:]]


def test_the_nights_of_a_changed_clock_are_named(commands: Commands) -> None:
    shown = commands.run(
        "fires", "USING CRON 30 2 * * * Europe/Berlin", "--from", "2026-10-24T12:00:00", "--count", "2"
    )
    jumped = commands.run(
        "fires", "USING CRON 0,30 2 * * * Europe/Berlin", "--from", "2027-03-27T12:00", "--count", "1"
    )

    assert shown.splitlines() == [
        "UTC                  LOCAL                      NOTE",
        "2026-10-25 00:30:00  2026-10-25 02:30:00+02:00  repeated: the first of two",
        "2026-10-25 01:30:00  2026-10-25 02:30:00+01:00  repeated: the second of two",
    ]
    missing, after = jumped.splitlines()[1:]
    assert missing.split(maxsplit=3) == [
        "-",
        "2027-03-28",
        "02:00:00",
        "missing with 1 more: the clock jumps from 02:00 to 03:00",
    ]
    assert after == "2027-03-29 00:00:00  2027-03-29 02:00:00+02:00"


def test_a_day_that_a_zone_leaves_out_is_named_with_its_date(commands: Commands) -> None:
    shown = commands.run(
        "fires", "USING CRON 0 12 30 12 * Pacific/Apia", "--from", "2011-01-01", "--count", "1"
    )

    assert "missing: the clock jumps from 2011-12-30 00:00 to 2011-12-31 00:00" in shown


def test_an_interval_counts_from_the_instant_that_is_given(commands: Commands) -> None:
    found = lines(commands, "90 S", "--from", "2026-01-01T12:00:00+02:00", "--count", "2")

    assert [words[:2] for words in found] == [["2026-01-01", "10:01:30"], ["2026-01-01", "10:03:00"]]


def test_a_started_task_goes_on_from_its_resumption(commands: Commands, data_dir: Path) -> None:
    with Store.open(DataDir(data_dir, None).store_file) as store:
        world = TaskWorld(store)
        world.create("R", schedule="10 MINUTES")
        suspended = commands.run("fires", "--task", "db.s.r", "--from", "2026-03-01T10:00:00")
        world.resume("R")
        started = lines(commands, "--task", "db.s.r", "--from", "2026-03-01T10:00:00", "--count", "1")

    assert suspended.splitlines()[0] == "db.s.r is suspended. If it were resumed at 2026-03-01 10:00:00:"
    assert suspended.splitlines()[2].startswith("2026-03-01 10:10:00")
    assert started == [["2026-03-01", "10:03:00", "2026-03-01", "10:03:00+00:00"]]


def test_what_has_no_fires_is_told(commands: Commands, data_dir: Path) -> None:
    with Store.open(DataDir(data_dir, None).store_file) as store:
        TaskWorld(store).create("R")

    with pytest.raises(HasNoSchedule, match=r"DB\.S\.R has no schedule"):
        commands.run("fires", "--task", "db.s.r")
    with pytest.raises(NotFound):
        commands.run("fires", "--task", "db.s.q")
    with pytest.raises(ClockmillError, match="in full"):
        commands.run("fires", "--task", "r")
    with pytest.raises(ClockmillError, match="one of the two"):
        commands.run("fires")
    with pytest.raises(InvalidRequest):
        commands.run("fires", "every day")


def test_skipped_fires_are_listed_with_their_reason(commands: Commands, data_dir: Path) -> None:
    with Store.open(DataDir(data_dir, None).store_file) as store:
        world = TaskWorld(store)
        world.create("R", schedule="10 MINUTES")
        world.resume("R")
        pass_over_downtime(store, GraphCache(), NO_MISFIRES, world.clock.now() + timedelta(minutes=35))

    found = lines(commands, "skipped")
    of_another = lines(commands, "skipped", "--task", "q")

    assert found == [[str(named("R")), "2026-03-01", "09:13:00", "2026-03-01", "09:33:00", "3", "DOWNTIME"]]
    assert of_another == []
