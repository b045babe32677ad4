"""A graph that a real stream starts: the whole server but its sockets, at a time that moves by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.runner.run_world import PATIENCE_S

from clockmill.clock import VirtualClock
from clockmill.compose import Instance, open_instance
from clockmill.config import Settings
from clockmill.core.caller import Caller
from clockmill.session.session import Session
from clockmill.session.state import Context

ADMIN = Caller(user="ADMIN", role="ACCOUNTADMIN", roles=frozenset({"ACCOUNTADMIN", "SYSADMIN"}))
START = datetime(2026, 3, 1, 9, 3, tzinfo=UTC)


class Plant:
    """A server in process, with a table T, a stream S on it and a task that empties S into COPIES."""

    def __init__(self, folder: Path, clock: VirtualClock) -> None:
        settings = Settings(data_dir=str(folder), admin_password="correct horse battery")
        self.clock = clock
        self.instance: Instance = open_instance(settings, clock=clock)
        self.session: Session = self.instance.door.session_for_request(
            ADMIN, Context(role="ACCOUNTADMIN", database="CLOCKMILL", schema="PUBLIC"), {}
        )

    def run(self, *statements: str) -> list[Any]:
        for statement in statements:
            result = self.session.execute(statement).result
        return [tuple(row) for row in result.rows]

    def furnish(self) -> None:
        self.run(
            "create table t (n int)",
            "create table copies (n int)",
            "create stream s on table t",
            "create task r warehouse = COMPUTE_WH when system$stream_has_data('s') "
            "as insert into copies select n from s",
        )

    def step(self) -> None:
        """Do what is due, to its end."""
        for _ in range(3):
            self.instance.runner.scheduler.tick(self.clock.now())
            self.instance.runner.conductor.step(self.clock.now())
            assert self.instance.runner.wait_idle(PATIENCE_S)

    def history(self) -> list[tuple[str, int, str]]:
        """Return state, second and origin of every run that has begun."""
        rows = self.instance.history.task_history(ADMIN, task_name="R")[::-1]
        return [
            (row.state, round((row.scheduled_time - START).total_seconds()), row.scheduled_from)
            for row in rows
        ]

    def copies(self) -> list[int]:
        return [n for (n,) in self.run("select n from copies order by n")]

    def close(self) -> None:
        self.session.close()
        self.instance.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def plant(tmp_path: Path, clock: VirtualClock) -> Iterator[Plant]:
    made = Plant(tmp_path / "data", clock)
    made.furnish()
    yield made
    made.close()


def test_data_starts_a_run_that_consumes_it_and_the_next_waits_for_more(plant: Plant) -> None:
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
    plant: Plant, tmp_path: Path, clock: VirtualClock
) -> None:
    plant.run("alter task r resume")
    plant.step()
    clock.advance(seconds=100)
    plant.run("insert into t values (1)")
    plant.close()

    again = Plant(tmp_path / "data", clock)
    again.instance.runner.scheduler.recover(clock.now())
    again.step()

    assert again.copies() == [1]
    again.close()
