"""The language's data types: read from SQL, written as DuckDB's and as text, and unified."""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlglot import exp

from clockmill.core.errors import InvalidRequest, Unsupported
from clockmill.core.types import (
    ARRAY,
    BINARY,
    BOOLEAN,
    DATE,
    FLOAT,
    MAX_PRECISION,
    MAX_TEXT,
    NULL,
    NUMBER,
    OBJECT,
    TEXT,
    TIME,
    TIMESTAMP_LTZ,
    TIMESTAMP_NTZ,
    TIMESTAMP_TZ,
    VARIANT,
    ColumnType,
    Kind,
    fixed,
    text,
)

__all__ = [
    "ARRAY",
    "BINARY",
    "CLOCKS",
    "COUNT",
    "DATE",
    "FLOAT",
    "INTEGER",
    "KEPT_DIGITS",
    "LTZ",
    "MAX_BINARY",
    "MAX_DIGITS",
    "MAX_PRECISION",
    "MAX_TEXT",
    "NTZ",
    "OBJECT",
    "SEMI",
    "STAMPS",
    "TIME",
    "TZ",
    "VARIANT",
    "fixed",
    "is_null",
    "physical",
    "read_type",
    "sql_name",
    "text",
    "unify",
]

MAX_BINARY: Final = 8_388_608

NTZ: Final = TIMESTAMP_NTZ
LTZ: Final = TIMESTAMP_LTZ
TZ: Final = TIMESTAMP_TZ
COUNT: Final = ColumnType(kind=Kind.FIXED, precision=18, scale=0)
INTEGER: Final = NUMBER

SEMI: Final = frozenset({Kind.VARIANT, Kind.OBJECT, Kind.ARRAY})
"""Kinds that are kept as JSON."""
STAMPS: Final = frozenset({Kind.TIMESTAMP_NTZ, Kind.TIMESTAMP_LTZ, Kind.TIMESTAMP_TZ})
CLOCKS: Final = STAMPS | {Kind.TIME}
"""Kinds whose scale says how many digits a second has after the point."""
MAX_DIGITS: Final = 9
KEPT_DIGITS: Final = 6
"""How many of the digits are kept, whatever the type says."""

_INTEGERS: Final = frozenset(
    {"INT", "BIGINT", "SMALLINT", "TINYINT", "INT128", "MEDIUMINT", "BYTEINT", "INTEGER"}
)
_SIMPLE: Final[dict[str, ColumnType]] = {
    "DOUBLE": FLOAT,
    "FLOAT": FLOAT,
    "BOOLEAN": BOOLEAN,
    "DATE": DATE,
    "TIME": TIME,
    "DATETIME": NTZ,
    "TIMESTAMPNTZ": NTZ,
    "TIMESTAMP_S": NTZ,
    "TIMESTAMP_MS": NTZ,
    "TIMESTAMP_NS": NTZ,
    "TIMESTAMPLTZ": LTZ,
    "TIMESTAMPTZ": TZ,
    "VARIANT": VARIANT,
    "OBJECT": OBJECT,
    "STRUCT": OBJECT,
    "ARRAY": ARRAY,
}
_PHYSICAL: Final[dict[Kind, str]] = {
    Kind.REAL: "DOUBLE",
    Kind.TEXT: "VARCHAR",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.TIME: "TIME",
    # An LTZ is kept as its UTC instant: DuckDB's own zoned type follows a setting that is locked.
    Kind.TIMESTAMP_NTZ: "TIMESTAMP",
    Kind.TIMESTAMP_LTZ: "TIMESTAMP",
    Kind.TIMESTAMP_TZ: "STRUCT(u TIMESTAMP, o INTEGER)",
    Kind.BINARY: "BLOB",
    Kind.VARIANT: "JSON",
    Kind.OBJECT: "JSON",
    Kind.ARRAY: "JSON",
}


def read_type(node: exp.DataType, timestamp: ColumnType = NTZ) -> ColumnType:
    """Return the type that *node* names; raise Unsupported for one we do not know.

    *timestamp* is what TIMESTAMP stands for in the session.
    """
    name = node.this.name if isinstance(node.this, exp.DataType.Type) else str(node.this)
    if name in ("ARRAY", "OBJECT", "STRUCT") and node.expressions:
        raise Unsupported(f"the structured type {node.sql('snowflake').upper()}")
    sizes = [int(parameter.this.name) for parameter in node.expressions if _is_size(parameter)]
    if name in _INTEGERS:
        return INTEGER
    if name in ("DECIMAL", "BIGDECIMAL"):
        return _read_decimal(sizes)
    if name in ("VARCHAR", "TEXT", "NVARCHAR"):
        return text(sizes[0]) if sizes else TEXT
    if name in ("CHAR", "NCHAR", "BPCHAR"):
        return text(sizes[0] if sizes else 1)
    if name in ("BINARY", "VARBINARY"):
        return BINARY
    if name == "TIMESTAMP":
        return _with_digits(timestamp, sizes)
    if name in _SIMPLE:
        return _with_digits(_SIMPLE[name], sizes)
    raise Unsupported(f"data type {node.sql('snowflake').upper()}")


