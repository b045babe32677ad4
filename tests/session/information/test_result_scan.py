"""RESULT_SCAN: the result of an earlier statement, wherever a table may stand."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError
from clockmill.engine.protocol import Binding
from clockmill.engine.result import NUMBER, TEXT


def test_the_last_result_is_a_table(house: House) -> None:
    house.run("select 1 as a, 'x' as b union all select 2, 'y'")
    assert house.rows("select b, a from table(result_scan(last_query_id())) where a > 1") == [("y", 2)]
    assert house.rows("select * from table(result_scan(last_query_id()))") == [("y", 2)]
    assert house.rows("select count(*) from table(result_scan(last_query_id(-3))) t") == [(2,)]


def test_what_show_and_describe_gave_is_read_by_quoted_names(house: House) -> None:
    house.run("create table t (a int, b varchar)")
    house.run("show tables")
    assert house.rows('select "name", "rows" + 1 from table(result_scan(last_query_id()))') == [("T", 1)]
    house.run("describe table t")
    assert house.rows(
        'select "name" from table(result_scan(last_query_id())) where "type" = \'NUMBER(38,0)\''
    ) == [("A",)]
    with pytest.raises(ClockmillError, match="invalid identifier"):
        house.run("select name from table(result_scan(last_query_id(-2)))")


def test_the_id_may_be_a_value_of_any_kind(house: House) -> None:
    query_id = house.run("select 7 as n from values (1)").query_id
    house.run(f"set q = '{query_id}'")
    for argument, bindings in (
        (f"'{query_id}'", {}),
        ("$q", {}),
        ("?", {"1": Binding(query_id, TEXT)}),
        (":q", {"q": Binding(query_id, TEXT)}),
        (":1", {"1": Binding(query_id, TEXT)}),
    ):
        sql = f"select n + 1 from table(result_scan({argument})) r"
        assert house.rows(sql, bindings=bindings) == [(8,)]
    both = {"1": Binding(query_id, TEXT), "2": Binding(7, NUMBER)}
    assert house.rows("select count(*) from table(result_scan(?)) where n = ?", bindings=both) == [(1,)]


def test_it_feeds_tables_joins_and_subqueries(house: House) -> None:
    first = house.run("select 1 as a, current_timestamp() as at from values (1)").query_id
    house.run(f"create table t as select * from table(result_scan('{first}'))")
    house.run(f"insert into t select * from table(result_scan('{first}'))")
    assert house.rows(
        f"select count(*) from t join table(result_scan('{first}')) r using (a, at) "
        f"where exists (select 1 from table(result_scan('{first}')) x where x.a = t.a)"
    ) == [(2,)]


def test_a_large_result_is_read_whole(house: House) -> None:
    house.run("select seq4() as n, n || 'x' as t from table(generator(rowcount => 30000))")
    assert house.rows("select count(*), max(n), min(t) from table(result_scan(last_query_id()))") == [
        (30000, 29999, "0x")
    ]


def test_a_result_that_is_not_there_is_refused(house: House) -> None:
    with pytest.raises(ClockmillError, match="not found"):
        house.run("select a from table(result_scan('nope'))")
    with pytest.raises(ClockmillError, match="RESULT_SCAN"):
        house.run("select a from table(result_scan(null))")


def test_a_result_of_another_role_is_not_given(house: House) -> None:
    query_id = house.run("select 1 as a from values (1)").query_id
    house.run("use role sysadmin")
    with pytest.raises(ClockmillError, match="not found"):
        house.run(f"select a from table(result_scan('{query_id}'))")
