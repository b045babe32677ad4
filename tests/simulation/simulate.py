"""Simulating seeds: what came of each, and of a failing one the least that still fails."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256

import msgspec
from tests.simulation.machinery import machinery
from tests.simulation.node import Life
from tests.simulation.plan import Deed, Plan, plan
from tests.simulation.shapes import SHAPES
from tests.simulation.world import World


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a simulation. *digest* is that of all that has happened in it, *happened* counts."""

    plan: Plan
    complaints: tuple[str, ...]
    commits: int
    digest: str
    trace: tuple[str, ...]
    happened: Counter[str]


def simulate(seed: int, *, keep: Sequence[int] | None = None, life: type[Life] = Life) -> Report:
    """Run the simulation of *seed*, with all its deeds or with those numbered in *keep*."""
    wanted = plan(seed, SHAPES)
    if keep is not None:
        wanted = with_deeds(wanted, [wanted.deeds[number] for number in keep])
    return carry_out(wanted, life)


def carry_out(wanted: Plan, life: type[Life] = Life) -> Report:
    """Run the simulation that is planned."""
    world = World(wanted, machinery(), life)
    with _silence():
        complaints = world.run()
    return Report(
        plan=wanted,
        complaints=tuple(complaints),
        commits=world.commits,
        digest=sha256("\n".join(world.trace).encode()).hexdigest(),
        trace=tuple(world.trace),
        happened=world.happened,
    )


def with_deeds(wanted: Plan, deeds: Sequence[Deed]) -> Plan:
    return msgspec.structs.replace(wanted, deeds=tuple(deeds))


def shrink(report: Report, life: type[Life] = Life) -> Report:
    """Leave out deeds as long as the same promise is broken; return what then came of it."""
    least, size = report, max(1, len(report.plan.deeds) // 2)
    while size:
        for start in range(0, len(least.plan.deeds), size):
            deeds = least.plan.deeds
            fewer = carry_out(with_deeds(least.plan, deeds[:start] + deeds[start + size :]), life)
            if fewer.complaints and _promise(fewer) == _promise(report):
                least = fewer
                break
        else:
            size //= 2
    return least


def _promise(report: Report) -> str:
    """Return the name of the first promise that is broken."""
    return report.complaints[0].split(": ")[1]


def explain(report: Report, life: type[Life] = Life) -> str:
    """Say what a failing seed has broken, the least that breaks it, and how to see it again."""
    least = shrink(report, life)
    everything = plan(report.plan.seed, SHAPES).deeds
    kept = ",".join(str(everything.index(deed)) for deed in least.plan.deeds)
    again = f"python -m tests.simulation --from {report.plan.seed}"
    lines = [
        f"seed {report.plan.seed} fails (shape {least.plan.shape}, {least.plan.nodes} nodes):",
        *(f"  {sentence}" for sentence in least.complaints),
        f"with {len(least.plan.deeds)} of its {len(everything)} deeds:",
        *(f"  {deed}" for deed in least.plan.deeds),
        f"again: {again} --seeds 1",
        f"these deeds alone, step by step: {again} --keep '{kept}' --trace",
    ]
    return "\n".join(lines)


def simulate_part(seeds: Sequence[int]) -> tuple[Counter[str], list[str]]:
    """Simulate *seeds*; return how often what happened, and what there is to say of those that fail."""
    reports = [simulate(seed) for seed in seeds]
    happened = Counter({"commits judged": sum(report.commits for report in reports)})
    for report in reports:
        happened.update(report.happened)
    return happened, [explain(each) for each in reports if each.complaints]


@contextmanager
def _silence() -> Iterator[None]:
    """Log nothing: what is logged in a simulation was meant to go wrong."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
