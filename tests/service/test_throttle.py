"""Slowing of guesses: how long, for whom, and never for long for somebody else."""

from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from clockmill.clock import VirtualClock
from clockmill.core.signin import TooManyFailures
from clockmill.service import throttle
from clockmill.service.throttle import Throttle

START = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDING = 1e-6


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


def wait(guard: Throttle, user: str, address: str) -> float:
    try:
        guard.check(user, address)
    except TooManyFailures as error:
        return error.wait_s
    return 0.0


def fail(guard: Throttle, user: str, address: str, times: int) -> None:
    for _ in range(times):
        guard.failed(user, address)


def test_a_few_mistakes_cost_nothing(clock: VirtualClock) -> None:
    guard = Throttle(clock)
    fail(guard, "A", "here", 4)
    assert wait(guard, "A", "here") == 0


def test_the_wait_doubles_up_to_a_minute(clock: VirtualClock) -> None:
    guard = Throttle(clock)
    fail(guard, "A", "here", 4)
    waits = []
    for _ in range(9):
        fail(guard, "A", "here", 1)
        waits.append(wait(guard, "A", "here"))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_wait_is_over_when_it_is_over(clock: VirtualClock) -> None:
    guard = Throttle(clock)
    fail(guard, "A", "here", 7)
    clock.advance(seconds=3)
    assert wait(guard, "A", "here") == 1
    clock.advance(seconds=1)
    assert wait(guard, "A", "here") == 0


def test_a_success_forgets_the_mistakes(clock: VirtualClock) -> None:
    guard = Throttle(clock)
    fail(guard, "A", "here", 7)
    guard.succeeded("A", "here")
    fail(guard, "A", "here", 4)
    assert wait(guard, "A", "here") == 0


def test_mistakes_are_forgotten_after_a_quarter_of_an_hour(clock: VirtualClock) -> None:
    guard = Throttle(clock)
    fail(guard, "A", "here", 30)
    clock.advance(minutes=15)
    fail(guard, "A", "here", 1)
    assert wait(guard, "A", "here") == 0


def test_an_address_that_guesses_at_many_users_is_slowed_for_all_of_them(clock: VirtualClock) -> None:
    guard = Throttle(clock)
    for number in range(20):
        guard.failed(f"U{number}", "there")
    assert wait(guard, "SOMEBODY", "there") > 0
    assert wait(guard, "SOMEBODY", "here") == 0


def test_a_good_account_buys_no_guesses_at_others(clock: VirtualClock) -> None:
    guard = Throttle(clock)
    for number in range(20):
        guard.failed(f"U{number}", "there")
        guard.succeeded("MALLORY", "there")
    assert wait(guard, "SOMEBODY", "there") > 0


def test_a_crowd_of_addresses_slows_the_user_only_a_little(clock: VirtualClock) -> None:
    guard = Throttle(clock)
    for number in range(1000):
        guard.failed("A", f"there-{number}")
    assert 0 < wait(guard, "A", "here") <= 4


def test_where_a_user_has_signed_in_a_crowd_elsewhere_changes_nothing(clock: VirtualClock) -> None:
    guard = Throttle(clock)
    guard.succeeded("A", "here")
    for number in range(1000):
        guard.failed("A", f"there-{number}")
    assert wait(guard, "A", "here") == 0


def test_a_flood_of_names_and_addresses_takes_bounded_memory(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "MAX_ENTRIES", 10)
    guard = Throttle(clock)
    for number in range(100):
        guard.failed(f"U{number}", f"A{number}")
        guard.succeeded(f"V{number}", f"A{number}")
    kept = (guard._pairs._failures, guard._addresses._failures, guard._users._failures, guard._known)
    assert [len(each) for each in kept] == [10, 10, 10, 10]


class Guessing(RuleBasedStateMachine):
    """Whatever is tried in whatever order, nobody ever waits longer than a minute."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock(START)
        self.guard = Throttle(self.clock)

    names = st.sampled_from(["A", "B"])
    places = st.sampled_from(["here", "there"])

    @rule(user=names, address=places, times=st.integers(1, 60))
    def guess(self, user: str, address: str, times: int) -> None:
        fail(self.guard, user, address, times)

    @rule(user=names, address=places)
    def come_in(self, user: str, address: str) -> None:
        self.guard.succeeded(user, address)

    @rule(seconds=st.floats(0, 1000))
    def wait_a_while(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)

    @invariant()
    def nobody_waits_longer_than_a_minute(self) -> None:
        for user in ("A", "B"):
            for address in ("here", "there", "elsewhere"):
                assert 0 <= wait(self.guard, user, address) <= 60 + ROUNDING
            assert wait(self.guard, user, "elsewhere") <= 4 + ROUNDING

    @invariant()
    def waiting_as_long_as_told_is_enough(self) -> None:
        """Checked on a copy of the present: a second guard that sees only time pass."""
        longest = max(wait(self.guard, user, place) for user in "AB" for place in ("here", "there"))
        later = VirtualClock(START)
        later.advance(seconds=self.clock.monotonic() + longest + ROUNDING)
        self.guard._clock, before = later, self.guard._clock
        assert all(wait(self.guard, user, place) == 0 for user in "AB" for place in ("here", "there"))
        self.guard._clock = before


TestGuessing = Guessing.TestCase
TestGuessing.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
