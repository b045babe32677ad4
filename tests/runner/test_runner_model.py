"""The runner and its store beside a small model: fires, manual runs, ends, retries, crashes.

After each step what is stored must be what the model says, and exactly those tasks must be
waiting to be run that the model has executing. Bodies end one at a time, in any order: each waits
for its slot until the machine gives it one.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from tests.runner.run_world import InlineWorkers, RunWorld, named
from tests.service.task_world import ADMIN

from clockmill.core.body import BodyOutcome, BodyRequest, Recall, Remains, Slot
from clockmill.core.cancel import CancelToken
from clockmill.core.run_errors import NoFailures, NothingToRetry
from clockmill.core.task import OverlapPolicy
from clockmill.runner.firing import pass_over_downtime
from clockmill.store.database import Store
from clockmill.store.tables import graph_runs, roots, task_runs

STEP: Final = timedelta(minutes=10)
LINKS: Final = {"R": (), "A": ("R",), "B": ("R",), "C": ("A", "B")}
NAMES: Final = ("R", "A", "B", "C", "F")
OUTCOMES: Final = {
    "SUCCEEDED": BodyOutcome(),
    "FAILED": BodyOutcome(error_code="100038", error_message="boom"),
    "BROKEN": BodyOutcome(error_code="000603", error_message="broken", is_system_error=True),
}
"""How bodies end; BROKEN is a failure of ours."""


class Run:
    """A graph run as the model has it."""

    def __init__(self, origin: str, due: datetime, attempt: int = 1, before: "Run | None" = None) -> None:
        self.origin, self.due, self.attempt, self.before = origin, due, attempt, before
        self.state = "QUEUED"
        self.tasks: dict[str, str] = {}
        self.failures: list[str] = []

    @property
    def is_open(self) -> bool:
        return self.state in {"QUEUED", "EXECUTING"}

    @property
    def stands(self) -> set[str]:
        """The tasks that have succeeded, in this attempt or an earlier one."""
        own = {name for name, state in self.tasks.items() if state == "SUCCEEDED"}
        return own | (self.before.stands - set(self.tasks) - {"F"} if self.before else set())

    @property
    def root_has_ended(self) -> bool:
        return self.tasks.get("R", "SUCCEEDED" if "R" in self.stands else "EXECUTING") != "EXECUTING"


class Model:
    """What should be stored. Everything is found by looking at everything."""

    def __init__(self, policy: OverlapPolicy, retries: int, limit: int, suspended: set[str]) -> None:
        self.policy, self.retries, self.limit, self.suspended = policy, retries, limit, suspended
        self.runs: list[Run] = []
        self.is_started = False
        self.base: datetime | None = None
        self.next: datetime | None = None
        self.failures = 0

    # --- time ----------------------------------------------------------------------------------

    def tick(self, now: datetime) -> None:
        if self.next is None or self.next > now:
            return
        if self.may_begin([run for run in self.runs if run.is_open]):
            self.runs.append(Run("SCHEDULE", self.next))
        self.postpone(now)

    def postpone(self, now: datetime) -> None:
        while self.next is not None and self.next <= now:
            self.next += STEP

    def may_begin(self, others: list[Run]) -> bool:
        if self.policy is OverlapPolicy.NO_OVERLAP:
            return not others
        is_free = all(run.root_has_ended for run in others)
        return is_free or self.policy is OverlapPolicy.ALLOW_ALL_OVERLAP

    def claim(self) -> None:
        queued = [run for run in self.runs if run.state == "QUEUED"]
        for run in sorted(queued, key=lambda run: run.origin != "AUTOMATIC RETRY"):
            if self.may_begin([other for other in self.runs if other.state == "EXECUTING"]):
                run.state = "EXECUTING"
                self.advance(run)

    # --- a run ---------------------------------------------------------------------------------

    def before(self, name: str) -> set[str]:
        found: set[str] = set()
        for each in LINKS[name]:
            found |= self.before(each) if each in self.suspended else {each}
        return found

    def advance(self, run: Run) -> None:
        for name in LINKS:
            is_new = name not in self.suspended | run.stands | set(run.tasks)
            if is_new and self.before(name) <= run.stands:
                run.tasks[name] = "EXECUTING"
        if "EXECUTING" not in run.tasks.values() and not {"F"} & (self.suspended | set(run.tasks)):
            run.tasks["F"] = "EXECUTING"

    def end(self, run: Run, name: str, how: str) -> None:
        run.tasks[name] = "FAILED" if how == "BROKEN" else how
        if how == "FAILED":
            run.failures.append(name)
        self.advance(run)
        if "EXECUTING" not in run.tasks.values():
            self.close(run)

    def close(self, run: Run) -> None:
        states = set(run.tasks.values())
        run.state = next((state for state in ("FAILED", "CANCELLED") if state in states), "SUCCEEDED")
        if run.state == "SUCCEEDED":
            self.failures = 0
        elif run.state == "FAILED" and run.attempt <= self.retries:
            self.repeat(run, "AUTOMATIC RETRY")
        elif run.state == "FAILED" and run.failures and self.is_started:
            self.failures += 1
            if self.failures >= self.limit:
                run.tasks[run.failures[0]] = "FAILED_AND_AUTO_SUSPENDED"
                self.suspend()

    def repeat(self, run: Run, origin: str) -> None:
        # When it is scheduled is compared by those who look for the last run alone.
        self.runs.append(Run(origin, self.now, run.attempt + 1, run))

    now: datetime

    def suspend(self) -> None:
        self.is_started, self.next = False, None

    def crash(self, now: datetime) -> None:
        """What executes goes on executing: nothing of it was done."""
        self.postpone(now)


class Gate:
    """Slots that are given one at a time, by the machine."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[Slot], None]] = []

    def request(
        self, warehouse: str | None, granted: Callable[[Slot], None], *, urgent: bool = False
    ) -> Callable[[], None]:
        self.waiting.append(granted)
        return lambda: self.waiting.remove(granted)

    def release(self) -> None:
        """What a body does with its slot: nobody else is waiting for this one."""


