"""The figures of long pasts, of many tasks, of what is in flight, and of several nodes."""

from pathlib import Path

from bench import history, many, nodes, recovery
from bench.printing import show
from bench.target import Client, running


def many_started(folder: Path) -> None:
    found = many.measure(folder / "many")
    each = 1000 / many.STARTED
    show(f"create {many.STARTED:,} tasks, each", [found.create_s * each], "ms")
    show("  resume them, each", [found.resume_s * each], "ms")
    show("  start with them until /health answers", found.starts_s, "s", "under 3 s")
    show("  idle: share of a processor", [100 * found.idle_cpu], "%")
    show("  idle: memory", [found.memory_mb], "MB")


def long_history(folder: Path) -> None:
    print(f"{'':36} {history.SHORT:>12,} {history.LONG:>14,} task runs (aim: the same)")
    for cost in history.costs(folder):
        print(f"{cost.question:36} {cost.short_ms:9.1f} ms {cost.long_ms:11.1f} ms", flush=True)


def after_a_kill(folder: Path) -> None:
    found = recovery.measure(folder / "killed")
    show(f"start after a kill with {recovery.IN_FLIGHT:,} runs", [found.answers_s], "s")
    show("  until it owns every one of them", [found.owned_s], "s")
    show("  until all are done, each once", [found.done_s], "s")


def taken_over(folder: Path) -> None:
    seconds = nodes.takeovers(folder / "failover")
    show(f"takeover after a kill, lease {nodes.LEASE_S} s", seconds, "s", f"at most {nodes.LEASE_S + 1} s")
    print(f"  each: {' '.join(f'{each:.2f}' for each in sorted(seconds))}")


def throughput(folder: Path) -> None:
    with running(folder / "runs") as target:
        show("task runs a second, SQLite", nodes.runs_per_second(Client(target)), "")
    for count in (1, 3):
        with nodes.cluster(folder / f"runs-{count}", count) as (targets, _):
            title = f"task runs a second, PostgreSQL, {count} node{'s' if count > 1 else ''}"
            show(title, nodes.runs_per_second(Client(targets[0])), "")
