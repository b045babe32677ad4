"""Timers, workers, loops, and the cache of graphs."""

import threading
from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.core.graphs import graph_of
from tests.runner.run_world import PATIENCE_S, RunWorld, ScriptedBodies, Streams, named
from tests.service.task_world import ADMIN, START

from clockmill.clock import SystemClock
from clockmill.core.errors import Unavailable
from clockmill.core.graph import Graph
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.loop import Loop, Runner
from clockmill.runner.slots import WarehouseSlots
from clockmill.runner.timers import Timers
from clockmill.runner.workers import ThreadWorkers
from clockmill.wake import Topic

SECOND = timedelta(seconds=1)


def test_timers_are_due_in_order_unless_they_were_moved_or_called_off() -> None:
    timers: Timers[str] = Timers()
    for number, key in enumerate("dcba"):
        timers.set(key, START + number * SECOND)
    timers.clear("c")
    timers.set("d", START + 9 * SECOND)

    assert timers.next_at() == START + 2 * SECOND
    assert timers.take_due(START + 5 * SECOND) == ["b", "a"]
    assert timers.next_at() == START + 9 * SECOND
    assert timers.take_due(START + 9 * SECOND) == ["d"]
    assert timers.next_at() is None


def test_timers_that_are_called_off_take_no_room_for_long() -> None:
    timers: Timers[int] = Timers()
    for number in range(10_000):
        timers.set(number, START + timedelta(hours=1))
        timers.clear(number)

    assert len(timers._heap) < 3000


def test_timers_tell_when_the_earliest_has_become_earlier() -> None:
    timers: Timers[str] = Timers()
    told: list[str] = []
    timers.on_sooner = lambda: told.append("sooner")

    timers.set("a", START + 2 * SECOND)
    timers.set("b", START + 3 * SECOND)
    timers.set("c", START + SECOND)

    assert len(told) == 2


def test_workers_run_at_once_whatever_is_submitted_at_once() -> None:
    workers = ThreadWorkers()
    everybody = threading.Barrier(20)

    for _ in range(20):
        workers.submit(lambda: (everybody.wait(PATIENCE_S), None)[1])

    assert workers.wait_idle(PATIENCE_S)
    assert not everybody.broken


def test_workers_outlive_what_raises_and_are_used_again() -> None:
    workers = ThreadWorkers()
    done: list[int] = []

    def fail() -> None:
        raise RuntimeError("a mistake")

    workers.submit(fail)
    assert workers.wait_idle(PATIENCE_S)
    for number in range(100):
        workers.submit(partial(done.append, number))

    assert workers.wait_idle(PATIENCE_S)
    assert sorted(done) == list(range(100))


def test_a_loop_steps_when_it_is_woken_and_outlives_what_a_step_raises() -> None:
    stepped = threading.Semaphore(0)

    def step(now: datetime) -> datetime | None:
        stepped.release()
        raise RuntimeError("a mistake")

    loop = Loop("test", step, SystemClock())
    loop.start()
    assert stepped.acquire(timeout=PATIENCE_S)
    loop.wake()
    assert stepped.acquire(timeout=PATIENCE_S)

    loop.stop()


def test_a_store_that_is_away_is_logged_in_a_line_each_time(caplog: pytest.LogCaptureFixture) -> None:
    """Every loop tries again each second: with tracebacks, an hour would be a million lines."""
    stepped = threading.Semaphore(0)

    def step(now: datetime) -> datetime | None:
        stepped.release()
        raise Unavailable("The store cannot be used right now.")

    loop = Loop("test", step, SystemClock())
    loop.start()
    assert stepped.acquire(timeout=PATIENCE_S)
    loop.stop()

    assert [(record.msg, record.exc_info) for record in caplog.records] == [("step put off", None)]


def test_a_loop_steps_again_when_the_step_said_so() -> None:
    stepped = threading.Semaphore(0)

    def step(now: datetime) -> datetime | None:
        stepped.release()
        return now + timedelta(milliseconds=1)

    loop = Loop("test", step, SystemClock())
    loop.start()
    for _ in range(5):
        assert stepped.acquire(timeout=PATIENCE_S)

    loop.stop()


def test_the_cache_forgets_the_oldest_graph_when_it_is_full(world: RunWorld) -> None:
    cache = GraphCache(max_tasks=3)
    known: dict[tuple[str, int], Graph] = {
        ("a", 1): graph_of({"A": ["R"]}),
        ("b", 1): graph_of({"A": ["R"]}),
    }
    cache._keep(known)

    with world.store.read() as tx:
        assert set(cache.load(tx, known)) == {("b", 1)}


def whole_runner(world: RunWorld, bodies: ScriptedBodies, grace_s: float) -> Runner:
    """Return a runner with the real clock and all its threads."""
    world.runs._clock = world.history._clock = clock = SystemClock()
    return Runner(
        store=world.store,
        clock=clock,
        wakeups=world.wakeups,
        bodies=bodies,
        slots=WarehouseSlots(lambda _: 2),
        streams=Streams(),
        lease=world.lease,
        grace_s=grace_s,
    )


def test_the_whole_runner_runs_what_is_executed_and_stops(world: RunWorld) -> None:
    """The one way with the real clock and all threads: everything else is about its parts."""
    bodies = ScriptedBodies()
    world.create("R")
    world.create("A", "R")
    world.resume("A")
    bodies.hold("A")
    runner = whole_runner(world, bodies, grace_s=0.0)
    runner.start()

    world.runs.execute_task(ADMIN, named("R"))
    bodies.wait_for("A")
    world.wakeups.raise_(Topic.WAREHOUSES)
    runner.stop()

    assert world.states() == {"R": "SUCCEEDED", "A": "EXECUTING"}
    assert world.owners() == [None]


def test_a_runner_that_stops_lets_bodies_end_and_begins_no_others(world: RunWorld) -> None:
    bodies = ScriptedBodies()
    world.create("R")
    world.create("OTHER")
    bodies.hold("R")
    runner = whole_runner(world, bodies, grace_s=PATIENCE_S)
    runner.start()
    world.runs.execute_task(ADMIN, named("R"))
    bodies.wait_for("R")

    runner.begin_stop()
    world.runs.execute_task(ADMIN, named("OTHER"))
    bodies.let_go("R")
    runner.stop()

    assert world.states() == {"R": "SUCCEEDED"}
    assert world.open_runs() == 1


def test_bodies_need_no_more_threads_than_there_are_slots(threaded: RunWorld) -> None:
    """A thread that has recorded an end goes on itself: waking another costs more than a small body."""
    threaded.slots = WarehouseSlots(lambda _: 2)
    threaded._assemble()
    threaded.create("R", warehouse="WH")
    for number in range(20):
        threaded.create(f"A{number}", "R", warehouse="WH")
        threaded.create(f"B{number}", f"A{number}", warehouse="WH")
    threaded.resume_all("R")

    threaded.run()

    assert len(threaded.bodies.order) == 41
    # The first is begun by the conductor, which waits for no body.
    assert len(threaded.bodies.threads) <= 2 + 1
    assert threaded.slots.in_use("WH") == 0
