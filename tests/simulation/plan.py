"""What is to go wrong in a simulation, and when: drawn from a seed, and said so that it can be read."""

import enum
from random import Random
from typing import Final

import msgspec

LASTS_MS: Final = 25_000
"""How long things go wrong. After that everything is mended, and what is open has to come to an end."""


class What(enum.StrEnum):
    """What may happen to a node, to all of them, or be asked by a client."""

    KILL = "the node is killed, and comes back"
    KILL_AT_WRITE = "the node is killed at its next write, and comes back"
    STOP = "the node is stopped in good order, and comes back"
    PAUSE = "the node is held up"
    PAUSE_AT_WRITE = "the node is held up at its next write"
    AWAY = "the node does not reach the store"
    ALL_AWAY = "no node reaches the store"
    UNSYNCED = "the node's next commit fails"
    SLOW = "the store answers the node slowly"
    JUMP = "the node's clock is set"
    DRAIN = "the node drains for a while"
    DEAF = "wake-ups of others do not reach the node"
    EXECUTE = "a client executes a root"
    RETRY = "a client repeats the last run of a root"
    CANCEL = "a client cancels a task"
    SUSPEND = "a client suspends a root"
    RESUME = "a client resumes a root"


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happens at an instant. *chance* settles what is still open about it."""

    at_ms: int
    what: What
    node: int
    lasts_ms: int
    chance: int

    def __str__(self) -> str:
        return (
            f"{self.at_ms / 1000:7.3f} s  node {self.node}: {self.what} ({self.lasts_ms} ms, {self.chance})"
        )


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A simulation: everything in it follows from these."""

    seed: int
    shape: int
    nodes: int
    slots: int
    reruns_interrupted: bool
    misfire: str
    lasts_ms: int
    deeds: tuple[Deed, ...]


_ALWAYS: Final = (What.EXECUTE, What.EXECUTE, What.RETRY, What.CANCEL, What.SUSPEND, What.RESUME)
ASKED: Final = frozenset(_ALWAYS)
"""What clients do."""

_FAULTS: Final = tuple(what for what in What if what not in ASKED)


def plan(seed: int, shapes: int, lasts_ms: int = LASTS_MS) -> Plan:
    """Return the plan that *seed* stands for, if things go wrong for so long."""
    random = Random(f"plan {seed}")
    # A few kinds of faults at a time: with all of them at once nothing gets far enough to break.
    faults = random.choices(_FAULTS, k=random.choice((1, 2, 2, 3, 5)))
    kinds = (*_ALWAYS, *faults * 6)
    deeds = [_deed(random, random.choice(kinds), lasts_ms) for _ in range(random.choice((3, 5, 7, 10, 14)))]
    return Plan(
        seed=seed,
        shape=random.randrange(shapes),
        nodes=random.choice((1, 2, 2, 3)),
        slots=random.choice((1, 3, 8, 8)),
        reruns_interrupted=random.random() < 0.3,
        misfire=random.choice(("skip", "skip", "last", "all")),
        lasts_ms=lasts_ms,
        deeds=tuple(sorted(deeds, key=lambda deed: deed.at_ms)),
    )


def _deed(random: Random, what: What, lasts_ms: int) -> Deed:
    return Deed(
        at_ms=random.randrange(lasts_ms),
        what=what,
        node=random.randrange(3),
        lasts_ms=random.choice((50, 800, 2_500, 6_000, 12_000, 20_000)),
        chance=random.randrange(1_000),
    )
