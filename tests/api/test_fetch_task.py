"""GET …/tasks/{name}."""

import pytest
from tests.api.conftest import TASKS, Api, assert_error


def test_a_new_task_answers_with_every_property(api: Api) -> None:
    api.create("t1")

    task = api.task("t1")

    assert len(task.pop("id")) == 36
    assert task == {
        "name": "T1",
        "warehouse": None,
        "schedule": None,
        "comment": None,
        "finalize": None,
        "task_auto_retry_attempts": None,
        "config": {},
        "session_parameters": {},
        "definition": "select 1",
        "predecessors": [],
        "task_relations": '{"Predecessors":[]}',
        "user_task_managed_initial_warehouse_size": None,
        "target_completion_interval": None,
        "serverless_task_min_statement_size": None,
        "serverless_task_max_statement_size": None,
        "user_task_timeout_ms": None,
        "suspend_task_after_num_failures": None,
        "condition": None,
        "allow_overlapping_execution": False,
        "error_integration": None,
        "success_integration": None,
        "overlap_policy": "NO_OVERLAP",
        "execute_as_user": None,
        "created_on": "2026-03-01T09:03:00Z",
        "owner": "ACCOUNTADMIN",
        "owner_role_type": "ROLE",
        "state": "suspended",
        "last_committed_on": None,
        "last_suspended_on": None,
        "database_name": "DB",
        "schema_name": "S",
    }


def test_a_missing_task_is_not_found(api: Api) -> None:
    answer = api.get(f"{TASKS}/nobody")

    message = "SQL compilation error:\nTask 'DB.S.NOBODY' does not exist or not authorized."
    assert_error(answer, 404, "002003", message)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("t1", "T1"),
        ("t1", '"T1"'),
        ("t1", "%741"),
        ("d1$a", "d1%24a"),
        ('"a:b"', "%22a:b%22"),
        ('"a:b"', "%22a%3Ab%22"),
        ('"quoted $ / Name"', "%22quoted%20%24%20%2F%20Name%22"),
        ('"say ""hi"""', "%22say%20%22%22hi%22%22%22"),
        ('"say "":""x"', "%22say%20%22%22%3A%22%22x%22"),
        ('"ä"', "%22%C3%A4%22"),
    ],
)
def test_names_in_paths_are_read_as_identifiers(api: Api, name: str, path: str) -> None:
    api.create(name)

    task = api.task(path)

    assert task["name"] in {name, name.upper()}
    assert api.post(f"{TASKS}/{path}:resume").status_code == 200


@pytest.mark.parametrize(
    "path", ["1x", "a%20b", "%22", "%22%22", "a-b", ":x", "%22a%22b", "a%22", "%22a%00%22"]
)
def test_what_is_no_identifier_is_refused(api: Api, path: str) -> None:
    answer = api.get(f"{TASKS}/{path}")

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Invalid SQL Identifier found in the request: ")


def test_a_path_that_is_no_text_is_refused(api: Api) -> None:
    answer = api.get(f"{TASKS}/%FF")

    assert_error(answer, 400, "", "The path is not percent-encoded UTF-8.")


def test_names_that_need_quotes_are_answered_in_quotes(api: Api) -> None:
    api.create('"Lower"')
    api.create("child", '"Lower"')

    assert api.task("%22Lower%22")["name"] == '"Lower"'
    assert api.task("child")["predecessors"] == ['"Lower"']