class ChosenBodies:
    """Bodies that end as was said before."""

    def __init__(self) -> None:
        self.outcome = BodyOutcome()
        self.last: BodyRequest

    def needs_slot(self, definition: str) -> bool:
        return True

    def run(self, body: BodyRequest, slot: Slot | None, cancel: CancelToken) -> BodyOutcome:
        self.last = body
        return self.outcome

    def recall(self, body: BodyRequest) -> Recall:
        return Recall(remains=Remains.NOTHING)

    def forget(self, runs: Collection[tuple[str, int]]) -> None:
        pass


class GatedWorld(RunWorld):
    """A runner that is made again with a gate and chosen bodies."""

    def _assemble(self) -> None:
        self.gate, self.chosen = Gate(), ChosenBodies()
        self.workers = InlineWorkers()
        self.slots, self.bodies = self.gate, self.chosen  # type: ignore[assignment]
        super()._assemble()

    def crash(self) -> None:
        self._assemble()
        pass_over_downtime(self.store, self.graphs, self.misfires, self.clock.now())

    def stored(self) -> list[dict[str, Any]]:
        """Return the graph runs, first stored first, each with the states of its tasks."""
        with self.store.read() as tx:
            rows = [dict(row) for row in tx.execute(select(graph_runs).order_by(graph_runs.c.id)).mappings()]
            for row in rows:
                query = select(task_runs.c.task_name, task_runs.c.state)
                found = tx.execute(query.where(task_runs.c.graph_run_id == row["id"]))
                row["tasks"] = {each.task_name: each.state for each in found}
        return rows


