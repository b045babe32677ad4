"""What bodies have really done: the truth that the store's history is held against."""

from collections import defaultdict
from typing import NamedTuple

from clockmill.core.body import BodyOutcome
from clockmill.core.cancel import CancelToken

Key = tuple[str, int, str]
"""The group, the attempt and the task of a body."""


class Commit(NamedTuple):
    """A transaction of a body that was committed. *step* counts those of one execution."""

    process: str
    query_id: str
    step: int
    at_ms: int


class Execution(NamedTuple):
    """A body that is running in the process named *process*; *is_anew* if a part of it was done before."""

    process: str
    query_id: str
    cancel: CancelToken
    is_anew: bool


class Ledger:
    """Every execution, every commit and every marker of every body."""

    def __init__(self) -> None:
        self.commits: defaultdict[Key, list[Commit]] = defaultdict(list)
        self.begun: defaultdict[Key, int] = defaultdict(int)
        self.running: defaultdict[Key, list[Execution]] = defaultdict(list)
        self.markers: set[Key] = set()
        self.outcomes: dict[Key, BodyOutcome] = {}
        self.forgotten: set[tuple[str, int]] = set()

    def is_partial(self, key: Key) -> bool:
        """Whether a part of the body is committed, and its end is not."""
        return key in self.commits and key not in self.outcomes
