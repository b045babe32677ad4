"""How late fires are: from due to durable, and from due to the statement's start."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.graphs import TASKS
from bench.target import Client, Target

ROOTS = 10_000


def create_roots(client: Client, prefix: str, schedule: dict[str, Any]) -> None:
    client.sql(f"CREATE OR REPLACE TABLE {prefix} (task NUMBER(38,0))")
    for task in range(ROOTS):
        body = {
            "name": f"{prefix}_{task}",
            "warehouse": "COMPUTE_WH",
            "definition": f"INSERT INTO {prefix} VALUES ({task})",
            "schedule": schedule,
        }
        client.send("POST", TASKS, body)


def resume_all(target: Target, prefix: str, *, over_s: float) -> None:
    """Resume every root, evenly over *over_s* seconds."""
    clients = [Client(target) for _ in range(4)]
    began = time.monotonic()

    def some(worker: int) -> None:
        for task in range(worker, ROOTS, len(clients)):
            time.sleep(max(0.0, began + over_s * task / ROOTS - time.monotonic()))
            clients[worker].send("POST", f"{TASKS}/{prefix}_{task}:resume")

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(some, range(len(clients))))


def suspend_all(client: Client, prefix: str) -> None:
    for task in range(ROOTS):
        client.send("POST", f"{TASKS}/{prefix}_{task}:suspend")


def witness(target: Target, *, first_id: int, until: float) -> dict[int, float]:
    """Return when each new graph run was first seen by a reader outside, until all are there."""
    seen: dict[int, float] = {}
    history = target.history()
    last = first_id
    while time.time() < until and len(seen) < ROOTS:
        rows = history.execute("SELECT id FROM graph_runs WHERE id > ? ORDER BY id", (last,)).fetchall()
        now = time.time()
        for (run,) in rows:
            seen[run] = now
            last = run
        time.sleep(0.005)
    return seen


def last_run(history: sqlite3.Connection) -> int:
    return int(history.execute("SELECT COALESCE(MAX(id), 0) FROM graph_runs").fetchone()[0])


def lags(target: Target, seen: dict[int, float]) -> tuple[list[float], list[float]]:
    """Return the seconds from due to durable and from due to started, of the runs *seen*, once all ended."""
    history = target.history()
    first, last = min(seen), max(seen)
    open_runs = "SELECT COUNT(*) FROM graph_runs WHERE id BETWEEN ? AND ? AND completed_at IS NULL"
    while history.execute(open_runs, (first, last)).fetchone()[0]:
        time.sleep(0.2)
    rows = history.execute(
        "SELECT g.id, g.scheduled_at, t.started_at, t.state FROM graph_runs g JOIN task_runs t "
        "ON t.graph_run_id = g.id WHERE g.id BETWEEN ? AND ?",
        (first, last),
    ).fetchall()
    wrong = [row for row in rows if row[3] != "SUCCEEDED"]
    if wrong:
        raise RuntimeError(f"{len(wrong)} runs did not succeed, for example {wrong[0]}")
    durable = [seen[run] - due / 1e6 for run, due, _, _ in rows if run in seen]
    started = [(start - due) / 1e6 for _, due, start, _ in rows]
    return durable, started
