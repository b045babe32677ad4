"""Fairness between scripts that compute for long and everything else in the process.

The interpreter lock of Python changes hands every five milliseconds at best. A few endless loops
would make every other thread wait for each of them, each time it wants to go on, which a single
statement does a dozen times. So of all the scripts that compute without asking the engine only
one goes on at a time, and it stands back for a moment after every slice.
"""

import threading
import time
from typing import Final

from clockmill.core.cancel import CancelToken

_SLICE_S: Final = 0.001
_PAUSE_S: Final = 0.000_1
"""A script computes for a millisecond, then others may: that costs it a tenth of its speed.

Measured with four endless loops beside it: a query of one millisecond takes ten instead of a hundred.
"""

_LOOK_S: Final = 0.05
"""How long a script that waits for its slice takes to notice that it is cancelled."""


class Computing:
    """The one place for scripts that compute for long."""

    def __init__(self) -> None:
        self._place = threading.Lock()

    def turn(self, cancel: CancelToken) -> "ComputingTurn":
        """Return what one script keeps of it."""
        return ComputingTurn(self._place, cancel)


class ComputingTurn:
    """One script's part: it takes the place once it has computed for a slice without a break."""

    def __init__(self, place: threading.Lock, cancel: CancelToken) -> None:
        self._place = place
        self._cancel = cancel
        self._holds = False
        self._since = time.perf_counter()

    def go_on(self) -> None:
        """Let others have a slice, if this script has had one. To be called again and again."""
        if time.perf_counter() - self._since < _SLICE_S:
            return
        self.pause()
        time.sleep(_PAUSE_S)
        while not self._holds and self._cancel.reason is None:
            self._holds = self._place.acquire(timeout=_LOOK_S)
        self._since = time.perf_counter()

    def pause(self) -> None:
        """Leave the place: the script waits for something, or is at its end."""
        if self._holds:
            self._holds = False
            self._place.release()
        self._since = time.perf_counter()
