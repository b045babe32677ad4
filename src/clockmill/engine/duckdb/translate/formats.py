"""Date and time formats: of the language, and as DuckDB's strftime and strptime have them."""

import re
from typing import Final

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb.names import literal

DATE_OUTPUT: Final = "YYYY-MM-DD"
TIME_OUTPUT: Final = "HH24:MI:SS"
NTZ_OUTPUT: Final = "YYYY-MM-DD HH24:MI:SS.FF3"
ZONED_OUTPUT: Final = "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"

_ELEMENTS: Final = (
    ("YYYY", "%Y"), ("YY", "%y"), ("MMMM", "%B"), ("MON", "%b"), ("MM", "%m"), ("DD", "%d"), ("DY", "%a"),
    ("HH24", "%H"), ("HH12", "%I"), ("AM", "%p"), ("PM", "%p"), ("MI", "%M"), ("SS", "%S"),
    ("TZHTZM", "%z"), ("TZH:TZM", "%z"), ("TZH", "%z"), ("TZM", "%z"), ("TZD", "%Z"), ("UUUU", "%Y"),
)  # fmt: skip
_SPLIT: Final = re.compile(
    '"([^"]*)"|(' + "|".join(element for element, _ in _ELEMENTS) + r")|(FF(\d?))|(.)",
    re.IGNORECASE | re.DOTALL,
)
_FOUND: Final = dict(_ELEMENTS)


def format_pieces(text: str) -> list[tuple[str, str]]:
    """Return *text* as pieces («literal» | «element» | «fraction» | «zone», what)."""
    pieces: list[tuple[str, str]] = []
    for quoted, element, fraction, digits, other in _SPLIT.findall(text):
        if element:
            word = element.upper()
            pieces.append(("zone", word) if word.startswith("TZ") else ("element", _FOUND[word]))
        elif fraction:
            pieces.append(("fraction", digits or "9"))
        else:
            pieces.append(("literal", quoted or other))
    return pieces


def render_stamp(stamp: str, offset_minutes: str | None, text: str) -> str:
    """Return DuckDB SQL for the TIMESTAMP *stamp* as text in the language's format *text*."""
    parts: list[str] = []
    pattern = ""
    for kind, what in format_pieces(text):
        if kind == "element":
            pattern += what
        elif kind == "literal":
            pattern += what.replace("%", "%%")
        else:
            if pattern:
                parts.append(f"strftime({stamp}, {literal(pattern)})")
                pattern = ""
            parts.append(_fraction(stamp, int(what)) if kind == "fraction" else _zone(offset_minutes, what))
    if pattern or not parts:
        parts.append(f"strftime({stamp}, {literal(pattern)})" if pattern else "''")
    return parts[0] if len(parts) == 1 else "(" + " || ".join(parts) + ")"


def _fraction(stamp: str, digits: int) -> str:
    if digits == 0:
        return "''"
    micros = f"strftime({stamp}, '%f')"
    return f"left({micros} || '000', {digits})"


def _zone(offset_minutes: str | None, element: str) -> str:
    minutes = offset_minutes or "0"
    sign = f"CASE WHEN {minutes} < 0 THEN '-' ELSE '+' END"
    hours = f"lpad(CAST(abs({minutes}) // 60 AS VARCHAR), 2, '0')"
    rest = f"lpad(CAST(abs({minutes}) % 60 AS VARCHAR), 2, '0')"
    if element == "TZH":
        return f"({sign} || {hours})"
    if element == "TZM":
        return rest
    if element == "TZD":
        raise Unsupported("format element TZD")
    return f"({sign} || {hours} || '{':' if ':' in element else ''}' || {rest})"


def to_parse(value: str, text: str) -> str:
    """Return the SQL *value* as :func:`parse_pattern` of *text* reads it: with six digits of a second.

    DuckDB reads nine too, but only of years up to 2262.
    """
    if any(kind == "fraction" for kind, _ in format_pieces(text)):
        return f"regexp_replace({value}, '(\\.\\d{{6}})\\d+', '\\1')"
    return value


def parse_pattern(text: str) -> str:
    """Return the language's format *text* for strptime."""
    pattern = ""
    for kind, what in format_pieces(text):
        if kind == "element":
            pattern += what
        elif kind == "fraction":
            pattern += "%f"
        elif kind == "zone":
            pattern += "%z"
        else:
            pattern += what.replace("%", "%%")
    return pattern
