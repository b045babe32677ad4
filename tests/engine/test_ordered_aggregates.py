"""Aggregates whose items have an order of their own."""

import pytest
from tests.engine.sessions import Client


@pytest.fixture
def items(client: Client) -> Client:
    client.run("create table items (n int, x number(4, 1), d date, g int)")
    client.run(
        "insert into items values (10, 1.5, '2024-02-01', 1), (9, 10.0, '2024-01-01', 1),"
        " (9, 10.0, '2024-01-01', 2), (null, null, null, 3)"
    )
    return client


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [
        ("listagg(distinct n, ',') within group (order by n)", "9,10"),
        ("listagg(distinct n, ',') within group (order by n desc)", "10,9"),
        ("listagg(distinct x, '{}') within group (order by x)", "1.5{}10.0"),
        ("listagg(distinct d, ' ') within group (order by d)", "2024-01-01 2024-02-01"),
        ("listagg(distinct n) within group (order by n)", "910"),
    ],
)
def test_distinct_values_are_listed_in_their_own_order(items: Client, aggregate: str, value: str) -> None:
    """Numbers by their size and not by their letters."""
    assert items.rows(f"select {aggregate} from items") == [(value,)]


def test_nothing_but_nulls_is_an_empty_text(items: Client) -> None:
    query = "select g, listagg(distinct n, ',') within group (order by n) from items group by g order by g"

    assert items.rows(query) == [(1, "9,10"), (2, "9"), (3, "")]
