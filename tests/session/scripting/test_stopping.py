"""Scripts are stopped wherever they are, and take one slot for all that they do."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from tests.session.house import House
from tests.session.scripting.programs import returned

from clockmill.core.body import Slot
from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.errors import ClockmillError, StatementCancelled, StatementTimedOut, SystemFault

FOREVER = "begin let n := 0; loop n := n + 1; end loop; end"
MANY = "table(generator(rowcount => 10000000))"


class Started:
    """A statement in a thread of its own, and how it ended."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except ClockmillError as error:
            self.error = error

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def ended(self) -> BaseException | None:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.error


@pytest.mark.parametrize(
    "block",
    [
        FOREVER,
        "begin while (true) do null; end while; end",
        "begin let n := 0; repeat n := 0; until (n = 1) end repeat; end",
        "begin for i in 1 to 1000000000000 do null; end for; end",
        "begin call system$wait(600); end",
        "begin loop begin select 1 / 0; exception when other then null; end; end loop; end",
        "begin async (call system$wait(600)); await all; end",
        "begin execute immediate 'begin loop null; end loop; end'; end",
    ],
)
def test_a_script_is_cancelled_whatever_it_is_doing(house: House, block: str) -> None:
    """No handler takes it: WHEN OTHER must not keep a cancelled script alive."""
    cancel = CancelToken()
    guarded = block.removesuffix("end") + " exception when other continue then null; end"
    started = Started(lambda: house.run(guarded, cancel=cancel))

    cancel.cancel(CancelReason.USER)

    assert isinstance(started.ended(), StatementCancelled)


def test_a_script_is_found_and_cancelled_by_its_id(house: House) -> None:
    started = Started(lambda: house.run(FOREVER, query_id="the-script"))
    other = house.another_session()
    while not house.door.services.running.cancel(house.caller, "the-script"):
        assert started.is_running

    assert isinstance(started.ended(), StatementCancelled)
    assert other.execute("select 1").result.rows


@pytest.mark.parametrize(
    "script",
    [
        FOREVER,
        "begin call system$wait(60); end",
        "begin let r resultset := async (select system$wait(60)); await r; end",
        "begin loop begin call system$wait(60); exception when other then null; end; end loop; end",
        f"begin select count(*) from {MANY} a, {MANY} b; end",
    ],
)
def test_a_script_ends_at_its_time_limit(house: House, script: str) -> None:
    house.run("alter session set statement_timeout_in_seconds = 1")
    started = Started(lambda: house.run(script))

    error = started.ended()
    assert isinstance(error, StatementTimedOut)
    assert "timeout of 1 second(s)" in error.message


def test_a_script_ends_when_the_server_stops(house: House) -> None:
    cancel = CancelToken()
    started = Started(lambda: house.run(FOREVER, cancel=cancel))
    cancel.cancel(CancelReason.SHUTDOWN)

    assert isinstance(started.ended(), SystemFault)


def test_loops_leave_other_threads_their_time(house: House) -> None:
    """Four loops that never ask the engine, and a session with a warehouse of its own that works."""
    house.run("create warehouse busy max_concurrency_level = 8")
    house.run("use warehouse compute_wh")
    cancel = CancelToken()
    loops = [house.another_session("use warehouse busy") for _ in range(4)]
    started = [Started(partial(each.execute, FOREVER, cancel=cancel)) for each in loops]

    begun = house.clock.monotonic()
    for _ in range(20):
        returned(house, "select 1 from values (1)")
    took = house.clock.monotonic() - begun

    cancel.cancel(CancelReason.USER)
    for each in started:
        each.ended()
    assert took < 5


# --- slots -----------------------------------------------------------------------------------


@pytest.fixture
def narrow(house: House) -> House:
    """The house, working with a warehouse of one slot."""
    house.run("create warehouse one max_concurrency_level = 1")
    house.run("create table t (n int)")
    return house


@pytest.mark.parametrize(
    "block",
    [
        "begin insert into t values (1); insert into t select count(*) from t; end",
        "begin execute immediate 'begin insert into t values (1); end'; select * from t; end",
        "begin async (insert into t values (1)); async (insert into t values (2)); await all; end",
        "begin call system$wait(0); let n := (select count(*) from t); end",
    ],
)
def test_a_script_takes_one_slot_for_everything(narrow: House, block: str) -> None:
    narrow.run(block)

    assert narrow.slots.in_use("ONE") == 0


def test_a_script_keeps_its_slot_between_its_statements(narrow: House) -> None:
    taken: list[Slot] = []
    cancel = CancelToken()
    started = Started(lambda: narrow.run("begin call system$wait(600); end", cancel=cancel))
    while narrow.slots.in_use("ONE") == 0:
        assert started.is_running
    narrow.slots.request("ONE", taken.append)

    assert taken == []
    cancel.cancel(CancelReason.USER)
    started.ended()
    assert len(taken) == 1


def test_scripts_of_one_session_take_turns(narrow: House) -> None:
    """While one holds the session and the slot, the other waits for the session alone."""
    first = Started(lambda: narrow.run("begin for i in 1 to 50 do insert into t values (:i); end for; end"))
    second = Started(lambda: narrow.run("begin for i in 1 to 50 do insert into t values (:i); end for; end"))

    assert first.ended() is None
    assert second.ended() is None
    assert narrow.rows("select count(*) from t") == [(100,)]
