"""Functions that users make, put in the place of their calls: arguments, names, scopes."""

from collections.abc import Callable
from datetime import date

import pytest
from tests.engine.sessions import NOW, Client

from clockmill.core.errors import ClockmillError, Unsupported
from clockmill.core.names import QualifiedName
from clockmill.core.routine import (
    AmbiguousCall,
    Argument,
    NamedAndPositional,
    NoSuchOverload,
    Routine,
    RoutineKind,
    RoutineSpec,
    TableColumn,
    UnknownRoutine,
)
from clockmill.core.types import DATE, FLOAT, NUMBER, TEXT, ColumnType
from clockmill.engine.duckdb.faults import CompilationFault

Define = Callable[..., None]


@pytest.fixture
def client(connect: Callable[[], Client]) -> Client:
    """A session with a table T (A, B) of three rows in it."""
    client = connect()
    client.run("create table t as select column1 a, column2 b from values (1, 'p'), (5, 'q'), (9, 'r')")
    return client


@pytest.fixture
def define(client: Client) -> Define:
    """Give the session a function: its name, arguments («x» and type), return type or columns, body."""

    def make(
        name: str,
        arguments: dict[str, ColumnType],
        returns: ColumnType | dict[str, ColumnType],
        body: str,
        *,
        defaults: dict[str, str] | None = None,
        schema: str = "PUBLIC",
        is_strict: bool = False,
    ) -> None:
        full, routines = QualifiedName("DB", schema, name), client.catalog.routines
        given = defaults or {}
        is_table = isinstance(returns, dict)
        columns = returns.items() if isinstance(returns, dict) else ()
        spec = RoutineSpec(
            arguments=tuple(Argument(name=n, type=t, default=given.get(n)) for n, t in arguments.items()),
            returns=None if is_table else returns,  # type: ignore[arg-type]
            columns=tuple(TableColumn(name=n, type=t) for n, t in columns),
            body=body,
            is_strict=is_strict,
        )
        before = routines.get(full, ())
        routine = Routine(
            id=f"{full}{len(before)}",
            kind=RoutineKind.FUNCTION,
            name=full,
            owner="R",
            spec=spec,
            created_on=NOW,
            changed_on=NOW,
        )
        routines[full] = (*before, routine)

    return make


def test_the_body_is_evaluated_for_each_row(client: Client, define: Define) -> None:
    define("TWICE", {"X": NUMBER}, NUMBER, "x * 2 -- twice")
    assert client.rows("select twice(a) from t order by 1") == [(2,), (10,), (18,)]
    assert client.rows("select sum(twice(a)), twice(sum(a)) from t") == [(30, 30)]
    assert client.rows("select twice(a) k, count(*) from t group by k having twice(k) > 4 order by 1") == [
        (10, 1),
        (18, 1),
    ]
    assert client.rows("select sum(twice(a)) over (order by twice(a)) from t order by 1") == [
        (2,),
        (12,),
        (30,),
    ]


def test_values_have_the_declared_types(client: Client, define: Define) -> None:
    define("HALF", {"X": FLOAT}, TEXT, "x / 2")
    define("KIND", {"X": FLOAT}, TEXT, "typeof(x::variant)")
    assert client.value("select half(3)") == "1.5"
    assert client.value("select half('5')") == "2.5"
    with pytest.raises(ClockmillError, match="'abc' is not recognized"):
        client.run("select half('abc')")


def test_a_query_may_be_the_body(client: Client, define: Define) -> None:
    define("BELOW", {"Y": NUMBER}, NUMBER, "select max(a) from t where a < y")
    assert client.rows("select a, below(a) from t order by 1") == [(1, None), (5, 1), (9, 5)]
    assert client.rows("select b from t where below(a) > 2") == [("r",)]


def test_aggregates_in_the_body_are_those_of_its_own_query(client: Client, define: Define) -> None:
    """An argument is a constant to the body's query, whatever rows the caller has."""
    define("S", {"X": NUMBER}, NUMBER, "select sum(x) from t")
    define("M", {"X": NUMBER}, NUMBER, "x + (select max(x) + count(x) from t)")
    define("C", {"X": NUMBER}, {"K": NUMBER}, "select count(x) from t where a <= x")
    assert client.rows("select a, s(a), m(a) from t order by 1") == [(1, 3, 5), (5, 15, 13), (9, 27, 21)]
    assert client.rows("select s(max(a)) from t") == [(27,)]
    assert client.rows("select a, k from t, table(c(a)) order by 1") == [(1, 1), (5, 2), (9, 3)]


@pytest.mark.parametrize("body", ["sum(x)", "x + count(*)", "row_number() over (order by x)"])
def test_a_body_does_not_reach_for_the_rows_of_its_caller(client: Client, define: Define, body: str) -> None:
    define("F", {"X": NUMBER}, NUMBER, body)
    with pytest.raises(Unsupported, match="over the rows of its caller"):
        client.run("select f(a) from t")


