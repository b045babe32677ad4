"""WHEN conditions: what may be said, and what it means."""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clockmill.core.condition import parse_condition
from clockmill.core.condition_lexer import InvalidCondition
from clockmill.core.condition_values import ConditionFault, cast, read_type
from clockmill.core.errors import ClockmillError, NotFound

REFUSAL = (
    "Invalid expression for task condition expression. Only some data type conversions and the following "
    "functions are allowed: [SYSTEM$GET_PREDECESSOR_RETURN_VALUE, SYSTEM$STREAM_HAS_DATA]."
)


class Answers:
    """A lookup with prepared answers; None is the only predecessor."""

    def __init__(
        self,
        streams: Mapping[str, bool] | None = None,
        values: Mapping[str | None, str | None] | None = None,
    ) -> None:
        self.streams = streams or {}
        self.values = values or {}

    def stream_has_data(self, stream: str) -> bool:
        if stream not in self.streams:
            raise NotFound("Stream", stream)
        return self.streams[stream]

    def return_value(self, task: str | None) -> str | None:
        return self.values[task]


NOTHING = Answers()


def holds(text: str, answers: Answers = NOTHING) -> bool:
    return parse_condition(text).evaluate(answers)


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "1=1",
        " 1 = 1 ",
        "1 <> 2 and 'a' != 'b'",
        "not false",
        "NOT 1 = 2",
        "1 < 2 AND 2 <= 2 AND 3 > 2 AND 3 >= 3",
        "FALSE OR (TRUE AND NOT FALSE)",
        "FALSE AND FALSE OR TRUE",
        "'10' > 9",
        "'2' < '10' OR '10' < '2'",
        "'yes'",
        "1",
        "-1 < 0",
        "-1.5::int = -2",
        "'1.5'::number = 2",
        "'1.55'::number(10,1) = 1.6",
        "CAST('1' AS INTEGER) = 1.0",
        "'12'::INT::VARCHAR = '12'",
        "1.50::varchar = '1.50'",
        "true::string = 'true'",
        "1::boolean",
        "'t'::boolean = true",
        "0 = false",
        "1e2 = 100",
        "'1e2'::float::int = 100",
        "0.1::double precision < 0.2",
        "1.0::float::text = '1'",
        "0.1::float::text = '0.10000000000000001'",
        "'  7 '::number = 7 AND true::int = 1 AND 7::text = '7'",
        "1e2::int = 100 AND 1.5::float > 1",
        "'x'::varchar(1) = 'x' AND 'y'::char = 'y'",
        "12.50::number(4,2) = 12.5",
        "TRY_CAST('1' AS INT) = 1",
        "12::number(2) = 12",
        "TRY_CAST('x' AS INT) IS NULL",
        "NULL IS NULL",
        "1 IS NOT NULL",
        "NULL OR TRUE",
        "NOT (NULL AND FALSE)",
        "$$it's$$ = 'it''s' AND 'it\\'s' = 'it''s' AND 'a\\nb' = 'a\nb'",
        "/* why */ 1 = 1 -- because\n AND true // so",
    ],
)
def test_a_condition_that_holds(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "false",
        "1=2",
        "NULL",
        "NOT NULL",
        "NULL = NULL",
        "NULL AND TRUE",
        "NULL OR FALSE",
        "1 = NULL",
        "'no'",
        "0",
        "NULL::int = 1",
        "CAST(NULL AS BOOLEAN)",
    ],
)
def test_false_and_unknown_do_not_hold(text: str) -> None:
    assert not holds(text)


def test_streams_are_asked_by_the_name_as_written() -> None:
    text = "system$stream_has_data('db.s.\"My stream\"') OR SYSTEM$STREAM_HAS_DATA ( 'B' )"
    condition = parse_condition(text)

    assert condition.streams == ('db.s."My stream"', "B")
    assert condition.evaluate(Answers({'db.s."My stream"': False, "B": True}))
    assert not condition.evaluate(Answers({'db.s."My stream"': False, "B": False}))


