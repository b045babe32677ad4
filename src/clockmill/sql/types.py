"""Reading the name of a data type, as declarations, arguments and RETURNS have it."""

from typing import Final

import msgspec

from clockmill.core.errors import InvalidRequest, Unsupported
from clockmill.core.types import (
    ARRAY,
    BINARY,
    BOOLEAN,
    DATE,
    FLOAT,
    MAX_PRECISION,
    NUMBER,
    OBJECT,
    TEXT,
    TIME,
    TIMESTAMP_LTZ,
    TIMESTAMP_NTZ,
    TIMESTAMP_TZ,
    VARIANT,
    ColumnType,
    fixed,
    text,
)
from clockmill.sql.lexer import Kind as TokenKind
from clockmill.sql.parser import Parser

_MAX_SCALE: Final = 37
_MAX_DIGITS: Final = 9
"""Digits of a second after the point, at most."""

_NUMBERS: Final = frozenset({"NUMBER", "NUMERIC", "DECIMAL", "DEC"})
_INTEGERS: Final = frozenset({"INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"})
_FLOATS: Final = frozenset({"FLOAT", "FLOAT4", "FLOAT8", "REAL", "DOUBLE"})
_TEXTS: Final = frozenset({"VARCHAR", "STRING", "TEXT", "NVARCHAR", "NVARCHAR2"})
_CHARACTERS: Final = frozenset({"CHAR", "CHARACTER", "NCHAR"})
_BINARIES: Final = frozenset({"BINARY", "VARBINARY"})
_CLOCKS: Final[dict[str, ColumnType]] = {
    "TIME": TIME,
    "DATETIME": TIMESTAMP_NTZ,
    **dict.fromkeys(("TIMESTAMP_NTZ", "TIMESTAMPNTZ"), TIMESTAMP_NTZ),
    **dict.fromkeys(("TIMESTAMP_LTZ", "TIMESTAMPLTZ"), TIMESTAMP_LTZ),
    **dict.fromkeys(("TIMESTAMP_TZ", "TIMESTAMPTZ"), TIMESTAMP_TZ),
}
_SIMPLE: Final[dict[str, ColumnType]] = {
    "BOOLEAN": BOOLEAN,
    "DATE": DATE,
    "VARIANT": VARIANT,
    "OBJECT": OBJECT,
    "ARRAY": ARRAY,
}
_UNSUPPORTED: Final = frozenset(
    {"GEOGRAPHY", "GEOMETRY", "VECTOR", "MAP", "DECFLOAT", "FILE", "UUID", "INTERVAL"}
)
TYPE_NAMES: Final = (
    _NUMBERS | _INTEGERS | _FLOATS | _TEXTS | _CHARACTERS | _BINARIES | _UNSUPPORTED
    | set(_CLOCKS) | set(_SIMPLE) | {"TIMESTAMP"}
)  # fmt: skip
"""Every word that a data type may begin with."""


def read_type(parser: Parser, timestamp: ColumnType = TIMESTAMP_NTZ) -> ColumnType:
    """Take a data type; *timestamp* is what TIMESTAMP means to the session.

    Raises SyntaxFault for what is no type, Unsupported for one we do not have, InvalidRequest for
    sizes out of range.
    """
    word = parser.token.upper
    if parser.token.kind is not TokenKind.WORD or word not in TYPE_NAMES:
        parser.fail()
    parser.advance()
    if word in _UNSUPPORTED:
        raise Unsupported(f"data type {word}")
    if word in _NUMBERS:
        return _number(_sizes(parser, 2))
    if word in _INTEGERS:
        return NUMBER
    if word in _FLOATS:
        parser.accept("PRECISION") if word == "DOUBLE" else None
        return FLOAT
    if word in _TEXTS or word in _CHARACTERS:
        return _text(parser, word)
    if word in _BINARIES:
        _sizes(parser, 1)
        return BINARY
    if word in _SIMPLE:
        if parser.at("("):
            raise Unsupported(f"structured data type {word}")
        return _SIMPLE[word]
    return _clock(timestamp if word == "TIMESTAMP" else _CLOCKS[word], _sizes(parser, 1))


def _text(parser: Parser, word: str) -> ColumnType:
    if word in _CHARACTERS and parser.accept("VARYING"):
        word = "VARCHAR"
    sizes = _sizes(parser, 1)
    if not sizes:
        return TEXT if word in _TEXTS else text(1)
    if sizes[0] < 1:
        raise _out_of_range(f"invalid length {sizes[0]} for {word}")
    return text(sizes[0])


def _number(sizes: list[int]) -> ColumnType:
    precision, scale = (*sizes, MAX_PRECISION, 0)[:2] if not sizes else (*sizes, 0)[:2]
    if not 1 <= precision <= MAX_PRECISION or scale > min(precision, _MAX_SCALE):
        raise _out_of_range(f"invalid precision or scale for NUMBER({precision},{scale})")
    return fixed(precision, scale)


def _clock(kind: ColumnType, sizes: list[int]) -> ColumnType:
    if not sizes:
        return kind
    if sizes[0] > _MAX_DIGITS:
        raise _out_of_range(
            f"invalid precision {sizes[0]} for {kind.kind.value.upper()}: expected a number from 0 to "
            f"{_MAX_DIGITS}"
        )
    return msgspec.structs.replace(kind, scale=sizes[0])


def _sizes(parser: Parser, most: int) -> list[int]:
    """Take «(n)» or «(n, m)» if it comes next."""
    if not parser.accept("("):
        return []
    sizes = [parser.integer()]
    while len(sizes) < most and parser.accept(","):
        sizes.append(parser.integer())
    parser.expect(")")
    return sizes


def _out_of_range(what: str) -> InvalidRequest:
    return InvalidRequest(f"SQL compilation error:\n{what}", code="002263", sqlstate="22003")
