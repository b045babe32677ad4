"""DELETE /api/v2/databases/{name}."""

from tests.api.conftest import DATABASES, TASKS, Api


def test_what_is_dropped_is_gone(api: Api) -> None:
    api.post(DATABASES, {"name": "x"})

    answer = api.delete(f"{DATABASES}/x")

    assert (answer.status_code, answer.json()) == (200, {"status": "X successfully dropped."})
    assert api.get(f"{DATABASES}/x").status_code == 404


def test_what_is_missing_may_be_dropped_if_it_exists(api: Api) -> None:
    assert api.delete(f"{DATABASES}/x").status_code == 404
    assert api.delete(f"{DATABASES}/x?ifExists=True").status_code == 200


def test_another_role_may_not_drop(api: Api) -> None:
    token = api.token_of("EVA", "ANALYST")

    answer = api.delete(f"{DATABASES}/db", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["code"]) == (403, "003001")


def test_tasks_go_with_their_database(api: Api) -> None:
    api.create("t1")

    assert api.delete(f"{DATABASES}/db?restrict=false").status_code == 200

    assert api.get(f"{TASKS}/t1").status_code == 404
    assert api.dropped
