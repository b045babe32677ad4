"""Holding a warehouse slot while a statement runs, and giving it back while it only waits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from clockmill.core.body import Slot, Slots
from clockmill.core.cancel import CancelToken
from clockmill.core.errors import NotFound, StatementCancelled
from clockmill.session.faults import NoActiveWarehouse


def wait_for_slot(slots: Slots, warehouse: str | None, cancel: CancelToken, *, urgent: bool) -> Slot:
    """Return a slot of *warehouse* once one is free.

    Raises StatementCancelled when *cancel* comes first, NoActiveWarehouse if there is no *warehouse*.
    """
    waiting = _Waiting()
    try:
        withdraw = slots.request(warehouse, waiting.grant, urgent=urgent)
    except NotFound as error:
        raise NoActiveWarehouse from error
    with cancel.interrupting(waiting.wake):
        waiting.wait()
    if cancel.reason is not None:
        withdraw()
        waiting.give_up()
        raise StatementCancelled
    return waiting.take()


class _Waiting:
    """Where a grant and a cancellation meet; a slot granted too late goes straight back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._awake = threading.Event()
        self._slot: Slot | None = None
        self._gave_up = False

    def grant(self, slot: Slot) -> None:
        with self._lock:
            self._slot = slot
            unwanted = self._gave_up
        if unwanted:
            slot.release()
        self._awake.set()

    def wake(self) -> None:
        self._awake.set()

    def wait(self) -> None:
        self._awake.wait()

    def give_up(self) -> None:
        with self._lock:
            self._gave_up = True
            slot = self._slot
        if slot is not None:
            slot.release()

    def take(self) -> Slot:
        if self._slot is None:  # pragma: no cover - only a grant or a cancellation wakes us
            raise RuntimeError("woken without a slot")
        return self._slot


class SlotHolder:
    """The slot of one running statement. It is the engine's TableWait: no table, no slot.

    A *slot* that the caller holds already stays the caller's to release.
    """

    def __init__(
        self, slots: Slots, warehouse: str | None, cancel: CancelToken, slot: Slot | None = None
    ) -> None:
        self._slots = slots
        self._warehouse = warehouse
        self._cancel = cancel
        self._slot = self._given = slot
        self._is_lent = False
        self._holders = 0

    @contextmanager
    def held(self, *, urgent: bool) -> Iterator[None]:
        """Hold a slot within the block, and give it back at its end unless it is the caller's.

        A statement within one that holds it rides along.
        """
        if self._slot is None and not self._holders:
            self._slot = wait_for_slot(self._slots, self._warehouse, self._cancel, urgent=urgent)
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            if not self._holders and self._slot is not self._given:
                self.release()

    def release(self) -> None:
        """Give the slot back, if one is held."""
        slot, self._slot = self._slot, None
        if slot is not None:
            slot.release()

    def begin(self) -> None:
        """Give the slot to others while the statement waits for a table."""
        self._is_lent = self._slot is not None
        self.release()

    def end(self) -> None:
        """Take a slot again; who already has the tables goes first, since others wait for them.

        Never raises, because the tables are taken by now: a statement that was cancelled meanwhile
        goes on without a slot, to be stopped by the engine, and so does one without a warehouse.
        """
        if not self._is_lent:
            return
        self._is_lent = False
        with suppress(StatementCancelled, NoActiveWarehouse):
            self._slot = wait_for_slot(self._slots, self._warehouse, self._cancel, urgent=True)

    def riding(self) -> "SlotHolder":
        """Return a holder for a statement in another thread, which rides on this one's slot."""
        return _Riding(self._slots, self._warehouse, self._cancel)


class _Riding(SlotHolder):
    """Holds nothing: the statement that it is for runs within one that has a slot."""

    @contextmanager
    def held(self, *, urgent: bool) -> Iterator[None]:  # noqa: ARG002 - nothing is waited for
        """Do nothing."""
        yield
