"""Fibers: pieces of work that run one at a time, and can be parked in the middle of it.

Each has a thread, because what it runs may be parked below functions that know nothing of it, with
locks and local state that belong to threads. Only the one that has the turn runs; the others wait
for theirs. Nothing depends on how the machine schedules threads, so a simulation is repeatable.
"""

import sys
import threading
import traceback
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 30.0
"""A fiber that keeps its turn for this long waits for something that only another could give it."""


class Killed(BaseException):
    """Raised in a fiber whose process has died; nothing that it still does may have an effect."""


class Stuck(Exception):
    """A fiber does not give its turn back: it waits for a lock that a parked one holds."""


class Fiber:
    """One piece of work. *is_killed* is set for good once its process has died."""

    def __init__(self, thread: "_Thread", work: Callable[[], None]) -> None:
        self.thread = thread
        self.work = work
        self.is_killed = False
        self.is_done = False


class Fibers:
    """Gives the turn to fibers, and takes it back when they park or end. Used by one thread."""

    def __init__(self) -> None:
        self._idle: list[_Thread] = []
        self._returned = threading.Lock()
        self._returned.acquire()
        self.current: Fiber | None = None
        self._error: BaseException | None = None

    def start(self, work: Callable[[], None]) -> Fiber:
        """Run *work* until it parks or ends; raise what it raises. Returns its fiber."""
        thread = self._idle.pop() if self._idle else _Thread(self)
        fiber = Fiber(thread, work)
        thread.fiber = fiber
        self.resume(fiber)
        return fiber

    def resume(self, fiber: Fiber) -> None:
        """Let a parked fiber go on until it parks again or ends; raise what it raises."""
        self.current = fiber
        fiber.thread.turn.release()
        if not self._returned.acquire(timeout=PATIENCE_S):
            raise Stuck(fiber.thread.where())
        self.current = None
        if fiber.is_done:
            self._idle.append(fiber.thread)
        error, self._error = self._error, None
        if error is not None:
            raise error

    def kill(self, fiber: Fiber) -> None:
        """Let a parked fiber unwind: it is raised :class:`Killed`."""
        fiber.is_killed = True
        if not fiber.is_done:
            self.resume(fiber)

    def park(self) -> None:
        """Give the turn of the calling fiber back, until it is resumed; may raise :class:`Killed`."""
        fiber = self.current
        assert fiber is not None, "only a fiber can be parked"
        # One that unwinds does not wait for anything any more.
        if not fiber.is_killed:
            self._returned.release()
            fiber.thread.turn.acquire()
        if fiber.is_killed:
            raise Killed

    def end(self, fiber: Fiber, error: BaseException | None) -> None:
        """Take the turn from a fiber whose work has ended; for its thread."""
        fiber.is_done = True
        self._error = error
        self._returned.release()


class _Thread:
    """Runs one fiber after the other."""

    def __init__(self, fibers: Fibers) -> None:
        self._fibers = fibers
        self.fiber: Fiber | None = None
        self.turn = threading.Lock()
        self.turn.acquire()
        self._thread = threading.Thread(target=self._serve, name="fiber", daemon=True)
        self._thread.start()

    def where(self) -> str:
        """Return where the thread is, as a traceback says it."""
        frame = sys._current_frames().get(self._thread.ident or 0)
        return "".join(traceback.format_stack(frame))

    def _serve(self) -> None:
        while True:
            self.turn.acquire()
            fiber = self.fiber
            assert fiber is not None
            error: BaseException | None = None
            try:
                fiber.work()
            except Killed:
                pass
            except BaseException as raised:  # noqa: BLE001 - it is raised where the turn came from
                error = raised
            self._fibers.end(fiber, error)
