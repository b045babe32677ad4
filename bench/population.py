"""An account with a long past: its roots made through the server, its runs written into the store at rest.

``python -m bench.population FOLDER --runs 10000000`` leaves a data folder to try things on.
"""

import argparse
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from bench.graphs import TASKS
from bench.target import Client, running

GRAPHS: Final = 20
TASKS_OF_A_GRAPH: Final = 10
RARE: Final = "RARE"
"""A root of one task that runs once where the others together run this often:"""
RARE_EVERY: Final = 10_000
DAYS: Final = 30
"""The past is spread evenly over so many days, up to now."""

_AT_ONCE: Final = 100_000


def populate(folder: Path, task_runs: int) -> None:
    """Make a data folder whose history has *task_runs* task runs and as many statements."""
    with running(folder) as target:
        client = Client(target)
        for graph in range(GRAPHS):
            _create_graph(client, f"G{graph}")
        client.send("POST", TASKS, _body(RARE, []))
        client.send("POST", f"{TASKS}/{RARE}:execute")
        while not client.send("GET", f"{TASKS}/{RARE}/complete-graphs")[1]:
            time.sleep(0.05)
    store = sqlite3.connect(folder / "clockmill.db", isolation_level=None)
    try:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -4000000"):
            store.execute(f"PRAGMA {setting}")
        # Indexes are made in the end: ten times quicker than row by row.
        indexes = store.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            store.execute(f"DROP INDEX {name}")
        _write_past(store, task_runs)
        for _, text in indexes:
            store.execute(text)
        store.execute("PRAGMA journal_mode = WAL")
    finally:
        store.close()


def _create_graph(client: Client, name: str) -> None:
    daily = {"schedule_type": "CRON_TYPE", "cron_expr": "0 0 1 1 *", "timezone": "UTC"}
    for task in range(TASKS_OF_A_GRAPH):
        body = _body(f"{name}_{task}", [f"{name}_{task - 1}"] if task else [])
        client.send("POST", TASKS, body if task else {**body, "schedule": daily})
    for task in reversed(range(TASKS_OF_A_GRAPH)):
        client.send("POST", f"{TASKS}/{name}_{task}:resume")


def _body(name: str, predecessors: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "warehouse": "COMPUTE_WH",
        "definition": "SELECT 1",
        "predecessors": predecessors,
    }


def _write_past(store: sqlite3.Connection, task_runs: int) -> None:
    store.execute(_PLACES)
    runs = task_runs // TASKS_OF_A_GRAPH
    step = DAYS * 86_400 * 1_000_000 // runs
    values = {
        "until": time.time_ns() // 1000,
        "step": step,
        "graphs": GRAPHS,
        "rare_every": RARE_EVERY,
        "runs": runs,
    }
    for first in range(1, runs + 1, _AT_ONCE):
        span = {"first": first, "last": min(runs, first + _AT_ONCE - 1)}
        store.execute("BEGIN")
        for statement in (_GRAPH_RUNS, _TASK_RUNS, _QUERIES):
            store.execute(statement, {**values, **span})
        store.execute("COMMIT")


_INDEXES: Final = """
SELECT name, sql FROM sqlite_master
WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('graph_runs', 'task_runs', 'queries')
"""

# The tasks of each graph by the place of its root; the rare root comes last.
_PLACES: Final = f"""
CREATE TEMP TABLE places AS
SELECT CASE WHEN name = '{RARE}' THEN {GRAPHS} ELSE substr(name, 2, instr(name, '_') - 2) + 0 END AS graph,
       CASE WHEN name = '{RARE}' THEN 0 ELSE substr(name, instr(name, '_') + 1) + 0 END AS place, id, name
FROM tasks
"""

# Runs are numbered beyond those that the server has made; the newest is the last.
_RUN: Final = """
WITH RECURSIVE n(i) AS (VALUES(:first) UNION ALL SELECT i + 1 FROM n WHERE i < :last),
run AS (
    SELECT 1000000 + i AS id, :until - (:runs - i) * :step AS at, i % 997 = 0 AS failed,
           CASE WHEN i % :rare_every = 0 THEN :graphs ELSE i % :graphs END AS graph
    FROM n)
"""
_GRAPH_RUNS: Final = (
    _RUN
    + """
INSERT INTO graph_runs (id, group_id, attempt, root_id, root_name, database_name, schema_name, version, state,
    origin, overlap_policy, scheduled_at, original_scheduled_at, next_scheduled_at, started_at, root_ended_at,
    completed_at, first_error_task, first_error_code, first_error_message, epoch)
SELECT run.id, lower(hex(randomblob(16))), 1, p.id, p.name, 'CLOCKMILL', 'PUBLIC', 1,
    CASE WHEN failed THEN 'FAILED' ELSE 'SUCCEEDED' END, 'SCHEDULE', 'NO_OVERLAP', at, at, at + 60000000,
    at + 1000, at + 2000, at + 900000, CASE WHEN failed THEN p.name END, CASE WHEN failed THEN '100035' END,
    CASE WHEN failed THEN 'Division by zero' END, 1
FROM run CROSS JOIN places p ON p.graph = run.graph AND p.place = 0
"""
)
_TASK_RUNS: Final = (
    _RUN
    + """
INSERT INTO task_runs (graph_run_id, task_id, task_name, state, query_id, scheduled_at, started_at,
    completed_at, return_value, error_code, error_message, is_system_error)
SELECT run.id, p.id, p.name, CASE WHEN failed AND p.place = 0 THEN 'FAILED' ELSE 'SUCCEEDED' END,
    lower(hex(randomblob(16))), at + p.place * 90000,
    at + p.place * 90000 + 500, at + p.place * 90000 + 80000, NULL,
    CASE WHEN failed AND p.place = 0 THEN '100035' END,
    CASE WHEN failed AND p.place = 0 THEN 'Division by zero' END, 0
FROM run CROSS JOIN places p ON p.graph = run.graph ORDER BY run.id, p.place
"""
)
_QUERIES: Final = (
    _RUN
    + """
INSERT INTO queries (id, session_id, user_name, role, warehouse, "database", "schema", text, kind, tag,
    state, rows, started_at, completed_at)
SELECT lower(hex(randomblob(16))), 7000000 + run.id % 1000, 'SYSTEM',
    'ACCOUNTADMIN', 'COMPUTE_WH', 'CLOCKMILL', 'PUBLIC', 'INSERT INTO t VALUES (' || run.id || ')', 'INSERT',
    NULL, 'SUCCESS', 1, at + p.place * 90000 + 500, at + p.place * 90000 + 80000
FROM run CROSS JOIN places p ON p.graph = run.graph ORDER BY run.id, p.place
"""
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.population", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=10_000_000, help="task runs")
    asked = parser.parse_args()
    shutil.rmtree(asked.folder, ignore_errors=True)
    began = time.perf_counter()
    populate(asked.folder, asked.runs)
    print(f"{asked.runs} task runs in {time.perf_counter() - began:.0f} s: {asked.folder}")


if __name__ == "__main__":
    main()
