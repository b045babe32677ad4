"""GET /api/v2/warehouses/{name}."""

from tests.api.conftest import WAREHOUSES, Api, assert_error


def test_a_warehouse_answers_with_what_is_described(api: Api) -> None:
    described = api.get("/openapi.json").json()["components"]["schemas"]["Warehouse"]["properties"]

    found = api.fetch(f"{WAREHOUSES}/wh")

    assert found["name"] == "WH"
    assert found["owner"] == "ACCOUNTADMIN"
    assert found["created_on"] == "2026-03-01T09:03:00Z"
    assert found.keys() == described.keys()


def test_a_missing_warehouse_is_not_found(api: Api) -> None:
    answer = api.get(f"{WAREHOUSES}/x")

    message = "SQL compilation error:\nWarehouse 'X' does not exist or not authorized."
    assert_error(answer, 404, "002003", message)


def test_a_name_that_needs_quotes_is_answered_in_quotes(api: Api) -> None:
    api.post(WAREHOUSES, {"name": '"a/b"'})

    assert api.fetch(f"{WAREHOUSES}/%22a%2Fb%22")["name"] == '"a/b"'
