"""POST /api/v2/databases."""

from typing import Any

import pytest
from tests.api.conftest import DATABASES, Api, assert_error


def test_a_created_database_is_there(api: Api) -> None:
    answer = api.post(DATABASES, {"name": "x"})

    assert (answer.status_code, answer.json()) == (200, {"status": "Database X successfully created."})
    assert api.fetch(f"{DATABASES}/x")["name"] == "X"


def test_a_database_answers_with_what_it_was_given(api: Api) -> None:
    given = {"name": "X", "comment": "what for", "data_retention_time_in_days": 2}
    api.post(DATABASES, given)

    found = api.fetch(f"{DATABASES}/x")

    assert {name: found[name] for name in given} == given


def test_an_existing_name_is_a_conflict(api: Api) -> None:
    api.post(DATABASES, {"name": "x"})

    answer = api.post(f"{DATABASES}?createMode=errorIfExists", {"name": "x"})

    assert_error(answer, 409, "002002", "SQL compilation error:\nObject 'X' already exists.")


def test_or_replace_makes_another(api: Api) -> None:
    api.post(DATABASES, {"name": "x", "comment": "first"})

    assert api.post(f"{DATABASES}?createMode=orReplace", {"name": "x"}).status_code == 200
    assert api.fetch(f"{DATABASES}/x")["comment"] is None


def test_if_not_exists_leaves_what_is_there(api: Api) -> None:
    api.post(DATABASES, {"name": "x", "comment": "first"})

    assert api.post(f"{DATABASES}?createMode=ifNotExists", {"name": "x"}).status_code == 200
    assert api.fetch(f"{DATABASES}/x")["comment"] == "first"


def test_a_name_is_required(api: Api) -> None:
    answer = api.post(DATABASES, {})

    message = "The request entity had the following errors: name cannot be empty string (was '')"
    assert_error(answer, 400, "390400", message)


@pytest.mark.parametrize("given", [{"comment": 5}, {"name": 5}])
def test_a_wrong_type_is_refused(api: Api, given: dict[str, Any]) -> None:
    answer = api.post(DATABASES, {"name": "x", **given})

    assert (answer.status_code, answer.json()["code"]) == (400, "390400")


def test_what_the_official_client_sends_is_accepted(api: Api) -> None:
    """It sends read-only properties as null."""
    given: dict[str, Any] = {"name": "x", "kind": "PERMANENT", "dropped_on": None, "owner": 5, "unknown": []}

    assert api.post(f"{DATABASES}/?createMode=errorIfExists", given).status_code == 200


def test_a_new_database_has_a_schema_public(api: Api) -> None:
    api.post(DATABASES, {"name": "x"})

    assert api.names(f"{DATABASES}/x/schemas") == ["PUBLIC"]


def test_the_kind_may_stand_in_the_query(api: Api) -> None:
    api.post(f"{DATABASES}?kind=transient", {"name": "x"})

    assert api.fetch(f"{DATABASES}/x")["kind"] == "TRANSIENT"
    assert api.post(f"{DATABASES}?kind=eternal", {"name": "y"}).status_code == 400
