"""POST /api/v2/warehouses/{name}:suspend."""

from tests.api.conftest import WAREHOUSES, Api


def test_a_suspended_warehouse_is_suspended(api: Api) -> None:
    assert api.post(f"{WAREHOUSES}/wh:suspend").status_code == 200
    assert api.fetch(f"{WAREHOUSES}/wh")["state"] == "SUSPENDED"


def test_a_missing_warehouse_may_be_passed_over(api: Api) -> None:
    assert api.post(f"{WAREHOUSES}/x:suspend").status_code == 404
    assert api.post(f"{WAREHOUSES}/x:suspend?ifExists=true").status_code == 200
