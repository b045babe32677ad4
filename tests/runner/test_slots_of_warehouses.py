"""Slots beside the service that says how many there are, and whether a warehouse may be used."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from clockmill.clock import VirtualClock
from clockmill.core.body import Slot
from clockmill.core.caller import Caller
from clockmill.core.errors import NotFound
from clockmill.core.task import CreateMode
from clockmill.core.warehouse import WarehouseSpec, WarehouseSuspended
from clockmill.runner.slots import WarehouseSlots
from clockmill.service.warehouses import WarehouseService
from clockmill.store.database import Store
from clockmill.wake import Wakeups

ADMIN = Caller(user="ADMIN", role="ACCOUNTADMIN")


class World:
    """A warehouse WH with one slot."""

    def __init__(self, store: Store) -> None:
        wakeups = Wakeups()
        clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.service = WarehouseService(store=store, clock=clock, wakeups=wakeups)
        self.slots = WarehouseSlots(self.service.slot_count, prepare=self.service.prepare_warehouse)
        wakeups.subscribe(lambda _topic: self.slots.refresh())
        self.granted: list[Slot] = []
        spec = WarehouseSpec(max_concurrency_level=1)
        self.service.create_warehouse(ADMIN, "WH", spec, CreateMode.ERROR_IF_EXISTS)

    def ask(self) -> None:
        self.slots.request("WH", self.granted.append)

    def alter(self, **settings: object) -> None:
        self.service.alter_warehouse(ADMIN, "WH", settings=settings)


@pytest.fixture
def world() -> Iterator[World]:
    with Store.open(":memory:") as store:
        yield World(store)


def test_a_larger_warehouse_lets_in_who_waits(world: World) -> None:
    world.ask()
    world.ask()
    assert len(world.granted) == 1

    world.alter(max_concurrency_level=2)

    assert len(world.granted) == 2


def test_a_request_resumes_a_suspended_warehouse(world: World) -> None:
    world.ask()
    world.service.suspend_warehouse(ADMIN, "WH")

    world.ask()
    world.granted[0].release()

    assert len(world.granted) == 2
    assert world.service.fetch_warehouse(ADMIN, "WH").state == "STARTED"


def test_a_warehouse_that_may_not_be_resumed_refuses_requests_and_keeps_who_waits_waiting(
    world: World,
) -> None:
    world.alter(auto_resume=False)
    world.ask()
    world.ask()
    world.service.suspend_warehouse(ADMIN, "WH")

    with pytest.raises(WarehouseSuspended):
        world.ask()
    world.granted[0].release()
    assert len(world.granted) == 1
    world.service.resume_warehouse(ADMIN, "WH")
    assert len(world.granted) == 2


def test_a_dropped_warehouse_refuses_requests(world: World) -> None:
    world.ask()
    world.service.drop_warehouse(ADMIN, "WH")

    with pytest.raises(NotFound, match="Warehouse 'WH'"):
        world.ask()
