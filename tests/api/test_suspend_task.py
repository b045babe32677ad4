"""POST …/tasks/{name}:suspend."""

from tests.api.conftest import TASKS, Api


def test_a_suspended_root_is_due_no_more(api: Api) -> None:
    api.create("t1", schedule={"schedule_type": "MINUTES_TYPE", "minutes": 10})
    api.post(f"{TASKS}/t1:resume")

    answer = api.post(f"{TASKS}/t1:suspend")

    assert (answer.status_code, answer.json()) == (200, {"status": "Statement executed successfully."})
    task = api.task("t1")
    assert (task["state"], task["last_suspended_on"]) == ("suspended", "2026-03-01T09:03:00Z")
    assert api.rows(f"{TASKS}/t1/current-graphs") == []


def test_suspending_what_is_suspended_is_calm(api: Api) -> None:
    api.create("t1")

    assert api.post(f"{TASKS}/t1:suspend").status_code == 200


def test_a_missing_task_is_not_found(api: Api) -> None:
    assert api.post(f"{TASKS}/t1:suspend").status_code == 404
