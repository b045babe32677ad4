"""What a start costs after a kill in the middle of very many graph runs."""

import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from bench.graphs import TASKS
from bench.target import Client, Target, running

IN_FLIGHT: Final = 10_000
_ROOTS: Final = 100
_PATIENCE_S: Final = 300.0

# One statement holds the only slot, so that all that is begun stays under way.
_SETUP: Final = (
    "CREATE WAREHOUSE narrow WITH MAX_CONCURRENCY_LEVEL = 1",
    "CREATE TABLE done (run VARCHAR)",
    "CREATE TASK holder WAREHOUSE = narrow AS CALL SYSTEM$WAIT(3600)",
)
_ROOT: Final = (
    "CREATE TASK flight_{0} WAREHOUSE = narrow OVERLAP_POLICY = ALLOW_ALL_OVERLAP "
    "AS INSERT INTO done SELECT SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_GRAPH_RUN_GROUP_ID')"
)


class Figures(NamedTuple):
    """Seconds from the start of the process: until it answers, until it owns all runs, until all are done."""

    answers_s: float
    owned_s: float
    done_s: float


def measure(folder: Path, *, count: int = IN_FLIGHT) -> Figures:
    """Begin *count* graph runs (some hundreds), kill the server, start it again, and let them all be done."""
    with running(folder) as target:
        _begin(target, count)
        target.kill()
    began = time.perf_counter()
    with running(folder) as target:
        answers_s = target.ready_s
        history = target.history()
        _wait(lambda: _adopted(history) >= count)
        owned_s = time.perf_counter() - began
        Client(target).sql("ALTER WAREHOUSE narrow SET MAX_CONCURRENCY_LEVEL = 8")
        _wait(lambda: _open(history) <= 1)
        done_s = time.perf_counter() - began
        rows = Client(target).sql("SELECT COUNT(*), COUNT(DISTINCT run) FROM done")
        if rows != [[str(count), str(count)]]:
            raise RuntimeError(f"{count} runs were begun, and have written {rows[0]} rows and groups")
    return Figures(answers_s, owned_s, done_s)


def _begin(target: Target, count: int) -> None:
    client = Client(target)
    for statement in _SETUP:
        client.sql(statement)
    for root in range(_ROOTS):
        client.sql(_ROOT.format(root))
    history = target.history()
    client.send("POST", f"{TASKS}/HOLDER:execute")
    _wait(lambda: _open(history) == 1)
    for begun in range(_ROOTS, count + 1, _ROOTS):
        for root in range(_ROOTS):
            client.send("POST", f"{TASKS}/FLIGHT_{root}:execute")
        # A root that is executed again before its run has begun has that one run.
        _wait(partial(_are_owned, history, begun + 1))


def _are_owned(history: sqlite3.Connection, count: int) -> bool:
    return _owned(history) == count


def _open(history: sqlite3.Connection) -> int:
    return _count(history, "state IN ('QUEUED', 'EXECUTING')")


def _owned(history: sqlite3.Connection) -> int:
    return _count(history, "state = 'EXECUTING' AND owner_node IS NOT NULL")


def _adopted(history: sqlite3.Connection) -> int:
    return _count(history, "state = 'EXECUTING' AND owner_node IS NOT NULL AND epoch > 1")


def _count(history: sqlite3.Connection, condition: str) -> int:
    return int(history.execute(f"SELECT count(*) FROM graph_runs WHERE {condition}").fetchone()[0])


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError("the runs do not go on")
        time.sleep(0.02)
