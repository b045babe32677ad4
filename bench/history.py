"""What looks at the history cost when it is long: each question by a client, at two sizes of the past."""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from bench.graphs import TASKS
from bench.population import RARE, populate
from bench.target import Client, running

SHORT: Final = 100_000
LONG: Final = 10_000_000
"""Task runs of the past, and as many statements."""

_TIMES: Final = 7
_TASK_HISTORY: Final = "SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY({}))"
_QUERY_HISTORY: Final = "SELECT * FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY{})"

QUESTIONS: Final = {
    "TASK_HISTORY": _TASK_HISTORY.format(""),
    "  of a task": _TASK_HISTORY.format("TASK_NAME => 'G7_3'"),
    "  of a task that seldom runs": _TASK_HISTORY.format(f"TASK_NAME => '{RARE}'"),
    "  of no task": _TASK_HISTORY.format("TASK_NAME => 'NONE'"),
    "  that failed": _TASK_HISTORY.format("ERROR_ONLY => TRUE"),
    "  that failed, of a task": _TASK_HISTORY.format("ERROR_ONLY => TRUE, TASK_NAME => 'G7_0'"),
    "  in a database": _TASK_HISTORY.format("DATABASE_NAME => 'CLOCKMILL'"),
    "  in an empty database": _TASK_HISTORY.format("DATABASE_NAME => 'NONE'"),
    "CURRENT_TASK_GRAPHS": "SELECT * FROM TABLE(INFORMATION_SCHEMA.CURRENT_TASK_GRAPHS())",
    "COMPLETE_TASK_GRAPHS, ten": (
        "SELECT * FROM TABLE(INFORMATION_SCHEMA.COMPLETE_TASK_GRAPHS(RESULT_LIMIT => 10))"
    ),
    "QUERY_HISTORY": _QUERY_HISTORY.format("()"),
    "  by a user": _QUERY_HISTORY.format("_BY_USER('NOBODY')"),
    "  by a session": _QUERY_HISTORY.format("_BY_SESSION(7000003)"),
    "  by a warehouse": _QUERY_HISTORY.format("_BY_WAREHOUSE('NONE')"),
}
ADDRESSES: Final = {
    "REST current-graphs": f"{TASKS}/G1_0/current-graphs",
    "REST complete-graphs": f"{TASKS}/{RARE}/complete-graphs",
}


class Cost(NamedTuple):
    """The milliseconds that a question takes, at the median, with a short past and with a long one."""

    question: str
    short_ms: float
    long_ms: float


def costs(folder: Path, *, long: int = LONG) -> Iterator[Cost]:
    """Ask everything with a past of SHORT and of *long* task runs."""
    with_short, with_long = (_ask_all(folder / f"past-{runs}", runs) for runs in (SHORT, long))
    for question, short_ms in with_short.items():
        yield Cost(question, short_ms, with_long[question])


def _ask_all(folder: Path, task_runs: int) -> dict[str, float]:
    populate(folder, task_runs)
    with running(folder) as target:
        client = Client(target)
        found = {name: _median_ms(client.sql, sql) for name, sql in QUESTIONS.items()}
        return found | {name: _median_ms(partial(client.send, "GET"), at) for name, at in ADDRESSES.items()}


def _median_ms(ask: Callable[[str], object], what: str) -> float:
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        ask(what)
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)