def _is_size(node: exp.Expr) -> bool:
    return isinstance(node, exp.DataTypeParam) and isinstance(node.this, exp.Literal)


def _with_digits(kind: ColumnType, sizes: list[int]) -> ColumnType:
    """Return the type of a time with the declared digits of a second; other types have none."""
    if not sizes or kind.kind not in CLOCKS:
        return kind
    if not 0 <= sizes[0] <= MAX_DIGITS:
        raise InvalidRequest(
            f"SQL compilation error:\ninvalid precision {sizes[0]} for {kind.kind.value.upper()}: "
            f"expected a number from 0 to {MAX_DIGITS}",
            code="002263",
            sqlstate="22003",
        )
    return msgspec.structs.replace(kind, scale=sizes[0])


def _read_decimal(sizes: list[int]) -> ColumnType:
    precision, scale = (*sizes, 38, 0)[:2] if not sizes else (sizes[0], sizes[1] if len(sizes) > 1 else 0)
    if not 1 <= precision <= MAX_PRECISION or not 0 <= scale <= min(precision, 37):
        raise InvalidRequest(
            f"SQL compilation error:\ninvalid precision or scale for NUMBER({precision},{scale})",
            code="002263",
            sqlstate="22003",
        )
    return fixed(precision, scale)


def physical(kind: ColumnType) -> str:
    """Return DuckDB's type that keeps values of *kind*."""
    if kind.kind is Kind.FIXED:
        return f"DECIMAL({kind.precision},{kind.scale})"
    return _PHYSICAL[kind.kind]


def sql_name(kind: ColumnType) -> str:
    """Return the type as DESCRIBE shows it: ``NUMBER(38,0)``, ``VARCHAR(16)``."""
    match kind.kind:
        case Kind.FIXED:
            return f"NUMBER({kind.precision},{kind.scale})"
        case Kind.TEXT:
            return f"VARCHAR({kind.length or MAX_TEXT})"
        case Kind.BINARY:
            return f"BINARY({kind.length})"
        case Kind.REAL:
            return "FLOAT"
        case Kind.TIME | Kind.TIMESTAMP_NTZ | Kind.TIMESTAMP_LTZ | Kind.TIMESTAMP_TZ:
            return f"{kind.kind.value.upper()}({kind.scale})"
    return kind.kind.value.upper()


def is_null(kind: ColumnType) -> bool:
    """Say whether *kind* is that of a bare NULL."""
    return kind.kind is Kind.TEXT and kind.length == 0


def unify(kinds: Iterable[ColumnType]) -> ColumnType:
    """Return the type that can hold values of all *kinds*, as CASE and UNION need it."""
    result = NULL
    for kind in kinds:
        result = _unify_two(result, kind)
    return result


# A value of a kind further right takes in those further left.
_RANK: Final = (Kind.TEXT, Kind.BOOLEAN, Kind.FIXED, Kind.REAL)


def _unify_two(one: ColumnType, other: ColumnType) -> ColumnType:
    if is_null(one) or one == other:
        return other
    if is_null(other):
        return one
    if one.kind is other.kind:
        return _unify_same(one, other)
    kinds = {one.kind, other.kind}
    if kinds & SEMI:
        return VARIANT
    if kinds & STAMPS:
        for kind in (TZ, LTZ, NTZ):
            if kind.kind in kinds:
                return kind
    for kind in (DATE, TIME, BINARY):
        if kind.kind in kinds:
            return kind
    return one if _RANK.index(one.kind) > _RANK.index(other.kind) else other


def _unify_same(one: ColumnType, other: ColumnType) -> ColumnType:
    if one.kind is Kind.FIXED:
        scale = max(one.scale or 0, other.scale or 0)
        whole = max((one.precision or 38) - (one.scale or 0), (other.precision or 38) - (other.scale or 0))
        return fixed(whole + scale, scale)
    if one.kind is Kind.TEXT:
        return text(max(one.length or 0, other.length or 0))
    if one.kind in CLOCKS:
        return one if (one.scale or 0) >= (other.scale or 0) else other
    return one
