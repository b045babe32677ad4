"""Warehouses: made, altered, suspended, resumed, and how many statements they run at once."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.errors import AlreadyExists, ClockmillError, InsufficientPrivileges, NotFound
from clockmill.core.task import CreateMode
from clockmill.core.warehouse import (
    SIZES,
    WarehouseSpec,
    WarehouseStateFault,
    WarehouseSuspended,
    default_slots,
    read_size,
    shown_size,
)
from clockmill.service.warehouses import WarehouseService
from clockmill.store.database import Store
from clockmill.wake import Topic, Wakeups

ADMIN = Caller(user="ADMIN", role="ACCOUNTADMIN")
BOB = Caller(user="BOB", role="ANALYST")
START = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    def __init__(self, store: Store) -> None:
        self.clock = VirtualClock(START)
        self.woken: list[Topic] = []
        wakeups = Wakeups()
        wakeups.subscribe(self.woken.append)
        self.service = WarehouseService(store=store, clock=self.clock, wakeups=wakeups, system_slots=7)

    def create(
        self, name: str = "WH", mode: CreateMode = CreateMode.ERROR_IF_EXISTS, caller: Caller = ADMIN
    ) -> str:
        return self.service.create_warehouse(caller, name, WarehouseSpec(), mode)


@pytest.fixture
def world(any_store: Store) -> World:
    return World(any_store)


def test_a_new_warehouse_runs_and_has_the_slots_of_its_size(world: World) -> None:
    spec = WarehouseSpec(warehouse_size="2x-large", comment="big")

    said = world.service.create_warehouse(ADMIN, "WH", spec, CreateMode.ERROR_IF_EXISTS)

    found = world.service.fetch_warehouse(ADMIN, "WH")
    assert said == "Warehouse WH successfully created."
    assert (found.spec.warehouse_size, found.spec.comment, found.owner) == ("XXLARGE", "big", "ACCOUNTADMIN")
    assert (found.state, found.slots, found.resumed_on) == ("STARTED", 128, START)
    assert world.service.slot_count("WH") == 128


def test_every_property_is_kept(world: World) -> None:
    spec = WarehouseSpec(
        warehouse_size="LARGE",
        warehouse_type="SNOWPARK-OPTIMIZED",
        max_cluster_count=3,
        min_cluster_count=2,
        scaling_policy="ECONOMY",
        auto_suspend=None,
        auto_resume=False,
        resource_monitor="M",
        comment="c",
        enable_query_acceleration=True,
        query_acceleration_max_scale_factor=4,
        max_concurrency_level=2,
        statement_queued_timeout_in_seconds=5,
        statement_timeout_in_seconds=6,
        warehouse_credit_limit=7,
        target_statement_size="SMALL",
    )
    world.service.create_warehouse(ADMIN, "WH", spec, CreateMode.ERROR_IF_EXISTS)

    assert world.service.fetch_warehouse(ADMIN, "WH").spec == spec


def test_a_taken_name_is_refused_kept_or_replaced_as_the_mode_says(world: World) -> None:
    world.create()
    before = world.service.fetch_warehouse(ADMIN, "WH").id

    with pytest.raises(AlreadyExists, match="Object 'WH' already exists"):
        world.create()
    assert world.create(mode=CreateMode.IF_NOT_EXISTS) == "WH already exists, statement succeeded."
    assert world.service.fetch_warehouse(ADMIN, "WH").id == before
    world.create(mode=CreateMode.OR_REPLACE)
    assert world.service.fetch_warehouse(ADMIN, "WH").id != before


def test_create_or_alter_resets_what_is_left_out_and_keeps_the_rest(world: World) -> None:
    spec = WarehouseSpec(comment="old", max_concurrency_level=1)
    world.service.create_or_alter_warehouse(ADMIN, "WH", spec)
    world.service.suspend_warehouse(ADMIN, "WH")
    before = world.service.fetch_warehouse(ADMIN, "WH")
    world.clock.advance(hours=1)

    world.service.create_or_alter_warehouse(ADMIN, "WH", WarehouseSpec(warehouse_size="SMALL"))

    after = world.service.fetch_warehouse(ADMIN, "WH")
    assert after.spec == WarehouseSpec(warehouse_size="SMALL")
    assert (after.id, after.created_on, after.is_suspended) == (before.id, before.created_on, True)
    assert after.updated_on == world.clock.now()


def test_alter_changes_only_what_it_names(world: World) -> None:
    world.create()
    settings = {
        "WAREHOUSE_SIZE": "medium",
        "AUTO_RESUME": "false",
        "comment": "x",
        "MAX_CONCURRENCY_LEVEL": 1,
    }
    world.service.alter_warehouse(ADMIN, "WH", settings=settings)

    world.service.alter_warehouse(
        ADMIN, "WH", settings={"WAIT_FOR_COMPLETION": True}, unset=["COMMENT", "max_concurrency_level"]
    )

    expected = WarehouseSpec(warehouse_size="MEDIUM", auto_resume=False)
    assert world.service.fetch_warehouse(ADMIN, "WH").spec == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"WAREHOUSE_SIZE": "HUGE"}, "invalid value 'HUGE' for property 'WAREHOUSE_SIZE'"),
        ({"SCALING_POLICY": "FAST"}, "invalid value 'FAST' for property 'SCALING_POLICY'"),
        ({"MAX_CONCURRENCY_LEVEL": 0}, "invalid value [0] for parameter 'MAX_CONCURRENCY_LEVEL'"),
        ({"STATEMENT_TIMEOUT_IN_SECONDS": 604_801}, "invalid value [604,801] for parameter"),
        ({"MIN_CLUSTER_COUNT": 2}, "invalid value '2' for property 'MIN_CLUSTER_COUNT'"),
        ({"NO_SUCH": 1}, "invalid property 'NO_SUCH' for 'WAREHOUSE'"),
        ({"MAX_CLUSTER_COUNT": "many"}, "max_cluster_count"),
    ],
)
def test_a_wrong_property_is_refused_and_changes_nothing(
    world: World, settings: dict[str, object], message: str
) -> None:
    world.create()

    with pytest.raises(ClockmillError) as refused:
        world.service.alter_warehouse(ADMIN, "WH", settings=settings)

    assert message in str(refused.value)
    assert world.service.fetch_warehouse(ADMIN, "WH").spec == WarehouseSpec()


def test_a_warehouse_that_is_not_there_is_named(world: World) -> None:
    asked: list[Callable[[], object]] = [
        lambda: world.service.fetch_warehouse(ADMIN, "nope"),
        lambda: world.service.drop_warehouse(ADMIN, "nope"),
        lambda: world.service.resume_warehouse(ADMIN, "nope"),
        lambda: world.service.alter_warehouse(ADMIN, "nope", settings={}),
        lambda: world.service.slot_count("nope"),
        lambda: world.service.prepare_warehouse("nope"),
    ]
    for ask in asked:
        with pytest.raises(NotFound, match="Warehouse '\"nope\"' does not exist or not authorized"):
            ask()


def test_if_exists_makes_a_missing_warehouse_no_error(world: World) -> None:
    said = world.service.drop_warehouse(ADMIN, "NOPE", if_exists=True)

    assert said == "Drop statement executed successfully (NOPE already dropped)."
    for answer in (
        world.service.resume_warehouse(ADMIN, "NOPE", if_exists=True),
        world.service.suspend_warehouse(ADMIN, "NOPE", if_exists=True),
        world.service.alter_warehouse(ADMIN, "NOPE", settings={}, if_exists=True),
    ):
        assert answer == "Statement executed successfully."


def test_dropping_makes_the_name_free(world: World) -> None:
    world.create()

    assert world.service.drop_warehouse(ADMIN, "WH") == "WH successfully dropped."
    assert world.service.list_warehouses(ADMIN) == []
    world.create()


def test_suspend_and_resume_show_in_state_and_times(world: World) -> None:
    world.create()
    world.clock.advance(hours=1)
    world.service.suspend_warehouse(ADMIN, "WH")
    assert world.service.fetch_warehouse(ADMIN, "WH").state == "SUSPENDED"
    world.clock.advance(hours=1)
    world.service.resume_warehouse(ADMIN, "WH")

    found = world.service.fetch_warehouse(ADMIN, "WH")
    assert (found.state, found.resumed_on) == ("STARTED", world.clock.now())


def test_repeating_suspend_or_resume_is_an_error_only_on_request(world: World) -> None:
    world.create()
    world.service.resume_warehouse(ADMIN, "WH")
    with pytest.raises(WarehouseStateFault, match=r"Invalid state\. Warehouse 'WH' cannot be resumed"):
        world.service.resume_warehouse(ADMIN, "WH", if_suspended=False)
    world.service.suspend_warehouse(ADMIN, "WH")
    world.service.suspend_warehouse(ADMIN, "WH")
    with pytest.raises(WarehouseStateFault, match=r"Invalid state\. Warehouse 'WH' cannot be suspended"):
        world.service.suspend_warehouse(ADMIN, "WH", if_running=False)


def test_a_statement_resumes_a_suspended_warehouse(world: World) -> None:
    world.create()
    world.service.suspend_warehouse(ADMIN, "WH")
    assert world.service.slot_count("WH") == 4

    world.service.prepare_warehouse("WH")

    assert world.service.fetch_warehouse(ADMIN, "WH").state == "STARTED"


def test_a_warehouse_without_auto_resume_stays_suspended_and_says_so(world: World) -> None:
    spec = WarehouseSpec(auto_resume=False)
    world.service.create_warehouse(ADMIN, "WH", spec, CreateMode.ERROR_IF_EXISTS, initially_suspended=True)

    with pytest.raises(WarehouseSuspended, match="ALTER WAREHOUSE WH RESUME"):
        world.service.prepare_warehouse("WH")
    assert world.service.slot_count("WH") == 0
    world.service.resume_warehouse(ADMIN, "WH")
    world.service.prepare_warehouse("WH")
    assert world.service.slot_count("WH") == 4


def test_whoever_keeps_the_slots_is_woken_at_every_change(world: World) -> None:
    """And sees the new size then: nothing old is remembered."""
    world.create()
    assert world.service.slot_count("WH") == 4
    world.woken.clear()

    world.service.alter_warehouse(ADMIN, "WH", settings={"MAX_CONCURRENCY_LEVEL": 1})

    assert world.woken == [Topic.WAREHOUSES]
    assert world.service.slot_count("WH") == 1
    world.service.drop_warehouse(ADMIN, "WH")
    with pytest.raises(NotFound):
        world.service.slot_count("WH")


def test_tasks_without_a_warehouse_share_the_systems_pool(world: World) -> None:
    assert world.service.slot_count(None) == 7


def test_each_size_has_twice_the_slots_of_the_one_before() -> None:
    counts = [default_slots(size) for size in SIZES]

    assert counts[:3] == [4, 8, 16]
    assert all(after == 2 * before for before, after in pairwise(counts))


def test_sizes_are_read_as_they_are_shown() -> None:
    assert [read_size(shown_size(size)) for size in SIZES] == list(SIZES)


def test_only_the_owner_or_the_administrator_changes_a_warehouse(world: World) -> None:
    world.create("HERS")
    world.create("HIS", caller=BOB)

    refusal = "Insufficient privileges to operate on warehouse 'HERS'"
    with pytest.raises(InsufficientPrivileges, match=refusal):
        world.service.drop_warehouse(BOB, "HERS")
    with pytest.raises(InsufficientPrivileges, match=refusal):
        world.service.suspend_warehouse(BOB, "HERS")
    world.service.suspend_warehouse(BOB, "HIS")
    world.service.drop_warehouse(ADMIN, "HIS")


def test_listings_are_by_name_and_as_the_options_ask(world: World) -> None:
    for name in ("B", "A2", "A1"):
        world.create(name)

    assert [each.name for each in world.service.list_warehouses(ADMIN)] == ["A1", "A2", "B"]
    assert [each.name for each in world.service.list_warehouses(ADMIN, like="a%", limit=1)] == ["A1"]