def test_what_decides_first_leaves_the_rest_unasked() -> None:
    assert holds("true OR SYSTEM$STREAM_HAS_DATA('gone')")
    assert not holds("false AND SYSTEM$STREAM_HAS_DATA('gone')")


def test_an_unknown_stream_is_an_error_that_names_it() -> None:
    with pytest.raises(NotFound, match="Stream 'gone'"):
        holds("SYSTEM$STREAM_HAS_DATA('gone')")


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("SYSTEM$GET_PREDECESSOR_RETURN_VALUE('T') = 'ok'", "ok", True),
        ("SYSTEM$GET_PREDECESSOR_RETURN_VALUE('T')::int > 10", "11", True),
        ("SYSTEM$GET_PREDECESSOR_RETURN_VALUE('T') > 10", "9", False),
        ("SYSTEM$GET_PREDECESSOR_RETURN_VALUE('T')", "true", True),
        ("SYSTEM$GET_PREDECESSOR_RETURN_VALUE('T') = TRUE", "False", False),
        ("SYSTEM$GET_PREDECESSOR_RETURN_VALUE('T') = 'ok'", None, False),
    ],
)
def test_a_predecessors_value_is_compared_as_its_neighbour_wants(
    text: str, value: str | None, expected: bool
) -> None:
    assert holds(text, Answers(values={"T": value})) is expected


def test_the_only_predecessor_needs_no_name() -> None:
    condition = parse_condition("SYSTEM$GET_PREDECESSOR_RETURN_VALUE() = 'ok'")

    assert condition.tasks == (None,)
    assert condition.evaluate(Answers(values={None: "ok"}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("'abc'::int = 1", "Numeric value 'abc' is not recognized"),
        ("'abc' > 1", "Numeric value 'abc' is not recognized"),
        ("'nan'::float = 1", "Numeric value 'nan' is not recognized"),
        ("'perhaps'::boolean", "Boolean value 'perhaps' is not recognized"),
        ("'perhaps'", "Boolean value 'perhaps' is not recognized"),
        ("NOT 'perhaps'", "Boolean value 'perhaps' is not recognized"),
        ("100::number(2,0) = 1", "Numeric value '100' is out of range"),
        ("'1e50'::int = 1", "Numeric value '1e50' is out of range"),
        ("'1e999'::float = 1", "Numeric value '1e999' is out of range"),
        ("'long'::varchar(3) = 'lon'", "String 'long' is too long and would be truncated"),
    ],
)
def test_a_value_that_does_not_fit_is_an_error_that_shows_it(text: str, message: str) -> None:
    with pytest.raises(ConditionFault) as fault:
        holds(text)
    assert str(fault.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "select 1",
        "(SELECT COUNT(*) FROM t) > 0",
        "EXISTS (SELECT 1)",
        "CURRENT_TIMESTAMP > '2026-01-01'",
        "CURRENT_TIMESTAMP() > '2026-01-01'",
        "PARSE_JSON('{}') IS NULL",
        "SYSTEM$STREAM_HAS_DATA",
        "SYSTEM$STREAM_HAS_DATA()",
        "SYSTEM$STREAM_HAS_DATA(s)",
        "SYSTEM$STREAM_HAS_DATA('a', 'b')",
        "SYSTEM$STREAM_HAS_DATA('a' || 'b')",
        "SYSTEM$GET_PREDECESSOR_RETURN_VALUE(T)",
        "SYSTEM$WAIT(1)",
        "column_name = 1",
        '"quoted" = 1',
        "1 + 1 = 2",
        "1 = 1 = 1",
        "1 =",
        "= 1",
        "1 == 1",
        "AND true",
        "true AND",
        "true OR OR true",
        "NOT",
        "(true",
        "true)",
        "true true",
        "true; drop table t",
        "'unclosed",
        "$$unclosed",
        "/* unclosed",
        "1::date = 1",
        "1::variant = 1",
        "1::int(3) = 1",
        "1::number(39,0) = 1",
        "1::number(2,3) = 1",
        "1::number(0,0) = 1",
        "1::varchar(1,2) = '1'",
        "1::boolean(1)",
        "1::number(1.5) = 1",
        "1::number(123456789) = 1",
        "1::varchar(0) = '1'",
        "1:: = 1",
        "CAST(1, int)",
        "1e999 = 1",
        "12abc = 1",
        "1.2.3 = 1",
        "-'1' = 1",
        "--1 = 1",
        "1 IN (1, 2)",
        "'a' LIKE 'a'",
        "9" * 39 + " = 1",
        ":v = 1",
        "$v = 1",
        "? = 1",
        "IFF(true, true, true)",
    ],
)
def test_what_is_outside_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(InvalidCondition) as refused:
        parse_condition(text)
    assert str(refused.value) == REFUSAL


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000 + "1=1" + ")" * 100_000,
        "NOT " * 100_000 + "true",
        "1" + "::int" * 100_000,
        "/*" * 100_000,
        "'" * 100_001,
    ],
)
def test_depth_beyond_all_reason_is_refused_and_not_recursed_into(text: str) -> None:
    with pytest.raises(InvalidCondition):
        parse_condition(text)


