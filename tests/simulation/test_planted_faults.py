"""Faults that are planted on purpose, each into the real parts: the checker finds every one of them.

A checker that never complains proves nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import count, islice
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from tests.simulation import world
from tests.simulation.bodies import Course, SimulatedBodies
from tests.simulation.database import Database
from tests.simulation.ledger import Execution, Key
from tests.simulation.node import Life
from tests.simulation.plan import What, plan
from tests.simulation.shapes import SHAPES, Kind
from tests.simulation.simulate import explain, shrink, simulate

from clockmill.core.body import BodyOutcome, BodyRequest, Recall, Remains
from clockmill.core.graph import Graph
from clockmill.core.progress import Progress
from clockmill.core.run import NewGraphRun
from clockmill.runner import execution
from clockmill.runner.conductor import Conductor
from clockmill.runner.leases import NodeLease
from clockmill.runner.live import LiveRun
from clockmill.runner.record import NO_AFTERMATH
from clockmill.runner.writing import Writing
from clockmill.store import ownership, queued_runs, runs, skipped_fires
from clockmill.store.database import Transaction
from clockmill.store.tables import graph_runs

SEEDS = 60
"""Within so many seeds a fault has to be noticed; most are in a few."""


def seeds(
    *needed: What, nodes: Collection[int] = (1, 2, 3), lasts_ms: int = 0, most: int = SEEDS
) -> Iterator[int]:
    """Yield seeds with so many nodes and one of *needed*, lasting so long: others cannot tell."""
    wanted = (
        seed
        for seed in count()
        if (planned := plan(seed, SHAPES)).nodes in nodes
        and (not needed or any(d.what in needed and d.lasts_ms >= lasts_ms for d in planned.deeds))
    )
    return islice(wanted, most)


def noticed(*promises: str, among: Iterator[int] | None = None, life: type[Life] = Life) -> None:
    """Simulate until something is broken; one of *promises* has to be among it."""
    for seed in among or range(SEEDS):
        report = simulate(seed, life=life)
        if report.complaints:
            said = "\n".join(report.complaints)
            assert any(promise in said for promise in promises), said
            return
    raise AssertionError("nobody noticed")


HELD_UP = (What.PAUSE, What.PAUSE_AT_WRITE)


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

    noticed("every run comes to an end", "recovery is bounded", among=seeds(What.KILL, What.STOP))


def test_a_run_that_is_taken_up_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "RECOVERY_MS", 300)

    noticed("recovery is bounded", among=seeds(What.KILL, What.KILL_AT_WRITE))


def test_a_lease_that_nobody_fears(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that was held up goes on with what others have taken up meanwhile."""
    monkeypatch.setattr(NodeLease, "holds", True)
    monkeypatch.setattr(Conductor, "drop_all", lambda conductor: None)

    noticed(
        "a body runs once at a time",
        "nothing begins before that is durable",
        among=seeds(*HELD_UP, nodes=(2, 3), lasts_ms=12_000),
    )


def test_a_fence_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has lost a run, and does not know it, writes of it all the same."""
    finish, close = runs.finish_task_run, runs.close_graph_run

    def epoch_now(tx: Transaction, run_id: int) -> int:
        return int(tx.execute(select(graph_runs.c.epoch).where(graph_runs.c.id == run_id)).scalar_one())

    def finish_anyway(tx: Transaction, run_id: int, epoch: int, *args: Any) -> None:
        finish(tx, run_id, epoch_now(tx, run_id), *args)

    def close_anyway(tx: Transaction, run_id: int, epoch: int, *args: Any, **options: Any) -> None:
        close(tx, run_id, epoch_now(tx, run_id), *args, **options)

    monkeypatch.setattr(runs, "finish_task_run", finish_anyway)
    monkeypatch.setattr(runs, "close_graph_run", close_anyway)
    monkeypatch.setattr(runs, "check_owner", lambda tx, run_id, epoch: None)
    monkeypatch.setattr(LiveRun, "check_kept", lambda live: None)
    monkeypatch.setattr(NodeLease, "holds", True)
    monkeypatch.setattr(Conductor, "drop_all", lambda conductor: None)

    reports = (simulate(seed) for seed in seeds(*HELD_UP, nodes=(2, 3), lasts_ms=12_000))
    said = (sentence for report in reports for sentence in report.complaints)
    assert any("only_its_owner_changes_a_run" in sentence for sentence in said)


def test_a_fence_that_holds_where_nobody_fears_for_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counterpart: the epoch alone keeps the store right, even if bodies run twice."""
    monkeypatch.setattr(NodeLease, "holds", True)
    monkeypatch.setattr(Conductor, "drop_all", lambda conductor: None)

    reports = (simulate(seed) for seed in seeds(*HELD_UP, nodes=(2, 3), lasts_ms=12_000, most=20))
    said = [sentence for report in reports for sentence in report.complaints]
    assert not any("only_its_owner_changes_a_run" in sentence for sentence in said)


def test_decisions_that_overtake_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """This one was no plant: the first seeds of this simulation found it."""
    monkeypatch.setattr(Writing, "is_missing", False)

    noticed(
        "a_graph_ends_when_all_is_done",
        "every run comes to an end",
        "children_wait",
        among=seeds(What.UNSYNCED, What.AWAY, What.ALL_AWAY, nodes=[1], most=200),
    )


def test_a_body_that_begins_before_that_is_durable(monkeypatch: pytest.MonkeyPatch) -> None:
    def act_at_once(self: execution.Execution, live: Any, decision: Any, written: Any) -> None:
        self.act(live, decision, NO_AFTERMATH)

    monkeypatch.setattr(execution.Execution, "_follow", act_at_once)

    noticed("nothing begins before that is durable", "every run comes to an end")


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

    noticed("a body commits once", among=seeds(What.KILL, What.STOP), life=Forgetful)


class UnknownBodies(SimulatedBodies):
    """Bodies of which it is never known what they have done."""

    def recall(self, body: BodyRequest) -> Recall:
        return Recall(remains=Remains.UNKNOWN)


def test_a_body_that_has_committed_and_is_taken_for_failed() -> None:
    class Unknown(Life):
        kind_of_bodies = UnknownBodies

    noticed("an_outcome_is_what_was_done", among=seeds(What.KILL, What.STOP), life=Unknown)


def test_what_a_failing_seed_says_can_be_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "has_adoptable_runs", lambda tx, *more: False)
    report = next(report for seed in seeds(What.KILL) if (report := simulate(seed)).complaints)

    least = shrink(report)
    said = explain(report)

    numbers = [report.plan.deeds.index(deed) for deed in least.plan.deeds]
    assert f"--keep '{','.join(map(str, numbers))}'" in said
    assert simulate(report.plan.seed, keep=numbers).digest == least.digest
    assert least.complaints
    assert len(least.plan.deeds) < len(report.plan.deeds) or len(report.plan.deeds) <= 2
