"""``make bench``: print every figure, with its aim, from one run on this machine."""

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from bench import corpus, door, graphs, lag, large, rest, streams
from bench.printing import show
from bench.target import Client, Target, running


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=[*PARTS], action="append")
    chosen = parser.parse_args().only or [*PARTS]
    print(f"machine: {platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("server: clockmill serve, default settings (SQLite synchronous=FULL, DuckDB file, COMPUTE_WH)")
    with tempfile.TemporaryDirectory(prefix="clockmill-bench-") as folder:
        for name in chosen:
            print(f"\n[{name}]", flush=True)
            PARTS[name](Path(folder))


def start(folder: Path) -> None:
    times, memory = [], []
    for attempt in range(5):
        with running(folder / f"start-{attempt}") as target:
            times.append(target.ready_s)
            time.sleep(2)
            memory.append(target.memory_mb())
    show("first start until /health answers", times, "s", "about 1 s")
    show("idle memory", memory, "MB", "under 150 MB")


def graph_runs(folder: Path) -> None:
    with running(folder / "graphs") as target:
        client = Client(target)
        for name, shape, aim in (
            ("CHAIN", graphs.chain(1000), "1.5"),
            ("LAYERS", graphs.layers(), "1.3"),
            ("FAN", graphs.fan(), "1.3"),
        ):
            ours, bare, marked = graphs.measure(
                client,
                name,
                shape,
                lambda: graphs.bare_loop(folder, 1000),
                lambda: graphs.bare_loop(folder, 1000, marked=True),
            )
            show(f"{name}, 1000 tasks", ours, "s")
            show_over("the statements alone", ours, bare)
            show_over("each with its marker", ours, marked, f"at most {aim}", "at most 0.5 ms")
        (short,) = graphs.measure(client, "SHORT", graphs.chain(40))
        show("chain of 40", short, "s", "under 0.3 s")
        check_history(target)


def show_over(
    loop: str, ours: list[float], bare: list[float], ratio: str | None = None, own: str | None = None
) -> None:
    """Print what a loop of 1000 statements takes, and what a graph of them takes more."""
    pairs = list(zip(ours, bare, strict=True))
    show(f"  bare loop, {loop}", bare, "s")
    show("    ratio", [mine / theirs for mine, theirs in pairs], "", ratio)
    show("    above it, per task", [mine - theirs for mine, theirs in pairs], "ms", own)


def check_history(target: Target) -> None:
    history = target.history()
    runs, tasks = (
        history.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
        for table in ("graph_runs", "task_runs")
    )
    ended = history.execute("SELECT COUNT(*) FROM task_runs WHERE state = 'SUCCEEDED'").fetchone()[0]
    expected = 6 * (3 * 1000 + 40)
    print(f"history: {runs} graph runs, {tasks} task runs, {ended} succeeded (expected {expected})")
    if ended != expected:
        sys.exit("the history does not hold every run")


def rest_api(folder: Path) -> None:
    with running(folder / "rest") as target:
        client = Client(target)
        show("create 1,000 tasks", [rest.create_tasks(client, 1000)], "s", "under 3 s")
        wall, core = rest.fetches_per_second(target, client, seconds=5)
        print(f"{'fetches per second':42} {wall:8.0f}   per processor second {core:.0f} (aim: 5,000)")
        client = Client(target)  # the server has closed the connection that was idle meanwhile
        for task in range(1000, 10_000):
            client.send("POST", graphs.TASKS, {"name": f"CREATED_{task}", "definition": f"SELECT {task}"})
        show("list 10,000 tasks", [rest.list_tasks(client, 10_000) for _ in range(5)], "s", "under 0.5 s")


def fire_lag(folder: Path) -> None:
    with running(folder / "spread") as target:
        client = Client(target)
        lag.create_roots(client, "SPREAD", {"schedule_type": "MINUTES_TYPE", "minutes": 2})
        began = time.time()
        lag.resume_all(target, "SPREAD", over_s=60)
        seen = lag.witness(target, first_id=0, until=began + 240)
        lag.suspend_all(Client(target), "SPREAD")  # the first connection was idle for too long
        show_lags("10,000 roots over a minute", target, seen, "p99 under 0.1 s")
    with running(folder / "burst") as target:
        client = Client(target)
        cron = {"schedule_type": "CRON_TYPE", "cron_expr": "*/5 * * * *", "timezone": "UTC"}
        lag.create_roots(client, "BURST", cron)
        until_due = 300 - time.time() % 300
        if until_due < 60:
            time.sleep(until_due + 1)
        lag.resume_all(target, "BURST", over_s=0)
        seen = lag.witness(target, first_id=0, until=time.time() + 330)
        show_lags("10,000 roots in one second", target, seen, "all durable within 1 s")
        show("  bare loop of the same statements", [graphs.bare_loop(folder, 10_000)], "s")


def show_lags(title: str, target: Target, seen: dict[int, float], aim: str) -> None:
    durable, started = lag.lags(target, seen)
    print(f"{title}: {len(seen)} graph runs seen (aim: {aim})")
    for name, values in (("due to durable", durable), ("due to statement started", started)):
        ordered = sorted(values)
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        print(f"  {name:40} p50 {p50:8.3f} s   p99 {p99:8.3f} s   last {ordered[-1]:8.3f} s")


def statements(folder: Path) -> None:
    for title, ours, bare in door.statement_costs(folder):
        above = [1000 * (mine - theirs) for mine, theirs in zip(ours, bare, strict=True)]
        show(f"{title}, above DuckDB", above, "ms", "at most 0.3 ms")
        show("  DuckDB alone", [1000 * each for each in bare], "ms")
    show("a loop of 10,000, arithmetic only", door.loop_seconds(folder), "s", "under 1 s")


def tracked_tables(folder: Path) -> None:
    for title, tracked, plain in streams.costs(folder):
        show(f"{title}, with a stream", [1000 * each for each in tracked], "ms")
        show("  without", [1000 * each for each in plain], "ms")


def dialect(folder: Path) -> None:
    total = held = 0
    for area, right, cases in corpus.count_by_area(folder):
        print(f"{area:42} {right:5} of {cases}")
        held, total = held + right, total + cases
    print(f"{'all areas':42} {held:5} of {total}")


PARTS = {
    "start": start,
    "sql": statements,
    "streams": tracked_tables,
    "dialect": dialect,
    "graphs": graph_runs,
    "rest": rest_api,
    "lag": fire_lag,
    "start30k": large.many_started,
    "history": large.long_history,
    "recovery": large.after_a_kill,
    "failover": large.taken_over,
    "runs": large.throughput,
}

if __name__ == "__main__":
    main()
