"""Warehouse slots: so many top-level statements at once, the rest in the order they came."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from clockmill.core.body import Slot
from clockmill.core.errors import ClockmillError

log = logging.getLogger(__name__)


class WarehouseSlots:
    """The slots of all warehouses; implements :class:`clockmill.core.body.Slots`.

    *slot_count* says how many a warehouse has, None being the system's pool; it may raise for a
    warehouse that is not there, and the request then does. It is asked once for each warehouse,
    and again after :meth:`refresh`. *prepare* is told of each request for a warehouse: it resumes
    a suspended one, and raises where there is none or it may not be resumed, as does the request.
    """

    def __init__(
        self,
        slot_count: Callable[[str | None], int],
        *,
        prepare: Callable[[str], None] = lambda _warehouse: None,
    ) -> None:
        self._slot_count = slot_count
        self._prepare = prepare
        self._lock = threading.Lock()
        self._queues: dict[str | None, _Queue] = {}

    def request(
        self, warehouse: str | None, granted: Callable[[Slot], None], *, urgent: bool = False
    ) -> Callable[[], None]:
        """Call *granted* with a slot of *warehouse* once one is free; return how to withdraw."""
        # Asked for outside the lock: both may go to the store.
        if warehouse is not None:
            self._prepare(warehouse)
        known = warehouse in self._queues
        size = 0 if known else self._slot_count(warehouse)
        ticket = _Ticket(granted)
        with self._lock:
            queue = self._queues.setdefault(warehouse, _Queue(size))
            (queue.urgent if urgent else queue.patient).append(ticket)
            ready = queue.admit()
        self._grant(queue, ready)
        return lambda: self._withdraw(queue, ticket)

    def refresh(self) -> None:
        """Ask again for the number of slots of every warehouse; one that is gone keeps its own."""
        for warehouse in list(self._queues):
            try:
                size = self._slot_count(warehouse)
            except ClockmillError:
                # Whoever waits for a warehouse that was dropped must not wait for ever.
                log.info("warehouse is gone", extra={"warehouse": warehouse})
                continue
            with self._lock:
                queue = self._queues[warehouse]
                queue.size = size
                ready = queue.admit()
            self._grant(queue, ready)

    def in_use(self, warehouse: str | None) -> int:
        """Return how many slots of *warehouse* are held."""
        with self._lock:
            queue = self._queues.get(warehouse)
            return queue.held if queue else 0

    def _grant(self, queue: "_Queue", ready: "list[_Ticket]") -> None:
        # Outside the lock: whoever is granted a slot may ask for another.
        for ticket in ready:
            ticket.granted(_Held(lambda: self._release(queue)))

    def _release(self, queue: "_Queue") -> None:
        with self._lock:
            queue.held -= 1
            ready = queue.admit()
        self._grant(queue, ready)

    def _withdraw(self, queue: "_Queue", ticket: "_Ticket") -> None:
        with self._lock:
            for waiting in (queue.urgent, queue.patient):
                if ticket in waiting:
                    waiting.remove(ticket)


class _Ticket:
    def __init__(self, granted: Callable[[Slot], None]) -> None:
        self.granted = granted


class _Queue:
    """Who waits for one warehouse, and how many are in it. Guarded by the lock of the whole."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.held = 0
        self.urgent: deque[_Ticket] = deque()
        self.patient: deque[_Ticket] = deque()

    def admit(self) -> list[_Ticket]:
        """Take from the queue whoever there is a slot for."""
        ready = []
        while self.held < self.size and (self.urgent or self.patient):
            ready.append((self.urgent or self.patient).popleft())
            self.held += 1
        return ready


class _Held:
    """A slot that is held until it is released."""

    def __init__(self, release: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._release: Callable[[], None] | None = release

    def release(self) -> None:
        with self._lock:
            release, self._release = self._release, None
        if release is not None:
            release()
