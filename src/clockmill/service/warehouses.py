"""What is done with warehouses: create, alter, drop, resume, suspend, look at.

Whoever keeps the slots is woken when a warehouse's size or state changes, after the commit.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Unpack

from clockmill.clock import Clock
from clockmill.core import warehouse as rules
from clockmill.core.caller import Caller
from clockmill.core.errors import NotFound
from clockmill.core.listing import Selection, select_named
from clockmill.core.names import render
from clockmill.core.sentences import DONE, already_dropped, already_there, created, dropped
from clockmill.core.task import CreateMode
from clockmill.core.warehouse import Warehouse, WarehouseSpec, WarehouseStateFault, WarehouseSuspended
from clockmill.service.access import Action, authorize
from clockmill.store import warehouses as rows
from clockmill.store.database import Store, Transaction
from clockmill.wake import Topic, Wakeups

SYSTEM_SLOTS: Final = 16
"""How many statements of tasks without a warehouse run at once, unless a setting says otherwise."""


class WarehouseService:
    """The use cases of warehouses. *system_slots* is the size of the pool without a warehouse."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        system_slots: int = SYSTEM_SLOTS,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._store = store
        self._clock = clock
        self._wakeups = wakeups
        self._system_slots = system_slots
        self._new_id = new_id
        # Replaced as a whole at every change, so a read from before one is never kept after it.
        self._remembered: dict[str, Warehouse] = {}
        wakeups.subscribe(self._forget)

    # --- looking ---------------------------------------------------------------------------

    def list_warehouses(
        self,
        caller: Caller,
        **wanted: Unpack[Selection],
    ) -> list[Warehouse]:
        """Return the warehouses by name; the options are those of SHOW."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            found = rows.list_warehouses(tx)
        return select_named(found, lambda each: each.name, **wanted)

    def fetch_warehouse(self, caller: Caller, name: str) -> Warehouse:
        """Return the warehouse *name*, or raise NotFound."""
        authorize(caller, Action.SEE)
        with self._store.read() as tx:
            return _require(tx, name)

    def slot_count(self, name: str | None) -> int:
        """Return how many top-level statements *name* runs at once; None is the system's pool.

        A suspended warehouse has none, unless it is resumed for whoever needs it. Raises NotFound
        if there is no such warehouse.
        """
        if name is None:
            return self._system_slots
        warehouse = self._known(name)
        is_closed = warehouse.is_suspended and not warehouse.spec.auto_resume
        return 0 if is_closed else warehouse.slots

    def prepare_warehouse(self, name: str) -> None:
        """Make *name* ready for a statement: a suspended warehouse is resumed.

        Asked for every statement, so it does not read the store while nothing changes. Raises
        NotFound, or :class:`WarehouseSuspended` where AUTO_RESUME forbids it.
        """
        warehouse = self._known(name)
        if not warehouse.is_suspended:
            return
        if not warehouse.spec.auto_resume:
            raise WarehouseSuspended(render(name))

        def work(tx: Transaction) -> str:
            rows.resume_warehouse(tx, warehouse.id, self._clock.now())
            return DONE

        self._finish(work)

    # --- defining --------------------------------------------------------------------------

    def create_warehouse(
        self,
        caller: Caller,
        name: str,
        spec: WarehouseSpec,
        mode: CreateMode,
        *,
        initially_suspended: bool = False,
    ) -> str:
        """Make the warehouse *name*, and return the sentence that says so.

        If the name is taken, *mode* says whether to refuse, to replace it, or to leave it.
        """
        authorize(caller, Action.CREATE)
        spec = rules.checked(spec)

        def work(tx: Transaction) -> str:
            before = rows.find_warehouse(tx, name)
            if before is not None:
                if mode.keeps(render(name)):
                    return already_there(render(name))
                _require_to(Action.CHANGE, caller, before)
                rows.delete_warehouse(tx, before.id)
            rows.insert_warehouse(tx, self._new(caller, name, spec, is_suspended=initially_suspended))
            return created("Warehouse", render(name))

        return self._finish(work)

    def create_or_alter_warehouse(
        self, caller: Caller, name: str, spec: WarehouseSpec, *, initially_suspended: bool = False
    ) -> str:
        """Make the warehouse *name*, or give it these properties and no others; its state stays."""
        authorize(caller, Action.CREATE)
        spec = rules.checked(spec)

        def work(tx: Transaction) -> str:
            before = rows.find_warehouse(tx, name)
            if before is None:
                rows.insert_warehouse(tx, self._new(caller, name, spec, is_suspended=initially_suspended))
                return created("Warehouse", render(name))
            _require_to(Action.CHANGE, caller, before)
            rows.update_warehouse(tx, before.id, spec, self._clock.now())
            return DONE

        return self._finish(work)

    def alter_warehouse(
        self,
        caller: Caller,
        name: str,
        *,
        settings: Mapping[str, Any],
        unset: Iterable[str] = (),
        if_exists: bool = False,
    ) -> str:
        """Set and unset properties, by name in any case, and leave the others as they are."""

        def change(tx: Transaction, before: Warehouse) -> None:
            _require_to(Action.CHANGE, caller, before)
            after = rules.altered(before.spec, settings, unset)
            rows.update_warehouse(tx, before.id, after, self._clock.now())

        return self._change(name, change, if_exists=if_exists)

    def drop_warehouse(self, caller: Caller, name: str, *, if_exists: bool = False) -> str:
        """Drop the warehouse *name*. Tasks that name it keep doing so, and fail when they run."""

        def work(tx: Transaction) -> str:
            before = rows.find_warehouse(tx, name)
            if before is None and if_exists:
                return already_dropped(render(name))
            before = before or _require(tx, name)
            _require_to(Action.CHANGE, caller, before)
            rows.delete_warehouse(tx, before.id)
            return dropped(render(name))

        return self._finish(work)

    def resume_warehouse(
        self, caller: Caller, name: str, *, if_exists: bool = False, if_suspended: bool = True
    ) -> str:
        """Let *name* run statements. One that runs is refused unless *if_suspended* asks for calm."""

        def change(tx: Transaction, before: Warehouse) -> None:
            _require_to(Action.OPERATE, caller, before)
            if before.is_suspended:
                rows.resume_warehouse(tx, before.id, self._clock.now())
            elif not if_suspended:
                raise WarehouseStateFault(render(name), "resumed")

        return self._change(name, change, if_exists=if_exists)

    def suspend_warehouse(
        self, caller: Caller, name: str, *, if_exists: bool = False, if_running: bool = True
    ) -> str:
        """Let *name* begin no more statements; those it runs go on to their end.

        A suspended one is refused unless *if_running* asks for calm.
        """

        def change(tx: Transaction, before: Warehouse) -> None:
            _require_to(Action.OPERATE, caller, before)
            if not before.is_suspended:
                rows.suspend_warehouse(tx, before.id, self._clock.now())
            elif not if_running:
                raise WarehouseStateFault(render(name), "suspended")

        return self._change(name, change, if_exists=if_exists)

    # --- how -------------------------------------------------------------------------------

    def _known(self, name: str) -> Warehouse:
        remembered = self._remembered
        if name not in remembered:
            with self._store.read() as tx:
                remembered[name] = _require(tx, name)
        return remembered[name]

    def _forget(self, topic: Topic) -> None:
        if topic is Topic.WAREHOUSES:
            self._remembered = {}

    def _change(self, name: str, change: Callable[[Transaction, Warehouse], None], *, if_exists: bool) -> str:
        def work(tx: Transaction) -> str:
            before = rows.find_warehouse(tx, name)
            if before is None and if_exists:
                return DONE
            change(tx, before or _require(tx, name))
            return DONE

        return self._finish(work)

    def _finish(self, work: Callable[[Transaction], str]) -> str:
        answer = self._store.write(work)
        self._wakeups.raise_(Topic.WAREHOUSES)
        return answer

    def _new(self, caller: Caller, name: str, spec: WarehouseSpec, *, is_suspended: bool) -> Warehouse:
        now = self._clock.now()
        return Warehouse(
            id=self._new_id(),
            name=name,
            owner=caller.role,
            spec=spec,
            is_suspended=is_suspended,
            created_on=now,
            resumed_on=None if is_suspended else now,
            updated_on=now,
        )


def _require(tx: Transaction, name: str) -> Warehouse:
    warehouse = rows.find_warehouse(tx, name)
    if warehouse is None:
        raise NotFound("Warehouse", render(name))
    return warehouse


def _require_to(action: Action, caller: Caller, warehouse: Warehouse) -> None:
    authorize(caller, action, owner=warehouse.owner, kind="warehouse", name=render(warehouse.name))
