"""Data that comes at any time, and whatever else happens: it is consumed soon, and never too often."""

import itertools
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.runner.run_world import RunWorld

from clockmill.store.database import Store

INTERVAL_S = 30
STREAMS = ("S", "S2")
BOTH = "SYSTEM$STREAM_HAS_DATA('s') AND SYSTEM$STREAM_HAS_DATA('s2')"
EITHER = "SYSTEM$STREAM_HAS_DATA('s') OR SYSTEM$STREAM_HAS_DATA('s2')"


class TriggerMachine(RuleBasedStateMachine):
    """A triggered root that consumes what its streams have, in a server that crashes now and then."""

    @initialize(both=st.booleans())
    def begin(self, *, both: bool) -> None:
        self.store = Store.temporary()
        self.world = RunWorld(self.store)
        self.world.streams.have_data = dict.fromkeys(STREAMS, False)
        self.world.create("R", condition=BOTH if both else EITHER, warehouse="WH")
        self.both = both
        self.resumed_at = {self.world.clock.now()}
        self.left: set[str] = set()
        self._arm()
        self.world.resume("R")
        self.world.settle()

    def _arm(self) -> None:
        self.world.bodies.does("R", self._consume)

    def _consume(self) -> None:
        self.world.streams.have_data |= dict.fromkeys(set(STREAMS) - self.left, False)
        self.left.clear()

    @property
    def is_started(self) -> bool:
        return self.world.task("R").is_started

    @rule(stream=st.sampled_from(STREAMS))
    def data_comes(self, stream: str) -> None:
        self.world.data_comes(stream)

    @rule(stream=st.sampled_from(STREAMS))
    def somebody_else_consumes(self, stream: str) -> None:
        self.world.streams.have_data[stream] = False

    @rule()
    def step(self) -> None:
        self.world.step()

    @rule(seconds=st.sampled_from([1, 7, 29, 30, 31, 3_600, 43_199, 43_200, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.run_until(self.world.clock.now() + timedelta(seconds=seconds))

    @precondition(lambda self: self.is_started)
    @rule()
    def suspend(self) -> None:
        self.world.suspend("R")

    @precondition(lambda self: not self.is_started)
    @rule()
    def resume(self) -> None:
        self.resumed_at.add(self.world.clock.now())
        self.world.resume("R")

    @rule()
    def somebody_executes_it(self) -> None:
        self.world.execute()

    @rule()
    def it_fails_once(self) -> None:
        self.world.bodies.fails("R")

    @rule(stream=st.sampled_from(STREAMS))
    def the_next_run_leaves_a_stream(self, stream: str) -> None:
        self.left.add(stream)

    @rule()
    def crash(self) -> None:
        self.world.crash()
        self._arm()

    @rule()
    def all_is_consumed_within_an_interval(self) -> None:
        """Two if a run left something."""
        self.world.settle()
        self.world.run_until(self.world.clock.now() + timedelta(seconds=3 * INTERVAL_S))
        self.world.settle()
        has_data = self.world.streams.have_data.values()
        holds = all(has_data) if self.both else any(has_data)
        assert not (holds and self.is_started)

    @invariant()
    def triggered_runs_are_an_interval_apart(self) -> None:
        rows = [row for row in self.world.task_rows() if row.scheduled_from == "TRIGGER"]
        times = sorted(row.scheduled_time for row in rows if row.attempt_number == 1)
        for earlier, later in itertools.pairwise(times):
            apart = later - earlier
            is_first_look = any(
                later - at <= timedelta(milliseconds=1) for at in self.resumed_at if at <= later
            )
            assert apart >= timedelta(seconds=INTERVAL_S) or is_first_look, (earlier, later)

    @invariant()
    def a_root_that_is_not_started_is_not_planned(self) -> None:
        if not self.is_started:
            assert [row for row in self.world.current() if row.scheduled_from == "TRIGGER"] == []

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


TestTriggers = TriggerMachine.TestCase
TestTriggers.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
