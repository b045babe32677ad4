"""GET /api/v2/databases/{name}."""

from tests.api.conftest import DATABASES, Api, assert_error


def test_a_database_answers_with_what_is_described(api: Api) -> None:
    described = api.get("/openapi.json").json()["components"]["schemas"]["Database"]["properties"]

    found = api.fetch(f"{DATABASES}/db")

    assert found["name"] == "DB"
    assert found["owner"] == "ACCOUNTADMIN"
    assert found["created_on"] == "2026-03-01T09:03:00Z"
    assert found.keys() == described.keys()


def test_a_missing_database_is_not_found(api: Api) -> None:
    answer = api.get(f"{DATABASES}/x")

    message = "SQL compilation error:\nDatabase 'X' does not exist or not authorized."
    assert_error(answer, 404, "002003", message)


def test_a_name_that_needs_quotes_is_answered_in_quotes(api: Api) -> None:
    api.post(DATABASES, {"name": '"a/b"'})

    assert api.fetch(f"{DATABASES}/%22a%2Fb%22")["name"] == '"a/b"'
