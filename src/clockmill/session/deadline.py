"""Time limits of statements: one waiting thread for each statement that has one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from clockmill.core.cancel import CancelReason, CancelToken


@contextmanager
def deadline(cancel: CancelToken, seconds: float | None) -> Iterator[None]:
    """Cancel with TIMEOUT if the block takes longer than *seconds*; None is no limit."""
    if seconds is None:
        yield
        return
    timer = threading.Timer(seconds, cancel.cancel, (CancelReason.TIMEOUT,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
