"""POST /api/v2/warehouses."""

from typing import Any

import pytest
from tests.api.conftest import WAREHOUSES, Api, assert_error


def test_a_created_warehouse_is_there(api: Api) -> None:
    answer = api.post(WAREHOUSES, {"name": "x"})

    assert (answer.status_code, answer.json()) == (200, {"status": "Warehouse X successfully created."})
    assert api.fetch(f"{WAREHOUSES}/x")["name"] == "X"


def test_a_warehouse_answers_with_what_it_was_given(api: Api) -> None:
    given = {"name": "X", "comment": "what for", "warehouse_size": "MEDIUM"}
    api.post(WAREHOUSES, given)

    found = api.fetch(f"{WAREHOUSES}/x")

    assert {name: found[name] for name in given} == given


def test_an_existing_name_is_a_conflict(api: Api) -> None:
    api.post(WAREHOUSES, {"name": "x"})

    answer = api.post(f"{WAREHOUSES}?createMode=errorIfExists", {"name": "x"})

    assert_error(answer, 409, "002002", "SQL compilation error:\nObject 'X' already exists.")


def test_or_replace_makes_another(api: Api) -> None:
    api.post(WAREHOUSES, {"name": "x", "comment": "first"})

    assert api.post(f"{WAREHOUSES}?createMode=orReplace", {"name": "x"}).status_code == 200
    assert api.fetch(f"{WAREHOUSES}/x")["comment"] is None


def test_if_not_exists_leaves_what_is_there(api: Api) -> None:
    api.post(WAREHOUSES, {"name": "x", "comment": "first"})

    assert api.post(f"{WAREHOUSES}?createMode=ifNotExists", {"name": "x"}).status_code == 200
    assert api.fetch(f"{WAREHOUSES}/x")["comment"] == "first"


def test_a_name_is_required(api: Api) -> None:
    answer = api.post(WAREHOUSES, {})

    message = "The request entity had the following errors: name cannot be empty string (was '')"
    assert_error(answer, 400, "390400", message)


@pytest.mark.parametrize("given", [{"comment": 5}, {"name": 5}])
def test_a_wrong_type_is_refused(api: Api, given: dict[str, Any]) -> None:
    answer = api.post(WAREHOUSES, {"name": "x", **given})

    assert (answer.status_code, answer.json()["code"]) == (400, "390400")


def test_what_the_official_client_sends_is_accepted(api: Api) -> None:
    """It sends read-only properties as null."""
    given: dict[str, Any] = {"name": "x", "kind": "PERMANENT", "dropped_on": None, "owner": 5, "unknown": []}

    assert api.post(f"{WAREHOUSES}/?createMode=errorIfExists", given).status_code == 200


def test_flags_are_texts_but_may_be_booleans(api: Api) -> None:
    given = {"auto_resume": "False", "enable_query_acceleration": True, "initially_suspended": "true"}
    api.post(WAREHOUSES, {"name": "x", **given})

    found = api.fetch(f"{WAREHOUSES}/x")
    flags = (found["auto_resume"], found["enable_query_acceleration"], found["state"])
    assert flags == ("false", "true", "SUSPENDED")


def test_earlier_names_of_properties_are_read(api: Api) -> None:
    api.post(WAREHOUSES, {"name": "x", "size": "2X-Large", "type": "SNOWPARK-OPTIMIZED"})

    found = api.fetch(f"{WAREHOUSES}/x")
    assert (found["warehouse_size"], found["size"]) == ("XXLARGE", "2X-Large")
    assert found["warehouse_type"] == found["type"] == "SNOWPARK-OPTIMIZED"


@pytest.mark.parametrize(
    "given",
    [
        {"warehouse_size": "HUGE"},
        {"auto_resume": "perhaps"},
        {"max_concurrency_level": 0},
        {"wait_for_completion": "x"},
    ],
)
def test_a_value_that_is_none_of_those_allowed_is_refused(api: Api, given: dict[str, Any]) -> None:
    assert api.post(WAREHOUSES, {"name": "x", **given}).status_code == 400
