"""Time limits of statements: one waiting thread for each statement that has one."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from clockmill.core.cancel import CancelReason, CancelToken


def deadline(cancel: CancelToken, seconds: float | None) -> AbstractContextManager[None]:
    """Cancel with TIMEOUT if the block takes longer than *seconds*; None is no limit."""
    return nullcontext() if seconds is None else _limited(cancel, seconds)


@contextmanager
def _limited(cancel: CancelToken, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, cancel.cancel, (CancelReason.TIMEOUT,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
