"""Graphs of 1000 tasks against bare loops on a DuckDB file: the same statements, without and with markers."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.target import Client

TASKS = "/api/v2/databases/CLOCKMILL/schemas/PUBLIC/tasks"
Shape = list[tuple[int, list[int]]]
"""Every task with its predecessors, the root first."""


def chain(length: int) -> Shape:
    return [(task, [task - 1] if task else []) for task in range(length)]


def layers() -> Shape:
    """A root, then layers of 100, each task after its own one in the layer before."""
    return [(0, [])] + [(task, [max(0, task - 100)]) for task in range(1, 1000)]


def fan() -> Shape:
    """One to 978 to one; ten tasks between, as no task may have more than 100 children or predecessors."""
    out, leaves, back, last = range(1, 11), range(11, 989), range(989, 999), 999
    shape: Shape = [(0, [])]
    shape += [(task, [0]) for task in out]
    shape += [(task, [1 + task % 10]) for task in leaves]
    shape += [(task, [leaf for leaf in leaves if leaf % 10 == task % 10]) for task in back]
    return [*shape, (last, list(back))]


_LOOP = """
import duckdb, sys, time
c = duckdb.connect(sys.argv[1]); c.execute('SET threads = 2')
c.execute('CREATE TABLE t (task DECIMAL(38,0))')
c.execute('CREATE TABLE markers (body VARCHAR PRIMARY KEY, note VARCHAR)')
c.execute('PREPARE leave_marker AS INSERT INTO markers VALUES (?, ?)')
began = time.perf_counter()
for i in range(int(sys.argv[2])):
    {each}
print(time.perf_counter() - began)
"""
_STATEMENT = "c.execute(f'INSERT INTO t VALUES ({i})')"
# Prepared, as clockmill's own is: the loop is to be no slower than it has to be.
_MARKER = """c.execute(f"EXECUTE leave_marker('graph/1/{i}', NULL::VARCHAR)")"""
_MARKED = f"c.execute('BEGIN'); {_MARKER}; {_STATEMENT}; c.execute('COMMIT')"


def bare_loop(folder: Path, count: int, *, marked: bool = False) -> float:
    """Return the seconds of *count* inserts, each its own transaction, by DuckDB alone in a process alone.

    If they are *marked*, each writes a row into another table too, which is unique there.
    """
    script = _LOOP.replace("{each}", _MARKED if marked else _STATEMENT)
    file = folder / f"bare-{time.monotonic_ns()}.duckdb"
    done = subprocess.run(
        [sys.executable, "-c", script, str(file), str(count)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def deploy(client: Client, name: str, shape: Shape) -> str:
    """Create and resume the graph's tasks; return the path of its root."""
    client.sql(f"CREATE OR REPLACE TABLE {name} (task NUMBER(38,0))")
    for task, predecessors in shape:
        body: dict[str, Any] = {
            "name": f"{name}_{task}",
            "warehouse": "COMPUTE_WH",
            "definition": f"INSERT INTO {name} VALUES ({task})",
            "predecessors": [f"{name}_{before}" for before in predecessors],
        }
        client.send("POST", TASKS, body)
    for task, predecessors in shape:
        if predecessors:
            client.send("POST", f"{TASKS}/{name}_{task}:resume")
    return f"{TASKS}/{name}_0"


def run(client: Client, root: str) -> float:
    """Execute the graph and return its seconds, from due to closed, as its history tells."""
    before = len(client.send("GET", f"{root}/complete-graphs")[1])
    client.send("POST", f"{root}:execute")
    while len(runs := client.send("GET", f"{root}/complete-graphs")[1]) == before:
        time.sleep(0.02)
    newest = runs[0]
    if newest["state"] != "SUCCEEDED":
        raise RuntimeError(f"{root} ended {newest['state']}: {json.dumps(newest)}")
    took = datetime.fromisoformat(newest["completed_time"]) - datetime.fromisoformat(newest["scheduled_time"])
    return took.total_seconds()


def measure(
    client: Client, name: str, shape: Shape, *baselines: Callable[[], float]
) -> tuple[list[float], ...]:
    """Return the seconds of five runs of the graph, and of each of the bare loops in turn with them."""
    root = deploy(client, name, shape)
    run(client, root)
    ours: list[float] = []
    bare: list[list[float]] = [[] for _ in baselines]
    for _ in range(5):
        for seconds, baseline in zip(bare, baselines, strict=True):
            seconds.append(baseline())
        ours.append(run(client, root))
    expected = str(6 * len(shape))
    if (rows := client.sql(f"SELECT COUNT(*) FROM {name}")) != [[expected]]:
        raise RuntimeError(f"{name} has {rows} rows, not {expected}")
    return (ours, *bare)