@pytest.mark.parametrize("grouped", ["below(a)", "k", "1"])
def test_rows_are_grouped_by_what_a_function_gives(client: Client, define: Define, grouped: str) -> None:
    define("BELOW", {"Y": NUMBER}, NUMBER, "select count(*) from t where a < y and y > 1")
    query = f"select below(a) k, sum(a) from t group by {grouped} order by 1"
    assert client.rows(query) == [(0, 1), (1, 5), (2, 9)]
    long = " + ".join(["0 * a"] * 40 + ["a"])
    define("CUBE_OF", {"X": FLOAT}, FLOAT, "x * x * x")
    grouped_by_long = f"select cube_of({long}), count(*) from t group by cube_of({long}) order by 1"
    assert client.rows(grouped_by_long) == [(1.0, 1), (125.0, 1), (729.0, 1)]


def test_a_column_of_the_body_comes_before_an_argument_of_its_name(client: Client, define: Define) -> None:
    define("F", {"A": NUMBER}, NUMBER, "select max(a) from t")
    assert client.value("select f(3)") == 9


def test_names_in_the_body_are_looked_up_where_the_function_is(client: Client, define: Define) -> None:
    client.run("create table other.u as select 'other' n")
    client.run("create table u as select 'mine' n")
    define("G", {}, TEXT, "select max(n) from u", schema="OTHER")
    define("F", {}, TEXT, "g() || '!'", schema="OTHER")
    assert client.rows("select other.f(), db.other.g()") == [("other!", "other")]
    assert client.value("select max(n) from u") == "mine"


def test_a_body_does_not_see_the_columns_of_its_caller(client: Client, define: Define) -> None:
    define("F", {"X": NUMBER}, NUMBER, "x + a")
    with pytest.raises(CompilationFault, match="invalid identifier 'A'"):
        client.run("select f(1) from t")


def test_an_argument_is_evaluated_once_however_often_the_body_names_it(
    client: Client, define: Define
) -> None:
    define("SAME", {"X": FLOAT}, FLOAT, "x - x")
    define("SAME_IN_QUERY", {"X": FLOAT}, FLOAT, "x - (select max(x) from t)")
    for name in ("same", "same_in_query"):
        call = f"{name}(uniform(0::float, 1::float, random()))"
        assert client.rows(f"select distinct {call} from t") == [(0.0,)]


def test_long_arguments_do_not_grow_without_end(client: Client, define: Define) -> None:
    define("SQUARE", {"X": FLOAT}, FLOAT, "x * x + 0 * x")
    nested = "a * 0 + 1.0000001"
    for _ in range(25):
        nested = f"square({nested})"
    assert client.value(f"select max({nested}) from t") == pytest.approx(28.6, rel=0.1)


def test_defaults_and_names_of_arguments(client: Client, define: Define) -> None:
    define("F", {"X": NUMBER, "Y": NUMBER}, NUMBER, "x * 10 + y", defaults={"Y": "2 + 3"})
    assert client.rows("select f(1), f(1, 2), f(y => 1, x => 2), f(x => 4)") == [(15, 12, 21, 45)]
    with pytest.raises(NamedAndPositional):
        client.run("select f(1, y => 2)")
    for wrong in ("f()", "f(1, 2, 3)", "f(z => 1)", "f([1])"):
        with pytest.raises(NoSuchOverload):
            client.run(f"select {wrong}")


def test_overloads_are_told_apart_by_type(client: Client, define: Define) -> None:
    define("F", {"X": NUMBER}, TEXT, "'number'")
    define("F", {"X": TEXT}, TEXT, "'text'")
    assert client.rows("select f(a), f(b), f(a::varchar) from t limit 1") == [("number", "text", "text")]
    with pytest.raises(AmbiguousCall):
        client.run("select f(null)")


def test_a_strict_function_gives_null_for_null(client: Client, define: Define) -> None:
    define("F", {"X": NUMBER, "Y": NUMBER}, NUMBER, "coalesce(x, 0) + coalesce(y, 0)", is_strict=True)
    assert client.rows("select f(1, 2), f(1, null), f(nullif(1, 1), 2)") == [(3, None, None)]


def test_quoted_names_are_names_of_users_alone(client: Client, define: Define) -> None:
    define("my Own", {"X": TEXT}, TEXT, "x || '!'")
    define("UPPER", {"X": TEXT}, TEXT, "x || '!'")
    assert client.rows("""select "my Own"('a'), public."my Own"('b')""") == [("a!", "b!")]
    assert client.rows("select upper('a'), public.upper('a')") == [("A", "a!")]


