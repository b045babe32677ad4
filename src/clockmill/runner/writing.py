"""Decisions on their way to the disk: repeated until they are durable."""

import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from clockmill.core.errors import InternalFault, Unavailable
from clockmill.store.database import Store, Transaction
from clockmill.store.writer import Pending

T = TypeVar("T")

RETRY_WRITE_S: Final = 1.0
"""How long a decision that could not be written is kept before it is tried again."""

UNWRITTEN: Final = (Unavailable, InternalFault)
"""What a write raises that changed nothing. A failed sync is one of them: SQLite shows nobody
what it could not sync, and writes over it next time."""


class Writing(Generic[T]):
    """A decision on its way to the disk. It is taken already, so it has to arrive."""

    def __init__(self, store: Store, work: Callable[[Transaction], T], stopping: threading.Event) -> None:
        self._store = store
        self._work = work
        self._stopping = stopping
        self._pending: Pending[T] = store.enqueue(work)

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
                self._pending = self._store.enqueue(self._work)
