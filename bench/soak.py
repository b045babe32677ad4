"""``make soak HOURS=…``: hours of mixed load on one server, whose memory must not grow with them.

Everything that a busy account does goes on at once: graphs by schedule and by hand, some of which
fail, sessions that come and go, statements never seen before, tasks and tables that are made,
changed and dropped, history that is asked for. What is kept in tables is bounded, so that what
grows is ours. Ends with status 1 if the slope of the resident memory, once warm, is above the limit,
or if threads or open files grow.
"""

import argparse
import contextlib
import itertools
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.graphs import TASKS
from bench.target import Client, Target, running

LIMIT_MB_PER_HOUR: Final = 4.0
WARM_UP: Final = 0.4
"""The share of the time in which caches may fill."""

_STATEMENTS: Final = 5_000
"""More than the server remembers: with so many different ones, its caches are full before it is watched."""

_SCRIPTS: Final = 2_000
_GRAPHS: Final = 21
_TASKS_OF_GRAPH: Final = 1_000

_SAMPLES: Final = 400
_NOISE_MB: Final = 8.0
"""What a short run may gain by chance: allocators give memory back late."""

_OPTIONS: Final = ("--engine-memory", "256MB", "--stop-grace", "1")


class Sample(msgspec.Struct, frozen=True):
    """What the server held at *at_s* seconds."""

    at_s: float
    memory_mb: float
    threads: int
    files: int


class Load:
    """Clients that do one thing each, again and again, until told to stop."""

    def __init__(self, target: Target, *, seed: int) -> None:
        self._target = target
        self._is_over = threading.Event()
        self.counts = dict.fromkeys(_WORK, 0)
        self.faults: list[str] = []
        self._threads = [
            threading.Thread(target=self._repeat, args=(name, random.Random(f"{seed} {name}")))
            for name in _WORK
        ]

    def start(self) -> None:
        with contextlib.closing(Client(self._target)) as client:
            _prepare(client)
            _fill(client)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, name: str, chance: random.Random) -> None:
        for number in itertools.count():
            if self._is_over.wait(chance.uniform(0, 0.1)):
                return
            try:
                # A client each time: sessions come and go as well.
                with contextlib.closing(Client(self._target)) as client:
                    _WORK[name](client, number)
                self.counts[name] += 1
            except Exception as fault:  # noqa: BLE001 - told in the end
                self.faults.append(f"{name} {number}: {fault}")


def _prepare(client: Client) -> None:
    client.sql("CREATE TABLE events (n NUMBER, text VARCHAR)")
    client.sql("CREATE STREAM news ON TABLE events")
    for name, definition, more in (
        ("EVERY", "INSERT INTO events SELECT 1, 'scheduled'", "SCHEDULE = '10 SECONDS'"),
        ("EVERY_CHILD", "SELECT COUNT(*) FROM events", "AFTER every"),
        (
            "FAILS",
            "SELECT 1 / (n - n) FROM events",
            "SCHEDULE = '10 SECONDS' SUSPEND_TASK_AFTER_NUM_FAILURES = 0",
        ),
        (
            "TRIGGERED",
            "DELETE FROM events WHERE n IN (SELECT n FROM news)",
            "WHEN SYSTEM$STREAM_HAS_DATA('news')",
        ),
        ("BY_HAND", "CALL SYSTEM$SET_RETURN_VALUE('x')", ""),
        ("BY_HAND_CHILD", "SELECT SYSTEM$GET_PREDECESSOR_RETURN_VALUE('BY_HAND')", "AFTER by_hand"),
    ):
        client.sql(f"CREATE TASK {name} WAREHOUSE = COMPUTE_WH {more} AS {definition}")
    for name in ("EVERY_CHILD", "EVERY", "FAILS", "TRIGGERED", "BY_HAND_CHILD"):
        client.sql(f"ALTER TASK {name} RESUME")


def _fill(client: Client) -> None:
    """Fill the server's caches: what they take, some tens of megabytes, is no growth."""
    for number in range(_STATEMENTS):
        client.sql(f"SELECT {number} AS filled_{number}, COUNT(*) FROM events WHERE n < {number}")
    for number in range(_SCRIPTS):
        _script(client, -number)
    for number in range(_GRAPHS):
        _fill_with_graph(client, f"filled_{number}")


def _fill_with_graph(client: Client, name: str) -> None:
    """Let a graph be known of which the root alone runs: its children are suspended."""
    client.sql(f"CREATE TASK {name}_0 AS CALL SYSTEM$SET_RETURN_VALUE('x')")
    for task in range(1, _TASKS_OF_GRAPH):
        client.sql(f"CREATE TASK {name}_{task} AFTER {name}_{task - 1} AS SELECT {task}")
    client.sql(f"EXECUTE TASK {name}_0")


