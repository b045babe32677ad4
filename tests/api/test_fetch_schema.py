"""GET /api/v2/databases/db/schemas/{name}."""

from tests.api.conftest import SCHEMAS, Api, assert_error


def test_a_schema_answers_with_what_is_described(api: Api) -> None:
    described = api.get("/openapi.json").json()["components"]["schemas"]["Schema"]["properties"]

    found = api.fetch(f"{SCHEMAS}/s")

    assert found["name"] == "S"
    assert found["owner"] == "ACCOUNTADMIN"
    assert found["created_on"] == "2026-03-01T09:03:00Z"
    assert found.keys() == described.keys()


def test_a_missing_schema_is_not_found(api: Api) -> None:
    answer = api.get(f"{SCHEMAS}/x")

    message = "SQL compilation error:\nSchema 'DB.X' does not exist or not authorized."
    assert_error(answer, 404, "002003", message)


def test_a_name_that_needs_quotes_is_answered_in_quotes(api: Api) -> None:
    api.post(SCHEMAS, {"name": '"a/b"'})

    assert api.fetch(f"{SCHEMAS}/%22a%2Fb%22")["name"] == '"a/b"'
