"""A warehouse with one slot, under the whole server: nobody may hold what they wait for.

Runner, door and engine are the real ones, joined as a server joins them; only HTTP is left out.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from clockmill.compose import Instance, open_instance
from clockmill.config import Settings
from clockmill.core.caller import Caller
from clockmill.core.names import QualifiedName
from clockmill.core.signin import Password
from clockmill.core.task import CreateMode, TaskSpec
from clockmill.session.session import Session

ADMIN: Final = Caller(user="ADMIN", role="ACCOUNTADMIN", roles=frozenset({"ACCOUNTADMIN"}))
PASSWORD: Final = "correct horse battery staple"
PATIENCE_S: Final = 30.0
PAUSE_S: Final = 0.005
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
LONG: Final = "call system$wait(600)"


class OneSlot:
    """A running server whose warehouse ONE and whose system pool have a slot each."""

    def __init__(self, instance: Instance, warehouse: str | None) -> None:
        self.instance = instance
        self.warehouse = warehouse
        self.session = self.new_session()
        self.run("create warehouse one max_concurrency_level = 1")
        self.run("create table t (a int)")
        self.run("insert into t values (0)")

    def new_session(self) -> Session:
        login = self.instance.signin.login(Password("ADMIN", PASSWORD), address="127.0.0.1")
        session = self.instance.door.session(login.session)
        session.execute("use schema clockmill.public")
        return session

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.execute(sql).result.rows]

    def task(self, name: str, body: str, *after: str, **properties: Any) -> None:
        """Make a task that works with the slot under test; one that is no root may run at once."""
        spec = TaskSpec(definition=body, predecessors=after, warehouse=self.warehouse, **properties)
        self.instance.tasks.create_task(ADMIN, _named(name), spec, CreateMode.ERROR_IF_EXISTS)
        if after:
            self.instance.tasks.resume_task(ADMIN, _named(name))

    def execute(self) -> None:
        self.run("execute task r")

    def graph_states(self) -> list[str]:
        """Return how the graph runs of R ended, first ended first."""
        rows = self.instance.history.complete_graphs(ADMIN, _named("R"))
        return [str(row.state) for row in reversed(rows)]

    def task_states(self) -> dict[str, str]:
        """Return by name how the latest run of each task stands."""
        rows = self.instance.history.task_history(ADMIN, since=_LONG_AGO, limit=1_000)
        return {row.name: str(row.state) for row in reversed(rows)}

    def is_at_rest(self) -> bool:
        return not self.instance.history.current_graphs(ADMIN, _named("R"))

    def in_use(self) -> int:
        return self.instance.slots.in_use(self.warehouse)


def _named(name: str) -> QualifiedName:
    return QualifiedName("CLOCKMILL", "PUBLIC", name)


def _until(what: Callable[[], bool]) -> None:
    """Wait until *what* holds. A run's end is written, and raises no signal that we could hear."""
    between = threading.Event()
    for _ in range(round(PATIENCE_S / PAUSE_S)):
        if what():
            return
        between.wait(PAUSE_S)
    pytest.fail("it did not happen")


@pytest.fixture(params=["ONE", None], ids=["warehouse", "system pool"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OneSlot]:
    """A server where the tasks under test have one slot between them."""
    settings = Settings(
        data_dir=str(tmp_path / "data"),
        admin_password=PASSWORD,
        system_slots=1,
        engine_threads=1,
        stop_grace=0,
    )
    instance = open_instance(settings)
    try:
        instance.start()
        yield OneSlot(instance, request.param)
    finally:
        instance.close()


def test_a_body_suspends_its_own_root(world: OneSlot) -> None:
    """What runs goes on to its end, and no slot is needed to say that nothing more shall begin."""
    world.task("R", "insert into t values (1)", schedule="60 MINUTES")
    world.task("STOP", "alter task r suspend", "R")
    world.task("LAST", "insert into t values (2)", "STOP")
    world.run("alter task r resume")

    world.execute()
    _until(lambda: bool(world.graph_states()))

    assert world.graph_states() == ["SUCCEEDED"]
    assert world.instance.tasks.fetch_task(ADMIN, _named("R")).state == "suspended"
    assert world.run("select sum(a) from t") == [(3,)]
    assert world.is_at_rest()


def test_a_root_suspends_itself(world: OneSlot) -> None:
    world.task("R", "alter task r suspend", schedule="60 MINUTES")
    world.run("alter task r resume")

    world.execute()
    _until(lambda: bool(world.graph_states()))

    assert world.graph_states() == ["SUCCEEDED"]
    assert world.instance.tasks.fetch_task(ADMIN, _named("R")).state == "suspended"


def test_a_body_executes_its_own_root(world: OneSlot) -> None:
    """The run it asks for waits until this one has ended, and holds nothing meanwhile."""
    world.task("R", "insert into t values (1)")
    world.task("AGAIN", "execute task r", "R")
    world.task("LAST", "insert into t values (10)", "AGAIN")

    world.execute()
    _until(lambda: len(world.graph_states()) >= 2)
    world.run("alter task again suspend")
    _until(world.is_at_rest)

    states = world.graph_states()
    assert states == ["SUCCEEDED"] * len(states)
    assert world.run("select sum(a) from t") == [(11 * len(states),)]
    assert world.in_use() == 0


def test_a_body_cancels_siblings_that_hold_the_slot_or_wait_for_it(world: OneSlot) -> None:
    world.task("R", "insert into t values (1)")
    for name in ("A", "B"):
        world.task(name, LONG, "R")
        world.task(f"STOP_{name}", f"call system$user_task_cancel_ongoing_executions('{name}')", "R")

    world.execute()
    _until(lambda: bool(world.graph_states()))

    assert world.graph_states() == ["CANCELLED"]
    assert world.task_states() == {
        "R": "SUCCEEDED",
        "A": "CANCELLED",
        "B": "CANCELLED",
        "STOP_A": "SUCCEEDED",
        "STOP_B": "SUCCEEDED",
    }
    _until(lambda: world.in_use() == 0)


def test_a_transaction_gets_through_ten_waiting_tasks(world: OneSlot) -> None:
    """They wait for its table, and it for their slot: it goes first, since they wait for it."""
    names = [f"T{number}" for number in range(10)]
    world.task("R", "create table done as select 1 as a")
    for name in names:
        world.task(name, "update t set a = a + 1", "R")
    if world.warehouse:
        world.run("use warehouse one")
    world.run("begin")
    world.run("update t set a = 100")

    world.execute()
    _until(lambda: all(world.task_states().get(name) == "EXECUTING" for name in names))
    world.run("insert into t values (200)")
    assert world.graph_states() == []
    world.run("commit")
    _until(lambda: bool(world.graph_states()))

    assert world.graph_states() == ["SUCCEEDED"]
    assert world.run("select a from t order by a") == [(110,), (210,)]
    _until(lambda: world.in_use() == 0)