class RunnerMachine(RuleBasedStateMachine):
    """One graph: R, then A and B, then C, at last the finalizer F; any of them but R suspended."""

    @initialize(
        policy=st.sampled_from(OverlapPolicy),
        retries=st.integers(0, 2),
        limit=st.integers(1, 3),
        suspended=st.sets(st.sampled_from(NAMES[1:])),
    )
    def begin(self, policy: OverlapPolicy, retries: int, limit: int, suspended: set[str]) -> None:
        self.store = Store.temporary()
        self.world = GatedWorld(self.store)
        self.model = Model(policy, retries, limit, suspended)
        self.world.create(
            "R",
            schedule="10 MINUTES",
            overlap_policy=policy,
            task_auto_retry_attempts=retries,
            suspend_task_after_num_failures=limit,
            user_task_timeout_ms=0,
        )
        for name in "ABC":
            self.world.create(name, *LINKS[name])
        self.world.create("F", finalize="R")
        self.world.resume(*sorted(set(NAMES[1:]) - suspended))

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    # --- what may happen -----------------------------------------------------------------------

    @rule(minutes=st.sampled_from([0, 1, 5, 10, 25]))
    def let_time_pass(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)
        self.world.step()
        self.model.tick(self.world.clock.now())
        self.model.claim()

    @rule()
    def execute(self) -> None:
        self.world.execute()
        waiting = [run for run in self.model.runs if (run.state, run.origin) == ("QUEUED", "EXECUTE TASK")]
        self.model.runs = [run for run in self.model.runs if run not in waiting]
        self.model.runs.append(Run("EXECUTE TASK", self.world.clock.now()))

    @rule()
    def retry_last(self) -> None:
        order = sorted(enumerate(self.model.runs), key=lambda pair: (pair[1].due, pair[0]))
        last = order[-1][1] if order else None
        try:
            self.world.execute(retry_last=True)
        except NothingToRetry:
            assert last is None or last.is_open
        except NoFailures:
            assert last is not None
            assert last.state == "SUCCEEDED"
        else:
            assert last is not None
            self._repeat(last)

    def _repeat(self, last: Run) -> None:
        assert last.state in {"FAILED", "CANCELLED"}
        self.model.now = self.world.clock.now()
        self.model.repeat(last, "MANUAL RETRY")

    @rule(
        hows=st.lists(st.sampled_from(["SUCCEEDED", "SUCCEEDED", *sorted(OUTCOMES)]), min_size=1),
        data=st.data(),
    )
    def end_bodies(self, hows: list[str], data: st.DataObject) -> None:
        for how in hows:
            if self.world.gate.waiting:
                self._end_a_body(how, data)

    @rule(hows=st.lists(st.sampled_from(["SUCCEEDED", "FAILED"]), min_size=5, max_size=5), data=st.data())
    def run_now(self, hows: list[str], data: st.DataObject) -> None:
        """Else it takes many steps of luck for a graph to come to its end."""
        self.execute()
        self.let_time_pass(0)
        self.end_bodies(hows, data)

    def _end_a_body(self, how: str, data: st.DataObject) -> None:
        gate, bodies = self.world.gate, self.world.chosen
        granted = gate.waiting.pop(data.draw(st.integers(0, len(gate.waiting) - 1)))
        rows = self.world.stored()
        bodies.outcome = OUTCOMES[how]
        self.model.now = self.world.clock.now()

        granted(gate)

        run = bodies.last.graph_run
        keys = [(row["group_id"], row["attempt"]) for row in rows]
        self.model.end(self.model.runs[keys.index((run.group_id, run.attempt))], bodies.last.task.name, how)

    @rule(name=st.sampled_from(NAMES))
    def cancel(self, name: str) -> None:
        running = [run for run in self.model.runs if run.tasks.get(name) == "EXECUTING"]
        said = self.world.runs.cancel_ongoing(ADMIN, named(name))
        self.world.conductor.step(self.world.clock.now())

        assert said.startswith(f"Marked {len(running)} " if running else f"Task {name} has no")
        self.model.now = self.world.clock.now()
        self.model.claim()
        for run in running:
            self.model.end(run, name, "CANCELLED")

    @rule()
    def resume(self) -> None:
        self.world.resume("R")
        if not self.model.is_started:
            now = self.world.clock.now()
            self.model.is_started, self.model.failures, self.model.next = True, 0, now + STEP

    @rule()
    def suspend(self) -> None:
        self.world.suspend("R")
        self.model.suspend()

    @rule()
    def crash(self) -> None:
        self.world.crash()
        self.world.step()
        self.model.crash(self.world.clock.now())
        self.model.claim()

    # --- what must hold ------------------------------------------------------------------------

    @invariant()
    def what_is_stored_is_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        stored = [
            (row["origin"], row["attempt"], row["scheduled_at"], row["state"], row["tasks"])
            for row in self.world.stored()
        ]
        assert stored == [(run.origin, run.attempt, run.due, run.state, run.tasks) for run in self.model.runs]
        executing = [state for run in self.model.runs for state in run.tasks.values() if state == "EXECUTING"]
        assert len(self.world.gate.waiting) == len(executing)

    @invariant()
    def the_root_is_planned_as_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        with self.store.read() as tx:
            row = tx.execute(select(roots.c.next_fire_at, roots.c.consecutive_failures)).first()
        assert (row or (None, 0)) == (self.model.next, self.model.failures)
        assert self.world.task("R").is_started == self.model.is_started


TestRunner = RunnerMachine.TestCase
TestRunner.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
