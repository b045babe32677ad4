"""Who gets a slot, and when."""

from collections.abc import Callable

import pytest

from clockmill.core.body import Slot
from clockmill.core.errors import NotFound
from clockmill.runner.slots import WarehouseSlots


class Guests:
    """Those who ask for slots, and what each was given."""

    def __init__(self, sizes: dict[str | None, int]) -> None:
        self.sizes = sizes
        self.slots = WarehouseSlots(lambda name: self.sizes[name])
        self.granted: dict[str, Slot] = {}

    def ask(self, who: str, warehouse: str | None = None, *, urgent: bool = False) -> Callable[[], None]:
        return self.slots.request(warehouse, lambda slot: self.granted.__setitem__(who, slot), urgent=urgent)

    def leave(self, who: str) -> None:
        self.granted[who].release()


def test_slots_are_given_in_the_order_they_are_asked_for() -> None:
    guests = Guests({None: 1})
    for who in "abc":
        guests.ask(who)
    assert list(guests.granted) == ["a"]

    guests.leave("a")
    guests.leave("b")

    assert list(guests.granted) == ["a", "b", "c"]


def test_a_slot_released_twice_is_given_once() -> None:
    guests = Guests({None: 1})
    for who in "abc":
        guests.ask(who)

    guests.leave("a")
    guests.leave("a")

    assert list(guests.granted) == ["a", "b"]
    assert guests.slots.in_use(None) == 1


def test_warehouses_do_not_stand_in_each_others_way() -> None:
    guests = Guests({None: 1, "W": 1})
    guests.ask("a")
    guests.ask("b")
    guests.ask("c", "W")

    assert list(guests.granted) == ["a", "c"]


def test_the_urgent_go_first() -> None:
    guests = Guests({None: 1})
    guests.ask("a")
    guests.ask("b")
    guests.ask("c", urgent=True)

    guests.leave("a")

    assert list(guests.granted) == ["a", "c"]


def test_who_withdraws_is_passed_over_and_later_it_changes_nothing() -> None:
    guests = Guests({None: 1})
    withdraw_first = guests.ask("a")
    withdraw = guests.ask("b")
    guests.ask("c")

    withdraw()
    withdraw()
    withdraw_first()
    guests.leave("a")

    assert list(guests.granted) == ["a", "c"]


def test_a_larger_warehouse_lets_in_who_waits_and_a_smaller_one_throws_nobody_out() -> None:
    guests = Guests({None: 1})
    for who in "abcd":
        guests.ask(who)

    guests.sizes[None] = 3
    guests.slots.refresh()
    assert list(guests.granted) == ["a", "b", "c"]

    guests.sizes[None] = 1
    guests.slots.refresh()
    guests.leave("a")
    guests.leave("b")
    assert list(guests.granted) == ["a", "b", "c"]
    guests.leave("c")
    assert list(guests.granted) == ["a", "b", "c", "d"]


def test_a_warehouse_that_is_not_there_is_refused_and_one_that_goes_keeps_its_guests() -> None:
    present = {"W"}

    def count(name: str | None) -> int:
        if name not in present:
            raise NotFound("Warehouse", name)
        return 1

    slots = WarehouseSlots(count)
    with pytest.raises(NotFound):
        slots.request("X", lambda slot: None)
    granted: list[Slot] = []
    slots.request("W", granted.append)
    slots.request("W", granted.append)

    present.clear()
    slots.refresh()
    granted[0].release()

    assert len(granted) == 2
