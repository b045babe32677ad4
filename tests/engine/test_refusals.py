"""What we cannot do as it is meant is refused by name; nothing is passed over in silence."""

import pytest
from tests.engine.sessions import Client

from clockmill.core.errors import ClockmillError


@pytest.fixture
def tables(client: Client) -> Client:
    client.run("create table t (a int, b varchar, v variant)")
    client.run("create table u (a int, b varchar)")
    return client


REFUSED = [
    ("create table c clone t at (offset => -60)", "time travel"),
    ("create table c clone t before (statement => 'x')", "time travel"),
    ("select * from t at (timestamp => current_timestamp())", "time travel"),
    ("create table c (a varchar collate 'en-ci')", "COLLATE 'en-ci'"),
    ("select 'A' collate 'en-ci' = 'a'", "COLLATE 'en-ci'"),
    ("create table c (a int) with tag (x = 'y')", "TAG"),
    ("alter table u set tag x = 'y'", "TAG"),
    ("create table c (a int masking policy p)", "MASKING POLICY"),
    ("create table c (a int, b int as (a + 1))", "AS (a + 1)"),
    ("create table c (a int check (a > 0))", "CHECK"),
    ("create dynamic table c target_lag = '1 minute' warehouse = w as select 1", "DYNAMIC"),
    ("create materialized view c as select 1 as a", "MATERIALIZED VIEW"),
    ("select * from t fetch first 10 percent rows only", "FETCH"),
    ("select a into x from t", "SELECT INTO"),
    ("select a from t start with a = 1 connect by nocycle prior a = b", "CONNECT BY NOCYCLE"),
    ("select t.a from t, t u start with t.a = 1 connect by prior t.a = u.b", "CONNECT BY"),
    ("update t set a = 1 from t u where t.a = u.a(+)", "(+)"),
    ("select nth_value(a, 1) from last over (order by a rows 1 preceding) from t", "NTH_VALUE FROM LAST"),
    ("select conditional_change_event(a) over (order by a) from t group by a", "CONDITIONAL_CHANGE_EVENT"),
    ("select distinct on (a) a from t", "DISTINCT ON"),
    ("select sum(a) over (order by a rows 1 preceding exclude current row) from t", "EXCLUDE"),
    ("select sum(a) over (order by a groups 1 preceding) from t", "GROUPS"),
    ("create table c (a array(int))", "ARRAY(INT)"),
    ("select v::object(x int) from t", "OBJECT(X INT)"),
    ("select 1::decfloat", "DECFLOAT"),
    ("select is_binary(v) from t", "IS_BINARY"),
]


@pytest.mark.parametrize(("statement", "construct"), REFUSED)
def test_a_construct_that_is_not_run_is_named(tables: Client, statement: str, construct: str) -> None:
    with pytest.raises(ClockmillError) as refusal:
        tables.run(statement)

    assert refusal.value.code == "000002"
    assert construct in str(refusal.value)


MISTAKES = [
    ("select array_size(1)", "001044"),
    ("select day(true)", "001044"),
    ("select dayname(to_time('12:00:00'))", "001044"),
    ("select nth_value(a) over (order by a) from t", "000938"),
    ("select regr_count()", "001044"),
    ("select to_decimal('1', 'x', 'y')", "001015"),
    ("insert into u (a, a) values (1, 2)", "002025"),
    ("create sequence s increment = 0", "002112"),
    ("select parse_json('[1]')[0] / 0", "100051"),
]


@pytest.mark.parametrize(("statement", "code"), MISTAKES)
def test_a_mistake_is_told_in_the_words_of_the_language(tables: Client, statement: str, code: str) -> None:
    with pytest.raises(ClockmillError) as refusal:
        tables.run(statement)

    assert refusal.value.code == code


def test_an_error_is_about_what_happened_and_not_about_what_the_sql_says(tables: Client) -> None:
    """DuckDB quotes its SQL, where the checks for other errors stand."""
    tables.run("insert into t (a, v) select 1, parse_json('{\"k\": 1}')")

    with pytest.raises(ClockmillError) as fault:
        tables.run("select mod(v, a) from t")

    assert fault.value.code == "100038"


def test_a_sequence_may_run_down_through_zero(client: Client) -> None:
    client.run("create sequence s start = 1 increment = -2")

    assert [client.value("select s.nextval") for _ in range(3)] == [1, -1, -3]
