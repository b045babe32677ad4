"""What bodies leave in the engine to be recognised by, for whoever takes their runs over."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from clockmill.core.body import BodyOutcome, BodyRequest, Recall, Remains
from clockmill.core.errors import ClockmillError, SystemFault
from clockmill.engine.completion import AlreadyRun, BodyKey, Completion, Markers
from clockmill.sql.effects import Effect, effect_of_body

log = logging.getLogger(__name__)

_GATHER_S: Final = 2.0
"""How long runs that are closed are gathered before their markers are taken away together."""

_MARKED: Final = frozenset({Effect.ONE_TRANSACTION, Effect.SCRIPT})
"""What bodies that leave a marker change: what commits nothing needs none, and to what is changed
outside of the engine no marker could be tied."""

Run = tuple[str, int]
"""A graph run: its group id and attempt."""


class Marking:
    """Gives bodies their markers, reads what they have left, and takes it away. Safe between threads.

    Without *is_on* no body leaves a marker, and what is left of it cannot be told.
    """

    def __init__(self, markers: Markers, now: datetime, *, is_on: bool) -> None:
        markers.keep_from(now if is_on else None)
        self._markers = markers
        self._since = markers.since
        self._lock = threading.Lock()
        self._under_way: Counter[Run] = Counter()
        self._unsure: set[BodyKey] = set()
        self._closed: set[Run] = set()
        self._has_closed = threading.Event()
        self._is_ending = threading.Event()
        self._pruner: threading.Thread | None = None

    # --- a body under way ------------------------------------------------------------------------

    @contextmanager
    def marked(self, body: BodyRequest, returned: Callable[[], str | None]) -> Iterator[Completion | None]:
        """Give what marks *body* while it runs; None if it is one that leaves no marker."""
        effect = effect_of_body(body.definition)
        if self._since is None or effect not in _MARKED:
            yield None
            return
        key = key_of(body)
        run = (key.group_id, key.attempt)
        with self._lock:
            self._under_way[run] += 1
        try:
            self._begin_anew(key)
            yield Completion(key, returned, is_whole=effect is Effect.ONE_TRANSACTION)
        finally:
            with self._lock:
                self._under_way[run] -= 1
                if not self._under_way[run]:
                    del self._under_way[run]

    def _begin_anew(self, key: BodyKey) -> None:
        """Let a body that has done a part do it again, which whoever runs it has decided by now."""
        if key in self._unsure:
            self._markers.clear(key)
            self._unsure.discard(key)

    def complete(self, completion: Completion | None, return_value: str | None) -> None:
        """Leave word that a body of several transactions has come to its end."""
        if completion is None or not completion.is_written or completion.is_whole:
            return
        try:
            self._markers.complete(completion.key, return_value)
        except ClockmillError:
            # Its end is about to be recorded all the same.
            log.warning("marker not completed", extra={"group": completion.key.group_id}, exc_info=True)

    def end_of(self, completion: Completion | None) -> BodyOutcome | None:
        """Return how a body has ended that has failed, if the markers know better.

        All it does may be committed, by itself before it was stopped or by another execution; or
        another execution has done a part.
        """
        if completion is None:
            return None
        try:
            marker = self._markers.find(completion.key)
        except ClockmillError:
            return None
        if marker is not None and marker.is_complete:
            return BodyOutcome(return_value=marker.return_value)
        if not completion.is_met:
            return None
        return BodyOutcome(
            error_code=SystemFault.code, error_message=AlreadyRun().message, is_system_error=True
        )

    # --- afterwards ------------------------------------------------------------------------------

    def recall(self, body: BodyRequest) -> Recall:
        """Return what is left of an execution of *body* that has ended without telling."""
        effect = effect_of_body(body.definition)
        if effect is Effect.NONE:
            return Recall(remains=Remains.NOTHING)
        key = key_of(body)
        marker = self._markers.find(key) if effect in _MARKED else None
        if marker is not None and marker.is_complete:
            return Recall(remains=Remains.COMPLETE, outcome=BodyOutcome(return_value=marker.return_value))
        if marker is None and effect in _MARKED and self._was_marked(body):
            return Recall(remains=Remains.NOTHING)
        self._unsure.add(key)
        return Recall(remains=Remains.UNKNOWN)

    def _was_marked(self, body: BodyRequest) -> bool:
        """Say whether bodies were marked already when *body* may have begun."""
        return self._since is not None and body.graph_run.original_scheduled_at >= self._since

    def runs(self) -> set[Run]:
        """Return the runs whose bodies have left markers."""
        return self._markers.runs()

    def forget(self, runs: Collection[Run]) -> None:
        """Have the markers of *runs* taken away soon: they are closed."""
        marked = self._markers.runs_among(runs)
        if not marked:
            return
        with self._lock:
            self._closed |= marked
            if self._pruner is None and not self._is_ending.is_set():
                self._pruner = threading.Thread(target=self._prune_for_ever, name="markers", daemon=True)
                self._pruner.start()
        self._has_closed.set()

    def prune(self) -> None:
        """Take away the markers of runs that are closed, but for those of which a body still runs.

        Such a body was begun by a lease that has ended: without the marker it could commit once more.
        """
        with self._lock:
            gone = self._closed - self._under_way.keys()
        self._markers.forget(gone)
        with self._lock:
            self._closed -= gone

    def _prune_for_ever(self) -> None:
        while not self._is_ending.is_set():
            self._has_closed.wait()
            self._has_closed.clear()
            self._is_ending.wait(_GATHER_S)
            try:
                self.prune()
            except ClockmillError:
                log.warning("markers not taken away", exc_info=True)
                self._has_closed.set()

    def close(self) -> None:
        """End the thread that takes markers away; what is left is for the next start."""
        self._is_ending.set()
        self._has_closed.set()
        if self._pruner is not None:
            self._pruner.join()


def key_of(body: BodyRequest) -> BodyKey:
    """Return what all executions of *body* share."""
    return BodyKey(body.graph_run.group_id, body.graph_run.attempt, body.task_id)
