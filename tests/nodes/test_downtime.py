"""Nodes that start together after nobody was there."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update
from tests.nodes.pair import served_node

from clockmill.clock import SystemClock
from clockmill.store.database import Store
from clockmill.store.tables import graph_runs, roots, skipped_fires

HOUR = timedelta(hours=1)


def test_what_nobody_was_there_for_is_passed_over_before_a_second_node_can_come_too_late_for_it(
    postgresql_url: str, tmp_path: Path
) -> None:
    """The second is not alone, and would take what was missed for what it is behind with."""
    with served_node(postgresql_url, tmp_path / "a", "a") as before:
        token = before.sign_in()
        before.query(token, "CREATE TASK r SCHEDULE = '60 MINUTES' AS SELECT 1")
        before.query(token, "ALTER TASK r RESUME")
    resumed = SystemClock().now() - 3.5 * HOUR
    with Store.open(postgresql_url) as store:
        store.write(
            lambda tx: tx.execute(update(roots).values(schedule_base=resumed, next_fire_at=resumed + HOUR))
        )

        with (
            served_node(postgresql_url, tmp_path / "a", "a", runs=False),
            served_node(postgresql_url, tmp_path / "b", "b"),
            store.read() as tx,
        ):
            assert tx.execute(select(graph_runs.c.scheduled_at)).all() == []
            skipped = tx.execute(select(skipped_fires.c.fires, skipped_fires.c.reason)).all()
            assert [tuple(row) for row in skipped] == [(3, "DOWNTIME")]
