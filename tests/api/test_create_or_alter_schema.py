"""PUT /api/v2/databases/db/schemas/{name}."""

from tests.api.conftest import SCHEMAS, Api, assert_error


def test_what_is_missing_is_created(api: Api) -> None:
    answer = api.put(f"{SCHEMAS}/x", {"name": "x"})

    assert (answer.status_code, answer.json()) == (200, {"status": "Schema X successfully created."})


def test_what_is_left_out_is_reset(api: Api) -> None:
    api.post(SCHEMAS, {"name": "x", "comment": "what for", "managed_access": True})

    answer = api.put(f"{SCHEMAS}/x", {"name": "x"})

    assert answer.status_code == 200
    assert api.fetch(f"{SCHEMAS}/x")["comment"] is None


def test_what_was_fetched_can_be_sent_back(api: Api) -> None:
    api.post(SCHEMAS, {"name": "x", "comment": "what for", "managed_access": True})
    found = api.fetch(f"{SCHEMAS}/x")

    assert api.put(f"{SCHEMAS}/x", found).status_code == 200
    assert api.fetch(f"{SCHEMAS}/x") == found


def test_the_schema_of_the_system_is_nobodys_to_change(api: Api) -> None:
    answer = api.put(f"{SCHEMAS}/information_schema", {"name": "information_schema"})

    message = (
        "Schema 'DB.INFORMATION_SCHEMA' belongs to the system and cannot be created, changed or dropped."
    )
    assert_error(answer, 403, "003001", message)


def test_another_name_in_the_body_is_a_conflict(api: Api) -> None:
    answer = api.put(f"{SCHEMAS}/x", {"name": "y"})

    assert_error(answer, 409, "001520", "The body names schema Y but the path names X.")
