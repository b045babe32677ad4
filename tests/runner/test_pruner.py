"""What is taken away of the history, and what stays whatever the settings say."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.runner.run_world import RunWorld, held
from tests.service.task_world import ADMIN, START

from clockmill.core.retention import Retention
from clockmill.runner import pruner
from clockmill.runner.pruner import EVERY, Pruner
from clockmill.store.queries import QueryRow, insert_queries
from clockmill.store.tables import graph_runs, graph_versions, queries, skipped_fires, task_runs

DAY = timedelta(days=1)
MONTH = Retention(age=30 * DAY)


def prune(world: RunWorld, retention: Retention = MONTH) -> int:
    return Pruner(store=world.store, retention=retention).prune(world.clock.now())


def count(world: RunWorld, table: Any) -> int:
    with world.store.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def left(world: RunWorld) -> list[tuple[str, int, str]]:
    """Return name, attempt and state of the graph runs that are left, oldest first."""
    with world.store.read() as tx:
        columns = (graph_runs.c.root_name, graph_runs.c.attempt, graph_runs.c.state)
        return [tuple(row) for row in tx.execute(select(*columns).order_by(graph_runs.c.id))]


def graph(world: RunWorld) -> None:
    world.create("R")
    world.create("A", "R")
    world.resume("A")


def test_runs_that_are_too_old_go_with_their_task_runs(world: RunWorld) -> None:
    graph(world)
    world.run()
    world.clock.advance(days=20)
    world.run()
    world.clock.advance(days=11)

    assert prune(world) == 1

    assert left(world) == [("R", 1, "SUCCEEDED")]
    assert count(world, task_runs) == 2


def test_without_a_limit_everything_stays(world: RunWorld) -> None:
    graph(world)
    world.run()
    world.clock.advance(days=5000)

    assert prune(world, Retention()) == 0

    assert left(world) == [("R", 1, "SUCCEEDED")]


def test_the_latest_runs_stay_where_their_number_is_limited(world: RunWorld) -> None:
    for name in ("R1", "R2", "R3", "R4"):
        world.create(name)
        world.run(name)
        world.clock.advance(seconds=1)

    prune(world, Retention(most=2))

    assert [name for name, _, _ in left(world)] == ["R3", "R4"]
    assert prune(world, Retention(most=2)) == 0


@pytest.mark.parametrize("ending", ["fails", "cancelled"])
def test_what_can_be_retried_stays_for_fourteen_days(threaded: RunWorld, ending: str) -> None:
    """A retry needs the run it goes on from, however short the history is kept."""
    world = threaded
    graph(world)
    if ending == "fails":
        world.bodies.fails("A")
        world.run()
    else:
        held(world, "A")
        world.runs.cancel_ongoing(ADMIN, world.task("A").name)
        world.settle()
    world.clock.advance(days=13)
    short = Retention(age=DAY)

    assert prune(world, short) == 0
    world.bodies = type(world.bodies)()
    assert world.run(retry_last=True).state == "SUCCEEDED"
    assert prune(world, short) == 0, "the retry has only just ended"

    world.clock.advance(days=2)
    assert prune(world, short) == 1, "a group goes as a whole"
    assert left(world) == []
    assert count(world, task_runs) == 0


def test_a_failure_beyond_its_fourteen_days_goes(world: RunWorld) -> None:
    graph(world)
    world.bodies.fails("A")
    world.run()
    world.clock.advance(days=15)

    prune(world, Retention(age=DAY))

    assert left(world) == []


def test_what_is_open_stays_with_the_earlier_attempts_of_its_group(threaded: RunWorld) -> None:
    world = threaded
    graph(world)
    world.bodies.fails("A")
    world.run()
    world.clock.advance(days=13)
    world.execute(retry_last=True)
    world.clock.advance(days=13)

    assert prune(world, Retention(age=DAY, most=0)) == 0

    assert left(world) == [("R", 1, "FAILED"), ("R", 2, "QUEUED")]


def test_graph_versions_stay_while_a_run_or_a_root_is_of_them(world: RunWorld) -> None:
    def cut(comment: str) -> None:
        world.suspend("R")
        world.alter("R", schedule="10 MINUTES", comment=comment)
        world.resume("R")

    world.create("R", schedule="10 MINUTES")
    world.resume("R")
    cut("second")
    world.run()
    cut("third")
    world.suspend("R")
    world.clock.advance(days=29)

    prune(world, Retention(age=28 * DAY, most=5))

    with world.store.read() as tx:
        versions = list(tx.execute(select(graph_versions.c.version)).scalars())
    assert left(world) == []
    assert versions == [3], "the first has no runs, and those of the second are gone"

    world.run()
    world.drop("R")
    assert count(world, graph_versions) == 1, "the run of a dropped root is shown with its texts"
    world.clock.advance(days=29)
    prune(world, Retention(age=28 * DAY))
    assert count(world, graph_versions) == 0


def test_skipped_fires_and_statements_go_by_age_and_number(world: RunWorld) -> None:
    for day in range(6):
        at = START + day * DAY
        world.store.write(lambda tx, at=at: insert_queries(tx, [statement(at)]))  # type: ignore[misc]
    world.create("R", schedule="USING CRON 0 0 * * * UTC")
    world.resume("R")
    for _ in range(3):
        world.clock.advance(days=2)
        world.crash()
        world.suspend("R")
        world.resume("R")

    prune(world, Retention(age=3.5 * DAY))
    assert (count(world, skipped_fires), count(world, queries)) == (2, 3)
    prune(world, Retention(most=1))
    assert (count(world, skipped_fires), count(world, queries)) == (1, 1)


def statement(at: Any) -> QueryRow:
    return QueryRow(
        id=str(at),
        session_id=None,
        user_name="ADMIN",
        role="ACCOUNTADMIN",
        warehouse=None,
        database=None,
        schema=None,
        text="select 1",
        kind=None,
        tag=None,
        state="SUCCESS",
        rows=1,
        error_code=None,
        error_message=None,
        started_at=at,
        completed_at=at,
    )


def test_one_step_takes_away_a_bounded_number_of_rows(
    world: RunWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants to write meanwhile waits for one batch, not for a year's history."""
    monkeypatch.setattr(pruner, "ROWS", 6)
    graph(world)
    for _ in range(7):
        world.run()
    world.clock.advance(days=31)
    cleaner = Pruner(store=world.store, retention=MONTH)
    now = world.clock.now()
    assert cleaner.step(now) == now + EVERY, "a start has other things to do"
    now += EVERY

    sizes = [7]
    while (due := cleaner.step(now)) < now + EVERY:
        now = due
        sizes.append(len(left(world)))

    assert sizes[-1] == 0
    assert max(before - after for before, after in pairwise(sizes)) == 2
    assert cleaner.step(now) == due, "nothing to do until it is time again"


def test_a_run_that_is_retried_while_it_is_looked_at_stays(
    world: RunWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look and the deletion are two transactions."""
    graph(world)
    world.bodies.fails("A")
    world.run()
    world.clock.advance(days=13)
    monkeypatch.setattr(pruner, "RETRY_WINDOW", 12 * DAY)
    look = Pruner(store=world.store, retention=Retention(age=DAY))._look_through(world.clock.now())
    original = world.store.write

    def write(work: Any, **options: Any) -> Any:
        monkeypatch.setattr(world.store, "write", original)
        world.execute(retry_last=True)
        return original(work, **options)

    next(look), next(look), next(look)
    monkeypatch.setattr(world.store, "write", write)

    assert sum(look) == 0
    assert [attempt for _, attempt, _ in left(world)] == [1, 2]