def test_length_is_no_depth() -> None:
    assert holds(" AND ".join(["1 = 1"] * 10_000))


MARKS = ["(", ")", ",", "-", "::", "=", "<>", "<", ">=", "/*", "*/", "--"]
KEYWORDS = ["AND", "OR", "NOT", "NULL", "TRUE", "FALSE", "IS", "CAST", "TRY_CAST", "AS"]
TYPES = ["INT", "NUMBER", "FLOAT", "VARCHAR", "BOOLEAN"]
OPERANDS = [
    *["1", "0", "2.5", "1e3", "'a'", "'7'", "'true'", "''", "$$x$$", "SYSTEM$STREAM_HAS_DATA('S')"],
    *["SYSTEM$GET_PREDECESSOR_RETURN_VALUE('T')", "SYSTEM$GET_PREDECESSOR_RETURN_VALUE()"],
]
WORDS = st.sampled_from([*MARKS, *KEYWORDS, *TYPES, *OPERANDS])
SOUP = st.one_of(st.lists(WORDS, max_size=30).map(" ".join), st.text(max_size=60))


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> str:
    """Draw a condition that parses, so that evaluation is reached every time."""
    if depth == 0:
        return draw(
            st.sampled_from(["1", "'7'", "NULL", "true", "'x'", "2.5", "1e3", "SYSTEM$STREAM_HAS_DATA('S')"])
        )
    below = conditions(depth - 1)
    shape = draw(
        st.sampled_from(["{} AND {}", "{} OR {}", "NOT ({})", "({})::int", "({})::varchar", "({}) = ({})"])
    )
    return "(" + shape.format(*(draw(below) for _ in range(shape.count("{}")))) + ")"


@settings(max_examples=300, deadline=None)
@given(st.one_of(SOUP, conditions()), st.booleans(), st.none() | st.text(max_size=8))
def test_no_text_makes_it_hang_or_raise_anything_but_our_own_errors(
    text: str, has_data: bool, value: str | None
) -> None:
    """Whoever may create a task writes this text, and the runner's thread evaluates it."""
    answers = Answers({"S": has_data}, {"T": value, None: value})
    with suppress(ClockmillError):
        assert parse_condition(text).evaluate(answers) in (True, False)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**30), max_value=10**30))
def test_numbers_survive_the_way_through_text(number: Decimal) -> None:
    exact = read_type("NUMBER", ["38", "3"])

    assert cast(cast(number, read_type("VARCHAR", [])), exact) == number
