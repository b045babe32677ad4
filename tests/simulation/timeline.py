"""Virtual time: what happens when, and to which process. Processes can die, and can be held up.

Everything a process does is a fiber that an event starts or resumes. What happens at the same
instant happens in an order drawn from the seed.
"""

import heapq
from collections.abc import Callable
from random import Random
from typing import Final

from tests.simulation.fibers import Fiber, Fibers, Killed

Work = Callable[[], None]

HOP_MS: Final = (0, 0, 0, 1, 7, 30)
"""How long something that is to happen soon may take to come to its turn."""

MOST_AT_ONCE: Final = 2_000
"""Events of one millisecond. With more of them something goes round in circles."""


class Process:
    """Something that runs, and may die or be held up at any moment."""

    def __init__(self, name: str, random: Random) -> None:
        """*random* settles what chance decides about it, and about nobody else."""
        self.name = name
        self.random = random
        self.is_dead = False
        self.is_paused = False
        self.held: list[Work] = []
        self.fibers: list[Fiber] = []


class Nap:
    """A fiber that waits for an instant, or for whoever wakes it before."""

    def __init__(self, fiber: Fiber) -> None:
        self.fiber = fiber
        self.is_over = False


class Timeline:
    """The queue of what is to happen. *now_ms* counts from the beginning."""

    def __init__(self, fibers: Fibers, complain: Callable[[str], None]) -> None:
        self.now_ms = 0
        self._complain = complain
        self._fibers = fibers
        self._queue: list[tuple[int, float, int, Process | None, Work]] = []
        self._count = 0
        self._at_once = 0
        self._of_fiber: dict[Fiber, Process] = {}
        self._dying: list[Process] = []
        self.is_over = False

    # --- what is to happen -------------------------------------------------------------------

    def at(self, when_ms: int, process: Process | None, work: Work) -> None:
        """Let *work* happen at *when_ms*, unless *process* is dead by then. It must not wait."""
        self._count += 1
        order = process.random.random() if process is not None else 0.0
        entry = (max(when_ms, self.now_ms), order, self._count, process, work)
        heapq.heappush(self._queue, entry)

    def spawn(self, process: Process, work: Work, *, delay_ms: int | None = None) -> None:
        """Let *process* do *work*, which may wait: soon, or after *delay_ms*."""
        delay = process.random.choice(HOP_MS) if delay_ms is None else delay_ms
        self.at(self.now_ms + delay, process, lambda: self._start(process, work))

    def run(self, until_ms: int) -> None:
        """Let everything happen that is to happen up to *until_ms*, or until *is_over*."""
        while self._queue and self._queue[0][0] <= until_ms and not self.is_over:
            at_ms, _, _, process, work = heapq.heappop(self._queue)
            self._at_once = 0 if at_ms > self.now_ms else self._at_once + 1
            if self._at_once > MOST_AT_ONCE:
                self._complain("it comes to no rest")
                return
            self.now_ms = at_ms
            if process is None:
                work()
            elif process.is_paused:
                process.held.append(work)
            elif not process.is_dead:
                work()
            self._bury()
        if not self.is_over:
            self.now_ms = until_ms

    # --- in a fiber --------------------------------------------------------------------------

    @property
    def process(self) -> Process | None:
        """The process whose fiber has the turn."""
        fiber = self._fibers.current
        return None if fiber is None else self._of_fiber[fiber]

    def sleep(self, ms: int) -> None:
        """Let the calling fiber wait for *ms*."""
        self.nap(ms, lambda _: None)

    def nap(self, ms: int, announce: Callable[[Nap], None]) -> None:
        """Let the calling fiber wait for *ms*, or until the nap, that *announce* is told of, is ended."""
        fiber = self._fibers.current
        assert fiber is not None
        nap = Nap(fiber)
        self.at(self.now_ms + ms, self._of_fiber[fiber], lambda: self._wake(nap))
        announce(nap)
        self._fibers.park()

    def end_nap(self, nap: Nap) -> None:
        """Wake a fiber before its time, as soon as it can have its turn."""
        if not nap.fiber.is_done:
            self.at(self.now_ms, self._of_fiber[nap.fiber], lambda: self._wake(nap))

    # --- processes ---------------------------------------------------------------------------

    def kill(self, process: Process) -> None:
        """Let *process* be dead. The fiber that calls this is not to go on if it is one of its own."""
        process.is_dead, process.is_paused = True, False
        process.held.clear()
        self._dying.append(process)

    def die(self) -> None:
        """End the process of the calling fiber here and now."""
        fiber = self._fibers.current
        assert fiber is not None
        self.kill(self._of_fiber[fiber])
        fiber.is_killed = True
        raise Killed

    def pause(self, process: Process) -> None:
        """Hold *process* up: nothing of it happens until :meth:`resume`."""
        process.is_paused = not process.is_dead

    def resume(self, process: Process) -> None:
        """Let *process* go on with all that was to happen meanwhile."""
        process.is_paused = False
        held, process.held = process.held, []
        for work in held:
            self.at(self.now_ms, process, work)

    def close(self) -> None:
        """End every process that is left."""
        for process in set(self._of_fiber.values()):
            self.kill(process)
        self._bury()

    def _start(self, process: Process, work: Work) -> None:
        def guarded() -> None:
            fiber = self._fibers.current
            assert fiber is not None
            self._of_fiber[fiber] = process
            process.fibers.append(fiber)
            try:
                work()
            finally:
                process.fibers.remove(fiber)
                del self._of_fiber[fiber]

        self._fibers.start(guarded)

    def _wake(self, nap: Nap) -> None:
        if not nap.is_over and not nap.fiber.is_done:
            nap.is_over = True
            self._fibers.resume(nap.fiber)

    def _bury(self) -> None:
        while self._dying:
            process = self._dying.pop()
            for fiber in list(process.fibers):
                self._fibers.kill(fiber)