def test_what_is_nowhere_is_named(client: Client) -> None:
    with pytest.raises(Unsupported, match="function NOPE"):
        client.run("select nope(1)")
    with pytest.raises(UnknownRoutine, match=r"Unknown user-defined function DB\.OTHER\.NOPE"):
        client.run("select other.nope(1)")
    client.home = None
    with pytest.raises(Unsupported, match="function NOPE"):
        client.run("select nope(1)")


@pytest.mark.parametrize("body", ["f(x)", "g(x)"])
def test_functions_that_call_themselves_are_refused(client: Client, define: Define, body: str) -> None:
    define("F", {"X": NUMBER}, NUMBER, body)
    define("G", {"X": NUMBER}, NUMBER, "f(x)")
    with pytest.raises(ClockmillError, match="calls itself"):
        client.run("select f(1)")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("x, 1", "one expression or one query"),
        ("? + 1", "bind value"),
        ("x from t", "one expression or one query"),
        ("drop table t", "syntax error|one expression"),
        ("1; select 2", "several statements"),
    ],
)
def test_bodies_that_are_no_expression_are_refused(
    client: Client, define: Define, body: str, error: str
) -> None:
    define("F", {"X": NUMBER}, NUMBER, body)
    with pytest.raises(ClockmillError, match=error):
        client.run("select f(1)")


# --- tables ----------------------------------------------------------------------------------


def test_a_table_function_gives_rows_in_declared_columns(client: Client, define: Define) -> None:
    define("F", {"M": NUMBER}, {"K": TEXT, "V": TEXT}, "select a, b from t where a <= m")
    result = client.run("select * from table(f(5)) order by k")
    assert [column.name for column in result.columns] == ["K", "V"]
    assert [tuple(row) for row in result.rows] == [("1", "p"), ("5", "q")]
    assert client.rows("select x.v from table(public.f(m => 1)) x") == [("p",)]
    assert client.rows("select c2 from table(f(1)) as x (c1, c2)") == [("p",)]


@pytest.mark.parametrize(
    "joined",
    ["t, table(f(t.a)) x", "t join table(f(t.a)) x", "t cross join table(f(t.a)) x", "t, lateral f(a) x"],
)
def test_columns_are_arguments_row_by_row(client: Client, define: Define, joined: str) -> None:
    define("F", {"M": NUMBER}, {"K": NUMBER}, "select a from t where a <= m")
    assert client.rows(f"select t.a, x.k from {joined} where t.a < 9 order by 1, 2") == [
        (1, 1),
        (5, 1),
        (5, 5),
    ]


def test_a_left_join_keeps_rows_for_which_there_are_none(client: Client, define: Define) -> None:
    define("F", {"M": NUMBER}, {"K": NUMBER}, "select a from t where a < m")
    assert client.rows("select t.a, x.k from t left join table(f(t.a)) x where t.a < 9 order by 1, 2") == [
        (1, None),
        (5, 1),
    ]


def test_a_table_stands_in_table_and_a_value_does_not(client: Client, define: Define) -> None:
    define("F", {}, {"K": NUMBER}, "select 1")
    define("G", {}, NUMBER, "1")
    with pytest.raises(CompilationFault, match=r"may only stand in TABLE"):
        client.run("select f()")
    with pytest.raises(CompilationFault, match="does not return a table"):
        client.run("select * from table(g())")


def test_a_query_with_other_columns_than_declared_is_refused(client: Client, define: Define) -> None:
    define("F", {}, {"K": NUMBER}, "select 1, 2")
    with pytest.raises(CompilationFault, match=r"declared to return 1 column\(s\), but its query produces 2"):
        client.run("select * from table(f())")


# --- blocks ----------------------------------------------------------------------------------


def test_the_host_evaluates_a_block_for_constant_arguments(client: Client, define: Define) -> None:
    define("F", {"D": DATE, "N": NUMBER}, DATE, "begin return d; end")
    assert client.value("select f('2024-02-03', 1 + 1)") == date(2024, 2, 3)
    assert client.host.asked == [("F", (date(2024, 2, 3), 2))]


def test_a_block_is_not_evaluated_for_rows(client: Client, define: Define) -> None:
    define("F", {"N": NUMBER}, NUMBER, "begin return n; end")
    calls = ("f(1 + a)", "f((select max(a) from t))", "f(random())", "transform([1, 2], x -> f(x))")
    for call in calls:
        with pytest.raises(Unsupported, match="F, whose body is a block, for each row"):
            client.run(f"select {call} from t")


# --- translations that are kept --------------------------------------------------------------


def test_a_translation_is_kept_until_the_function_changes(client: Client, define: Define) -> None:
    define("F", {}, NUMBER, "1")
    assert client.value("select f()") == 1
    client.catalog.routines.clear()
    define("F", {}, NUMBER, "2")
    assert client.value("select f()") == 2
    client.catalog.routines.clear()
    with pytest.raises(Unsupported, match="function F"):
        client.run("select f()")
