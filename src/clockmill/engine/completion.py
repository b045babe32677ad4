"""Completion markers: how a body leaves word, with its own data, of what of it is committed.

A marker is a row that is keyed by run and task, and is written in the first transaction that the
body commits: without one nothing of the body is committed, and two executions of one body cannot
both commit.
"""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

import msgspec

from clockmill.core.errors import StatementFault


class BodyKey(msgspec.Struct, frozen=True):
    """A task's body in a run: all executions of it share this."""

    group_id: str
    attempt: int
    task_id: str


class Marker(msgspec.Struct, frozen=True):
    """What a body has left: whether all of it is committed, and then its return value."""

    is_complete: bool
    return_value: str | None = None


class AlreadyRun(StatementFault):
    """Another execution of the same body has committed something: this one may not."""

    def __init__(self) -> None:
        super().__init__(
            "This run of the task was executed before, by a node that seemed to have ended. "
            "Nothing of this execution is kept."
        )


class Completion:
    """The marker of one execution of a body, on its way. Safe between the threads of the body.

    *returned* gives the return value as it stands.
    """

    def __init__(self, key: BodyKey, returned: Callable[[], str | None], *, is_whole: bool = False) -> None:
        self.key = key
        self.is_whole = is_whole
        """Whether the first transaction is all that the body commits."""
        self._returned = returned
        self._lock = threading.Lock()
        self._is_written = False
        self._is_met = False

    @property
    def is_written(self) -> bool:
        """Whether the marker is committed."""
        return self._is_written

    @property
    def is_met(self) -> bool:
        """Whether another execution of the body was found to have committed."""
        return self._is_met

    def marker(self) -> Marker:
        """Return what the body leaves with the transaction that is about to be committed."""
        return Marker(self.is_whole, self._returned() if self.is_whole else None)

    def check(self) -> None:
        """Raise AlreadyRun if another execution was met: whatever handled that may change nothing."""
        if self._is_met:
            raise AlreadyRun

    def meet(self) -> AlreadyRun:
        """Take note that another execution has committed, and return the error to raise."""
        self._is_met = True
        return AlreadyRun()

    @contextmanager
    def committing(self) -> Iterator[bool]:
        """Give whether the transaction that is committed in the block has to write the marker.

        Statements of one body may run beside each other: the first commit is one thread's.
        """
        if self._is_written:
            yield False
            return
        with self._lock:
            yield not self._is_written
            self._is_written = True


class Markers(Protocol):
    """The markers in an engine's file."""

    def keep_from(self, now: datetime | None) -> None:
        """Take note that bodies are marked from *now* on, if they were not before; None: not any more."""
        ...

    @property
    def since(self) -> datetime | None:
        """From when on every body was marked; None if they are not."""
        ...

    def find(self, key: BodyKey) -> Marker | None:
        """Return what the body has left, None if nothing of it is committed."""
        ...

    def begin(self, completion: Completion) -> None:
        """Leave word, in a transaction of its own, that a part of the body may be done from now on.

        Raises AlreadyRun.
        """
        ...

    def complete(self, key: BodyKey, return_value: str | None) -> None:
        """Leave word that all of a body is done that had left word of a part."""
        ...

    def clear(self, key: BodyKey) -> None:
        """Forget that a part of the body was done: it begins anew. A complete one stays."""
        ...

    def runs(self) -> set[tuple[str, int]]:
        """Return the runs, by group id and attempt, whose bodies have left markers."""
        ...

    def runs_among(self, runs: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Return those of *runs* whose bodies have left markers."""
        ...

    def forget(self, runs: Collection[tuple[str, int]]) -> None:
        """Take away the markers of *runs*."""
        ...
