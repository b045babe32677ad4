"""The history of statements: written behind the caller's back, many at a time."""

import logging
import threading
from concurrent.futures import Future, wait
from typing import Final

import msgspec

from clockmill.core.errors import ClockmillError
from clockmill.session.masking import mask
from clockmill.store.database import Store
from clockmill.store.queries import QueryRow, QuerySearch, insert_queries, list_queries

log = logging.getLogger(__name__)

_DELAY_S: Final = 0.5
"""How long rows are gathered. Every commit makes caches of the store look again, so: seldom."""

_PATIENCE_S: Final = 5.0
"""How long a reader waits for what has just ended to be written."""

_BATCH: Final = 2_000
"""Rows that are written without waiting for more."""


class QueryLog:
    """Collects finished statements and writes them together, shortly after."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        """Held from taking rows until they are with the store: who waits for it misses none of them."""
        self._written: Future[None] | None = None
        self._rows: list[QueryRow] = []
        self._timer: threading.Timer | None = None

    def record(self, row: QueryRow) -> None:
        """Note a finished statement. Returns at once."""
        with self._lock:
            self._rows.append(row)
            is_full = len(self._rows) >= _BATCH
            if self._timer is None and not is_full:
                self._timer = threading.Timer(_DELAY_S, self._write)
                self._timer.daemon = True
                self._timer.start()
        if is_full:
            self._write()

    def flush(self, timeout_s: float | None = None) -> None:
        """Return once everything noted so far is durable, or is lost and the log says so.

        Returns after *timeout_s* in any case: a store that cannot be written must not hold up who reads.
        """
        self._write()
        if self._written is not None:
            wait([self._written], timeout_s)

    def search(self, asked: QuerySearch) -> list[QueryRow]:
        """Return the statements that *asked* describes, those that have just ended too."""
        self.flush(_PATIENCE_S)
        with self._store.read() as tx:
            return list_queries(tx, asked)

    def _write(self) -> None:
        with self._writing:
            rows = self._take()
            if not rows:
                return
            masked = [_masked(row) for row in rows]
            try:
                future = self._store.submit(lambda tx: insert_queries(tx, masked))
            except ClockmillError as error:
                # The store is closing or refuses: the history loses rows, the statements lose nothing.
                facts = {"rows": len(rows), "error": error.message}
                log.warning("query history not written", extra=facts)
                return
            # One writer writes in the order of submission: when this is done, so is all before it.
            self._written = future
        future.add_done_callback(_report)

    def _take(self) -> list[QueryRow]:
        with self._lock:
            rows, self._rows = self._rows, []
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        return rows


def _masked(row: QueryRow) -> QueryRow:
    """Return *row* without secrets; an error may repeat a piece of the text."""
    message = row.error_message and mask(row.error_message)
    return msgspec.structs.replace(row, text=mask(row.text), error_message=message)


def _report(future: "Future[None]") -> None:
    error = future.exception()
    if error is not None:
        log.error("query history not written", exc_info=error)
