"""Conversions between types, explicit and implied."""

# ruff: noqa: ARG001
# ARG001: rules of one table share a signature.

import re
from typing import Final

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault, raise_in_sql
from clockmill.engine.duckdb.names import PRIVATE, literal
from clockmill.engine.duckdb.translate import formats
from clockmill.engine.duckdb.translate.unit import Parameter, Typed, Unit
from clockmill.engine.duckdb.types import physical, sql_name
from clockmill.engine.result import TEXT, ColumnType, Kind

_ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")
_ISO_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?\Z")


def cast(unit: Unit, value: Typed, target: ColumnType, *, is_try: bool = False) -> Typed:
    """Return *value* converted to *target*; with *is_try* what cannot be converted becomes NULL."""
    if types.is_null(value.type):
        return Typed(
            f"CAST(NULL AS {physical(target)})"
            if value.is_constant
            else f"CAST({value.sql} AS {physical(target)})",
            target,
        )
    if value.type == target and value.is_wide:
        return value
    if value.type.kind in _OF_ITEMS and "SELECT" in value.sql:
        return _cast_aside(unit, value, target, is_try)
    sql = _CASTS[target.kind](unit, value, target, is_try)
    if not _has_digits(value.type, target):
        sql = _cut(sql, target)
    return Typed(sql, target)


_OF_ITEMS: Final = frozenset({Kind.VARIANT, Kind.ARRAY, Kind.OBJECT})


