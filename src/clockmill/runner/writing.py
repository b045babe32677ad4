"""Decisions on their way to the disk: repeated until they are durable."""

import threading
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from clockmill.core.errors import InternalFault, Unavailable
from clockmill.store.database import Store, Transaction
from clockmill.store.writer import Pending

T = TypeVar("T")

RETRY_WRITE_S: Final = 1.0
"""How long a decision that could not be written is kept before it is tried again."""

UNWRITTEN: Final = (Unavailable, InternalFault)
"""What a write raises that changed nothing. A failed sync is one of them: SQLite shows nobody
what it could not sync, and writes over it next time."""


class OutOfTurn(Unavailable):
    """A decision cannot be written because one before it was not."""


class Writing(Generic[T]):
    """A decision on its way to the disk. It is taken already, so it has to arrive.

    It is written after *before*, the decision that was taken before it: where that one is to be
    repeated, so is this one. If it is *shared* it changes nothing but runs whose epoch it checks,
    and other nodes may write at the same time.
    """

    def __init__(
        self,
        store: Store,
        work: Callable[[Transaction], T],
        stopping: threading.Event,
        before: "Writing[Any] | None" = None,
        *,
        shared: bool = False,
    ) -> None:
        self._store = store
        self._work = work
        self._stopping = stopping
        self._before = before
        self._shared = shared
        self._has_run = False
        self._pending: Pending[T] = store.enqueue(self._do, shared=shared)

    def has_to_be_repeated(self) -> bool:
        """Wait for the first try and say whether it failed through no fault of the decision's."""
        return isinstance(self._pending.exception(), UNWRITTEN)

    def result(self) -> T:
        """Wait until it is durable; a full disk or a busy database is tried again until we stop."""
        while True:
            try:
                return self._pending.result()
            except UNWRITTEN:
                if self._stopping.wait(RETRY_WRITE_S):
                    raise
                self._has_run = False
                self._pending = self._store.enqueue(self._do, shared=self._shared)

    def _do(self, tx: Transaction) -> T:
        if self._before is not None:
            if self._before.is_missing:
                raise OutOfTurn("What was to be written before this was not. Nothing was changed.")
            if self._before.is_durable:
                # Else each would keep all that have been before it.
                self._before = None
        value = self._work(tx)
        self._has_run = True
        return value

    @property
    def is_durable(self) -> bool:
        """Whether it is written for good."""
        return self._pending.is_done and self._pending.exception() is None

    @property
    def is_missing(self) -> bool:
        """Whether it is still to be written, as far as the transaction that goes on can tell.

        What failed by its own fault is not: whoever comes after it finds out by itself.
        """
        if self._pending.is_done:
            return isinstance(self._pending.exception(), UNWRITTEN)
        return not self._has_run
