"""The names of data types in declarations and arguments."""

import pytest

from clockmill.core import types
from clockmill.core.errors import InvalidRequest, SyntaxFault, Unsupported
from clockmill.core.types import TIMESTAMP_LTZ, TIMESTAMP_NTZ, TIMESTAMP_TZ, fixed, text
from clockmill.sql.parser import Parser
from clockmill.sql.types import read_type


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NUMBER", fixed(38, 0)),
        ("decimal(12, 2)", fixed(12, 2)),
        ("NUMERIC(5)", fixed(5, 0)),
        ("Int", fixed(38, 0)),
        ("TINYINT", fixed(38, 0)),
        ("double precision", types.FLOAT),
        ("REAL", types.FLOAT),
        ("VARCHAR", types.TEXT),
        ("STRING(7)", text(7)),
        ("CHAR", text(1)),
        ("CHAR VARYING(5)", text(5)),
        ("BINARY(10)", types.BINARY),
        ("BOOLEAN", types.BOOLEAN),
        ("DATE", types.DATE),
        ("TIMESTAMP_TZ", TIMESTAMP_TZ),
        ("VARIANT", types.VARIANT),
    ],
)
def test_a_type_is_known_by_each_of_its_names(written: str, meant: types.ColumnType) -> None:
    parser = Parser(written)

    assert read_type(parser) == meant
    parser.finish()


def test_timestamp_means_what_the_session_says() -> None:
    assert read_type(Parser("TIMESTAMP")) == TIMESTAMP_NTZ
    assert read_type(Parser("TIMESTAMP"), TIMESTAMP_LTZ) == TIMESTAMP_LTZ


def test_a_time_keeps_its_declared_digits() -> None:
    assert read_type(Parser("TIME(3)")).scale == 3


@pytest.mark.parametrize(
    "written", ["NUMBER(39)", "NUMBER(5, 6)", "NUMBER(38, 38)", "VARCHAR(0)", "TIME(10)"]
)
def test_a_size_out_of_range_is_refused(written: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read_type(Parser(written))

    assert refusal.value.code == "002263"


@pytest.mark.parametrize("written", ["GEOGRAPHY", "VECTOR(FLOAT, 3)", "ARRAY(NUMBER)"])
def test_a_type_we_do_not_have_is_refused_by_name(written: str) -> None:
    with pytest.raises(Unsupported, match="data type"):
        read_type(Parser(written))


@pytest.mark.parametrize("written", ["colour", '"NUMBER"', "NUMBER(", "NUMBER(1,2,3)", "12", ""])
def test_what_is_no_type_is_a_syntax_error(written: str) -> None:
    with pytest.raises(SyntaxFault):
        read_type(Parser(written))
