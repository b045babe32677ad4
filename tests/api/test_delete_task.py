"""DELETE …/tasks/{name}."""

import pytest
from tests.api.conftest import TASKS, Api, assert_error


def test_a_dropped_task_is_gone(api: Api) -> None:
    api.create("t1")

    answer = api.delete(f"{TASKS}/t1")

    assert answer.json() == {"status": "T1 successfully dropped."}
    assert api.get(f"{TASKS}/t1").status_code == 404


def test_a_missing_task_is_not_found(api: Api) -> None:
    answer = api.delete(f"{TASKS}/t1")

    message = "SQL compilation error:\nTask 'DB.S.T1' does not exist or not authorized."
    assert_error(answer, 404, "002003", message)


@pytest.mark.parametrize("true", ["true", "True", "TRUE"])
def test_a_missing_task_may_be_dropped_if_it_exists(api: Api, true: str) -> None:
    """The official Python client writes booleans as Python does."""
    assert api.delete(f"{TASKS}/t1?ifExists={true}").status_code == 200


def test_a_member_of_a_started_graph_is_not_dropped(api: Api) -> None:
    api.create("root")
    api.create("child", "root")
    api.post(f"{TASKS}/root:resume")

    answer = api.delete(f"{TASKS}/child")

    assert (answer.status_code, answer.json()["code"]) == (400, "091421")


def test_children_of_a_dropped_task_become_roots(api: Api) -> None:
    api.create("root")
    api.create("child", "root")

    api.delete(f"{TASKS}/root")

    assert api.task("child")["predecessors"] == []
