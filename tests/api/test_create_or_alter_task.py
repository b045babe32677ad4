"""PUT …/tasks/{name}."""

from typing import Any

import pytest
from tests.api.conftest import TASKS, Api, assert_error


def body(**properties: Any) -> dict[str, Any]:
    return {"name": "t1", "definition": "select 1", **properties}


def test_a_missing_task_is_created(api: Api) -> None:
    answer = api.put(f"{TASKS}/t1", body())

    assert answer.status_code == 200
    assert answer.json() == {"status": "Task T1 successfully created."}


def test_what_is_left_out_is_reset_and_the_rest_is_kept(api: Api) -> None:
    api.create("t1", comment="old", schedule={"schedule_type": "MINUTES_TYPE", "minutes": 5})
    before = api.task("t1")
    api.clock.advance(minutes=1)

    answer = api.put(f"{TASKS}/T1", body(definition="select 2"))

    assert answer.status_code == 200
    assert api.task("t1") == before | {"definition": "select 2", "comment": None, "schedule": None}


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"config": {"a": 1}, "schedule": {"schedule_type": "MINUTES_TYPE", "minutes": 1, "seconds": 5}},
        {"overlap_policy": "ALLOW_ALL_OVERLAP"},
        {"allow_overlapping_execution": True, "task_auto_retry_attempts": 2},
    ],
)
def test_a_fetched_root_can_be_sent_back(api: Api, properties: dict[str, Any]) -> None:
    api.create("t1", **properties)
    task = api.task("t1")

    assert api.put(f"{TASKS}/t1", task).status_code == 200
    assert api.task("t1") == task


def test_a_fetched_child_and_finalizer_can_be_sent_back(api: Api) -> None:
    api.create("root")
    api.create("child", "root")
    api.create("last", finalize="root")

    for name in ("child", "last"):
        assert api.put(f"{TASKS}/{name}", api.task(name)).status_code == 200


def test_a_started_root_is_not_altered(api: Api) -> None:
    api.create("t1")
    api.post(f"{TASKS}/t1:resume")

    answer = api.put(f"{TASKS}/t1", body(comment="x"))

    message = "Unable to update graph with root task DB.S.T1 since that root task is not suspended."
    assert_error(answer, 400, "091421", message)
    assert api.task("t1")["comment"] is None


def test_another_name_in_the_body_is_refused(api: Api) -> None:
    answer = api.put(f"{TASKS}/t2", body())

    assert_error(answer, 400, "390400", "The body names task T1 but the path names T2.")
    assert api.rows(TASKS) == []


def test_the_same_name_may_be_spelled_otherwise(api: Api) -> None:
    assert api.put(f"{TASKS}/%22T1%22", body()).status_code == 200


def test_a_name_is_required(api: Api) -> None:
    answer = api.put(f"{TASKS}/t1", {"definition": "select 1"})

    assert (answer.status_code, answer.json()["code"]) == (400, "390400")


def test_another_role_may_not_alter(api: Api) -> None:
    api.create("t1")
    token = api.token_of("EVA", "ANALYST")

    answer = api.put(f"{TASKS}/t1", body(), headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["code"]) == (403, "003001")
