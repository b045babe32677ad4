"""Queries on runs: waiting, claimed, written by their owner alone, closed when it is gone."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from clockmill.core.decide import Closing
from clockmill.core.names import SchemaName
from clockmill.core.run import GraphRun, GraphRunState, NewGraphRun, Origin, TaskEnd, TaskRunState
from clockmill.core.task import OverlapPolicy
from clockmill.store import commands, fires, queued_runs, run_queries, runs
from clockmill.store.commands import CancelCommand
from clockmill.store.database import Store, Transaction
from clockmill.store.run_queries import RootName
from clockmill.store.runs import RunLost, TaskStart
from clockmill.store.tables import graph_runs, task_runs

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
HOME = SchemaName("DB", "S")
CLOSED = Closing(state=GraphRunState.SUCCEEDED, at=LATER)


def new_run(root: str = "r", **values: Any) -> NewGraphRun:
    given: dict[str, Any] = {
        "group_id": str(uuid.uuid4()),
        "attempt": 1,
        "root_id": root,
        "root_name": root.upper(),
        "home": HOME,
        "version": 1,
        "origin": Origin.EXECUTE_TASK,
        "overlap_policy": OverlapPolicy.NO_OVERLAP,
        "scheduled_at": NOW,
        "original_scheduled_at": NOW,
        **values,
    }
    return NewGraphRun(**given)


def queue(store: Store, *new: NewGraphRun) -> None:
    store.write(lambda tx: queued_runs.insert_graph_runs(tx, new))


def claim(store: Store, node: str = "a") -> list[GraphRun]:
    def work(tx: Transaction) -> list[GraphRun]:
        return queued_runs.claim_graph_runs(tx, node, queued_runs.list_claimable_runs(tx, 100), NOW)

    return store.write(work)


def claimed(store: Store, **values: Any) -> GraphRun:
    queue(store, new_run(**values))
    (run,) = claim(store)
    return run


def start(store: Store, run: GraphRun, *tasks: str) -> None:
    rows = [
        TaskStart(
            graph_run_id=run.id, task_id=task, task_name=task.upper(), query_id=f"q-{run.id}-{task}", at=NOW
        )
        for task in tasks
    ]
    store.write(lambda tx: runs.start_task_runs(tx, rows))


def end(name: str, state: TaskRunState = TaskRunState.SUCCEEDED, **values: Any) -> TaskEnd:
    return TaskEnd(name=name, state=state, at=LATER, **values)


def finish(store: Store, run: GraphRun, how: TaskEnd) -> None:
    store.write(lambda tx: runs.finish_task_run(tx, run.id, run.epoch, how.name.lower(), how))


def close(store: Store, run: GraphRun, closing: Closing = CLOSED) -> None:
    store.write(lambda tx: runs.close_graph_run(tx, run.id, run.epoch, closing, root_end=None))


def graph_states(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.execute(select(graph_runs.c.state).order_by(graph_runs.c.id)).scalars())


def task_states(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.execute(select(task_runs.c.state).order_by(task_runs.c.id)).scalars())


# --- waiting and claiming ------------------------------------------------------------------------


def test_two_nodes_never_share_a_run(store: Store) -> None:
    """A run executed twice would write its table twice."""
    queue(store, new_run())

    first, second = claim(store, "a"), claim(store, "b")

    assert [run.owner_node for run in first] == ["a"]
    assert second == []
    assert graph_states(store) == ["EXECUTING"]


def test_each_owner_has_an_epoch_of_its_own(store: Store) -> None:
    queue(store, new_run("a"), new_run("b"))

    assert [run.epoch for run in claim(store)] == [1, 1]


@pytest.mark.parametrize(
    ("policy", "while_root_runs", "while_children_run"),
    [
        (OverlapPolicy.NO_OVERLAP, 0, 0),
        (OverlapPolicy.ALLOW_CHILD_OVERLAP, 0, 1),
        (OverlapPolicy.ALLOW_ALL_OVERLAP, 1, 1),
    ],
)
def test_a_run_is_claimable_beside_another_as_its_policy_says(
    store: Store, policy: OverlapPolicy, while_root_runs: int, while_children_run: int
) -> None:
    earlier = claimed(store, overlap_policy=policy)
    queue(store, new_run(overlap_policy=policy))

    def claimable(tx: Transaction) -> int:
        return len(queued_runs.list_claimable_runs(tx, 10))

    with store.read() as tx:
        assert claimable(tx) == while_root_runs
    store.write(lambda tx: runs.finish_root(tx, earlier.id, earlier.epoch, end("R")))
    with store.read() as tx:
        assert claimable(tx) == while_children_run
    close(store, earlier)
    with store.read() as tx:
        assert claimable(tx) == 1


def test_the_oldest_are_claimed_first(store: Store) -> None:
    queue(store, *(new_run(f"r{number}") for number in range(5)))

    with store.read() as tx:
        found = queued_runs.list_claimable_runs(tx, 3)

    assert [run.root_id for run in found] == ["r0", "r1", "r2"]


def test_an_automatic_retry_is_claimed_before_what_has_waited_longer(store: Store) -> None:
    """The retry belongs to the attempt that has just failed; what waited for that waits for all of it."""
    queue(store, new_run(), new_run(origin=Origin.AUTOMATIC_RETRY, attempt=2), new_run("other"))

    assert [run.origin for run in claim(store) if run.root_id == "r"] == [Origin.AUTOMATIC_RETRY]


def test_only_manual_runs_that_have_not_begun_are_forgotten(store: Store) -> None:
    claimed(store)
    queue(store, new_run(), new_run(origin=Origin.AUTOMATIC_RETRY, attempt=2), new_run("other"))

    assert store.write(lambda tx: queued_runs.delete_queued_runs(tx, "r")) == 1
    assert graph_states(store) == ["EXECUTING", "QUEUED", "QUEUED"]


def test_a_fire_makes_one_run_however_often_it_is_recorded(store: Store) -> None:
    fire = new_run(origin=Origin.SCHEDULE)
    racing = new_run(origin=Origin.SCHEDULE)

    store.write(lambda tx: queued_runs.insert_fires(tx, [fire]))
    store.write(lambda tx: queued_runs.insert_fires(tx, [racing, new_run("other", origin=Origin.SCHEDULE)]))

    with store.read() as tx:
        found = queued_runs.list_claimable_runs(tx, 10)
    assert [(run.root_id, run.group_id == fire.group_id) for run in found] == [("r", True), ("other", False)]


def test_manual_runs_and_retries_do_not_collide_with_a_fire_of_the_same_instant(store: Store) -> None:
    fire = new_run(origin=Origin.SCHEDULE)
    store.write(lambda tx: queued_runs.insert_fires(tx, [fire]))

    queue(store, new_run(), new_run(group_id=fire.group_id, attempt=2, origin=Origin.AUTOMATIC_RETRY))

    assert len(graph_states(store)) == 3


def test_an_attempt_of_a_group_is_there_once(store: Store) -> None:
    run = new_run()
    queue(store, run)

    with pytest.raises(IntegrityError):
        queue(store, run)


# --- of an owner ---------------------------------------------------------------------------------

Write = Callable[[Transaction, GraphRun, int], object]

WRITES: list[tuple[str, Write]] = [
    ("check", lambda tx, run, epoch: runs.check_owner(tx, run.id, epoch)),
    ("finish a task", lambda tx, run, epoch: runs.finish_task_run(tx, run.id, epoch, "a", end("A"))),
    ("close", lambda tx, run, epoch: runs.close_graph_run(tx, run.id, epoch, CLOSED, root_end=None)),
]


@pytest.mark.parametrize("write", [write for _, write in WRITES], ids=[name for name, _ in WRITES])
@pytest.mark.parametrize("epoch", [0, 2])
def test_whoever_has_another_epoch_writes_nothing(store: Store, write: Write, epoch: int) -> None:
    run = claimed(store)
    start(store, run, "a")

    with pytest.raises(RunLost):
        store.write(lambda tx: write(tx, run, epoch))

    assert (graph_states(store), task_states(store)) == (["EXECUTING"], ["EXECUTING"])


@pytest.mark.parametrize("write", [write for _, write in WRITES], ids=[name for name, _ in WRITES])
def test_nobody_writes_a_run_that_has_ended(store: Store, write: Write) -> None:
    run = claimed(store)
    start(store, run, "a")
    close(store, run)

    with pytest.raises(RunLost):
        store.write(lambda tx: write(tx, run, run.epoch))

    assert (graph_states(store), task_states(store)) == (["SUCCEEDED"], ["EXECUTING"])


def test_a_batch_of_owners_is_checked_one_by_one(store: Store) -> None:
    first, second = claimed(store), claimed(store, root="other")
    store.write(lambda tx: runs.check_owners(tx, [first, second]))
    close(store, second)

    with pytest.raises(RunLost, match=str(second.id)):
        store.write(lambda tx: runs.check_owners(tx, [first, second]))


def test_a_task_ends_once(store: Store) -> None:
    run = claimed(store)
    start(store, run, "a")
    finish(store, run, end("A", return_value="1"))

    failed = end("A", TaskRunState.FAILED)
    with pytest.raises(RunLost):
        finish(store, run, failed)

    assert task_states(store) == ["SUCCEEDED"]


def test_a_task_begins_once_in_a_graph_run(store: Store) -> None:
    run = claimed(store)
    start(store, run, "a")

    with pytest.raises(IntegrityError):
        start(store, run, "a")


def test_a_start_is_noted_only_while_the_body_runs(store: Store) -> None:
    run = claimed(store)
    start(store, run, "a", "b")
    finish(store, run, end("B", started_at=NOW))

    store.write(lambda tx: runs.note_started(tx, [(run, "a", LATER), (run, "b", LATER)]))

    with store.read() as tx:
        query = select(task_runs.c.started_at).order_by(task_runs.c.id)
        assert list(tx.execute(query).scalars()) == [LATER, NOW]


def test_only_a_failure_becomes_the_one_that_suspended_the_root(store: Store) -> None:
    run = claimed(store)
    start(store, run, "a", "b")
    finish(store, run, end("A", TaskRunState.FAILED))
    finish(store, run, end("B"))

    store.write(lambda tx: runs.mark_auto_suspended(tx, run.id, "A"))
    store.write(lambda tx: runs.mark_auto_suspended(tx, run.id, "B"))

    assert task_states(store) == ["FAILED_AND_AUTO_SUSPENDED", "SUCCEEDED"]


def test_a_retry_is_told_how_each_task_ended_last(store: Store) -> None:
    group = "g"
    for attempt, ends in ((1, {"a": "SUCCEEDED", "b": "FAILED"}), (2, {"b": "SUCCEEDED", "c": "CANCELLED"})):
        run = claimed(store, group_id=group, attempt=attempt)
        start(store, run, *ends)
        for task, state in ends.items():
            finish(store, run, end(task.upper(), TaskRunState(state)))
        close(store, run)

    with store.read() as tx:
        found = runs.list_ends_of_group(tx, group, 3)
        before = runs.list_ends_of_group(tx, group, 2)

    assert {name: each.state for name, each in found.items()} == {
        "A": TaskRunState.SUCCEEDED,
        "B": TaskRunState.SUCCEEDED,
        "C": TaskRunState.CANCELLED,
    }
    assert before["B"].state is TaskRunState.FAILED


# --- looking -------------------------------------------------------------------------------------


def test_a_command_reaches_the_owner_of_its_run_once(store: Store) -> None:
    run = claimed(store)
    command = CancelCommand(graph_run_id=run.id, task_id="a")
    store.write(lambda tx: commands.insert_cancel(tx, command, NOW))

    assert store.write(lambda tx: commands.take_commands(tx, "b")) == []
    assert store.write(lambda tx: commands.take_commands(tx, "a")) == [command]
    assert store.write(lambda tx: commands.take_commands(tx, "a")) == []


def test_open_runs_tell_whether_their_root_has_ended(store: Store) -> None:
    policy = OverlapPolicy.ALLOW_CHILD_OVERLAP
    first = claimed(store, overlap_policy=policy)
    store.write(lambda tx: runs.finish_root(tx, first.id, first.epoch, end("R")))
    queue(store, new_run(overlap_policy=policy))

    with store.read() as tx:
        assert fires.list_open_runs(tx, ["r", "none"]) == {"r": [True, False]}


def test_looking_at_what_has_ended_lately_reads_no_more_than_that(store: Store) -> None:
    """The history grows for years, and these are asked for every few seconds."""
    asked: list[tuple[str, Any]] = []
    with store.read() as tx:
        event.listen(tx, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        for root in (None, RootName(HOME, "R")):
            run_queries.list_complete_runs(tx, root, since=NOW, error_only=False, limit=10)
            run_queries.list_open_runs(tx, root, 10)
        queued_runs.list_claimable_runs(tx, 10)
        plans = [step for statement, values in list(asked) for step in plan_of(tx, statement, values)]

    assert [plan for plan in plans if plan.startswith("SCAN") and "USING INDEX" not in plan] == []
    assert [plan for plan in plans if "Seq Scan on graph_runs" in plan] == []
    assert sum("ix_graph_runs_completed" in plan for plan in plans) == 1


def plan_of(tx: Transaction, statement: str, values: Any) -> list[str]:
    """Return the steps of a statement; PostgreSQL's as if the tables were too long to be read through."""
    if tx.dialect.name == "sqlite":
        return [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return [row[0] for row in tx.exec_driver_sql(f"EXPLAIN {statement}", values)]
