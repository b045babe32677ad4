"""Simulate seeds: ``python -m tests.simulation --from 0 --seeds 1000``."""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.simulate import simulate, simulate_part

_AT_ONCE = 100
"""Seeds that a process takes at a time."""


def main() -> int:
    """Return 1 if a seed fails."""
    asked = _arguments()
    if asked.keep is not None or asked.trace:
        keep = None if asked.keep is None else [int(each) for each in asked.keep.split(",") if each]
        report = simulate(asked.first, keep=keep)
        print(*(report.trace if asked.trace else ()), *report.complaints, report.digest, sep="\n")
        return int(bool(report.complaints))
    return _simulate_all(range(asked.first, asked.first + asked.seeds), asked.jobs)


def _simulate_all(seeds: range, jobs: int) -> int:
    began = time.monotonic()
    parts = [seeds[start : start + _AT_ONCE] for start in range(0, len(seeds), _AT_ONCE)]
    failed = 0
    happened: Counter[str] = Counter()
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    for counts, said in pool.map(simulate_part, parts):
        happened.update(counts)
        failed += len(said)
        for text in said:
            print(text, end="\n\n", flush=True)
    took_s = time.monotonic() - began
    for what, count in sorted(happened.items()):
        print(f"{count:12,} {what}")
    print(f"{len(seeds)} seeds, {failed} failed, {len(seeds) / took_s:.0f} seeds/s")
    return int(failed > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1000, help="how many")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--keep", help="of one seed, the numbers of the deeds that are to happen")
    parser.add_argument("--trace", action="store_true", help="print all that happens in one seed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
