"""What a server makes up for when it starts, as its settings say."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.runner.plant import START, Plant

from clockmill.clock import VirtualClock
from clockmill.store.tables import graph_runs

MINUTES = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("settings", "runs"),
    [
        ({}, []),
        ({"misfire": "last"}, [40]),
        ({"misfire": "all"}, [10, 20, 30, 40]),
        ({"misfire": "all", "misfire_limit": 2}, [30, 40]),
    ],
)
def test_a_start_makes_up_for_what_its_settings_say(
    tmp_path: Path, settings: dict[str, Any], runs: list[int]
) -> None:
    clock = VirtualClock(START)
    before = Plant(tmp_path, clock)
    before.run("CREATE TASK r SCHEDULE = '10 MINUTES' AS SELECT 1", "ALTER TASK r RESUME")
    before.close()
    clock.advance(minutes=45)

    plant = Plant(tmp_path, clock, **settings)
    plant.instance.start()
    with plant.instance.store.read() as tx:
        found = (
            tx.execute(select(graph_runs.c.scheduled_at).order_by(graph_runs.c.scheduled_at)).scalars().all()
        )
    plant.close()

    assert [(at - START) / MINUTES for at in found] == runs
