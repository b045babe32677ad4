"""POST …/tasks/{name}:execute."""

import pytest
from tests.api.conftest import TASKS, Api, assert_error


def test_a_root_is_queued(api: Api) -> None:
    api.create("t1")

    answer = api.post(f"{TASKS}/t1:execute")

    assert answer.json() == {"status": "Task T1 is scheduled to run immediately."}
    [run] = api.rows(f"{TASKS}/t1/current-graphs")
    assert run["scheduled_from"] == "EXECUTE TASK"


def test_a_child_is_not_executed(api: Api) -> None:
    api.create("root")
    api.create("child", "root")

    answer = api.post(f"{TASKS}/child:execute")

    message = (
        "Execute task cannot be called on non-root task DB.S.CHILD. "
        "Call EXECUTE TASK on the root task of its graph instead."
    )
    assert_error(answer, 400, "091435", message)


@pytest.mark.parametrize("true", ["true", "True"])
def test_there_is_nothing_to_retry_before_a_run(api: Api, true: str) -> None:
    api.create("t1")

    answer = api.post(f"{TASKS}/t1:execute?retryLast={true}")

    message = "Cannot perform retry: no suitable run of graph with root task T1 to retry."
    assert_error(answer, 400, "091457", message)


def test_an_asynchronous_request_is_answered_later(api: Api) -> None:
    api.create("t1")

    answer = api.send("POST", f"{TASKS}/t1:execute?asyncExec=True")

    assert answer.status_code == 202
    later = api.get(answer.headers["Location"])
    assert later.json() == {"status": "Task T1 is scheduled to run immediately."}


def test_a_refusal_of_an_asynchronous_request_comes_later_too(api: Api) -> None:
    answer = api.send("POST", f"{TASKS}/nobody:execute?asyncExec=true")

    assert answer.status_code == 202
    assert api.get(answer.headers["Location"]).status_code == 404


def test_a_bad_wish_for_later_is_refused(api: Api) -> None:
    answer = api.post(f"{TASKS}/t1:execute?asyncExec=maybe")

    assert_error(answer, 400, "", "Not a valid asyncExec: maybe. Allowed values are: true,false")


def test_a_missing_task_is_not_found(api: Api) -> None:
    assert api.post(f"{TASKS}/nobody:execute").status_code == 404
