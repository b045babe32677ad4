"""Two nodes over one store whose schedulers come upon the same fires at the same time."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select
from tests.runner.run_world import PATIENCE_S, RunWorld, Streams
from tests.service.task_world import START

from clockmill.core.misfire import Misfire, Misfires
from clockmill.runner.conditions import Conditions
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.scheduler import Scheduler
from clockmill.store.database import Store
from clockmill.store.tables import graph_runs, skipped_fires
from clockmill.wake import Wakeups

MINUTE: Final = timedelta(minutes=1)
ROOTS: Final = 12
FIRES: Final = 8


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Store]]:
    """One store, as each of two nodes has it open."""
    target = tmp_path / "s.db" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    with Store.open(target) as first, Store.open(target) as second:
        yield [first, second]


@pytest.mark.parametrize("misfires", [Misfires(), Misfires(policy=Misfire.LAST)])
def test_each_fire_makes_one_run_or_one_record(stores: list[Store], misfires: Misfires) -> None:
    """Nothing is claimed, so every fire but the first of a root meets a run in its way."""
    world = RunWorld(stores[0])
    for number in range(ROOTS):
        world.create(f"R{number}", schedule="1 MINUTE")
        world.resume(f"R{number}")
    schedulers = [
        Scheduler(
            store=store,
            wakeups=Wakeups(),
            graphs=GraphCache(),
            conditions=Conditions(Streams()),
            misfires=misfires,
        )
        for store in stores
    ]
    together = threading.Barrier(len(schedulers), timeout=PATIENCE_S)

    def fire(scheduler: Scheduler) -> None:
        for count in range(1, FIRES + 1):
            together.wait()
            scheduler.tick(START + count * MINUTE)

    threads = [threading.Thread(target=fire, args=(scheduler,)) for scheduler in schedulers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)

    with stores[0].read() as tx:
        runs = list(tx.execute(select(graph_runs.c.root_id, graph_runs.c.scheduled_at)))
        records = list(tx.execute(select(skipped_fires)).mappings())
    covered = [
        (row["root_id"], row["first_due_at"] + step * MINUTE)
        for row in records
        for step in range((row["last_due_at"] - row["first_due_at"]) // MINUTE + 1)
    ]
    ids = {world.task(f"R{number}").id for number in range(ROOTS)}
    due = {(root_id, START + count * MINUTE) for root_id in ids for count in range(1, FIRES + 1)}
    assert sorted([*((row[0], row[1]) for row in runs), *covered]) == sorted(due)
    assert len(records) == ROOTS