def _cast_aside(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> Typed:
    """Return what :func:`cast` does, beside the query in *value*: lambdas read items, and take no queries."""
    alias = unit.alias()
    found = cast(unit, Typed(f"{alias}.v", value.type), target, is_try=is_try)
    return Typed(f"(SELECT {found.sql} FROM (SELECT {value.sql} AS v) AS {alias})", found.type)


def _has_digits(kind: ColumnType, target: ColumnType) -> bool:
    """Say whether no second of *kind* has more digits than *target* declares."""
    digits = target.scale
    if target.kind not in types.CLOCKS or digits is None or digits >= types.KEPT_DIGITS:
        return True
    return kind.kind is Kind.DATE or (kind.kind in types.CLOCKS and (kind.scale or 0) <= digits)


def _cut(sql: str, target: ColumnType) -> str:
    """Return the time *sql* without the digits that *target* does not declare; nothing is rounded up."""
    width = f"to_microseconds({10 ** (types.KEPT_DIGITS - (target.scale or 0))})"
    origin = "TIMESTAMP '1970-01-01'"
    if target.kind is Kind.TIME:
        return f"CAST(time_bucket({width}, DATE '1970-01-01' + {sql}, {origin}) AS TIME)"
    if target.kind is Kind.TIMESTAMP_TZ:
        cut = f"time_bucket({width}, ({sql}).u, {origin})"
        return f"CASE WHEN ({sql}) IS NULL THEN NULL ELSE {{'u': {cut}, 'o': ({sql}).o}} END"
    return f"time_bucket({width}, {sql}, {origin})"


def _refuse(value: Typed, target: ColumnType) -> CompilationFault:
    return CompilationFault(
        f"invalid type [CAST(... AS {sql_name(target)})] for a value of type {sql_name(value.type)}",
        code="001007",
        sqlstate="22023",
    )


def _or_fail(tried: str, value: str, is_try: bool, fault: tuple[str, str, str], kind: str) -> str:
    """Return *tried*, failing where it is NULL although *value* is not."""
    if is_try:
        return tried
    code, sqlstate, what = fault
    failure = f"error('~fault~{code}~{sqlstate}~{what} ''' || {value} || ''' is not recognized')"
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE COALESCE({tried}, CAST({failure} AS {kind})) END"


def scalar_text(value: Typed) -> str:
    """Return the text in a VARIANT; a JSON null becomes NULL."""
    return f"{PRIVATE}.json_text({value.sql})"


def as_text(unit: Unit, value: Typed) -> str:
    """Return *value* as SQL of type VARCHAR, as output formats say."""
    kind = value.type.kind
    if kind is Kind.TEXT:
        return value.sql
    if kind is Kind.REAL:
        return f"{PRIVATE}.float_text({value.sql})"
    if kind is Kind.DATE:
        return formats.render_stamp(value.sql, None, unit.setting("DATE_OUTPUT_FORMAT", formats.DATE_OUTPUT))
    if kind is Kind.TIME:
        stamp = f"(DATE '1970-01-01' + {value.sql})"
        return formats.render_stamp(stamp, None, unit.setting("TIME_OUTPUT_FORMAT", formats.TIME_OUTPUT))
    if kind in types.STAMPS:
        return stamp_text(unit, value, output_format(unit, kind))
    if kind is Kind.BINARY:
        return f"hex({value.sql})"
    if kind in types.SEMI:
        return scalar_text(value)
    if kind is Kind.FIXED and value.type.scale and value.type.precision == value.type.scale:
        # DuckDB leaves out the zero before the point where the type has no room for it.
        return f"CAST(CAST({value.sql} AS DECIMAL({value.type.scale + 1},{value.type.scale})) AS VARCHAR)"
    return f"CAST({value.sql} AS VARCHAR)"


def output_format(unit: Unit, kind: Kind) -> str:
    """Return the session's format for timestamps of *kind*."""
    usual = formats.NTZ_OUTPUT if kind is Kind.TIMESTAMP_NTZ else formats.ZONED_OUTPUT
    general = unit.setting("TIMESTAMP_OUTPUT_FORMAT", usual)
    if kind is Kind.TIMESTAMP_NTZ:
        ntz = unit.setting("TIMESTAMP_NTZ_OUTPUT_FORMAT", "")
        return (
            general if ntz in ("", formats.NTZ_OUTPUT) and general != formats.ZONED_OUTPUT else ntz or usual
        )
    return unit.setting(f"{kind.value.upper()}_OUTPUT_FORMAT", "") or general


def stamp_text(unit: Unit, value: Typed, pattern: str) -> str:
    """Return a date or timestamp as text in the language's format *pattern*."""
    kind = value.type.kind
    if kind is Kind.TIMESTAMP_LTZ:
        offset = f"CAST(date_diff('minute', {value.sql}, {wall(unit, value)}) AS INTEGER)"
        return formats.render_stamp(wall(unit, value), offset, pattern)
    if kind is Kind.TIMESTAMP_TZ:
        return formats.render_stamp(wall(unit, value), f"({value.sql}).o", pattern)
    if kind is Kind.TIME:
        return formats.render_stamp(f"(DATE '1970-01-01' + {value.sql})", None, pattern)
    return formats.render_stamp(value.sql, None, pattern)


def local(utc: str, zone: str) -> str:
    """Return the wall-clock time in *zone* (SQL text) of the UTC instant *utc*, both TIMESTAMP."""
    if zone in ("'UTC'", "'Etc/UTC'"):
        return utc
    return f"timezone({zone}, timezone('UTC', {utc}))"


def instant(wall_time: str, zone: str) -> str:
    """Return the UTC instant of a wall-clock time in *zone*."""
    if zone in ("'UTC'", "'Etc/UTC'"):
        return wall_time
    return f"timezone('UTC', timezone({zone}, {wall_time}))"


def wall(unit: Unit, value: Typed) -> str:
    """Return the wall-clock TIMESTAMP that a date or timestamp of any kind shows."""
    match value.type.kind:
        case Kind.TIMESTAMP_LTZ:
            if value.parameter is not None and value.parameter.source == "now" and unit.knows_zone:
                return unit.parameter(Parameter("wall", unit.zone), types.NTZ).sql
            return local(value.sql, literal(unit.zone))
        case Kind.TIMESTAMP_TZ:
            return f"(({value.sql}).u + to_minutes(({value.sql}).o))"
        case Kind.DATE:
            return f"CAST({value.sql} AS TIMESTAMP)"
    return value.sql


def _to_fixed(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    kind, to = value.type.kind, physical(target)
    word = "TRY_CAST" if is_try else "CAST"
    if kind in types.SEMI:
        return _from_variant(unit, value, target, is_try)
    if kind is Kind.BOOLEAN:
        return f"CAST(CAST({value.sql} AS INTEGER) AS {to})"
    if kind in (Kind.FIXED, Kind.TEXT, Kind.REAL):
        return f"{word}({value.sql} AS {to})"
    raise _refuse(value, target)


def _to_real(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    kind = value.type.kind
    if kind in types.SEMI:
        return _from_variant(unit, value, target, is_try)
    if kind is Kind.BOOLEAN:
        return f"CAST(CAST({value.sql} AS INTEGER) AS DOUBLE)"
    if kind in (Kind.FIXED, Kind.TEXT):
        return f"{'TRY_CAST' if is_try else 'CAST'}({value.sql} AS DOUBLE)"
    if kind is Kind.REAL:
        return value.sql
    raise _refuse(value, target)


def _to_text(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    sql = as_text(unit, value)
    longest = target.length or types.MAX_TEXT
    if longest < types.MAX_TEXT and not (
        value.type.kind is Kind.TEXT and value.type.length is not None and value.type.length <= longest
    ):
        if is_try:
            return f"CASE WHEN length({sql}) <= {longest} THEN {sql} END"
        if value.type.kind is not Kind.TEXT:  # a text is cut, what only shows as one is not
            return _checked_length(value, sql, target)
        return f"left({sql}, {longest})"
    return sql


def _to_boolean(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    kind = value.type.kind
    if kind in types.SEMI:
        return _from_variant(unit, value, target, is_try)
    if kind is Kind.TEXT:
        tried = f"{PRIVATE}.try_boolean({value.sql})"
        return _or_fail(tried, value.sql, is_try, ("100037", "22018", "Boolean value"), "BOOLEAN")
    if kind in (Kind.FIXED, Kind.REAL):
        return f"({value.sql} <> 0)"
    if kind is Kind.BOOLEAN:
        return value.sql
    raise _refuse(value, target)


def _to_date(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    kind = value.type.kind
    if kind in types.SEMI:
        return _from_variant(unit, value, target, is_try)
    if kind is Kind.TEXT:
        if _is_plain(unit, "DATE_INPUT_FORMAT") and value.is_constant and _ISO_DATE.match(value.constant):
            return f"{'TRY_CAST' if is_try else 'CAST'}({value.sql} AS DATE)"
        return text_to_date(unit, value, is_try)
    if kind in types.STAMPS:
        return f"CAST({wall(unit, value)} AS DATE)"
    if kind is Kind.DATE:
        return value.sql
    raise _refuse(value, target)


def text_to_date(unit: Unit, value: Typed, is_try: bool) -> str:
    if _is_plain(unit, "DATE_INPUT_FORMAT"):
        tried = f"{PRIVATE}.try_date({value.sql})"
    else:
        tried = f"CAST({_by_format(unit, value, 'DATE_INPUT_FORMAT')} AS DATE)"
    return _or_fail(tried, value.sql, is_try, ("100040", "22007", "Date"), "DATE")


def _is_plain(unit: Unit, setting: str) -> bool:
    """Say whether the session leaves it to us how a text is read."""
    return unit.setting(setting, "AUTO").upper() == "AUTO"


def _by_format(unit: Unit, value: Typed, setting: str) -> str:
    """Return the wall-clock TIMESTAMP that a text shows by the session's format, or NULL."""
    pattern = unit.setting(setting, "AUTO")
    read = literal(formats.parse_pattern(pattern))
    if all(kind != "zone" for kind, _ in formats.format_pieces(pattern)):
        return f"try_strptime({formats.to_parse(value.sql, pattern)}, {read})"
    # With a zone strptime gives the instant.
    offset = f"COALESCE({PRIVATE}.text_offset({value.sql}), 0)"
    text = formats.to_parse(value.sql, pattern)
    return f"(timezone('UTC', try_strptime({text}, {read})) + to_minutes({offset}))"


def _to_time(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    kind = value.type.kind
    if kind in types.SEMI:
        return _from_variant(unit, value, target, is_try)
    if kind is Kind.TEXT:
        if _is_plain(unit, "TIME_INPUT_FORMAT"):
            tried = f"{PRIVATE}.try_time({value.sql})"
        else:
            tried = f"CAST({_by_format(unit, value, 'TIME_INPUT_FORMAT')} AS TIME)"
        return _or_fail(tried, value.sql, is_try, ("100108", "22007", "Time"), "TIME")
    if kind in types.STAMPS:
        return f"CAST({wall(unit, value)} AS TIME)"
    if kind is Kind.TIME:
        return value.sql
    raise _refuse(value, target)


def _stamp_from_text(unit: Unit, value: Typed, is_try: bool) -> str:
    """Return the wall-clock time that a text shows."""
    if not _is_plain(unit, "TIMESTAMP_INPUT_FORMAT"):
        tried = _by_format(unit, value, "TIMESTAMP_INPUT_FORMAT")
    elif value.is_constant and (_ISO_STAMP.match(value.constant) or _ISO_DATE.match(value.constant)):
        return f"{'TRY_CAST' if is_try else 'CAST'}({value.sql} AS TIMESTAMP)"
    else:
        tried = f"{PRIVATE}.try_stamp({value.sql})"
    return _or_fail(tried, value.sql, is_try, ("100035", "22007", "Timestamp"), "TIMESTAMP")


def _to_ntz(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    kind = value.type.kind
    if kind in types.SEMI:
        return _from_variant(unit, value, target, is_try)
    if kind is Kind.TEXT:
        return _stamp_from_text(unit, value, is_try)
    if kind is Kind.FIXED:
        return _epoch(value)
    if kind is Kind.REAL:
        return f"{PRIVATE}.epoch_stamp(CAST({value.sql} AS HUGEINT))"
    if kind is Kind.DATE or kind in types.STAMPS:
        return wall(unit, value)
    raise _refuse(value, target)


def _epoch(value: Typed) -> str:
    """Return the TIMESTAMP of a number of seconds; only of a text the size says the unit."""
    if value.type.scale:
        return f"make_timestamp(CAST(CAST({value.sql} AS DECIMAL(38,6)) * 1000000 AS BIGINT))"
    return f"make_timestamp(CAST(CAST({value.sql} AS HUGEINT) * 1000000 AS BIGINT))"


def _to_ltz(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    kind = value.type.kind
    zone = literal(unit.zone)
    if kind in types.SEMI:
        return _from_variant(unit, value, target, is_try)
    if kind is Kind.TEXT:
        shown = _stamp_from_text(unit, value, is_try)
        if value.is_constant and _ISO_STAMP.match(value.constant):
            return instant(shown, zone)
        offset = f"{PRIVATE}.text_offset({value.sql})"
        digits = f"regexp_full_match({value.sql}, '-?\\d+')"
        return (
            f"CASE WHEN {digits} THEN {shown} WHEN {offset} IS NOT NULL THEN {shown} - to_minutes({offset}) "
            f"ELSE {instant(shown, zone)} END"
        )
    if kind in (Kind.TIMESTAMP_NTZ, Kind.DATE):
        return instant(wall(unit, value), zone)
    if kind is Kind.TIMESTAMP_TZ:
        return f"({value.sql}).u"
    if kind is Kind.FIXED:
        return _epoch(value)
    if kind is Kind.TIMESTAMP_LTZ:
        return value.sql
    raise _refuse(value, target)


def _to_tz(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    kind = value.type.kind
    if kind in types.SEMI:
        return _from_variant(unit, value, target, is_try)
    if kind is Kind.TIMESTAMP_TZ:
        return value.sql
    utc = _to_ltz(unit, value, types.LTZ, is_try)
    if kind is Kind.TEXT and not (value.is_constant and _ISO_STAMP.match(value.constant)):
        own = f"{PRIVATE}.text_offset({value.sql})"
        offset = f"COALESCE({own}, {_zone_offset(unit, utc)})"
    else:
        offset = _zone_offset(unit, utc)
    return f"CASE WHEN ({utc}) IS NULL THEN NULL ELSE {{'u': {utc}, 'o': CAST({offset} AS INTEGER)}} END"


def _zone_offset(unit: Unit, utc: str) -> str:
    return f"CAST(date_diff('minute', {utc}, {local(utc, literal(unit.zone))}) AS INTEGER)"


def _to_binary(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    if value.type.kind is Kind.TEXT:
        return f"unhex({value.sql})"
    if value.type.kind is Kind.BINARY:
        return value.sql
    raise _refuse(value, target)


def to_variant(unit: Unit, value: Typed) -> str:
    """Return *value* as JSON."""
    kind = value.type.kind
    if kind in types.SEMI:
        return value.sql
    if types.is_null(value.type):
        return "CAST(NULL AS JSON)"
    if kind is Kind.DATE or kind is Kind.TIME or kind in types.STAMPS or kind is Kind.BINARY:
        return f"to_json({as_text(unit, value)})"
    if kind is Kind.FIXED and not value.type.scale:
        return f"to_json(CAST({value.sql} AS HUGEINT))" if value.is_wide else f"to_json({value.sql})"
    if kind is Kind.REAL:
        return f"{PRIVATE}.float_json({value.sql})"
    return f"to_json({value.sql})"


def _to_variant(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    return to_variant(unit, value)


def _to_array(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    if value.type.kind is Kind.ARRAY:
        return value.sql
    if value.type.kind is Kind.VARIANT:
        return (
            f"CASE json_type({value.sql}) WHEN 'ARRAY' THEN {value.sql} WHEN 'NULL' THEN NULL "
            f"ELSE json_array({value.sql}) END"
        )
    return f"json_array({to_variant(unit, value)})"


def _to_object(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    if value.type.kind is Kind.OBJECT:
        return value.sql
    if value.type.kind is not Kind.VARIANT:
        raise _refuse(value, target)
    failure = raise_in_sql("100071", "22000", "Failed to cast variant value to OBJECT")
    return (
        f"CASE json_type({value.sql}) WHEN 'OBJECT' THEN {value.sql} WHEN 'NULL' THEN NULL "
        f"ELSE CAST({'NULL' if is_try else failure} AS JSON) END"
    )


def _from_variant(unit: Unit, value: Typed, target: ColumnType, is_try: bool) -> str:
    inner = Typed(scalar_text(value), TEXT)
    if target.kind is Kind.FIXED and not is_try:
        # A variant's boolean counts as 1 or 0; its text may hold a number.
        return (
            f"CASE json_type({value.sql}) WHEN 'BOOLEAN' THEN CAST({value.sql} = 'true' AS INTEGER) "
            f"ELSE CAST({inner.sql} AS {physical(target)}) END"
        )
    if target.kind is Kind.BOOLEAN:
        number = f"TRY_CAST({inner.sql} AS DOUBLE)"
        return (
            f"CASE WHEN {number} IS NOT NULL THEN {number} <> 0 "
            f"ELSE {cast(unit, inner, target, is_try=is_try).sql} END"
        )
    return cast(unit, inner, target, is_try=is_try).sql


_CASTS: Final = {
    Kind.FIXED: _to_fixed,
    Kind.REAL: _to_real,
    Kind.TEXT: _to_text,
    Kind.BOOLEAN: _to_boolean,
    Kind.DATE: _to_date,
    Kind.TIME: _to_time,
    Kind.TIMESTAMP_NTZ: _to_ntz,
    Kind.TIMESTAMP_LTZ: _to_ltz,
    Kind.TIMESTAMP_TZ: _to_tz,
    Kind.BINARY: _to_binary,
    Kind.VARIANT: _to_variant,
    Kind.OBJECT: _to_object,
    Kind.ARRAY: _to_array,
}


def assign(unit: Unit, value: Typed, target: ColumnType) -> str:
    """Return *value* as it goes into a column of type *target*: nothing is cut off silently."""
    if value.is_constant and value.type.kind is Kind.FIXED and target.kind is Kind.FIXED:
        return value.sql
    if target.kind is Kind.TEXT:
        sql = as_text(unit, value) if not types.is_null(value.type) else value.sql
        return _checked_length(value, sql, target)
    if value.type.kind in (Kind.OBJECT, Kind.ARRAY) and target.kind not in types.SEMI:
        raise Unsupported(f"a value of type {sql_name(value.type)} in a column of type {sql_name(target)}")
    return cast(unit, value, target).sql


def _checked_length(value: Typed, sql: str, target: ColumnType) -> str:
    longest = target.length or types.MAX_TEXT
    fits = value.type.kind is Kind.TEXT and value.type.length is not None and value.type.length <= longest
    if fits or longest >= types.MAX_TEXT:
        return sql
    failure = f"error('~fault~100078~22000~String ''' || {sql} || ''' is too long and would be truncated')"
    return f"CASE WHEN length({sql}) > {longest} THEN CAST({failure} AS VARCHAR) ELSE {sql} END"


def is_stored_alike(kind: ColumnType, target: ColumnType) -> bool:
    """Say whether DuckDB itself puts a value of *kind* into a column of *target* as :func:`assign` would."""
    if types.is_null(kind):
        return target.kind is Kind.TEXT
    if kind.kind is not target.kind:
        return False
    if kind.kind is Kind.TEXT:
        longest = target.length or types.MAX_TEXT
        return longest >= types.MAX_TEXT or (kind.length is not None and kind.length <= longest)
    return _has_digits(kind, target)
