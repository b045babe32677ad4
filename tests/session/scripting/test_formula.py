"""Evaluating formulas without an engine: the engine is the judge of each value and type."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engine.sessions import Client

from clockmill.core import types
from clockmill.core.types import BOOLEAN, FLOAT, NUMBER, TEXT, fixed, text
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.engine.protocol import Binding
from clockmill.session.scripting.formula import NotHere, evaluate
from clockmill.sql.scripting.ast import Expression, Return
from clockmill.sql.scripting.binds import bind_names
from clockmill.sql.scripting.parser import parse_block


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    engine = DuckDBEngine()
    yield Client(engine.open_session())
    engine.close()


def _expression(written: str) -> Expression:
    returned = parse_block(f"begin return {written}; end").statements[0]
    assert isinstance(returned, Return)
    assert returned.value is not None
    return returned.value


_VARIABLES: Final = {
    "I": Binding(7, NUMBER),
    "J": Binding(-3, NUMBER),
    "Z": Binding(0, NUMBER),
    "SMALL": Binding(12, fixed(4)),
    "PRICE": Binding(Decimal("19.95"), fixed(12, 2)),
    "RATE": Binding(Decimal("0.0375"), fixed(10, 4)),
    "LARGE": Binding(99_999_999_999_999_999_999_999_999_999_999_999, NUMBER),
    "F": Binding(2.5, FLOAT),
    "S": Binding("word", TEXT),
    "S3": Binding("abc", text(3)),
    "B": Binding(True, BOOLEAN),
    "D": Binding(date(2026, 3, 1), types.DATE),
    "NI": Binding(None, NUMBER),
    "NS": Binding(None, TEXT),
    "NB": Binding(None, BOOLEAN),
}


def _lookup(parts: tuple[str, ...]) -> Binding:
    if parts[0] not in _VARIABLES:
        raise NotHere
    return _VARIABLES[parts[0]]


def _here(written: str) -> Binding:
    formula = _expression(written).formula
    if formula is None:
        raise NotHere
    return evaluate(formula, _lookup)


def _there(client: Client, written: str) -> Binding:
    expression = _expression(written)
    sql, keys = bind_names(expression.text, expression.names, lambda parts: parts[0] in _VARIABLES)
    bindings = {key: _VARIABLES[parts[0]] for key, parts in keys.items()}
    result = client.session.execute(f"SELECT {sql}", client.context(bindings=bindings))
    return Binding(result.rows[0][0], result.columns[0].type)


def _same(client: Client, written: str) -> None:
    here, there = _here(written), _there(client, written)

    assert (here.type, here.value, type(here.value), str(here.value)) == (
        there.type,
        there.value,
        type(there.value),
        str(there.value),
    ), written


@pytest.mark.parametrize(
    "written",
    [
        "i + 1",
        "i - small * 2",
        "price * rate",
        "price * 1.1",
        "1/3",
        "i / 2",
        "price / 7",
        "-i % 4",
        "mod(price, 3)",
        "i > 3 and not b",
        "nb or i = 7",
        "ni = 1",
        "ni + 1",
        "null + 1",
        "null",
        "'a' || i || ' ' || price || b",
        "s || ns",
        "i in (1, 7, null)",
        "j not in (1, 2)",
        "ni in (1)",
        "price between 1 and i * 3",
        "s3 < s",
        "case when i < 0 then 'neg' when i = 0 then 'zero' else 'positive' end",
        "case small when 12 then 1.5 else 2 end",
        "iff(b, 1, 2.25)",
        "nvl(ni, 5)",
        "coalesce(ns, s3, 'x')",
        "nvl2(ni, 1, 2)",
        "nullif(i, 7)",
        "i::varchar",
        "price::number(5,1)",
        "(1.005)::number(5,2)",
        "s::varchar(2)",
        "'17'::int",
        "b::int",
        "d = d",
        "f * 2",
        "f / price",
        "f > i",
        "i is null",
        "(ns is not null)",
        "not nb",
        "+i",
        "- -price",
        "i + -1.50",
        "i * 1.000000000001 * 1.01",
        "cast(i as varchar)",
        "ni * 2",
        "price * ni",
        "price + ni",
        "ni / 2",
        "i / ni",
        "ni % 2",
        "-ni",
        "f + ni",
        "f = ni",
        "price = ni",
        "b::varchar",
        "ns::varchar(3)",
        "ni::varchar",
        "null::int",
        "i::boolean",
        "1.5::float",
        "ifnull(null, 2)",
        "case when nb then 1 end",
        "case when b then null end",
        "b in (true, null)",
        "null between 1 and 2",
        "s is not null and b",
    ],
)
def test_a_formula_gives_what_the_engine_gives(client: Client, written: str) -> None:
    _same(client, written)


@pytest.mark.parametrize(
    "written",
    [
        "1/0",
        "i % z",
        "large * large",
        "large * 10000",
        "s + 1",
        "s = i",
        "abs(i)",
        "s::int",
        "1000000::number(4)",
        "s::date",
        "d || ''",
        "f % 2",
        "1e308 * 10",
        "try_cast(s as int)",
        "try_cast(i as int)",
        "i and b",
        "i in (1, 'a')",
        "nvl(i, s)",
        "-s",
        "f / z",
        "5 / 10000000",
        "1e300 = large",
        "99999::varchar(2)",
        "$v",
        "current_date",
    ],
)
def test_what_may_fail_or_is_not_known_is_left_to_the_engine(written: str) -> None:
    with pytest.raises(NotHere):
        _here(written)


# --- any formula -----------------------------------------------------------------------------

_NUMBERS = st.one_of(
    st.sampled_from(["i", "j", "z", "small", "price", "rate", "f", "ni", "null", "large"]),
    st.integers(-999, 10**6).map(lambda n: f"({n})"),
    st.decimals(-999, 999, places=3).map(lambda n: f"({n:f})"),
)
_TEXTS = st.sampled_from(["s", "s3", "ns", "'it''s'", "''", "'é'", "null"])


def _numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda n: f"(-{n})"),
        st.tuples(_conditions(inner), inner, inner).map(lambda p: f"iff({p[0]}, {p[1]}, {p[2]})"),
        st.tuples(_conditions(inner), inner, inner).map(
            lambda p: f"case when {p[0]} then {p[1]} else {p[2]} end"
        ),
        st.tuples(inner, inner).map(lambda p: f"nvl({p[0]}, {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"nullif({p[0]}, {p[1]})"),
        st.tuples(inner, st.sampled_from(["number(38,0)", "number(20,3)", "float"])).map(
            lambda p: f"{p[0]}::{p[1]}"
        ),
    )


def _conditions(numbers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    return st.one_of(
        st.sampled_from(["b", "nb", "true", "false", "null"]),
        st.tuples(numbers, signs, numbers).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(_TEXTS, signs, _TEXTS).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(numbers, numbers, numbers).map(lambda p: f"({p[0]} between {p[1]} and {p[2]})"),
        st.tuples(numbers, numbers, numbers).map(lambda p: f"({p[0]} not in ({p[1]}, {p[2]}))"),
        numbers.map(lambda n: f"({n} is null)"),
    )


_ANY_NUMBER = st.recursive(_NUMBERS, _numbers, max_leaves=6)
_ANY_CONDITION = st.recursive(
    _conditions(_ANY_NUMBER),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda c: f"(not {c})"),
    ),
    max_leaves=4,
)
_ANY_TEXT = st.lists(st.one_of(_TEXTS, _ANY_NUMBER, st.just("b")), min_size=2, max_size=4).map(" || ".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(_ANY_NUMBER, _ANY_CONDITION, _ANY_TEXT))
def test_any_formula_that_is_evaluated_here_gives_what_the_engine_gives(client: Client, written: str) -> None:
    try:
        _here(written)
    except NotHere:
        return
    _same(client, written)
