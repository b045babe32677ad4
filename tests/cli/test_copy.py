"""``clockmill db copy``: a server goes from its own file to PostgreSQL and back, and works on."""

import threading
from pathlib import Path
from typing import Final

from sqlalchemy import select
from tests.cli.commands import Commands
from tests.cli.test_backup import PATIENCE_S, count, server, session_of

from clockmill.compose import Instance
from clockmill.store.tables import graph_runs

OPEN: Final = select(graph_runs.c.id).where(graph_runs.c.state.in_(["QUEUED", "EXECUTING"]))


def test_a_server_moves_to_postgresql_and_back_with_its_tasks_tables_and_history(
    commands: Commands, tmp_path: Path, postgresql_url: str
) -> None:
    data_dir, moved_back = tmp_path / "live", tmp_path / "before.db"
    with server(data_dir) as alone:
        session = session_of(alone)
        session.execute("CREATE TABLE seen (n NUMBER)")
        session.execute("CREATE TASK fill AS INSERT INTO seen VALUES (1)")
        run_task(alone)

    commands.run("db", "copy", str(data_dir), postgresql_url)
    with server(data_dir, store=postgresql_url) as node:
        assert count(session_of(node), "SELECT * FROM seen") == 1
        run_task(node)

    (data_dir / "clockmill.db").rename(moved_back)
    commands.run("db", "copy", postgresql_url, str(data_dir))
    with server(data_dir) as alone_again:
        session = session_of(alone_again)
        run_task(alone_again)
        assert count(session, "SELECT * FROM seen") == 3
        history = "SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) WHERE STATE = 'SUCCEEDED'"
        assert count(session, history) == 3


def run_task(instance: Instance) -> None:
    """Execute the task, and wait until its run is over."""
    session_of(instance).execute("EXECUTE TASK fill")
    changed = threading.Event()
    instance.wakeups.subscribe(lambda _: changed.set())
    give_up_at = instance.clock.monotonic() + PATIENCE_S
    while is_running(instance):
        assert instance.clock.monotonic() < give_up_at, "the run does not end"
        changed.wait(0.05)
        changed.clear()


def is_running(instance: Instance) -> bool:
    with instance.store.read() as tx:
        return tx.execute(OPEN).first() is not None
