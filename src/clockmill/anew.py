"""Starting the server anew in the place of a process that cannot go on with what it has open.

To everybody else it is as if the process had been killed and started again, which the promises
allow for; nothing is recorded on the way of which nobody could know whether it is true.
"""

import logging
import os
import sys
import threading
import time
from typing import Final, NoReturn

log = logging.getLogger(__name__)

_MARK: Final = "_CLOCKMILL_STARTED_ANEW"
_PAUSE_S: Final = 3.0
"""Between one start that fails and the next."""

_turn = threading.Lock()


def start_anew() -> NoReturn:
    """Replace this process with a new one that has the same command line."""
    _turn.acquire()  # never released: the first thread does it for all
    log.critical("the server starts anew")
    os.environ[_MARK] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves


def try_again(error: Exception) -> None:
    """Start anew in a while if that is how this process has begun; return if somebody has started it.

    Who starts a server is told what is wrong. One that has started itself has nobody to tell.
    """
    if _MARK in os.environ:
        log.error("the server cannot start yet", extra={"reason": str(error)})
        time.sleep(_PAUSE_S)
        start_anew()
