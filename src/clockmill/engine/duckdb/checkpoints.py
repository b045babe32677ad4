"""Checkpoints: bringing the log into the file, once it has grown and while the disk has room for it.

DuckDB would do it by itself at a commit. But a checkpoint that finds the disk full makes the whole
database unusable until it is opened anew, while a log that cannot grow only fails the statement. So
DuckDB leaves it to us, and we do not begin what there may be no room to end.
"""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb

from clockmill.engine.duckdb.loss import Loss

log = logging.getLogger(__name__)

NEVER_BY_ITSELF: Final = "1TB"
"""The size of the log at which DuckDB makes a checkpoint of its own accord."""

LOG_BYTES: Final = 16 * 1024 * 1024
"""The size of the log that is brought into the file."""

_SPARE_BYTES: Final = 16 * 1024 * 1024
_REWRITTEN_BYTES: Final = 256 * 1024 * 1024
"""Old blocks that a checkpoint is taken to write anew at most: those that the log has changed."""


class Checkpoints:
    """Keeps the log of the engine's file *path* short. Safe between threads."""

    def __init__(self, path: Path, connect: Callable[[], duckdb.DuckDBPyConnection], loss: Loss) -> None:
        self._path = path
        self._log = path.with_name(path.name + ".wal")
        self._connect = connect
        self._loss = loss
        self._turn = threading.Lock()
        self._lacks_room = False

    def consider(self) -> None:
        """Make a checkpoint if the log is long. For after each commit: it costs next to nothing else."""
        try:
            logged = self._log.stat().st_size
        except FileNotFoundError:
            return
        if logged < LOG_BYTES or not self._turn.acquire(blocking=False):
            return
        try:
            if self._has_room(logged):
                self._checkpoint()
        finally:
            self._turn.release()

    def _has_room(self, logged: int) -> bool:
        disk = os.statvfs(self._path)
        needed = 2 * logged + min(self._path.stat().st_size, _REWRITTEN_BYTES) + _SPARE_BYTES
        lacks_room = disk.f_bavail * disk.f_frsize < needed
        if lacks_room and not self._lacks_room:
            facts = {"file": str(self._path), "log_bytes": logged, "needed_bytes": needed}
            log.warning("the disk lacks room to shorten the engine's log", extra=facts)
        self._lacks_room = lacks_room
        return not lacks_room

    def _checkpoint(self) -> None:
        with self._connect() as connection:
            try:
                connection.execute("CHECKPOINT")
            except duckdb.TransactionException:
                # Somebody has changed something and not committed yet. The next commit tries again.
                return
            except duckdb.FatalException as error:
                # What was committed is in the log, whoever is told next that the engine is gone.
                self._loss.map_error(error)
