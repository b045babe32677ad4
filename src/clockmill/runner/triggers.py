"""What streams have given reason to: hints that come from anywhere, taken up by the scheduler's tick."""

import threading
from collections.abc import Collection, Iterable
from datetime import datetime

from clockmill.core.fire import DueRoot
from clockmill.core.graph import Graph
from clockmill.core.names import QualifiedName
from clockmill.core.trigger import trigger_at
from clockmill.runner.conditions import Conditions
from clockmill.runner.graph_cache import GraphCache
from clockmill.store import triggers
from clockmill.store.database import Store
from clockmill.store.triggers import Triggered


class Triggers:
    """Lets roots be due whose streams have data.

    A hint is a stream that may have got data, or a root one run of which has ended: it looks whether
    there is more. Roots are found by their stream, so that nothing grows with the number of tasks.
    """

    def __init__(self, *, store: Store, graphs: GraphCache, conditions: Conditions) -> None:
        self._store = store
        self._graphs = graphs
        self._conditions = conditions
        self._lock = threading.Lock()
        self._streams: set[QualifiedName] = set()
        self._ended: set[str] = set()

    def hear_streams(self, streams: Iterable[QualifiedName]) -> None:
        with self._lock:
            self._streams.update(streams)

    def hear_end(self, root_id: str) -> None:
        with self._lock:
            self._ended.add(root_id)

    def take_up(self, now: datetime) -> None:
        """Let roots be due for which there have been hints; hints that cannot be taken up are kept."""
        with self._lock:
            streams, self._streams = self._streams, set()
            ended, self._ended = self._ended, set()
        if not streams and not ended:
            return
        try:
            self._look(streams, ended, now)
        except BaseException:
            self.hear_streams(streams)
            for root_id in ended:
                self.hear_end(root_id)
            raise

    def look_at_all(self, now: datetime) -> None:
        """Look at the streams of every root that waits for data, as after a start."""
        with self._store.read() as tx:
            waiting = triggers.list_waiting_roots(tx)
        graphs = self._load(waiting)
        self._trigger(self._with_reason(waiting, graphs), graphs, now)

    def _look(self, streams: Collection[QualifiedName], ended: Collection[str], now: datetime) -> None:
        with self._store.read() as tx:
            told = triggers.list_roots_of_streams(tx, streams)
            others = triggers.list_waiting_roots(tx, sorted(ended)) if ended else []
        graphs = self._load([*told, *others])
        # A stream that got data lets the run begin that judges the whole condition, and is skipped
        # if it does not hold. What nobody has changed since is judged first: it would be skipped
        # for ever otherwise.
        known = {root.root_id for root in told}
        again = self._with_reason((root for root in others if root.root_id not in known), graphs)
        self._trigger([*told, *again], graphs, now)

    def _load(self, roots: Iterable[DueRoot]) -> dict[str, Graph]:
        with self._store.read() as tx:
            found = self._graphs.load(tx, {(root.root_id, root.version) for root in roots})
        return {root_id: graph for (root_id, _), graph in found.items()}

    def _with_reason(self, roots: Iterable[DueRoot], graphs: dict[str, Graph]) -> list[DueRoot]:
        return [
            root
            for root in roots
            if root.root_id in graphs and self._conditions.may_trigger(graphs[root.root_id].root_task)
        ]

    def _trigger(self, roots: Iterable[DueRoot], graphs: dict[str, Graph], now: datetime) -> None:
        due = [
            Triggered(root, trigger_at(graphs[root.root_id].root_task.spec, root.base, now))
            for root in roots
            if root.root_id in graphs
        ]
        if due:
            self._store.write(lambda tx: triggers.trigger_roots(tx, due))
