"""DELETE /api/v2/warehouses/{name}."""

from tests.api.conftest import WAREHOUSES, Api


def test_what_is_dropped_is_gone(api: Api) -> None:
    api.post(WAREHOUSES, {"name": "x"})

    answer = api.delete(f"{WAREHOUSES}/x")

    assert (answer.status_code, answer.json()) == (200, {"status": "X successfully dropped."})
    assert api.get(f"{WAREHOUSES}/x").status_code == 404


def test_what_is_missing_may_be_dropped_if_it_exists(api: Api) -> None:
    assert api.delete(f"{WAREHOUSES}/x").status_code == 404
    assert api.delete(f"{WAREHOUSES}/x?ifExists=True").status_code == 200


def test_another_role_may_not_drop(api: Api) -> None:
    token = api.token_of("EVA", "ANALYST")

    answer = api.delete(f"{WAREHOUSES}/wh", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["code"]) == (403, "003001")
