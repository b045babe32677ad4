"""GET /api/v2/warehouses."""

from tests.api.conftest import WAREHOUSES, Api


def test_warehouses_are_listed_by_name(api: Api) -> None:
    assert api.names(WAREHOUSES) == ["WH"]


def test_a_listed_warehouse_is_as_if_fetched(api: Api) -> None:
    api.post(WAREHOUSES, {"name": "a"})

    assert api.rows(WAREHOUSES)[0] == api.fetch(f"{WAREHOUSES}/a")


def test_a_pattern_selects(api: Api) -> None:
    api.post(WAREHOUSES, {"name": "xa"})

    assert api.names(f"{WAREHOUSES}?like=X_") == ["XA"]
