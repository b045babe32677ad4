"""How late fires are: from due to durable, and from due to the statement's start."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.graphs import TASKS
from bench.nodes import cluster
from bench.target import Client, Target, running

ROOTS: Final = 10_000
NODES: Final = 3

_EVERY: Final = {"schedule_type": "MINUTES_TYPE", "minutes": 1}
_AT_ONCE: Final = {"schedule_type": "CRON_TYPE", "cron_expr": "*/2 * * * *", "timezone": "UTC"}
_ROOM_S: Final = 45
"""How long before they are due all roots of the burst have to begin being resumed."""

_ANYWHERE: Final = "CALL SYSTEM$SET_RETURN_VALUE('done')"
"""A body that any node can run; tables are at one of them."""

Look = Callable[[str, tuple[int, ...]], list[Any]]
"""Gives the rows of a query to the store, as an outside witness; ``?`` stands for a value."""


class Lags(NamedTuple):
    """Seconds from due to durable and from due to the body's start, of as many graph runs as were seen."""

    durable: list[float]
    started: list[float]


def over_a_minute(folder: Path) -> Lags:
    """Return the lags of roots that are due one after the other, at one node with SQLite."""
    with running(folder) as target:
        return _spread(target, _look_into_file(target), "INSERT INTO SPREAD VALUES ({task})")


def across_nodes(folder: Path) -> Lags:
    """Return the lags of the same at several nodes that share a PostgreSQL, any of which may fire and run."""
    with cluster(folder, NODES) as (targets, look):
        return _spread(
            targets[0], lambda sql, values: look.execute(sql.replace("?", "%s"), values).fetchall(), _ANYWHERE
        )


def _spread(target: Target, look: Look, definition: str) -> Lags:
    client = Client(target)
    client.sql("CREATE TABLE SPREAD (task NUMBER(38,0))")
    _create_roots(client, "SPREAD", definition, _EVERY)
    began = time.time()
    _resume_all(target, "SPREAD", over_s=60)
    seen = _witness(look, until=began + 180)
    _suspend_all(Client(target), "SPREAD")  # the first connection was idle for too long
    return _lags(look, seen)


def in_one_second(folder: Path) -> Lags:
    """Return the lags of roots that are all due at the same instant, at one node with SQLite."""
    with running(folder) as target:
        client = Client(target)
        client.sql("CREATE TABLE BURST (task NUMBER(38,0))")
        _create_roots(client, "BURST", "INSERT INTO BURST VALUES ({task})", _AT_ONCE)
        until_due = 120 - time.time() % 120
        if until_due < _ROOM_S:
            time.sleep(until_due + 1)
        _resume_all(target, "BURST", over_s=0)
        look = _look_into_file(target)
        return _lags(look, _witness(look, until=time.time() + 150))


def _look_into_file(target: Target) -> Look:
    history = target.history()
    return lambda sql, values: history.execute(sql, values).fetchall()


def _create_roots(client: Client, prefix: str, definition: str, schedule: dict[str, Any]) -> None:
    for task in range(ROOTS):
        body = {
            "name": f"{prefix}_{task}",
            "warehouse": "COMPUTE_WH",
            "definition": definition.format(task=task),
            "schedule": schedule,
        }
        client.send("POST", TASKS, body)


def _resume_all(target: Target, prefix: str, *, over_s: float) -> None:
    """Resume every root, evenly over *over_s* seconds."""
    clients = [Client(target) for _ in range(4)]
    began = time.monotonic()

    def some(worker: int) -> None:
        for task in range(worker, ROOTS, len(clients)):
            time.sleep(max(0.0, began + over_s * task / ROOTS - time.monotonic()))
            clients[worker].send("POST", f"{TASKS}/{prefix}_{task}:resume")

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(some, range(len(clients))))


def _suspend_all(client: Client, prefix: str) -> None:
    for task in range(ROOTS):
        client.send("POST", f"{TASKS}/{prefix}_{task}:suspend")


def _witness(look: Look, *, until: float) -> dict[int, float]:
    """Return when each new graph run was first seen by a reader outside, until all are there."""
    seen: dict[int, float] = {}
    last = 0
    while time.time() < until and len(seen) < ROOTS:
        rows = look("SELECT id FROM graph_runs WHERE id > ? ORDER BY id", (last,))
        now = time.time()
        for (run,) in rows:
            seen[run] = now
            last = run
        time.sleep(0.005)
    return seen


def _lags(look: Look, seen: dict[int, float]) -> Lags:
    """Return the lags of the runs *seen*, once all of them have ended."""
    span = (min(seen), max(seen))
    open_runs = "SELECT COUNT(*) FROM graph_runs WHERE id BETWEEN ? AND ? AND completed_at IS NULL"
    while look(open_runs, span)[0][0]:
        time.sleep(0.2)
    rows = look(
        "SELECT g.id, g.scheduled_at, t.started_at, t.state FROM graph_runs g JOIN task_runs t "
        "ON t.graph_run_id = g.id WHERE g.id BETWEEN ? AND ?",
        span,
    )
    wrong = [row for row in rows if row[3] != "SUCCEEDED"]
    if wrong:
        raise RuntimeError(f"{len(wrong)} runs did not succeed, for example {wrong[0]}")
    return Lags(
        durable=[seen[run] - _seconds(due) for run, due, _, _ in rows if run in seen],
        started=[_seconds(start) - _seconds(due) for _, due, start, _ in rows],
    )


def _seconds(instant: Any) -> float:
    """Return what is in a column of instants: microseconds in SQLite."""
    return instant.timestamp() if isinstance(instant, datetime) else instant / 1e6
