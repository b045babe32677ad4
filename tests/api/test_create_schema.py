"""POST /api/v2/databases/db/schemas."""

from typing import Any

import pytest
from tests.api.conftest import SCHEMAS, Api, assert_error


def test_a_created_schema_is_there(api: Api) -> None:
    answer = api.post(SCHEMAS, {"name": "x"})

    assert (answer.status_code, answer.json()) == (200, {"status": "Schema X successfully created."})
    assert api.fetch(f"{SCHEMAS}/x")["name"] == "X"


def test_a_schema_answers_with_what_it_was_given(api: Api) -> None:
    given = {"name": "X", "comment": "what for", "managed_access": True}
    api.post(SCHEMAS, given)

    found = api.fetch(f"{SCHEMAS}/x")

    assert {name: found[name] for name in given} == given


def test_an_existing_name_is_a_conflict(api: Api) -> None:
    api.post(SCHEMAS, {"name": "x"})

    answer = api.post(f"{SCHEMAS}?createMode=errorIfExists", {"name": "x"})

    assert_error(answer, 409, "002002", "SQL compilation error:\nObject 'X' already exists.")


def test_or_replace_makes_another(api: Api) -> None:
    api.post(SCHEMAS, {"name": "x", "comment": "first"})

    assert api.post(f"{SCHEMAS}?createMode=orReplace", {"name": "x"}).status_code == 200
    assert api.fetch(f"{SCHEMAS}/x")["comment"] is None


def test_if_not_exists_leaves_what_is_there(api: Api) -> None:
    api.post(SCHEMAS, {"name": "x", "comment": "first"})

    assert api.post(f"{SCHEMAS}?createMode=ifNotExists", {"name": "x"}).status_code == 200
    assert api.fetch(f"{SCHEMAS}/x")["comment"] == "first"


def test_a_name_is_required(api: Api) -> None:
    answer = api.post(SCHEMAS, {})

    message = "The request entity had the following errors: name cannot be empty string (was '')"
    assert_error(answer, 400, "390400", message)


@pytest.mark.parametrize("given", [{"comment": 5}, {"name": 5}])
def test_a_wrong_type_is_refused(api: Api, given: dict[str, Any]) -> None:
    answer = api.post(SCHEMAS, {"name": "x", **given})

    assert (answer.status_code, answer.json()["code"]) == (400, "390400")


def test_what_the_official_client_sends_is_accepted(api: Api) -> None:
    """It sends read-only properties as null."""
    given: dict[str, Any] = {"name": "x", "kind": "PERMANENT", "dropped_on": None, "owner": 5, "unknown": []}

    assert api.post(f"{SCHEMAS}/?createMode=errorIfExists", given).status_code == 200


def test_a_missing_database_is_not_found(api: Api) -> None:
    assert api.post("/api/v2/databases/nowhere/schemas", {"name": "x"}).status_code == 404
