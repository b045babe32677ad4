"""``make chaos``: strike servers under load for some minutes, then say what did not hold."""

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from chaos.campaign import Verdict, on_one_node

_SHOWN = 50


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--keep", action="store_true", help="leave the data folders and logs")
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.minutes:g} minutes", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="clockmill-chaos-"))
    print(f"in {folder}", flush=True)
    verdict = on_one_node(folder, seconds=given.minutes * 60, seed=given.seed)
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
    print(f"broken promises: {len(verdict.broken)}")
    for sentence in verdict.broken[:_SHOWN]:
        print(f"  {sentence}")


def _spell(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "none"


if __name__ == "__main__":
    main()