def _execute(client: Client, _: int) -> None:
    client.send("POST", f"{TASKS}/BY_HAND:execute")


def _write(client: Client, number: int) -> None:
    client.sql(f"INSERT INTO events SELECT {number}, REPEAT('x', 100)")
    client.sql(f"SELECT {number} AS n_{number}, COUNT(*) FROM events WHERE n < {number}")
    if number % 50 == 0:
        client.sql("TRUNCATE TABLE events")


def _change(client: Client, number: int) -> None:
    table, task = f"made_{number}", f"made_task_{number}"
    client.sql(f"CREATE TABLE {table} AS SELECT {number} AS n")
    client.sql(
        f"CREATE TASK {task} WAREHOUSE = COMPUTE_WH SCHEDULE = '1 HOUR' "
        f"AS INSERT INTO {table} SELECT {number}"
    )
    client.sql(f"ALTER TASK {task} RESUME")
    client.sql(f"EXECUTE TASK {task}")
    client.sql(f"ALTER TASK {task} SUSPEND")
    client.sql(f"DROP TASK {task}")
    client.sql(f"DROP TABLE {table}")


def _script(client: Client, number: int) -> None:
    client.sql(
        f"BEGIN LET total := 0; FOR i IN 1 TO 20 DO total := total + i * {number}; END FOR; RETURN total; END"
    )


def _look(client: Client, _: int) -> None:
    client.sql("SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 50))")
    client.sql("SELECT * FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 20))")
    client.send("GET", f"{TASKS}/EVERY/complete-graphs")
    client.send("GET", TASKS)


_WORK: Final[dict[str, Callable[[Client, int], None]]] = {
    "execute": _execute,
    "write": _write,
    "change": _change,
    "script": _script,
    "look": _look,
}


def soak(folder: Path, hours: float, *, seed: int = 1) -> tuple[list[Sample], Load]:
    """Load a server for *hours*; return what it held meanwhile, and what was done."""
    with running(folder, *_OPTIONS) as target:
        load = Load(target, seed=seed)
        load.start()
        began = time.monotonic()
        samples = []
        try:
            while (at := time.monotonic() - began) < 3600 * hours:
                samples.append(Sample(at, target.memory_mb(), target.threads(), target.open_files()))
                time.sleep(max(0.5, 3600 * hours / _SAMPLES))
        finally:
            load.stop()
        return samples, load


def slope_per_hour(samples: Sequence[Sample], of: Callable[[Sample], float]) -> float:
    """Return how much a figure grows in an hour: the median slope between all pairs of samples."""
    slopes = [
        (of(later) - of(earlier)) / (later.at_s - earlier.at_s)
        for earlier, later in itertools.combinations(samples, 2)
        if later.at_s > earlier.at_s
    ]
    return 3600 * sorted(slopes)[len(slopes) // 2] if slopes else 0.0


def judge(samples: Sequence[Sample], limit: float) -> list[str]:
    """Return what has grown that should not."""
    warm = samples[int(len(samples) * WARM_UP) :]
    hours = (warm[-1].at_s - warm[0].at_s) / 3600
    growths = (
        ("memory", "MB", slope_per_hour(warm, lambda s: s.memory_mb), max(limit, _NOISE_MB / hours)),
        ("threads", "", slope_per_hour(warm, lambda s: s.threads), max(1.0, 4 / hours)),
        ("open files", "", slope_per_hour(warm, lambda s: s.files), max(1.0, 8 / hours)),
    )
    for what, unit, slope, most in growths:
        print(f"{what:12} {slope:+8.2f} {unit} an hour, once warm (limit {most:.2f})")
    return [what for what, _, slope, most in growths if slope > most]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--limit", type=float, default=LIMIT_MB_PER_HOUR, help="MB an hour")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clockmill-soak-") as folder:
        samples, load = soak(Path(folder) / "data", asked.hours)
    print(f"done: {load.counts}; {len(load.faults)} faults {load.faults[:3]}")
    first, warm, last = samples[0], samples[int(len(samples) * WARM_UP)], samples[-1]
    print(
        f"memory: {first.memory_mb:.0f} MB at first, {warm.memory_mb:.0f} MB when warm, "
        f"{last.memory_mb:.0f} MB at last"
    )
    grown = judge(samples, asked.limit)
    if grown or load.faults:
        sys.exit(f"not flat: {grown or load.faults[:3]}")


if __name__ == "__main__":
    main()
