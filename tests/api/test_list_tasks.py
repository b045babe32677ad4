"""GET …/tasks."""

import pytest
from tests.api.conftest import TASKS, Api, assert_error


@pytest.fixture
def full(api: Api) -> Api:
    """A schema with a root, its child and finalizer, and others."""
    api.create("alpha")
    api.create("beta", "alpha")
    api.create('"beta"')
    api.create("gamma", finalize="alpha")
    api.create("a_lone")
    return api


def test_tasks_are_listed_by_name(full: Api) -> None:
    assert full.names(TASKS) == ["ALPHA", "A_LONE", "BETA", "GAMMA", '"beta"']


def test_an_empty_schema_has_no_tasks(api: Api) -> None:
    assert api.rows(TASKS) == []


def test_a_listed_task_is_as_if_fetched(full: Api) -> None:
    assert full.rows(TASKS)[0] == full.task("alpha")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("rootOnly=True", ["ALPHA", "A_LONE", '"beta"']),
        ("rootOnly=false", ["ALPHA", "A_LONE", "BETA", "GAMMA", '"beta"']),
        ("like=%25ETA", ["BETA", '"beta"']),
        ("like=a%5C_lone", ["A_LONE"]),
        ("startsWith=A", ["ALPHA", "A_LONE"]),
        ("startsWith=a", []),
        ("showLimit=2", ["ALPHA", "A_LONE"]),
        ("fromName=BE", ["GAMMA", '"beta"']),
        ("fromName=A&showLimit=1", ["A_LONE"]),
        ("like=&startsWith=&fromName=", ["ALPHA", "A_LONE", "BETA", "GAMMA", '"beta"']),
        ("unknown=1", ["ALPHA", "A_LONE", "BETA", "GAMMA", '"beta"']),
    ],
)
def test_options_select(full: Api, query: str, names: list[str]) -> None:
    assert full.names(f"{TASKS}?{query}") == names


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("showLimit=0", "Not a valid showLimit: 0. It must be at least 1."),
        ("showLimit=10001", "Not a valid showLimit: 10001. It must be at most 10000."),
        ("showLimit=-1", "Not a valid showLimit: -1. It must be at least 1."),
        ("showLimit=ten", "Not a valid showLimit: ten. It must be a whole number."),
        ("showLimit=", "Not a valid showLimit: . It must be a whole number."),
        ("showLimit=1.0", "Not a valid showLimit: 1.0. It must be a whole number."),
        ("rootOnly=1", "Not a valid rootOnly: 1. Allowed values are: true,false"),
    ],
)
def test_a_value_out_of_range_is_refused(api: Api, query: str, message: str) -> None:
    assert_error(api.get(f"{TASKS}?{query}"), 400, "", message)


def test_a_query_that_is_no_text_is_refused(api: Api) -> None:
    assert api.get(f"{TASKS}?like=%ff").status_code == 400


def test_a_missing_schema_is_not_found(api: Api) -> None:
    answer = api.get("/api/v2/databases/db/schemas/nowhere/tasks")

    assert (answer.status_code, answer.json()["code"]) == (404, "002003")


def test_a_trailing_slash_is_answered_in_place(full: Api) -> None:
    assert full.names(f"{TASKS}/") == full.names(TASKS)


def test_a_listing_without_a_limit_may_be_too_long(full: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clockmill.api.rest.tasks.MAX_ROWS", 4)

    answer = full.get(TASKS)

    message = "There are more than 4 rows. Ask for fewer with showLimit and fromName."
    assert_error(answer, 400, "090153", message)
    assert len(full.rows(f"{TASKS}?showLimit=4")) == 4
