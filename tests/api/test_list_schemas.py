"""GET /api/v2/databases/db/schemas."""

from tests.api.conftest import SCHEMAS, Api


def test_schemas_are_listed_by_name(api: Api) -> None:
    assert api.names(SCHEMAS) == ["PUBLIC", "S", "S2"]


def test_a_listed_schema_is_as_if_fetched(api: Api) -> None:
    api.post(SCHEMAS, {"name": "a"})

    assert api.rows(SCHEMAS)[0] == api.fetch(f"{SCHEMAS}/a")


def test_a_pattern_selects(api: Api) -> None:
    api.post(SCHEMAS, {"name": "xa"})

    assert api.names(f"{SCHEMAS}?like=X_") == ["XA"]


def test_options_select(api: Api) -> None:
    for name in ("xa", "xb", '"xc"'):
        api.post(SCHEMAS, {"name": name})

    assert api.names(f"{SCHEMAS}?startsWith=X") == ["XA", "XB"]
    assert api.names(f"{SCHEMAS}?like=x%25&showLimit=1") == ["XA"]
    assert api.names(f"{SCHEMAS}?like=x%25&fromName=XA") == ["XB", '"xc"']


def test_a_value_out_of_range_is_refused(api: Api) -> None:
    assert api.get(f"{SCHEMAS}?showLimit=0").status_code == 400
    assert api.get(f"{SCHEMAS}?history=perhaps").status_code == 400
