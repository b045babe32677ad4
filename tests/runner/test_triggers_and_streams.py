"""A graph that a real stream starts: the whole server but its sockets, at a time that moves by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.runner.plant import ADMIN, START, Plant

from clockmill.clock import VirtualClock


class CopyingPlant(Plant):
    """With a table T, a stream S on it and a task that empties S into COPIES."""

    def furnish(self) -> None:
        self.run(
            "create table t (n int)",
            "create table copies (n int)",
            "create stream s on table t",
            "create task r warehouse = COMPUTE_WH when system$stream_has_data('s') "
            "as insert into copies select n from s",
        )

    def history(self) -> list[tuple[str, int, str]]:
        """Return state, second and origin of every run that has begun."""
        rows = self.instance.history.task_history(ADMIN, task_name="R")[::-1]
        return [
            (row.state, round((row.scheduled_time - START).total_seconds()), row.scheduled_from)
            for row in rows
        ]

    def copies(self) -> list[int]:
        return [n for (n,) in self.run("select n from copies order by n")]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def plant(tmp_path: Path, clock: VirtualClock) -> Iterator[CopyingPlant]:
    made = CopyingPlant(tmp_path / "data", clock)
    made.furnish()
    yield made
    made.close()


def test_data_starts_a_run_that_consumes_it_and_the_next_waits_for_more(plant: CopyingPlant) -> None:
    plant.run("alter task r resume")
    plant.step()
    assert plant.history() == [("SKIPPED", 0, "TRIGGER")]

    plant.clock.advance(seconds=100)
    plant.run("insert into t values (1), (2)")
    plant.step()
    assert plant.history()[1:] == [("SUCCEEDED", 100, "TRIGGER")]
    assert plant.copies() == [1, 2]

    plant.clock.advance(seconds=300)
    plant.step()
    assert len(plant.history()) == 2

    plant.run("insert into t values (3)")
    plant.step()
    plant.run("insert into t values (4)")
    plant.step()
    assert plant.copies() == [1, 2, 3]
    assert plant.history()[2:] == [("SUCCEEDED", 400, "TRIGGER"), ("SCHEDULED", 430, "TRIGGER")]

    plant.clock.advance(seconds=30)
    plant.step()
    assert plant.copies() == [1, 2, 3, 4]
    assert plant.run("select count(*) from s") == [(0,)]


def test_data_that_came_before_a_restart_starts_a_run_after_it(
    plant: CopyingPlant, tmp_path: Path, clock: VirtualClock
) -> None:
    plant.run("alter task r resume")
    plant.step()
    clock.advance(seconds=100)
    plant.run("insert into t values (1)")
    plant.close()

    again = CopyingPlant(tmp_path / "data", clock)
    again.instance.runner.scheduler.recover(clock.now())
    again.step()

    assert again.copies() == [1]
    again.close()
