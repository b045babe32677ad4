"""A store that cannot be written for a while: a full disk, a lock that somebody holds, a failed sync.

Whatever was under way waits for it. Nothing is lost, nothing is done twice, no run stays open.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from tests.runner.run_world import RunWorld, Streams, named
from tests.service.task_world import ADMIN

from clockmill.core.errors import Unavailable
from clockmill.core.names import QualifiedName
from clockmill.runner import writing
from clockmill.store import sqlite
from clockmill.store.database import Store
from clockmill.store.sqlite import SQLiteFile, WriteLink
from clockmill.store.writer import Writer

SECOND = timedelta(seconds=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clockmill.db"


@pytest.fixture
def world(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunWorld]:
    """A runner with threads, whose store gives up a lock at once and is tried again soon."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 1)
    monkeypatch.setattr(writing, "RETRY_WRITE_S", 0.001)
    with Store.open(path) as store:
        yield RunWorld(store, threads=True)


class Outage:
    """A time in which nobody can write to the store in *path*: somebody else is, and does not end."""

    def __init__(self, path: Path) -> None:
        self._other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def begin(self) -> None:
        self._other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        self._other.execute("ROLLBACK")

    def close(self) -> None:
        self._other.close()


@pytest.fixture
def outage(path: Path, world: RunWorld) -> Iterator[Outage]:
    with closing(Outage(path)) as outage:
        yield outage


@contextmanager
def during(outage: Outage) -> Iterator[None]:
    outage.begin()
    yield
    outage.end()


class StreamsAtTheBrink(Streams):
    """Streams of which the asking begins an outage: after a run was claimed, before it began."""

    def __init__(self, outage: Outage, *, have_data: bool) -> None:
        super().__init__()
        self._outage = outage
        self._answer = have_data

    def has_data(self, stream: QualifiedName) -> bool:
        self._outage.begin()
        return self._answer


def test_a_root_that_is_due_fires_once_when_that_can_be_recorded(world: RunWorld, outage: Outage) -> None:
    world.create("R", schedule="10 SECONDS")
    world.resume("R")
    world.clock.advance(seconds=10)
    due = world.clock.now()

    with during(outage), pytest.raises(Unavailable):
        world.scheduler.tick(due)
    world.clock.advance(seconds=1)
    world.settle()

    assert [run.scheduled_time for run in world.complete()] == [due]


def test_a_run_that_could_not_be_claimed_is_claimed_without_another_wake_up(
    world: RunWorld, outage: Outage
) -> None:
    world.create("R")
    world.execute()

    with during(outage), pytest.raises(Unavailable):
        world.conductor.step(world.clock.now())
    world.conductor.step(world.clock.now())
    world.settle()

    assert world.last().state == "SUCCEEDED"


@pytest.mark.parametrize(("have_data", "states"), [(True, {"R": "SUCCEEDED"}), (False, {"R": "SKIPPED"})])
def test_a_run_that_was_claimed_begins_when_that_can_be_recorded(
    world: RunWorld, outage: Outage, have_data: bool, states: dict[str, str]
) -> None:
    """The step does not wait for it: there are time limits of others to keep."""
    world.create("R", condition="SYSTEM$STREAM_HAS_DATA('S')", warehouse="WH")
    world.streams = StreamsAtTheBrink(outage, have_data=have_data)
    world._assemble()
    world.execute()

    world.conductor.step(world.clock.now())
    begun_before = list(world.bodies.order)
    outage.end()
    world.settle()

    assert begun_before == []
    assert world.states() == states


def test_the_end_of_a_body_and_what_follows_wait_until_they_are_recorded(
    world: RunWorld, outage: Outage
) -> None:
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    world.bodies.returns("R", "kept")
    world.bodies.hold("R")
    world.execute()
    world.step()
    world.bodies.wait_for("R")

    with during(outage):
        world.bodies.let_go("R")
        assert not world.workers.wait_idle(0.05)
        begun_before = list(world.bodies.order)
    world.settle()

    assert begun_before == ["R"]
    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED"}
    assert world.task_rows()[0].return_value == "kept"


def test_time_limits_are_kept_while_nothing_can_be_written(world: RunWorld, outage: Outage) -> None:
    world.create("R", user_task_timeout_ms=5_000)
    world.create("A", "R")
    world.create("F", finalize="R")
    world.resume("A", "F")
    world.bodies.hold("A")
    world.execute()
    world.step()
    world.bodies.wait_for("A")

    world.clock.advance(seconds=6)
    with during(outage):
        world.conductor.step(world.clock.now())
    world.settle()

    assert world.states() == {"R": "SUCCEEDED", "A": "FAILED", "F": "SUCCEEDED"}
    assert world.last().first_error_code == "000630"


def test_a_command_is_obeyed_when_it_can_be_taken(world: RunWorld, outage: Outage) -> None:
    world.create("R")
    world.bodies.hold("R")
    world.execute()
    world.step()
    world.bodies.wait_for("R")
    world.runs.cancel_ongoing(ADMIN, named("R"))

    with during(outage), pytest.raises(Unavailable):
        world.conductor.step(world.clock.now())
    world.conductor.step(world.clock.now())
    world.settle()

    assert world.last().state == "CANCELLED"


def test_an_end_that_the_disk_has_no_room_for_is_recorded_once_it_has(world: RunWorld) -> None:
    world.create("R")
    world.bodies.returns("R", "x" * 9_000)
    world.bodies.hold("R")
    world.execute()
    world.step()
    world.bodies.wait_for("R")
    pages = world.store.write(lambda tx: tx.exec_driver_sql("PRAGMA page_count").scalar())
    world.store.write(lambda tx: tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar())

    world.bodies.let_go("R")
    assert not world.workers.wait_idle(0.05)
    world.store.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count = 1000000").scalar())
    world.settle()

    assert world.states() == {"R": "SUCCEEDED"}
    assert world.task_rows()[0].return_value == "x" * 9_000


class FailingSync(WriteLink):
    """A connection whose disk fails to sync a few times, as its operating system would report it."""

    failures = 0

    def commit(self) -> None:
        if self.failures:
            self.failures -= 1
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error
        super().commit()


def test_an_end_that_could_not_be_synced_is_recorded_all_the_same(world: RunWorld) -> None:
    """Nobody could see it after the failed sync, so it is no lie to write it again."""
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    world.bodies.hold("R")
    world.execute()
    world.step()
    world.bodies.wait_for("R")
    world.store._writer.close()
    assert isinstance(world.store._backend, SQLiteFile)
    link = FailingSync(world.store._backend)
    world.store._writer = Writer(link)

    link.failures = 2
    world.bodies.let_go("R")
    world.settle()

    assert world.states() == {"R": "SUCCEEDED", "A": "SUCCEEDED"}
    assert len(world.complete()) == 1
