"""GET …/tasks/{name}/current-graphs, and current_graphs."""

import pytest
from tests.api.conftest import TASKS, Api, assert_error

BOTH = pytest.mark.parametrize("spelling", ["current-graphs", "current_graphs"])


@BOTH
def test_the_next_fire_of_a_started_root_is_shown(api: Api, spelling: str) -> None:
    api.create("t1", schedule={"schedule_type": "MINUTES_TYPE", "minutes": 10}, config={"a": 1})
    api.post(f"{TASKS}/t1:resume")

    [run] = api.rows(f"{TASKS}/t1/{spelling}")

    assert run.pop("graph_run_group_id")
    assert run == {
        "root_task_name": "T1",
        "database_name": "DB",
        "schema_name": "S",
        "state": "SCHEDULED",
        "first_error_task_name": None,
        "first_error_code": None,
        "first_error_message": None,
        "scheduled_time": "2026-03-01T09:13:00Z",
        "query_start_time": None,
        "next_scheduled_time": "2026-03-01T09:23:00Z",
        "completed_time": None,
        "root_task_id": api.task("t1")["id"],
        "graph_version": 1,
        "run_id": 1772356380000,
        "attempt_number": 1,
        "scheduled_from": "SCHEDULE",
        "config": {"a": 1},
    }


def test_a_run_by_hand_repeats_its_time_as_the_next(api: Api) -> None:
    """The official client refuses null there."""
    api.create("t1")
    api.post(f"{TASKS}/t1:execute")

    [run] = api.rows(f"{TASKS}/t1/current-graphs")

    assert run["next_scheduled_time"] == run["scheduled_time"] == "2026-03-01T09:03:00Z"


def test_a_child_has_no_graphs(api: Api) -> None:
    api.create("root")
    api.create("child", "root")

    assert api.rows(f"{TASKS}/child/current-graphs") == []


@BOTH
@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("0", "Not a valid resultLimit: 0. It must be at least 1."),
        ("10001", "Value for parameter RESULT_LIMIT exceeds maximum allowable value (10,000)."),
        ("x", "Not a valid resultLimit: x. It must be a whole number."),
    ],
)
def test_a_limit_out_of_range_is_refused(api: Api, spelling: str, limit: str, message: str) -> None:
    api.create("t1")

    assert_error(api.get(f"{TASKS}/t1/{spelling}?resultLimit={limit}"), 400, "", message)


def test_the_limit_holds(api: Api) -> None:
    api.create("t1", schedule={"schedule_type": "MINUTES_TYPE", "minutes": 10})
    api.post(f"{TASKS}/t1:resume")
    api.post(f"{TASKS}/t1:execute")

    assert len(api.rows(f"{TASKS}/t1/current-graphs?resultLimit=1")) == 1


def test_a_missing_task_is_not_found(api: Api) -> None:
    assert api.get(f"{TASKS}/t1/current-graphs").status_code == 404
