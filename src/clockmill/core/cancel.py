"""A way to stop work that is going on in another thread."""

import enum
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CancelReason(enum.Enum):
    """Why a statement is stopped. It decides the error that is recorded."""

    USER = "user"
    TIMEOUT = "timeout"
    SHUTDOWN = "shutdown"


class CancelToken:
    """Carries the wish to stop from whoever has it to whoever can.

    The work registers how it is interrupted while that is possible; the first reason wins.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reason: CancelReason | None = None
        self._interrupts: list[Callable[[], None]] = []

    @property
    def reason(self) -> CancelReason | None:
        """Why the work shall stop, or None while it may go on."""
        return self._reason

    def cancel(self, reason: CancelReason) -> None:
        """Ask the work to stop. Asking again changes nothing but interrupts once more."""
        with self._lock:
            self._reason = self._reason or reason
            for interrupt in self._interrupts:
                interrupt()

    @contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call *interrupt* if the wish comes within the block, or has come before it.

        *interrupt* runs in the canceller's thread; it must be quick and must not raise.
        """
        with self._lock:
            self._interrupts.append(interrupt)
            if self._reason is not None:
                interrupt()
        try:
            yield
        finally:
            with self._lock:
                self._interrupts.remove(interrupt)
