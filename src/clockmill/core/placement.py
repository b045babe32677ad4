"""Where a graph run may go on: what its tasks need of a node, and what a node has.

A run's needs are alternatives, each a token; a node that has one of them may own the run. No
needs at all are met by every node.
"""

from collections.abc import Collection, Iterable
from typing import Final

import msgspec

EMBEDDED: Final = "EMBEDDED"
"""The engine whose data is in a file of one node."""

_BETWEEN: Final = ","
_JOINED: Final = "+"


class TaskNeeds(msgspec.Struct, frozen=True):
    """What one task asks: the embedded engine or not, and one of *nodes* (None: any)."""

    engine: bool
    nodes: frozenset[str] | None = None


def needs_of(tasks: Iterable[TaskNeeds]) -> str | None:
    """Return what a run of *tasks* needs, as the store keeps it; None if any node will do.

    A run is one node's, so that every task has to find there what it asks. Where no node can do
    (warehouses that share none), any of those that are named may take the run, and its tasks
    fail saying so, rather than that it waits for ever.

    >>> needs_of([TaskNeeds(True), TaskNeeds(False, frozenset({"b", "a"}))])
    ',a+EMBEDDED,b+EMBEDDED,'
    """
    engine, common, named = False, None, frozenset[str]()
    for task in tasks:
        engine = engine or task.engine
        if task.nodes is not None:
            named |= task.nodes
            common = task.nodes if common is None else common & task.nodes
    if common is None:
        return _kept([EMBEDDED]) if engine else None
    return _kept(_token(node, engine=engine) for node in sorted(common or named))


def tokens_of(node: str, *, has_engine: bool) -> frozenset[str]:
    """Return the tokens that *node* has."""
    plain = _token(node, engine=False)
    return frozenset({plain, EMBEDDED, _token(node, engine=True)} if has_engine else {plain})


def is_met(needs: str | None, tokens: Collection[str]) -> bool:
    """Say whether a node that has *tokens* may own a run with *needs*."""
    return needs is None or any(pattern_of(token) in needs for token in tokens)


def pattern_of(token: str) -> str:
    """Return the text that the needs contain which *token* meets."""
    return f"{_BETWEEN}{token}{_BETWEEN}"


def _token(node: str, *, engine: bool) -> str:
    return f"{node}{_JOINED}{EMBEDDED}" if engine else node


def _kept(tokens: Iterable[str]) -> str:
    return _BETWEEN + "".join(token + _BETWEEN for token in tokens)
