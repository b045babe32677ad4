"""Graphs to be simulated, said in words of our own: what the checker judges by is not what runs.

A shape is a few graphs, drawn from its number alone. It knows nothing of clockmill's graphs.
"""

import enum
from collections.abc import Mapping
from functools import cached_property
from random import Random
from typing import Final

import msgspec

SHAPES: Final = 32
"""How many shapes there are: each costs a template."""


class Kind(enum.StrEnum):
    """What a body does, as far as it matters when it is interrupted. It is the task's definition."""

    ATOMIC = "atomic"
    """One transaction with a marker."""
    IDLE = "idle"
    """It changes nothing, so that it can be run any number of times."""
    STEPS = "steps"
    """Two transactions; the marker says whether it is through."""
    OPAQUE = "opaque"
    """Nobody can say afterwards whether it has done anything."""


class Policy(enum.StrEnum):
    """Overlap policies, by their names in SQL."""

    NO_OVERLAP = "NO_OVERLAP"
    ALLOW_CHILD_OVERLAP = "ALLOW_CHILD_OVERLAP"
    ALLOW_ALL_OVERLAP = "ALLOW_ALL_OVERLAP"


class GraphShape(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One graph. *links* names the predecessors of each child; *every_s* is None without a schedule."""

    root: str
    links: Mapping[str, tuple[str, ...]]
    finalizer: str | None
    suspended: frozenset[str]
    kinds: Mapping[str, Kind]
    every_s: int | None
    policy: Policy
    retries: int
    failures_allowed: int
    timeout_s: int

    @property
    def tasks(self) -> tuple[str, ...]:
        """All names: the root, children after their predecessors, the finalizer."""
        return (self.root, *self.links, *([self.finalizer] if self.finalizer else []))

    @cached_property
    def waits_for(self) -> Mapping[str, frozenset[str]]:
        """By name of an active child, whom it waits for once the suspended ones are bridged."""
        found: dict[str, frozenset[str]] = {}
        for name, before in self.links.items():
            direct: set[str] = set()
            for each in before:
                direct |= found[each] if each in self.suspended else {each}
            found[name] = frozenset(direct)
        return {name: found[name] for name in found if name not in self.suspended}

    @property
    def active_finalizer(self) -> str | None:
        return self.finalizer if self.finalizer not in self.suspended else None


def shape(number: int) -> tuple[GraphShape, ...]:
    """Return the graphs of shape *number*: the first has a schedule."""
    random = Random(f"shape {number}")
    return tuple(
        _graph(random, root, is_first=root == "R") for root in ("R", "Q")[: random.choice((1, 2, 2))]
    )


def _graph(random: Random, root: str, *, is_first: bool) -> GraphShape:
    names = [f"{root}_{letter}" for letter in "ABCD"[: random.choice((0, 1, 3, 4, 4))]]
    links: dict[str, tuple[str, ...]] = {}
    is_wide = random.random() < 0.6
    for name in names:
        before = [root] if is_wide and name != names[-1] else [root, *links]
        links[name] = tuple(sorted(random.sample(before, random.randint(1, min(2, len(before))))))
    finalizer = f"{root}_Z" if random.random() < 0.6 else None
    members = [*names, *([finalizer] if finalizer else [])]
    return GraphShape(
        root=root,
        links=links,
        finalizer=finalizer,
        suspended=frozenset(name for name in members if random.random() < 0.15),
        kinds={
            name: random.choice((Kind.ATOMIC, Kind.ATOMIC, Kind.ATOMIC, Kind.IDLE, Kind.STEPS, Kind.OPAQUE))
            for name in (root, *members)
        },
        every_s=random.choice((10, 15, 20)) if is_first or random.random() < 0.5 else None,
        policy=random.choice((Policy.NO_OVERLAP, Policy.NO_OVERLAP, *Policy)),
        retries=random.choice((0, 0, 1, 2)),
        failures_allowed=random.choice((0, 0, 2, 3)),
        timeout_s=random.choice((8, 30, 600)),
    )
