"""What is left after ``kill -9``, and after a stop in the middle of something."""

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

import pytest
from tests.acceptance.harness import STOP_S, start_server

from clockmill.cli.demo_client import DemoClient, DemoFailed, wait_for

pytestmark = pytest.mark.acceptance

TASKS = "/api/v2/databases/CLOCKMILL/schemas/PUBLIC/tasks"
PASSWORD = "a password for crashes"


class Life:
    """One life of a server on a data folder that outlives it."""

    def __init__(self, process: "subprocess.Popen[str]", client: DemoClient, data_dir: Path) -> None:
        self.client = client
        self._process = process
        self._data_dir = data_dir

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=STOP_S)

    def kill_after(self, seconds: float) -> None:
        """Kill the server in the middle of whatever it is asked by then."""
        threading.Timer(seconds, self._process.kill).start()

    def stop(self) -> int:
        """Ask the server to stop and return its exit status."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=STOP_S)
        return self._process.returncode

    def history(self, query: str) -> list[Any]:
        """Ask the store's file itself, as a witness from outside."""
        with sqlite3.connect(f"file:{self._data_dir / 'clockmill.db'}?mode=ro", uri=True) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def life(data_dir: Path, **settings: str) -> Iterator[Life]:
    process, server = start_server(data_dir, password=PASSWORD, **settings)
    try:
        yield Life(process, DemoClient(server.address, user="ADMIN", password=PASSWORD), data_dir)
    finally:
        process.kill()
        process.communicate(timeout=STOP_S)


def create(client: DemoClient, name: str, definition: str, **properties: Any) -> None:
    client.post(TASKS, {"name": name, "definition": definition, "warehouse": "COMPUTE_WH", **properties})


def executing(server: Life) -> bool:
    return (
        server.history("SELECT 1 FROM task_runs WHERE state = 'EXECUTING' AND started_at IS NOT NULL") != []
    )


def test_a_run_that_a_kill_interrupted_is_taken_up_by_the_next_start(tmp_path: Path) -> None:
    """Or a restart would cost whatever was under way."""
    data_dir = tmp_path / "data"
    with life(data_dir) as first:
        create(first.client, "LONG", "CALL SYSTEM$WAIT(600)", suspend_task_after_num_failures=1)
        create(first.client, "AFTER_LONG", "SELECT 1", predecessors=["LONG"])
        first.client.post(f"{TASKS}/AFTER_LONG:resume")
        first.client.post(f"{TASKS}/LONG:execute")
        wait_for(lambda: executing(first))
        first.kill()

    with life(data_dir) as second:
        wait_for(lambda: second.history("SELECT 1 FROM graph_runs WHERE epoch = 3 AND attempt = 1"))


def test_what_was_acknowledged_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    tasks: list[str] = []
    rows: list[int] = []
    with life(data_dir) as first:
        first.client.run_sql("CREATE TABLE clockmill.public.kept (n NUMBER(38,0))")
        first.kill_after(1.5)
        with suppress(OSError, HTTPException, ValueError):
            for number in range(100_000):
                create(first.client, f"T{number}", f"SELECT {number}")
                tasks.append(f"T{number}")
                first.client.run_sql(f"INSERT INTO clockmill.public.kept VALUES ({number})")
                rows.append(number)

    assert len(rows) > 10
    with life(data_dir) as second:
        there = {task["name"] for task in second.client.get(TASKS)}
        assert there >= set(tasks)
        kept = [int(n) for (n,) in second.client.run_sql("SELECT n FROM clockmill.public.kept ORDER BY n")]
        assert kept[: len(rows)] == rows
        assert len(kept) <= len(rows) + 1


def test_schedules_go_on_after_a_kill_without_a_fire_too_many(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    ten_seconds = {"schedule_type": "MINUTES_TYPE", "minutes": 0, "seconds": 10}
    with life(data_dir) as first:
        create(first.client, "TICK", "SELECT 1", schedule=ten_seconds)
        first.client.post(f"{TASKS}/TICK:resume")
        [due] = first.client.get(f"{TASKS}/TICK/current-graphs")
        first.kill()

    with life(data_dir) as second:
        [same] = second.client.get(f"{TASKS}/TICK/current-graphs")
        assert same["scheduled_time"] == due["scheduled_time"]
        [run] = wait_for(lambda: second.client.get(f"{TASKS}/TICK/complete-graphs"))
        assert run["scheduled_time"] == due["scheduled_time"]


LEFT: Final = "SELECT state, owner_node FROM graph_runs"


def test_a_stop_gives_statements_a_bounded_time_and_hands_over_what_it_cancelled(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with life(data_dir, stop_grace="0.5") as first:
        create(first.client, "LONG", "CALL SYSTEM$WAIT(600)")
        first.client.post(f"{TASKS}/LONG:execute")
        wait_for(lambda: executing(first))
        began = time.monotonic()
        assert first.stop() == 0
        assert time.monotonic() - began < STOP_S / 2
        assert first.history(LEFT) == [("EXECUTING", None)]


def test_clients_and_tasks_share_one_time_to_end_when_the_server_stops(tmp_path: Path) -> None:
    """Whoever stops a server waits for it; one grace after the other would be twice what was set."""
    grace_s = 2.5
    with life(tmp_path / "data", stop_grace=str(grace_s)) as first:
        create(first.client, "LONG", "CALL SYSTEM$WAIT(600)")
        first.client.post(f"{TASKS}/LONG:execute")
        wait_for(lambda: executing(first))
        took_s: list[float] = []

        def stop() -> None:
            began = time.monotonic()
            first.stop()
            took_s.append(time.monotonic() - began)

        stopping = threading.Timer(0.5, stop)
        stopping.start()
        with pytest.raises(DemoFailed, match="the server is stopping"):
            first.client.run_sql("SELECT SYSTEM$WAIT(600)")
        stopping.join()
        assert first.history(LEFT) == [("EXECUTING", None)]
    assert grace_s <= took_s[0] < 1.9 * grace_s


def test_two_servers_on_one_folder_are_refused(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with life(data_dir):
        second = subprocess.run(
            [sys.executable, "-m", "clockmill", "serve", "--port", "0", "--data-dir", str(data_dir)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert second.returncode == 1
    assert "in use by another clockmill" in second.stderr


def test_a_schema_dropped_in_the_moment_of_a_kill_is_gone_and_starts_empty_when_made_again(
    tmp_path: Path,
) -> None:
    data_dir = tmp_path / "data"
    with life(data_dir) as first:
        first.client.run_sql("CREATE SCHEMA clockmill.brief")
        first.client.run_sql("CREATE TABLE clockmill.brief.t AS SELECT 1 AS n")
        first.client.run_sql("DROP SCHEMA clockmill.brief")
        first.kill()

    with life(data_dir) as second:
        second.client.run_sql("CREATE SCHEMA clockmill.brief")
        second.client.run_sql("CREATE TABLE clockmill.brief.t (n NUMBER(38,0))")
        assert second.client.run_sql("SELECT COUNT(*) FROM clockmill.brief.t") == [["0"]]


def test_a_client_is_told_that_its_statement_was_stopped(tmp_path: Path) -> None:
    """Cut off instead, a connector would try for minutes to send it again."""
    with life(tmp_path / "data", stop_grace="0.5") as first:
        stopping = threading.Timer(0.5, first.stop)
        stopping.start()
        with pytest.raises(DemoFailed, match="the server is stopping"):
            first.client.run_sql("SELECT SYSTEM$WAIT(600)")
        stopping.join()
        assert first.history("SELECT state FROM queries") == [("FAILED_WITH_ERROR",)]
