"""Threads for bodies: as many as are needed at once, kept for a while, gone when idle."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Final, Protocol

log = logging.getLogger(__name__)

IDLE_S: Final = 30.0
"""How long a thread that has nothing to do waits for more."""

Work = Callable[[], None]


class Workers(Protocol):
    """Where bodies run."""

    def submit(self, work: Work) -> None:
        """Run *work* in some thread, soon. It is the caller who bounds how much there is."""
        ...

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is running or waiting to run; False if that takes too long."""
        ...


class ThreadWorkers:
    """Daemon threads, started on demand: whoever submits holds a slot, and slots are bounded."""

    def __init__(self, name: str = "body") -> None:
        self._name = name
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._idle = 0
        self._busy = 0
        self._untaken = 0

    def submit(self, work: Work) -> None:
        with self._changed:
            self._busy += 1
            self._untaken += 1
            needs_thread = self._idle < self._untaken
            if needs_thread:
                # Counted as idle until it takes its first piece.
                self._idle += 1
            self._queue.put(work)
        if needs_thread:
            threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    def wait_idle(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, timeout_s)

    def close(self) -> None:
        """Let the threads that are idle end. What still runs is not waited for."""
        with self._changed:
            for _ in range(self._idle):
                self._queue.put(None)

    def _serve(self) -> None:
        while True:
            try:
                work = self._queue.get(timeout=IDLE_S)
            except queue.Empty:
                with self._changed:
                    if not self._untaken:
                        self._idle -= 1
                        return
                continue
            if work is None:
                with self._changed:
                    self._idle -= 1
                return
            with self._changed:
                self._idle -= 1
                self._untaken -= 1
            try:
                work()
            except Exception:
                # A thread that died here would take a slot with it.
                log.exception("a worker's task raised")
            finally:
                with self._changed:
                    self._busy -= 1
                    self._idle += 1
                    if not self._busy:
                        self._changed.notify_all()
