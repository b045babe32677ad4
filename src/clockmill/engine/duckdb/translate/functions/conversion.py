"""Functions that convert between types."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from typing import Final

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import raise_in_sql
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.translate import casts, formats, number_formats
from clockmill.engine.duckdb.translate.functions.codings import BASE64
from clockmill.engine.duckdb.translate.functions.rules import Call, Scalar
from clockmill.engine.duckdb.translate.operators import text_of
from clockmill.engine.duckdb.translate.unit import Typed, Unit
from clockmill.engine.duckdb.types import fixed
from clockmill.engine.result import BOOLEAN, TEXT, ColumnType, Kind


def _to(kind: ColumnType, *, is_try: bool = False) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 1)
        return casts.cast(call.scope.unit, call.value(0), kind, is_try=is_try)

    return rule


def _to_number(is_try: bool) -> Scalar:
    """TO_NUMBER(value [, format] [, precision [, scale]])"""

    def rule(call: Call) -> Typed:
        call.expect(1, 4)
        value = call.value(0)
        first = 1
        if len(call) > 1 and call.value(1).type.kind is Kind.TEXT:
            value = _by_picture(call, value, str(call.constant(1)), is_try)
            first = 2
        if len(call) > first:
            kind = fixed(call.whole(first), call.whole(first + 1) if len(call) > first + 1 else 0)
        else:
            kind = fixed(38, 0)
        return casts.cast(call.scope.unit, value, kind, is_try=is_try)

    return rule


def _by_picture(call: Call, value: Typed, picture: str, is_try: bool) -> Typed:
    """Return the text of a number that was written as *picture* says."""
    text = text_of(call.scope, value)
    tried = number_formats.read_number(text, picture)
    if is_try:
        return Typed(tried, TEXT)
    shown = literal(f"' as number with format '{picture}'")
    failure = f"error('~fault~100140~22007~Can''t parse ''' || {text} || {shown})"
    return Typed(
        f"(CASE WHEN {text} IS NULL THEN NULL ELSE COALESCE({tried}, CAST({failure} AS VARCHAR)) END)", TEXT
    )


def _to_double(is_try: bool) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 2)
        value = call.value(0)
        if len(call) == 2:
            value = _by_picture(call, value, str(call.constant(1)), is_try)
        return casts.cast(call.scope.unit, value, types.FLOAT, is_try=is_try)

    return rule


def _to_text(call: Call) -> Typed:
    call.expect(1, 2)
    value = call.value(0)
    if value.type.kind is Kind.BINARY:
        usual = call.scope.unit.setting("BINARY_OUTPUT_FORMAT", "HEX")
        return _binary_text(value, usual if len(call) == 1 else str(call.constant(1)))
    if len(call) == 1:
        return casts.cast(call.scope.unit, value, TEXT)
    pattern = str(call.constant(1))
    if value.type.kind is Kind.TEXT:
        value = casts.cast(call.scope.unit, value, types.NTZ)
    if value.type.kind in (Kind.FIXED, Kind.REAL):
        return _number_text(call, value, pattern)
    return Typed(casts.stamp_text(call.scope.unit, value, pattern), TEXT)


def _binary_text(value: Typed, pattern: str) -> Typed:
    make = {"HEX": "hex({})", "BASE64": "to_base64({})", "UTF-8": "decode({})", "UTF8": "decode({})"}
    if pattern.upper() not in make:
        raise Unsupported(f"binary format '{pattern}'")
    return Typed(make[pattern.upper()].replace("{}", value.sql), TEXT)


def _number_text(call: Call, value: Typed, picture: str) -> Typed:
    plain, is_exact = casts.as_text(call.scope.unit, value), value.type.kind is Kind.FIXED
    return Typed(number_formats.write_number(value.sql, plain, picture, is_exact=is_exact), TEXT)


def _parse_with(call: Call, kind: ColumnType, is_try: bool) -> Typed:
    """Return a text read by the format in the second argument."""
    pattern = str(call.constant(1))
    value = call.value(0)
    unit = call.scope.unit
    if pattern.upper() == "AUTO":
        return casts.cast(unit, value, kind, is_try=is_try)
    if value.type.kind is Kind.FIXED:
        return _scaled(unit, value, call.whole(1), kind)
    if value.type.kind in (Kind.DATE, *types.STAMPS):
        return casts.cast(unit, value, kind)
    text = text_of(call.scope, value)
    read = formats.to_parse(text, pattern)
    tried = f"try_strptime({read}, {literal(formats.parse_pattern(pattern))})"
    has_zone = any(what == "zone" for what, _ in formats.format_pieces(pattern))
    # strptime with %z gives the instant; what a text shows is wanted where no zone is kept.
    if has_zone:
        return _zoned(call, text, pattern, kind, is_try)
    if not is_try:
        code = {"date": "100040", "time": "100108"}.get(kind.kind.value, "100035")
        what = kind.kind.value.split("_")[0]
        failure = (
            f"error('~fault~{code}~22007~Can''t parse ''' || {text} || ''' as {what} with format '"
            f" || {literal(chr(39) + pattern + chr(39))})"
        )
        tried = f"CASE WHEN {text} IS NULL THEN NULL ELSE COALESCE({tried}, CAST({failure} AS TIMESTAMP)) END"
    return casts.cast(unit, Typed(tried, types.NTZ), kind)


def _zoned(call: Call, text: str, pattern: str, kind: ColumnType, is_try: bool) -> Typed:
    pieces = [what for what, piece in formats.format_pieces(pattern) if piece != " "]
    if pieces[-1] == "zone":
        shown = f"regexp_extract({text}, '[+-]\\d\\d(:?\\d\\d)?\\s*$')"
    else:
        # An offset inside of the text is found by its four digits.
        shown = f"regexp_extract({text}, '\\s([+-]\\d\\d:?\\d\\d)(?:\\s|$)', 1)"
    own = Typed(
        f"regexp_replace({formats.to_parse(text, pattern)}, '([+-]\\d\\d):(\\d\\d)$', '\\1\\2')", TEXT
    )
    word = "try_strptime" if is_try else "strptime"
    utc = f"timezone('UTC', {word}({own.sql}, {literal(formats.parse_pattern(pattern))}))"
    if kind.kind is Kind.TIMESTAMP_LTZ:
        return Typed(utc, types.LTZ)
    offset = f"COALESCE(_clockmill.text_offset('0:0' || trim({shown})), 0)"
    zoned = Typed(f"{{'u': {utc}, 'o': CAST({offset} AS INTEGER)}}", types.TZ)
    return casts.cast(call.scope.unit, zoned, kind)


def _scaled(unit: Unit, value: Typed, scale: int, kind: ColumnType) -> Typed:
    """Return the timestamp of an epoch in units of 10 to the power of -*scale* seconds."""
    micros = f"CAST({value.sql} * 1{'0' * max(0, 6 - scale)} AS HUGEINT) // 1{'0' * max(0, scale - 6)}"
    return casts.cast(unit, Typed(f"make_timestamp(CAST({micros} AS BIGINT))", types.NTZ), kind)


def _to_timestamp(*, is_try: bool = False) -> Scalar:
    """Read as what TIMESTAMP stands for in the session."""

    def rule(call: Call) -> Typed:
        return _to_moment(call.scope.unit.timestamp, is_try=is_try)(call)

    return rule


def _to_moment(kind: ColumnType, *, is_try: bool = False) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 2)
        if len(call) == 2:
            return _parse_with(call, kind, is_try)
        value = call.value(0)
        return casts.cast(call.scope.unit, value, kind, is_try=is_try and value.type.kind is Kind.TEXT)

    return rule


def _to_binary(is_try: bool) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 2)
        value = call.value(0)
        if value.type.kind is Kind.BINARY:
            return value
        usual = call.scope.unit.setting("BINARY_INPUT_FORMAT", "HEX")
        form = (str(call.constant(1)) if len(call) > 1 else usual).upper()
        text = text_of(call.scope, value)
        if form == "HEX":
            if is_try:
                valid = f"regexp_full_match({text}, '([0-9A-Fa-f]{{2}})*')"
                return Typed(f"CASE WHEN {valid} THEN unhex({text}) END", types.BINARY)
            failure = raise_in_sql("100115", "22000", "The input is not a hex-encoded string")
            valid = f"regexp_full_match({text}, '([0-9A-Fa-f]{{2}})*')"
            return Typed(
                f"CASE WHEN {text} IS NULL THEN NULL WHEN {valid} THEN unhex({text}) ELSE CAST({failure} AS BLOB) END",
                types.BINARY,
            )
        if form == "BASE64":
            failure = raise_in_sql("100115", "22000", "The input is not a base64-encoded string")
            valid = f"regexp_full_match({text}, {literal(BASE64)})"
            otherwise = (
                "NULL" if is_try else f"CASE WHEN {text} IS NULL THEN NULL ELSE CAST({failure} AS BLOB) END"
            )
            return Typed(f"CASE WHEN {valid} THEN from_base64({text}) ELSE {otherwise} END", types.BINARY)
        make = {"BASE64": "from_base64({})", "UTF-8": "encode({})", "UTF8": "encode({})"}.get(form)
        if make is None:
            raise Unsupported(f"binary format '{form}'")
        return Typed(make.replace("{}", text), types.BINARY)

    return rule


def _to_variant(kind: ColumnType) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 1)
        return casts.cast(call.scope.unit, call.value(0), kind)

    return rule


_BYTES: Final = ((2, 1), (4, 2), (9, 4), (18, 8), (38, 16))


def _typeof(call: Call) -> Typed:
    """SYSTEM$TYPEOF(value): its type, and behind it what it takes to keep such values."""
    call.expect(1, 1)
    value = call.value(0)
    shown = f"{types.sql_name(value.type)}[{_kept_in(value)}]"
    if types.is_null(value.type):
        shown = "NULL[LOB]"
    return Typed(literal(shown), TEXT, shown, True)


def _kept_in(value: Typed) -> str:
    match value.type.kind:
        case Kind.FIXED:
            return f"SB{_bytes_of(value)}"
        case Kind.REAL:
            return "DOUBLE"
        case Kind.BOOLEAN:
            return "SB1"
        case Kind.DATE:
            return "SB4"
        case Kind.TIME:
            return "SB8"
        case Kind.TIMESTAMP_NTZ | Kind.TIMESTAMP_LTZ | Kind.TIMESTAMP_TZ:
            return "SB16"
    return "LOB"


def _bytes_of(value: Typed) -> int:
    if value.is_constant and isinstance(value.constant, int):
        bits = (value.constant if value.constant >= 0 else ~value.constant).bit_length() + 1
        return next(size for size in (1, 2, 4, 8, 16) if bits <= size * 8)
    return next(size for digits, size in _BYTES if (value.type.precision or 38) <= digits)


FUNCTIONS: Final[dict[str, Scalar]] = {
    "DATE": _to_moment(types.DATE),
    "SYSTEM$TYPEOF": _typeof,
    "TIME": _to_moment(types.TIME),
    "TIMESTAMP": _to_timestamp(),
    "TO_ARRAY": _to_variant(types.ARRAY),
    "TO_BINARY": _to_binary(False),
    "TO_BOOLEAN": _to(BOOLEAN),
    "TO_CHAR": _to_text,
    "TO_DATE": _to_moment(types.DATE),
    "TO_DECIMAL": _to_number(False),
    "TO_DOUBLE": _to_double(False),
    "TO_NUMBER": _to_number(False),
    "TO_NUMERIC": _to_number(False),
    "TO_OBJECT": _to_variant(types.OBJECT),
    "TO_TIME": _to_moment(types.TIME),
    "TO_TIMESTAMP": _to_timestamp(),
    "TO_TIMESTAMP_LTZ": _to_moment(types.LTZ),
    "TO_TIMESTAMP_NTZ": _to_moment(types.NTZ),
    "TO_TIMESTAMP_TZ": _to_moment(types.TZ),
    "TO_VARCHAR": _to_text,
    "TO_VARIANT": _to_variant(types.VARIANT),
    "TRY_TO_BINARY": _to_binary(True),
    "TRY_TO_BOOLEAN": _to(BOOLEAN, is_try=True),
    "TRY_TO_DATE": _to_moment(types.DATE, is_try=True),
    "TRY_TO_DECIMAL": _to_number(True),
    "TRY_TO_DOUBLE": _to_double(True),
    "TRY_TO_NUMBER": _to_number(True),
    "TRY_TO_NUMERIC": _to_number(True),
    "TRY_TO_TIME": _to_moment(types.TIME, is_try=True),
    "TRY_TO_TIMESTAMP": _to_timestamp(is_try=True),
    "TRY_TO_TIMESTAMP_LTZ": _to_moment(types.LTZ, is_try=True),
    "TRY_TO_TIMESTAMP_NTZ": _to_moment(types.NTZ, is_try=True),
    "TRY_TO_TIMESTAMP_TZ": _to_moment(types.TZ, is_try=True),
}
