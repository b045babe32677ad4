"""PUT /api/v2/warehouses/{name}."""

from tests.api.conftest import WAREHOUSES, Api, assert_error


def test_what_is_missing_is_created(api: Api) -> None:
    answer = api.put(f"{WAREHOUSES}/x", {"name": "x"})

    assert (answer.status_code, answer.json()) == (200, {"status": "Warehouse X successfully created."})


def test_what_is_left_out_is_reset(api: Api) -> None:
    api.post(WAREHOUSES, {"name": "x", "comment": "what for", "warehouse_size": "MEDIUM"})

    answer = api.put(f"{WAREHOUSES}/x", {"name": "x"})

    assert answer.status_code == 200
    assert api.fetch(f"{WAREHOUSES}/x")["comment"] is None


def test_what_was_fetched_can_be_sent_back(api: Api) -> None:
    api.post(WAREHOUSES, {"name": "x", "comment": "what for", "warehouse_size": "MEDIUM"})
    found = api.fetch(f"{WAREHOUSES}/x")

    assert api.put(f"{WAREHOUSES}/x", found).status_code == 200
    assert api.fetch(f"{WAREHOUSES}/x") == found


def test_another_name_in_the_body_is_a_conflict(api: Api) -> None:
    answer = api.put(f"{WAREHOUSES}/x", {"name": "y"})

    assert_error(answer, 409, "001520", "The body names warehouse Y but the path names X.")
