"""An account with as many started tasks as one may have: resuming them, starting with them, idling."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from bench.graphs import TASKS
from bench.target import Client, Target, running

STARTED: Final = 30_000
_CLIENTS: Final = 2
_IDLE_S: Final = 20.0


class Figures(NamedTuple):
    """Seconds, but *idle_cpu*, which is a share of one processor, and *memory_mb*."""

    create_s: float
    resume_s: float
    starts_s: list[float]
    idle_cpu: float
    memory_mb: float


def measure(folder: Path, *, count: int = STARTED) -> Figures:
    """Create and resume *count* roots that are due once a year, then stop and start the server."""
    with running(folder) as target:
        create_s = _for_each(target, count, _create)
        resume_s = _for_each(target, count, _resume)
    starts = []
    for _ in range(5):
        with running(folder) as target:
            starts.append(target.ready_s)
            if len(starts) == 5:
                time.sleep(3)
                before, began = target.cpu_seconds(), time.monotonic()
                time.sleep(_IDLE_S)
                idle = (target.cpu_seconds() - before) / (time.monotonic() - began)
                memory = target.memory_mb()
                started = target.history().execute("SELECT count(*) FROM tasks WHERE state = 'started'")
                if (found := started.fetchone()[0]) != count:
                    raise RuntimeError(f"{found} tasks are started, not {count}")
    return Figures(create_s, resume_s, starts, idle, memory)


def _for_each(target: Target, count: int, do: Callable[[Client, int], None]) -> float:
    """Return the seconds that *do* takes for the numbers below *count*, by a few clients at once."""
    clients = [Client(target) for _ in range(_CLIENTS)]
    began = time.perf_counter()

    def some(worker: int) -> None:
        for number in range(worker, count, _CLIENTS):
            do(clients[worker], number)

    with ThreadPoolExecutor(_CLIENTS) as pool:
        list(pool.map(some, range(_CLIENTS)))
    return time.perf_counter() - began


def _create(client: Client, number: int) -> None:
    body = {
        "name": f"STARTED_{number}",
        "warehouse": "COMPUTE_WH",
        "definition": f"SELECT {number}",
        "schedule": {"schedule_type": "CRON_TYPE", "cron_expr": "0 0 1 1 *", "timezone": "UTC"},
    }
    client.send("POST", TASKS, body)


def _resume(client: Client, number: int) -> None:
    client.send("POST", f"{TASKS}/STARTED_{number}:resume")
