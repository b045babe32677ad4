"""What stands for threads, and for what they wait with, where time is virtual."""

from collections.abc import Callable

from tests.simulation.timeline import Nap, Process, Timeline


class VirtualEvent:
    """A :class:`threading.Event` whose time is virtual."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._is_set = False
        self._naps: list[Nap] = []

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        for nap in self._naps:
            self._timeline.end_nap(nap)

    def clear(self) -> None:
        self._is_set = False

    def wait(self, timeout: float) -> bool:
        if not self._is_set:
            self._timeline.nap(round(timeout * 1000), self._naps.append)
        return self._is_set


class VirtualLock:
    """A :class:`threading.Lock` that is waited for in virtual time: its holder may be parked."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._is_held = False

    def __enter__(self) -> None:
        while self._is_held:
            self._timeline.sleep(1)
        self._is_held = True

    def __exit__(self, *_: object) -> None:
        self._is_held = False


class FiberWorkers:
    """Runs each piece of work in a fiber; a :class:`clockmill.runner.workers.Workers`."""

    def __init__(
        self, timeline: Timeline, process: Process, mistaken: Callable[[BaseException], None]
    ) -> None:
        self._timeline = timeline
        self._process = process
        self._mistaken = mistaken
        self._busy = 0
        self._idle = VirtualEvent(timeline)
        self._idle.set()

    def submit(self, work: Callable[[], None]) -> None:
        self._busy += 1
        self._idle.clear()
        self._timeline.spawn(self._process, lambda: self._run(work))

    def wait_idle(self, timeout_s: float) -> bool:
        return self._idle.wait(timeout_s)

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - as a thread of the real ones does
            self._mistaken(error)
        finally:
            self._busy -= 1
            if not self._busy:
                self._idle.set()
