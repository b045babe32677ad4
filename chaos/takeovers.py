"""How long it takes until others have taken over what a dead node owned."""

import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from sqlalchemy import select

from clockmill.core.errors import Unavailable
from clockmill.store.database import Store
from clockmill.store.tables import graph_runs

T = TypeVar("T")

_PATIENCE_S: Final = 60


class Takeovers:
    """Watches the rows of a store. *seconds* is what each takeover took, from the death on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.seconds: list[float] = []

    def watch(self, node: str) -> None:
        """Return once *node* owns nothing any more, and others own what does not need its engine."""
        began = time.monotonic()
        left = self._insist(lambda: dict(self._owned(node)))
        if not left:
            return
        while self._insist(lambda: self._is_left(left, node)) and time.monotonic() - began < _PATIENCE_S:
            time.sleep(0.02)
        self.seconds.append(time.monotonic() - began)

    def _insist(self, ask: Callable[[], T]) -> T:
        """Return what *ask* reads, asked again while the database is being restarted."""
        while True:
            try:
                return ask()
            except Unavailable:
                time.sleep(0.02)

    def _owned(self, node: str) -> Iterator[tuple[int, bool]]:
        """Give the runs that *node* owns, each with whether any node could own it."""
        columns = (graph_runs.c.id, graph_runs.c.needs)
        owned = graph_runs.c.owner_node == node, graph_runs.c.state == "EXECUTING"
        with self._store.read() as tx:
            for run_id, needs in tx.execute(select(*columns).where(*owned)):
                yield run_id, needs is None

    def _is_left(self, left: dict[int, bool], node: str) -> bool:
        columns = (graph_runs.c.id, graph_runs.c.owner_node)
        open_ones = graph_runs.c.id.in_(list(left)), graph_runs.c.state == "EXECUTING"
        with self._store.read() as tx:
            rows = tx.execute(select(*columns).where(*open_ones)).all()
        return any(owner == node or (owner is None and left[run_id]) for run_id, owner in rows)
