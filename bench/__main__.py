"""``make bench``: print every figure, with its aim, from one run on this machine."""

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from bench import corpus, door, graphs, lag, large, nodes, rest, streams
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


GRAPHS = (
    ("CHAIN", graphs.chain(1000), "at most 1.5"),
    ("LAYERS", graphs.layers(), "at most 1.3"),
    ("FAN", graphs.fan(), "at most 1.3"),
)


def graph_runs(folder: Path) -> None:
    with running(folder / "graphs") as target:
        client = Client(target)
        for name, shape, ratio in GRAPHS:
            compare(folder, client, name, shape, (ratio, "at most 0.5 ms"))
        (short,) = graphs.measure(client, "SHORT", graphs.chain(40))
        show("chain of 40", short, "s", "under 0.3 s")
        check_history(target)
    with nodes.cluster(folder / "graphs-postgresql", 1) as (targets, _):
        print("on PostgreSQL:")
        client = Client(targets[0])
        for name, shape, _ratio in GRAPHS:
            compare(folder, client, name, shape, (None, "at most 1.5 ms"))


def compare(
    folder: Path, client: Client, name: str, shape: graphs.Shape, aims: tuple[str | None, str]
) -> None:
    """Print what a graph takes beside both bare loops; *aims* are for the second: ratio and difference."""
    ours, bare, marked = graphs.measure(
        client,
        name,
        shape,
        lambda: graphs.bare_loop(folder, len(shape)),
        lambda: graphs.bare_loop(folder, len(shape), marked=True),
    )
    show(f"{name}, {len(shape)} tasks", ours, "s")
    show_over("the statements alone", ours, bare)
    show_over("each with its marker", ours, marked, *aims)


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
    show_lags("10,000 roots over a minute", lag.over_a_minute(folder / "spread"), "p99 under 0.1 s")
    across = lag.across_nodes(folder / "across")
    show_lags(f"the same, PostgreSQL, {lag.NODES} nodes", across, "p99 under 0.1 s")
    show_lags("10,000 roots in one second", lag.in_one_second(folder / "burst"), "all durable within 1 s")
    show("  bare loop of the same statements", [graphs.bare_loop(folder, lag.ROOTS)], "s")


def show_lags(title: str, lags: lag.Lags, aim: str) -> None:
    print(f"{title}: {len(lags.durable)} graph runs seen (aim: {aim})")
    for name, values in (("due to durable", lags.durable), ("due to statement started", lags.started)):
        ordered = sorted(values)
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        print(f"  {name:40} p50 {p50:8.3f} s   p99 {p99:8.3f} s   last {ordered[-1]:8.3f} s", flush=True)


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
