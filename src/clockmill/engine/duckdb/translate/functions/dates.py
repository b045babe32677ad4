"""Functions of dates and times."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

from typing import Final
from zoneinfo import available_timezones

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.functions.numbers import TRUNC
from clockmill.engine.duckdb.translate.functions.rules import SMALL, Call, Scalar
from clockmill.engine.duckdb.translate.operators import add_interval, number
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.duckdb.types import fixed
from clockmill.engine.result import ColumnType, Kind

_SPELLINGS: Final[dict[str, str]] = {
    "year": "year y yy yyy yyyy yr years yrs",
    "quarter": "quarter q qtr qtrs quarters",
    "month": "month mm mon mons months",
    "week": "week w wk weekofyear woy wy weeks",
    "weekiso": "weekiso week_iso weekofyeariso weekofyear_iso",
    "day": "day d dd days dayofmonth",
    "dayofweek": "dayofweek weekday dow dw",
    "dayofweekiso": "dayofweekiso weekday_iso dow_iso dw_iso dayofweek_iso",
    "dayofyear": "dayofyear yearday doy dy",
    "yearofweek": "yearofweek",
    "yearofweekiso": "yearofweekiso",
    "hour": "hour h hh hr hours hrs",
    "minute": "minute m mi min minutes mins",
    "second": "second s sec seconds secs",
    "millisecond": "millisecond ms msec milliseconds",
    "microsecond": "microsecond us usec microseconds",
    "nanosecond": "nanosecond ns nsec nanosec nsecond nanoseconds nanosecs nseconds",
    "epoch_second": "epoch_second epoch epoch_seconds",
    "epoch_millisecond": "epoch_millisecond epoch_milliseconds",
    "epoch_microsecond": "epoch_microsecond epoch_microseconds",
    "epoch_nanosecond": "epoch_nanosecond epoch_nanoseconds",
    "timezone_hour": "timezone_hour tzh",
    "timezone_minute": "timezone_minute tzm",
}
PARTS: Final = {word: part for part, words in _SPELLINGS.items() for word in words.split()}
_DAYS: Final = frozenset({"year", "quarter", "month", "week", "day"})
_TIMES: Final = frozenset({"hour", "minute", "second", "millisecond", "microsecond", "nanosecond"})


def part_of(call: Call, place: int) -> str:
    """Return the date part that an argument names."""
    word = call.word(place)
    if word not in PARTS:
        raise CompilationFault(f"'{word.upper()}' is not a valid date/time component.", code="001003")
    return PARTS[word]


def moment(call: Call, value: Typed) -> Typed:
    """Return *value* as a date or time: text and variants are read as timestamps."""
    if value.type.kind is Kind.TEXT or value.type.kind in types.SEMI:
        return casts.cast(call.scope.unit, value, types.NTZ)
    if value.type.kind is Kind.FIXED:
        return casts.cast(call.scope.unit, value, types.NTZ)
    if value.type.kind in (Kind.BOOLEAN, Kind.REAL, Kind.BINARY):
        raise wrong_type(call, value)
    return value


def wrong_type(call: Call, value: Typed) -> CompilationFault:
    """Return the refusal of a value that is no date or time, or no such one."""
    return CompilationFault(
        f"Invalid argument types for function '{call.name}': ({types.sql_name(value.type)})",
        code="001044",
        sqlstate="42P13",
    )


def shown(call: Call, value: Typed) -> str:
    """Return the wall-clock TIMESTAMP (or TIME) of a date or time."""
    value = moment(call, value)
    return value.sql if value.type.kind is Kind.TIME else casts.wall(call.scope.unit, value)


def dated(call: Call, place: int) -> str:
    """Return the wall-clock TIMESTAMP of an argument that has a date."""
    value = moment(call, call.value(place))
    if value.type.kind is Kind.TIME:
        raise wrong_type(call, value)
    return casts.wall(call.scope.unit, value)


_ADD: Final[dict[str, tuple[str, int]]] = {
    "year": ("to_months", 12), "quarter": ("to_months", 3), "month": ("to_months", 1), "week": ("to_days", 7),
    "weekiso": ("to_days", 7), "day": ("to_days", 1), "dayofyear": ("to_days", 1), "dayofweek": ("to_days", 1),
    "hour": ("to_hours", 1), "minute": ("to_minutes", 1), "second": ("to_microseconds", 1_000_000),
    "millisecond": ("to_microseconds", 1000), "microsecond": ("to_microseconds", 1),
}  # fmt: skip


def _dateadd(call: Call) -> Typed:
    call.expect(3, 3)
    part = part_of(call, 0)
    amount = number(call.scope, call.value(1))
    value = moment(call, call.value(2))
    if value.type.kind is Kind.TIME and part not in _TIMES:
        raise wrong_type(call, value)
    if part == "nanosecond":
        step = f"to_microseconds(CAST({amount.sql} AS BIGINT) // 1000)"
    else:
        if part not in _ADD:
            raise Unsupported(f"{call.name} of {part.upper()}")
        make, times = _ADD[part]
        whole = "INTEGER" if make in ("to_months", "to_days") else "BIGINT"
        step = (
            f"{make}(CAST({amount.sql} AS {whole}) * {times})"
            if times > 1
            else f"{make}(CAST({amount.sql} AS {whole}))"
        )
    unit = "day" if part in _DAYS or part in ("weekiso", "dayofyear", "dayofweek") else "time"
    return add_interval(call.scope, value, f"+ {step}", unit)


def _datediff(call: Call) -> Typed:
    call.expect(3, 3)
    part = part_of(call, 0)
    for place in (1, 2):
        if call.value(place).type.kind is Kind.TIME and part not in _TIMES:
            raise wrong_type(call, call.value(place))
    one, other = shown(call, call.value(1)), shown(call, call.value(2))
    if part in ("week", "weekiso"):
        # DuckDB counts whole weeks; the language counts the starts of weeks that lie between.
        first = 1 if part == "weekiso" else _first_day(call)
        days = f"date_diff('day', {_week_start(first, one)}, {_week_start(first, other)})"
        return Typed(f"({days} // 7)", SMALL, is_wide=False)
    return difference(part, one, other)


def difference(part: str, one: str, other: str) -> Typed:
    word = {"nanosecond": "microsecond"}.get(part, part)
    if word not in (
        "year",
        "quarter",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "millisecond",
        "microsecond",
    ):
        raise Unsupported(f"DATEDIFF in {part.upper()}")
    sql = f"date_diff('{word}', {one}, {other})"
    return Typed(f"({sql} * 1000)" if part == "nanosecond" else sql, SMALL, is_wide=False)


def _date_trunc(call: Call) -> Typed:
    call.expect(2, 2)
    if call.word(0) not in PARTS and call.word(1) in PARTS:
        # The arguments may stand the other way round.
        call.arguments.reverse()
    part = part_of(call, 0)
    value = moment(call, call.value(1))
    return truncated(call, part, value)


def truncated(call: Call, part: str, value: Typed) -> Typed:
    word = {"weekiso": "week", "dayofyear": "day", "nanosecond": "microsecond"}.get(part, part)
    kind = value.type.kind
    if kind is Kind.TIME:
        return Typed(f"CAST(date_trunc('{word}', DATE '1970-01-01' + {value.sql}) AS TIME)", types.TIME)
    cut = f"date_trunc('{word}', {casts.wall(call.scope.unit, value)})"
    if part == "week":
        cut = _week_start(_first_day(call), casts.wall(call.scope.unit, value))
    if kind is Kind.DATE:
        return Typed(f"CAST({cut} AS DATE)", types.DATE)
    if kind is Kind.TIMESTAMP_LTZ:
        return Typed(casts.instant(cut, literal(call.scope.unit.zone)), types.LTZ)
    if kind is Kind.TIMESTAMP_TZ:
        offset = f"({value.sql}).o"
        return Typed(f"{{'u': {cut} - to_minutes({offset}), 'o': {offset}}}", types.TZ)
    return Typed(f"CAST({cut} AS TIMESTAMP)", value.type)


def _first_day(call: Call) -> int:
    """Return the day that weeks start with, 1 for Monday; 0 in the parameter means Monday too."""
    return int(call.scope.unit.setting("WEEK_START", "0")) or 1


def _week_start(first: int, stamp: str) -> str:
    if first == 1:
        return f"date_trunc('week', {stamp})"
    return f"(date_trunc('week', {stamp} - to_days({first - 1})) + to_days({first - 1}))"


def _trunc(call: Call) -> Typed:
    """TRUNC of a number or of a date."""
    if len(call) == 2 and call.value(0).type.kind in (Kind.DATE, Kind.TIME, *types.STAMPS):
        call.arguments.reverse()
        return truncated(call, part_of(call, 0), moment(call, call.value(1)))
    return TRUNC(call)


def extract(call: Call, part: str, value: Typed) -> Typed:
    """Return a part of a date or time as a number."""
    value = moment(call, value)
    at = shown(call, value)
    if value.type.kind is Kind.TIME and part not in _TIMES:
        raise wrong_type(call, value)
    if part.startswith("epoch"):
        return _epoch(part, value, at)
    if part.startswith("timezone"):
        return _zone_part(call, part, value)
    if part == "dayofweek":
        first = _first_day(call)
        zero_based = int(call.scope.unit.setting("WEEK_START", "0")) == 0
        sql = f"dayofweek({at})" if zero_based else f"((isodow({at}) - {first} + 7) % 7 + 1)"
    elif part in ("week", "weekiso", "yearofweek", "yearofweekiso"):
        sql = _week_part(call, part, at)
    elif part == "nanosecond":
        sql = f"(microsecond({at}) % 1000000 * 1000)"
    elif part in ("millisecond", "microsecond"):
        sql = f"({part}({at}) % {1000 if part == 'millisecond' else 1000000})"
    else:
        sql = {"dayofweekiso": "isodow", "dayofyear": "dayofyear"}.get(part, part) + f"({at})"
    return Typed(sql, SMALL, is_wide=False)


def _week_part(call: Call, part: str, at: str) -> str:
    policy = int(call.scope.unit.setting("WEEK_OF_YEAR_POLICY", "0"))
    if part == "yearofweek" and policy == 1:
        return f"year({at})"
    if part == "week" and policy == 1:
        start = _week_start(_first_day(call), f"date_trunc('year', {at})")
        return f"(date_diff('day', {start}, {_week_start(_first_day(call), at)}) // 7 + 1)"
    return f"isoyear({at})" if part.startswith("yearofweek") else f"week({at})"


def _epoch(part: str, value: Typed, at: str) -> Typed:
    utc = {Kind.TIMESTAMP_LTZ: value.sql, Kind.TIMESTAMP_TZ: f"({value.sql}).u"}.get(value.type.kind, at)
    per = {"epoch_second": 1_000_000, "epoch_millisecond": 1000, "epoch_microsecond": 1}.get(part)
    micros = f"epoch_us({utc})"
    sql = (
        f"({micros} * 1000)"
        if per is None
        else micros
        if per == 1
        else f"CAST(floor({micros} / {per}) AS BIGINT)"
    )
    return Typed(sql, SMALL, is_wide=False)


def _zone_part(call: Call, part: str, value: Typed) -> Typed:
    zoned = casts.cast(call.scope.unit, value, types.TZ)
    sign = "//" if part == "timezone_hour" else "%"
    return Typed(f"(({zoned.sql}).o {sign} 60)", SMALL, is_wide=False)


def _date_part(call: Call) -> Typed:
    call.expect(2, 2)
    return extract(call, part_of(call, 0), call.value(1))


def _part(part: str) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 1)
        return extract(call, part, call.value(0))

    return rule


def _last_day(call: Call) -> Typed:
    call.expect(1, 2)
    part = part_of(call, 1) if len(call) > 1 else "month"
    at = dated(call, 0)
    if part == "week":
        return Typed(f"CAST({_week_start(_first_day(call), at)} + to_days(6) AS DATE)", types.DATE)
    months = {"month": 1, "quarter": 3, "year": 12}.get(part)
    if months is None:
        raise Unsupported(f"LAST_DAY of {part.upper()}")
    return Typed(f"CAST(date_trunc('{part}', {at}) + to_months({months}) - to_days(1) AS DATE)", types.DATE)


_WEEKDAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")


def _near_day(sign: int) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(2, 2)
        at = f"CAST({dated(call, 0)} AS DATE)"
        day = call.text(1)
        failure = f"error('~fault~100071~22000~''' || {day} || ''' begins no name of a day')"
        found = f"list_position({list(_WEEKDAYS)}, lower(left(trim({day}), 2)))"
        wanted = f"(CASE WHEN {day} IS NULL THEN NULL ELSE COALESCE({found}, CAST({failure} AS INTEGER)) END)"
        if sign > 0:
            return Typed(f"({at} + CAST((({wanted} - isodow({at}) + 6) % 7) + 1 AS INTEGER))", types.DATE)
        return Typed(f"({at} - CAST(((isodow({at}) - {wanted} + 6) % 7) + 1 AS INTEGER))", types.DATE)

    return rule


def _add_months(call: Call) -> Typed:
    call.expect(2, 2)
    value = moment(call, call.value(0))
    if value.type.kind is Kind.TIME:
        raise wrong_type(call, value)
    months = f"to_months(CAST(round({number(call.scope, call.value(1)).sql}) AS INTEGER))"
    at = casts.wall(call.scope.unit, value)
    moved = f"({at} + {months})"
    # The last day of a month stays the last day.
    is_last = f"day({at} + to_days(1)) = 1"
    last = f"(date_trunc('month', {moved}) + to_months(1) - to_days(1) + ({at} - date_trunc('day', {at})))"
    sql = f"CASE WHEN {is_last} THEN {last} ELSE {moved} END"
    if value.type.kind is Kind.DATE:
        return Typed(f"CAST({sql} AS DATE)", types.DATE)
    return casts.cast(call.scope.unit, Typed(f"({sql})", types.NTZ), value.type)


def _months_between(call: Call) -> Typed:
    call.expect(2, 2)
    a, b = dated(call, 0), dated(call, 1)
    whole = f"((year({a}) - year({b})) * 12 + month({a}) - month({b}))"
    ends = f"day({a}) = day({b}) OR (day({a} + to_days(1)) = 1 AND day({b} + to_days(1)) = 1)"
    seconds = f"(epoch({a} - date_trunc('month', {a})) - epoch({b} - date_trunc('month', {b})))"
    sql = f"CASE WHEN {ends} THEN {whole} ELSE {whole} + {seconds} / (31 * 86400.0) END"
    return Typed(f"CAST({sql} AS DECIMAL(38,6))", fixed(38, 6))


def _name(template: str, length: int) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 1)
        return Typed(f"strftime({dated(call, 0)}, '{template}')", types.text(length))

    return rule


def _date_from_parts(call: Call) -> Typed:
    call.expect(3, 3)
    return Typed(f"CAST({_date(call)} AS DATE)", types.DATE)


def _date(call: Call) -> str:
    """Return the TIMESTAMP of midnight; months and days beyond the calendar run on."""
    year, month, day = (call.integer(i) for i in range(3))
    return (
        f"(make_timestamp(CAST({year} AS BIGINT), 1, 1, 0, 0, 0) + to_months(CAST({month} - 1 AS INTEGER)) "
        f"+ to_days(CAST({day} - 1 AS INTEGER)))"
    )


def _clock(call: Call, first: int) -> str:
    hour, minute, second = (call.integer(first + i) for i in range(3))
    sql = f"to_hours({hour}) + to_minutes({minute}) + to_seconds({second})"
    if len(call) > first + 3:
        sql += f" + to_microseconds({call.integer(first + 3)} // 1000)"
    return sql


def _stamp_from_parts(of: ColumnType | None = None) -> Scalar:
    """Put a timestamp together: of the type *of*, or of what TIMESTAMP stands for in the session."""

    def rule(call: Call) -> Typed:
        call.expect(2, 8)
        kind = of or call.scope.unit.timestamp
        if len(call) == 2:
            day, clock = call.as_type(0, types.DATE), call.as_type(1, types.TIME)
            return casts.cast(call.scope.unit, Typed(f"({day} + {clock})", types.NTZ), kind)
        call.expect(6)
        if len(call) == 8:
            wall = f"({_date(call)} + {_clock(call, 3)})"
            utc = casts.instant(wall, _zone(call, 7))
            offset = f"CAST(date_diff('minute', {utc}, {wall}) AS INTEGER)"
            zoned = f"CASE WHEN ({utc}) IS NULL THEN NULL ELSE {{'u': {utc}, 'o': {offset}}} END"
            return Typed(zoned, types.TZ)
        return casts.cast(call.scope.unit, Typed(f"({_date(call)} + {_clock(call, 3)})", types.NTZ), kind)

    return rule


def _time_from_parts(call: Call) -> Typed:
    call.expect(3, 4)
    return Typed(f"CAST(TIMESTAMP '1970-01-01' + {_clock(call, 0)} AS TIME)", types.TIME)


def _time_slice(call: Call) -> Typed:
    call.expect(3, 4)
    value = moment(call, call.value(0))
    size, part = call.whole(1), part_of(call, 2)
    _check_slice(call, value, size, part)
    at_end = len(call) > 3 and str(call.constant(3)).upper() == "END"
    at = casts.wall(call.scope.unit, value)
    if part in ("month", "quarter", "year"):
        months = size * {"month": 1, "quarter": 3, "year": 12}[part]
        count = f"((year({at}) - 1970) * 12 + month({at}) - 1)"
        index = f"CAST(floor({count} / {months}) AS INTEGER)"
        sql = f"(TIMESTAMP '1970-01-01' + to_months({index} * {months} + {months if at_end else 0}))"
    else:
        seconds = size * {"week": 604800, "day": 86400, "hour": 3600, "minute": 60, "second": 1}[part]
        # Slices of weeks are counted from the one that 1970 begins in.
        first = _first_day(call) - 1
        monday = f"(TIMESTAMP '1969-12-29' + to_days({first if first < 4 else first - 7}))"
        origin = monday if part == "week" else "TIMESTAMP '1970-01-01'"
        index = f"CAST(floor(date_diff('second', {origin}, {at}) / {seconds}) AS BIGINT)"
        sql = f"({origin} + to_seconds({index} * {seconds} + {seconds if at_end else 0}))"
    return casts.cast(call.scope.unit, Typed(sql, types.NTZ), value.type)


def _check_slice(call: Call, value: Typed, size: int, part: str) -> None:
    """Refuse slices of no length, of parts that they cannot have, and with an end that is none."""
    if value.type.kind is Kind.TIME:
        raise wrong_type(call, value)
    if size < 1:
        raise CompilationFault("Slice length must be a positive number", code="001015", sqlstate="22023")
    allowed = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
    if part not in allowed or (value.type.kind is Kind.DATE and part in _TIMES):
        raise CompilationFault(f"'{part.upper()}' is not a valid part of a slice", code="001003")
    if len(call) > 3 and str(call.constant(3)).upper() not in ("START", "END"):
        raise CompilationFault("A slice has a START and an END", code="001015", sqlstate="22023")


def _zone(call: Call, place: int) -> str:
    """Translate the name of a time zone. DuckDB knows more names than the language does."""
    value = call.value(place)
    if value.is_constant and value.constant is not None and value.constant not in _ZONES:
        raise CompilationFault(f"Unknown timezone: '{value.constant}'", code="001015", sqlstate="22023")
    return call.text(place)


_ZONES: Final = frozenset(available_timezones())


def _convert_timezone(call: Call) -> Typed:
    call.expect(2, 3)
    unit = call.scope.unit
    zones = [_zone(call, place) for place in range(len(call) - 1)]
    if len(call) == 3:
        wall = casts.cast(unit, moment(call, call.value(2)), types.NTZ)
        utc = casts.instant(wall.sql, zones[0])
        return Typed(casts.local(utc, zones[1]), types.NTZ)
    value = call.value(1)
    if value.type.kind is not Kind.TEXT:
        value = moment(call, value)
    utc = casts.cast(unit, value, types.LTZ).sql
    local = casts.local(utc, zones[0])
    offset = f"CAST(date_diff('minute', {utc}, {local}) AS INTEGER)"
    return Typed(f"CASE WHEN ({utc}) IS NULL THEN NULL ELSE {{'u': {utc}, 'o': {offset}}} END", types.TZ)


FUNCTIONS: Final[dict[str, Scalar]] = {
    "ADD_MONTHS": _add_months,
    "CONVERT_TIMEZONE": _convert_timezone,
    "DATEADD": _dateadd,
    "DATEDIFF": _datediff,
    "DATEFROMPARTS": _date_from_parts,
    "DATE_FROM_PARTS": _date_from_parts,
    "DATE_PART": _date_part,
    "DATE_TRUNC": _date_trunc,
    "DAY": _part("day"),
    "DAYNAME": _name("%a", 3),
    "DAYOFMONTH": _part("day"),
    "DAYOFWEEK": _part("dayofweek"),
    "DAYOFWEEKISO": _part("dayofweekiso"),
    "DAYOFYEAR": _part("dayofyear"),
    "HOUR": _part("hour"),
    "LAST_DAY": _last_day,
    "MINUTE": _part("minute"),
    "MONTH": _part("month"),
    "MONTHNAME": _name("%b", 3),
    "MONTHS_BETWEEN": _months_between,
    "NEXT_DAY": _near_day(1),
    "PREVIOUS_DAY": _near_day(-1),
    "QUARTER": _part("quarter"),
    "SECOND": _part("second"),
    "TIMEADD": _dateadd,
    "TIMEDIFF": _datediff,
    "TIMEFROMPARTS": _time_from_parts,
    "TIMESTAMPADD": _dateadd,
    "TIMESTAMPDIFF": _datediff,
    "TIMESTAMPFROMPARTS": _stamp_from_parts(),
    "TIMESTAMPLTZFROMPARTS": _stamp_from_parts(types.LTZ),
    "TIMESTAMPNTZFROMPARTS": _stamp_from_parts(types.NTZ),
    "TIMESTAMPTZFROMPARTS": _stamp_from_parts(types.TZ),
    "TIMESTAMP_FROM_PARTS": _stamp_from_parts(),
    "TIMESTAMP_LTZ_FROM_PARTS": _stamp_from_parts(types.LTZ),
    "TIMESTAMP_NTZ_FROM_PARTS": _stamp_from_parts(types.NTZ),
    "TIMESTAMP_TZ_FROM_PARTS": _stamp_from_parts(types.TZ),
    "TIME_FROM_PARTS": _time_from_parts,
    "TIME_SLICE": _time_slice,
    "TRUNC": _trunc,
    "WEEK": _part("week"),
    "WEEKISO": _part("weekiso"),
    "WEEKOFYEAR": _part("week"),
    "YEAR": _part("year"),
    "YEAROFWEEK": _part("yearofweek"),
    "YEAROFWEEKISO": _part("yearofweekiso"),
}
