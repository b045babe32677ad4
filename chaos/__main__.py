"""``make chaos``: strike servers under load for some minutes, then say what did not hold."""

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from chaos.campaign import Verdict, on_one_node, on_several_nodes

_SHOWN = 50


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--nodes", type=int, default=3, help="1: on SQLite; more share a PostgreSQL")
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.minutes:g} minutes", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="clockmill-chaos-"))
    print(f"in {folder}", flush=True)
    seconds = given.minutes * 60
    if given.nodes == 1:
        verdict = on_one_node(folder, seconds=seconds, seed=given.seed)
    else:
        verdict = on_several_nodes(folder, seconds=seconds, seed=given.seed, count=given.nodes)
    report(verdict)
    sys.exit(bool(verdict.broken))


def report(verdict: Verdict) -> None:
    """Print what was done, what came of it, and what did not hold."""
    history = verdict.history
    runs = Counter(f"{run.root} {run.state}" for run in history.runs)
    tasks = Counter(task.state for run in history.runs for task in run.tasks.values())
    again = sum(task.executions - 1 for run in history.runs for task in run.tasks.values())
    print(f"blows: {_spell(verdict.blows)}")
    print(f"requests: {_spell(verdict.requests)}")
    print(f"graph runs: {_spell(runs)}")
    print(f"task runs: {_spell(tasks)}; bodies run again: {again}")
    print(f"skipped fires: {sum(skip.fires for skip in history.skips)} in {len(history.skips)} records")
    if verdict.takeovers_s:
        times = sorted(verdict.takeovers_s)
        middle = times[len(times) // 2]
        print(f"takeovers: {len(times)}, after {times[0]:.1f} to {times[-1]:.1f} s, median {middle:.1f} s")
    print(f"broken promises: {len(verdict.broken)}")
    for sentence in verdict.broken[:_SHOWN]:
        print(f"  {sentence}")


def _spell(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "none"


if __name__ == "__main__":
    main()
