"""PUT /api/v2/databases/{name}."""

from tests.api.conftest import DATABASES, Api, assert_error


def test_what_is_missing_is_created(api: Api) -> None:
    answer = api.put(f"{DATABASES}/x", {"name": "x"})

    assert (answer.status_code, answer.json()) == (200, {"status": "Database X successfully created."})


def test_what_is_left_out_is_reset(api: Api) -> None:
    api.post(DATABASES, {"name": "x", "comment": "what for", "data_retention_time_in_days": 2})

    answer = api.put(f"{DATABASES}/x", {"name": "x"})

    assert answer.status_code == 200
    assert api.fetch(f"{DATABASES}/x")["comment"] is None


def test_what_was_fetched_can_be_sent_back(api: Api) -> None:
    api.post(DATABASES, {"name": "x", "comment": "what for", "data_retention_time_in_days": 2})
    found = api.fetch(f"{DATABASES}/x")

    assert api.put(f"{DATABASES}/x", found).status_code == 200
    assert api.fetch(f"{DATABASES}/x") == found


def test_another_name_in_the_body_is_a_conflict(api: Api) -> None:
    answer = api.put(f"{DATABASES}/x", {"name": "y"})

    assert_error(answer, 409, "001520", "The body names database Y but the path names X.")
