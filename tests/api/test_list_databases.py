"""GET /api/v2/databases."""

from tests.api.conftest import DATABASES, Api


def test_databases_are_listed_by_name(api: Api) -> None:
    assert api.names(DATABASES) == ["DB"]


def test_a_listed_database_is_as_if_fetched(api: Api) -> None:
    api.post(DATABASES, {"name": "a"})

    assert api.rows(DATABASES)[0] == api.fetch(f"{DATABASES}/a")


def test_a_pattern_selects(api: Api) -> None:
    api.post(DATABASES, {"name": "xa"})

    assert api.names(f"{DATABASES}?like=X_") == ["XA"]


def test_options_select(api: Api) -> None:
    for name in ("xa", "xb", '"xc"'):
        api.post(DATABASES, {"name": name})

    assert api.names(f"{DATABASES}?startsWith=X") == ["XA", "XB"]
    assert api.names(f"{DATABASES}?like=x%25&showLimit=1") == ["XA"]
    assert api.names(f"{DATABASES}?like=x%25&fromName=XA") == ["XB", '"xc"']


def test_a_value_out_of_range_is_refused(api: Api) -> None:
    assert api.get(f"{DATABASES}?showLimit=0").status_code == 400
    assert api.get(f"{DATABASES}?history=perhaps").status_code == 400
