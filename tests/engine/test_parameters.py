"""Bind values and the statement's instant reach each step of a statement that has them."""

import pytest
from tests.engine.sessions import NOW, Client

from clockmill.core.errors import ClockmillError, Unsupported
from clockmill.engine.protocol import Binding
from clockmill.engine.result import NUMBER, TEXT

BINDINGS = {"1": Binding("new", TEXT), "2": Binding(1, NUMBER)}


@pytest.fixture
def tables(client: Client) -> Client:
    for name in ("t", "u"):
        client.run(f"create table {name} (a int, b varchar, at timestamp_ltz)")
        client.run(f"insert into {name} (a, b) values (1, 'old')")
    return client


@pytest.mark.parametrize(
    "statement",
    [
        "update u set b = ? from t where u.a = t.a",
        "update u set b = ? from t where u.a = t.a and t.a = ?",
        "insert overwrite into u (a, b) select a, ? from u where a = ?",
        "merge into u using t on u.a = t.a when matched and t.a < 5 then update set b = ?",
    ],
)
def test_a_bind_value_may_stand_in_one_part_of_a_statement_only(tables: Client, statement: str) -> None:
    """An UPDATE … FROM counts in a step of its own, which does not have the values that SET has."""
    used = {str(i): BINDINGS[str(i)] for i in range(1, statement.count("?") + 1)}

    tables.run(statement, bindings=used)

    assert tables.value("select b from u") == "new"


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("select ? as a, b from (select ? as b)", ("first", "second")),
        ("with q as (select ? as a) select ?, a from q", ("second", "first")),
        ("select (select ?), ?::varchar from t where ? = 'third'", ("first", "second")),
        ("select (select max(b) from identifier(?) where b <> ?), ?", ("old", "third")),
    ],
)
def test_bind_values_are_counted_where_they_stand_in_the_text(
    tables: Client, statement: str, row: tuple[str, str]
) -> None:
    """Not in the order in which the parts of a statement happen to be translated."""
    values = ["t" if "identifier" in statement else "first", "second", "third"]
    bindings = {str(place): Binding(value, TEXT) for place, value in enumerate(values, start=1)}

    assert tables.rows(statement, bindings=bindings) == [row]


def test_an_update_from_another_table_may_write_the_time(tables: Client) -> None:
    tables.run("update u set at = current_timestamp() from t where u.a = t.a")

    assert tables.value("select at from u") == NOW


def test_a_text_that_looks_like_a_parameter_is_a_text(client: Client) -> None:
    assert client.rows("select '$1 AS x', ?", bindings={"1": BINDINGS["1"]}) == [("$1 AS x", "new")]


def test_a_view_holds_no_bind_value(client: Client) -> None:
    """The value would be gone when the view is read."""
    with pytest.raises(Unsupported):
        client.run("create view v as select ? as x", bindings={"1": BINDINGS["1"]})


def test_a_function_of_the_host_is_asked_once_a_call(client: Client) -> None:
    """Some of them do something; a translation that is used again asks again."""
    client.run("create table t (a varchar)")
    for _ in range(2):
        client.run("insert into t select system$echo('x') || system$echo('y')")

    assert [arguments for _, arguments in client.host.asked] == [("x",), ("y",)] * 2
    assert client.rows("select a from t") == [("xy",)] * 2


def test_a_transaction_keeps_what_the_host_answered(client: Client) -> None:
    """A failed statement makes it do its work again, without asking anybody again."""
    client.run("create table t (a varchar)")
    client.run("begin")
    client.run("insert into t values (system$echo('kept'))")
    with pytest.raises(ClockmillError):
        client.run("insert into t select 1 / 0")
    client.run("commit")

    assert client.rows("select a from t") == [("kept",)]
    assert len(client.host.asked) == 1


def test_the_time_of_day_is_that_of_the_sessions_zone(client: Client) -> None:
    shown = []
    for zone in ("America/Los_Angeles", "Asia/Kolkata", "UTC"):
        client.parameters["TIMEZONE"] = zone
        shown.append(client.value("select to_varchar(current_timestamp(), 'YYYY-MM-DD HH24:MI TZHTZM')"))

    assert shown == ["2026-03-14 08:09 -0700", "2026-03-14 20:39 +0530", "2026-03-14 15:09 +0000"]


@pytest.mark.parametrize("source", ["table(:name)", "table(?)", "identifier(:name)"])
def test_a_bind_value_may_name_a_table(tables: Client, source: str) -> None:
    bindings = {"NAME": Binding("u", TEXT), "1": Binding("u", TEXT)}

    assert tables.value(f"select b from {source}", bindings=bindings) == "old"
