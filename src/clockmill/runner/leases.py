"""The lease of this node: as long as it lasts, what the node owns is its own.

It is renewed long before it ends, and counted here on the steady clock from before each renewal
was asked for. Whoever cannot renew stops its work by itself, with a margin, before the others may
believe that it has; then it registers anew. The others' leases are watched: when one has ended,
the runs of that node are let go. Nothing here waits for the store: :meth:`NodeLease.step` asks,
and later steps take the answer, so that a store that hangs does not keep a lease from ending.
"""

import logging
import math
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

import msgspec

from clockmill.clock import Clock
from clockmill.core.errors import ClockmillError
from clockmill.core.node import NewNode, NodeState
from clockmill.store import nodes
from clockmill.store.database import Store, Transaction
from clockmill.store.nodes import Lease
from clockmill.store.present import present
from clockmill.wake import Topic, Wakeups

log = logging.getLogger(__name__)

RENEWALS: Final = 3
"""How often a lease is renewed in the time that it lasts."""

MARGIN: Final = 0.1
"""The part of its lease that a node leaves unused, to stop its work in."""

RETRY_S: Final = 0.5
"""How long after a renewal that failed it is asked for again."""

SOONEST_S: Final = 0.02
"""How long the end of somebody's lease is waited for at least: clocks differ by a little."""

FOREVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of the lease of a node whose store is its own."""


class _Granted(NamedTuple):
    """What came of a request: the lease, None if it is lost, and the nodes whose leases had ended."""

    lease: Lease | None
    expired: list[str]


class NodeLease:
    """Keeps the lease of *node*, which lasts *duration* unless it is renewed; None is for ever.

    Once it is registered it has a *number*, and *is_alone* if no other node may be at work.

    *on_lost* is called when it has ended, and stops all work that the node owns; *on_state* with
    what the node may take up, at each renewal; *on_answer*, in any thread, when a step has an
    answer to take.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        node: NewNode,
        duration: timedelta | None,
        new_incarnation: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._store = store
        self._clock = clock
        self._wakeups = wakeups
        self._node = msgspec.structs.replace(node, incarnation=new_incarnation())
        self._duration = duration
        self._new_incarnation = new_incarnation
        self._asked_at = 0.0
        self._answer: Future[_Granted] | None = None
        self._is_held = False
        self._state = NodeState.ACTIVE
        self._good_until = 0.0
        self._ask_at = math.inf
        self.number = 0
        self.is_alone = False
        self.on_lost: Callable[[], None] = _nothing
        self.on_state: Callable[[NodeState], None] = lambda _: None
        self.on_answer: Callable[[], None] = _nothing

    @property
    def node(self) -> str:
        """The name of the node."""
        return self._node.name

    @property
    def holds(self) -> bool:
        """Whether the node may still believe that what it owns is its own."""
        return self._is_held and self._clock.monotonic() < self._good_until

    @property
    def is_asking(self) -> bool:
        """Whether there is an answer to wait for, or to take."""
        return self._answer is not None

    def finds_nobody(self) -> bool:
        """Say whether no other process is at work on the store, before this one is announced."""
        if self._duration is None:
            return True
        with self._store.read() as tx:
            now = present(tx, self._clock.now())
            # Whoever ran on the same folder has ended: we have that now.
            return not any(
                each.is_alive(now) and each.home != self._node.home for each in nodes.list_nodes(tx)
            )

    def register(self) -> None:
        """Announce the node; raises NodeIsRunning if another process may be at work under its name."""
        self._asked_at = self._clock.monotonic()
        self._take(self._store.write(partial(self._register, node=self._node)))

    def reach_at(self, address: str) -> None:
        """Let the others know where this node listens, soon."""
        self._node = msgspec.structs.replace(self._node, address=address)
        self.ask_soon()

    def ask_soon(self) -> None:
        """Let the next step renew the lease, and learn what the node may take up."""
        self._ask_at = self._clock.monotonic()

    def end(self) -> None:
        """Give the lease back, and let go of whatever the node still owns; it ends by itself otherwise."""
        self._is_held, self._ask_at = False, math.inf
        try:
            self._store.write(self._end)
        except ClockmillError as error:
            log.warning("lease not given back", extra={"node": self._node.name, "error": error.message})
        self._wakeups.raise_(Topic.RUNS)

    def step(self, now: datetime) -> datetime | None:
        """Take the answer to what was asked, give up a lease that has ended, ask for what is due.

        Returns when the next step is due at the latest; None if there is nothing to wait for.
        """
        if self._is_held and not self.holds:
            # Before any answer is taken: what was refused meanwhile would never be begun.
            self._lose("not renewed in time")
        if self._answer is not None and self._answer.done():
            self._hear(self._answer)
        if self._answer is None and self._clock.monotonic() >= self._ask_at:
            self._ask()
        due = min(
            self._good_until if self._is_held else math.inf,
            self._ask_at if self._answer is None else math.inf,
        )
        return None if due == math.inf else now + timedelta(seconds=due - self._clock.monotonic())

    # --- asking ----------------------------------------------------------------------------------

    def _ask(self) -> None:
        # Counted from before it is asked for: the store counts from later.
        self._asked_at = self._clock.monotonic()
        work = self._renew if self._is_held else self._register
        self._answer = self._store.submit(partial(work, node=self._node))
        self._answer.add_done_callback(lambda _: self.on_answer())

    def _hear(self, answer: "Future[_Granted]") -> None:
        self._answer = None
        try:
            granted = answer.result()
        except ClockmillError as error:
            log.warning("lease not renewed", extra={"node": self._node.name, "error": error.message})
            self._ask_at = self._clock.monotonic() + min(RETRY_S, self._length_s / RENEWALS)
        else:
            self._take(granted)

    def _take(self, granted: _Granted) -> None:
        for name in granted.expired:
            if name != self.node:
                log.warning("node gone", extra={"gone": name})
        if granted.lease is None:
            self._lose("taken by others")
            return
        is_new, self._is_held = not self._is_held, True
        self.number, self._state = granted.lease.number, granted.lease.state
        self.is_alone = granted.lease.others_end_in is None
        self._good_until = self._asked_at + (1 - MARGIN) * self._length_s
        self._ask_at = self._next_ask(granted.lease.others_end_in)
        self.on_state(self._state)
        if is_new or granted.expired:
            self._wakeups.raise_(Topic.RUNS)

    def _next_ask(self, others_end_in: timedelta | None) -> float:
        """Return when to ask again: to renew, or to see whether another lease has ended."""
        wait_s = self._length_s / RENEWALS
        if others_end_in is not None:
            wait_s = min(wait_s, max(others_end_in.total_seconds(), SOONEST_S))
        return self._asked_at + wait_s

    def _lose(self, why: str) -> None:
        log.error("lease lost", extra={"node": self._node.name, "why": why})
        self._is_held = False
        self._node = msgspec.structs.replace(self._node, incarnation=self._new_incarnation())
        # What was asked before it was lost does not bring it back.
        self._answer, self._ask_at = None, self._clock.monotonic()
        self.on_lost()

    @property
    def _length_s(self) -> float:
        return math.inf if self._duration is None else self._duration.total_seconds()

    # --- in the store ----------------------------------------------------------------------------

    def _register(self, tx: Transaction, node: NewNode) -> _Granted:
        now = present(tx, self._clock.now())
        expired = self._expire(tx, now)
        return _Granted(nodes.register_node(tx, node, self._until(now), now, self._state), expired)

    def _renew(self, tx: Transaction, node: NewNode) -> _Granted:
        now = present(tx, self._clock.now())
        expired = self._expire(tx, now)
        return _Granted(nodes.renew_lease(tx, node, self._until(now), now), expired)

    def _expire(self, tx: Transaction, now: datetime) -> list[str]:
        if self._duration is None:
            if not self._is_held:
                nodes.end_all_leases(tx, now)
            return []
        return nodes.expire_leases(tx, now)

    def _end(self, tx: Transaction) -> None:
        nodes.end_lease(tx, self._node, present(tx, self._clock.now()))

    def _until(self, now: datetime) -> datetime:
        return FOREVER if self._duration is None else now + self._duration


def _nothing() -> None:
    pass
