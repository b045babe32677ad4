"""A way to stop work that is going on in another thread."""

import enum
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager


class CancelReason(enum.Enum):
    """Why a statement is stopped. It decides the error that is recorded."""

    USER = "user"
    TIMEOUT = "timeout"
    SHUTDOWN = "shutdown"
    LOST = "its node may not own it any more"


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

    def interrupting(self, interrupt: Callable[[], None]) -> AbstractContextManager[None]:
        """Call *interrupt* if the wish comes within the block, or has come before it.

        *interrupt* runs in the canceller's thread; it must be quick and must not raise.
        """
        return _Interrupting(self, interrupt)

    def _register(self, interrupt: Callable[[], None]) -> None:
        with self._lock:
            self._interrupts.append(interrupt)
            if self._reason is not None:
                interrupt()

    def _forget(self, interrupt: Callable[[], None]) -> None:
        with self._lock:
            self._interrupts.remove(interrupt)


class _Interrupting:
    """A class, not a generator: every statement enters several of these."""

    __slots__ = ("_interrupt", "_token")

    def __init__(self, token: CancelToken, interrupt: Callable[[], None]) -> None:
        self._token = token
        self._interrupt = interrupt

    def __enter__(self) -> None:
        self._token._register(self._interrupt)  # noqa: SLF001 - the same class in two pieces

    def __exit__(self, *_: object) -> None:
        self._token._forget(self._interrupt)  # noqa: SLF001
