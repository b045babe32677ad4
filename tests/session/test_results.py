"""Results are kept within bounds, and for those alone who made them."""

from datetime import UTC, datetime

import pytest

from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.engine.result import NUMBER, Result, ResultColumn
from clockmill.session.results import ResultGone, Results

ADMIN = Caller(user="ADMIN", role="SYSADMIN")


def _result(rows: int) -> Result:
    return Result(columns=(ResultColumn("A", NUMBER),), rows=[(n,) for n in range(rows)])


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))


def test_a_result_is_given_again_until_it_is_an_hour_old(clock: VirtualClock) -> None:
    results = Results(clock)
    results.keep("q", ADMIN, _result(1))
    clock.advance(minutes=59)
    assert len(results.fetch("q", ADMIN).rows) == 1
    clock.advance(minutes=2)
    with pytest.raises(ResultGone):
        results.fetch("q", ADMIN)


def test_the_oldest_make_room_and_the_too_large_are_not_kept(clock: VirtualClock) -> None:
    results = Results(clock, most_cells=100)
    results.keep("first", ADMIN, _result(50))
    results.keep("second", ADMIN, _result(60))
    results.keep("huge", ADMIN, _result(1000))
    assert len(results.fetch("second", ADMIN).rows) == 60
    for gone in ("first", "huge", "never"):
        with pytest.raises(ResultGone):
            results.fetch(gone, ADMIN)


@pytest.mark.parametrize("other", [Caller(user="EVE", role="SYSADMIN"), Caller(user="ADMIN", role="PUBLIC")])
def test_another_user_or_role_learns_nothing(clock: VirtualClock, other: Caller) -> None:
    results = Results(clock)
    results.keep("q", ADMIN, _result(1))
    with pytest.raises(ResultGone, match="q not found"):
        results.fetch("q", other)
