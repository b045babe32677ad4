"""Faults that are planted on purpose, each into the real parts: the checker finds every one of them.

A checker that never complains proves nothing.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from tests.simulation.bodies import Course, SimulatedBodies
from tests.simulation.database import Database
from tests.simulation.ledger import Execution, Key
from tests.simulation.node import Life
from tests.simulation.shapes import Kind
from tests.simulation.simulate import explain, shrink, simulate

from clockmill.core.body import BodyOutcome, BodyRequest, Recall, Remains
from clockmill.core.graph import Graph
from clockmill.core.progress import Progress
from clockmill.core.run import NewGraphRun
from clockmill.runner import execution
from clockmill.runner.record import NO_AFTERMATH
from clockmill.runner.writing import Writing
from clockmill.store import ownership, queued_runs, skipped_fires
from clockmill.store.database import Transaction

SEEDS = 150
"""Within so many seeds a fault has to be noticed; most are in a few."""


def noticed(*promises: str, life: type[Life] = Life) -> None:
    """Simulate until something is broken; it has to be one of *promises*."""
    for seed in range(SEEDS):
        report = simulate(seed, life=life)
        if report.complaints:
            assert any(promise in report.complaints[0] for promise in promises), report.complaints
            return
    raise AssertionError(f"nobody noticed in {SEEDS} seeds")


def test_a_fire_that_is_not_recorded_as_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skipped_fires, "record_skips", lambda tx, skips, now: None)

    noticed("every_due_fire_is_a_run_or_is_skipped")


def test_a_fire_that_begins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queued_runs, "insert_fires", lambda tx, runs: None)

    noticed("every_due_fire_is_a_run_or_is_skipped")


def test_a_fire_that_begins_two_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both guards are taken away: the index, and that a root which has fired is due no more."""
    insert, restore = queued_runs.insert_fires, Database.restore

    def insert_twice(tx: Transaction, runs: Sequence[NewGraphRun]) -> None:
        insert(tx, runs)
        insert(tx, [msgspec.structs.replace(run, group_id=f"{run.group_id} again") for run in runs])

    def restore_without_index(database: Database, image: bytes) -> None:
        restore(database, image)
        database.execute("DROP INDEX IF EXISTS uq_graph_runs_fire")

    monkeypatch.setattr(queued_runs, "insert_fires", insert_twice)
    monkeypatch.setattr(Database, "restore", restore_without_index)

    noticed("a_fire_makes_one_run")


def test_a_forgotten_finalizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Graph, "active_finalizer", None)

    noticed("a_graph_ends_when_all_is_done")


def test_a_child_that_does_not_wait_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = Progress.__init__

    def begin_hastily(progress: Progress, *args: Any) -> None:
        begin(progress, *args)
        progress._missing = {name: min(count, 1) for name, count in progress._missing.items()}

    monkeypatch.setattr(Progress, "__init__", begin_hastily)

    noticed("children_wait")


def test_a_run_that_is_not_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "has_adoptable_runs", lambda tx, *more: False)

    noticed("every run comes to an end", "recovery is bounded")


def test_decisions_that_overtake_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """This one was no plant: the first seeds of this simulation found it."""
    monkeypatch.setattr(Writing, "is_missing", False)

    noticed("a_graph_ends_when_all_is_done", "every run comes to an end", "children_wait")


def test_a_body_that_begins_before_that_is_durable(monkeypatch: pytest.MonkeyPatch) -> None:
    def act_at_once(self: execution.Execution, live: Any, decision: Any, written: Any) -> None:
        self.act(live, decision, NO_AFTERMATH)

    monkeypatch.setattr(execution.Execution, "_follow", act_at_once)

    noticed("nothing begins before that is durable")


class ForgetfulBodies(SimulatedBodies):
    """Bodies of which nobody knows afterwards that they are through."""

    def recall(self, body: BodyRequest) -> Recall:
        return Recall(remains=Remains.NOTHING)

    def _complete(self, key: Key, kind: Kind, course: Course, execution: Execution) -> BodyOutcome:
        self._ledger.outcomes.pop(key, None)
        self._ledger.markers.discard(key)
        return super()._complete(key, kind, course, execution)


def test_a_body_that_commits_twice() -> None:
    class Forgetful(Life):
        kind_of_bodies = ForgetfulBodies

    noticed("a body commits once", life=Forgetful)


class UnknownBodies(SimulatedBodies):
    """Bodies of which it is never known what they have done."""

    def recall(self, body: BodyRequest) -> Recall:
        return Recall(remains=Remains.UNKNOWN)


def test_a_body_that_has_committed_and_is_taken_for_failed() -> None:
    class Unknown(Life):
        kind_of_bodies = UnknownBodies

    noticed("an_outcome_is_what_was_done", life=Unknown)


def test_what_a_failing_seed_says_can_be_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "has_adoptable_runs", lambda tx, *more: False)
    report = next(report for seed in range(SEEDS) if (report := simulate(seed)).complaints)

    least = shrink(report)
    said = explain(report)

    numbers = [report.plan.deeds.index(deed) for deed in least.plan.deeds]
    assert f"--keep '{','.join(map(str, numbers))}'" in said
    assert simulate(report.plan.seed, keep=numbers).digest == least.digest
    assert least.complaints
    assert len(least.plan.deeds) < len(report.plan.deeds) or len(report.plan.deeds) <= 2
