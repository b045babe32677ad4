"""POST /api/v2/warehouses/{name}:resume."""

from tests.api.conftest import WAREHOUSES, Api


def test_a_resumed_warehouse_is_started(api: Api) -> None:
    api.post(WAREHOUSES, {"name": "x", "initially_suspended": "true"})

    assert api.post(f"{WAREHOUSES}/x:resume").status_code == 200
    assert api.fetch(f"{WAREHOUSES}/x")["state"] == "STARTED"


def test_a_missing_warehouse_may_be_passed_over(api: Api) -> None:
    assert api.post(f"{WAREHOUSES}/x:resume").status_code == 404
    assert api.post(f"{WAREHOUSES}/x:resume?ifExists=true").status_code == 200
