"""The judge of a campaign finds what it is there to find, and nothing else."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from chaos.graphs import Effect, GraphPlan, TaskPlan
from chaos.history import GraphRunSeen, History, PlanSeen, SkipSeen, TaskRunSeen

from chaos import promises

START = datetime(2026, 3, 1, tzinfo=UTC)
GRAPH = GraphPlan(
    tasks=(
        TaskPlan("ROOT", (), "", Effect.ONCE),
        TaskPlan("CHILD", ("ROOT",), "", Effect.ONCE),
        TaskPlan("PARTS", ("ROOT",), "", Effect.PARTS),
    ),
    finalizer=TaskPlan("LAST", (), "", Effect.ONCE),
    every_s=10,
)
EFFECTS = {("g1", "ROOT"): 1, ("g1", "CHILD"): 1, ("g1", "PARTS"): 2, ("g1", "LAST"): 1}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def ran(task: str, begin: float, end: float | None, state: str = "SUCCEEDED", **changes: Any) -> TaskRunSeen:
    return msgspec.structs.replace(
        TaskRunSeen(
            task=task,
            state=state,
            scheduled_at=at(begin),
            started_at=at(begin),
            completed_at=None if end is None else at(end),
            return_value=None,
            error_code=None,
            error_message=None,
            is_system_error=False,
            executions=1,
        ),
        **changes,
    )


WELL = (ran("ROOT", 10, 11), ran("CHILD", 11, 12), ran("PARTS", 11, 13), ran("LAST", 13, 14))


def run(*tasks: TaskRunSeen, **changes: Any) -> GraphRunSeen:
    seen = GraphRunSeen(
        id=1,
        group_id="g1",
        attempt=1,
        root="ROOT",
        state="SUCCEEDED",
        origin="SCHEDULE",
        scheduled_at=at(10),
        started_at=at(10),
        completed_at=at(14),
        owner_node=None,
        epoch=1,
        tasks={task.task: task for task in tasks},
    )
    return msgspec.structs.replace(seen, **changes)


def replaced(name: str, *others: TaskRunSeen) -> list[TaskRunSeen]:
    return [task for task in WELL if task.task != name] + list(others)


def history(*runs: GraphRunSeen, next_fire: float = 20, skips: Iterable[SkipSeen] = ()) -> History:
    plan = PlanSeen(root="ROOT", every_s=10, base=at(0), next_fire_at=at(next_fire))
    return History(runs=runs, skips=tuple(skips), plans=(plan,))


def skip(first: float, last: float, fires: int) -> SkipSeen:
    return SkipSeen(root="ROOT", first=at(first), last=at(last), fires=fires, reason="OVERLAP")


def found_in(history: History, effects: promises.Effects = EFFECTS) -> set[str]:
    """Return the names of the promises that *history* breaks."""
    judges: list[Callable[[], Iterable[str]]] = [
        lambda: promises.every_fire_is_accounted_for(history),
        lambda: promises.nothing_is_left_open(history),
        lambda: promises.tasks_wait_for_their_predecessors(history, [GRAPH]),
        lambda: promises.the_finalizer_is_last(history, [GRAPH]),
        lambda: promises.no_task_is_forgotten(history, [GRAPH]),
        lambda: promises.only_what_must_fails(history, [GRAPH]),
        lambda: promises.effects_are_what_history_says(history, [GRAPH], effects),
    ]
    names = ["fires", "open", "order", "finalizer", "forgotten", "failures", "effects"]
    return {name for name, judge in zip(names, judges, strict=True) if list(judge())}


def test_a_history_in_which_all_went_well_breaks_no_promise() -> None:
    assert found_in(history(run(*WELL))) == set()


def test_a_fire_that_is_covered_by_a_record_is_accounted_for() -> None:
    assert found_in(history(run(*WELL), next_fire=50, skips=[skip(20, 40, 3)])) == set()


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (history(run(*WELL), next_fire=30), "fires"),
        (history(run(*WELL), next_fire=20, skips=[skip(10, 10, 1)]), "fires"),
        (history(run(*WELL), next_fire=50, skips=[skip(20, 40, 2)]), "fires"),
        (history(run(*WELL, scheduled_at=at(10.5))), "fires"),
        (history(run(*WELL, state="EXECUTING")), "open"),
        (history(run(*replaced("CHILD", ran("CHILD", 11, None, "EXECUTING")))), "open"),
        (history(run(*replaced("CHILD", ran("CHILD", 10.5, 12)))), "order"),
        (history(run(*replaced("ROOT"))), "order"),
        (history(run(*replaced("LAST"))), "finalizer"),
        (history(run(*replaced("LAST", ran("LAST", 12.5, 14)))), "finalizer"),
        (history(run(*replaced("CHILD"))), "forgotten"),
        (history(run(*WELL, state="FAILED")), "forgotten"),
        (history(run(*replaced("CHILD", ran("CHILD", 11, 12, "FAILED")), state="FAILED")), "failures"),
    ],
)
def test_what_was_planted_is_found(planted: History, found: str) -> None:
    assert found in found_in(planted)


@pytest.mark.parametrize("rows", [0, 2])
def test_a_body_that_did_its_work_not_at_all_or_twice_is_found(rows: int) -> None:
    assert found_in(history(run(*WELL)), {**EFFECTS, ("g1", "CHILD"): rows}) == {"effects"}


def test_a_body_that_failed_by_our_doing_must_have_left_nothing() -> None:
    failed = ran("CHILD", 11, 12, "FAILED", is_system_error=True)

    assert "effects" in found_in(history(run(*replaced("CHILD", failed), state="FAILED")))


def test_a_body_in_parts_may_have_left_some_of_them_when_it_failed_by_our_doing() -> None:
    failed = ran("PARTS", 11, 13, "FAILED", is_system_error=True)

    assert found_in(history(run(*replaced("PARTS", failed), state="FAILED"))) == set()


def test_rows_of_a_run_that_there_never_was_are_found() -> None:
    assert found_in(history(run(*WELL)), {**EFFECTS, ("g2", "ROOT"): 1}) == {"effects"}


def test_what_an_earlier_attempt_has_done_stands() -> None:
    failed = ran("PARTS", 11, 13, "FAILED", is_system_error=True)
    first = run(*replaced("PARTS", failed), state="FAILED")
    again = (ran("PARTS", 15, 16), ran("LAST", 16, 17))
    second = run(*again, id=2, attempt=2, origin="MANUAL RETRY", scheduled_at=at(15))

    assert found_in(history(first, second), {**EFFECTS, ("g1", "LAST"): 2}) == set()
