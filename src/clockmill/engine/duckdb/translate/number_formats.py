"""Numbers written and read by the language's format models: ``$9,999.00``, ``S0XXX``, ``TM9``."""

import re
from typing import Final

import msgspec

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb.names import literal

_LITERAL: Final = r'(?:"(?:[^"]|"")*"|[;:=/()\-_])*'
_PICTURE: Final = re.compile(
    rf"(?P<head>{_LITERAL})(?P<fm>FM)?(?P<front>(?:S|MI|B|\$)*)(?P<whole>[09][09,G]*|)(?P<point>[.D][09]*)?"
    rf"(?P<back>S|MI|\$)?(?P<tail>{_LITERAL})",
    re.IGNORECASE,
)
_HEX: Final = re.compile(rf"(?P<head>{_LITERAL})(?P<front>S|MI)?(?P<digits>0*X+)(?P<tail>{_LITERAL})")
_MINIMAL: Final = re.compile(rf"(?P<head>{_LITERAL})TM(?P<kind>[9E]?)(?P<tail>{_LITERAL})", re.IGNORECASE)


class Picture(msgspec.Struct, frozen=True):
    """A model of digits at fixed places."""

    head: str
    tail: str
    is_compact: bool
    """Whether blanks are left out."""
    front: str
    """The sign that goes before the digits, as ``S`` or ``MI``, or nothing."""
    back: str
    has_dollar: bool
    blanks_zero: bool
    whole: str
    """The digits before the point, as nines, zeros and commas."""
    fraction: str
    has_point: bool


def read_picture(model: str) -> Picture | None:
    """Return what the fixed-place *model* says; None if it is of another kind."""
    found = _PICTURE.fullmatch(model)
    if found is None or not (found["whole"] or found["point"]):
        return None
    front, back = found["front"].upper(), (found["back"] or "").upper()
    signs = re.findall("MI|S", front) + re.findall("MI|S", back)
    if len(signs) > 1 or front.count("$") + back.count("$") > 1 or front.count("B") > 1:
        return None
    return Picture(
        head=_text_of(found["head"]),
        tail=_text_of(found["tail"]),
        is_compact=found["fm"] is not None,
        front=signs[0] if signs and not back.strip("$") else "",
        back=back.strip("$"),
        has_dollar="$" in front + back,
        blanks_zero="B" in front,
        whole=found["whole"].upper().replace("G", ","),
        fraction=(found["point"] or ".")[1:],
        has_point=found["point"] is not None,
    )


def _text_of(literals: str) -> str:
    """Return what the literals of a model print."""
    pieces = re.findall(r'"(?:[^"]|"")*"|.', literals)
    return "".join(p[1:-1].replace('""', '"') if p.startswith('"') else p for p in pieces).replace("_", "")


def write_number(number: str, plain: str, model: str, *, is_exact: bool) -> str:
    """Return SQL for *number* as *model* says; *plain* is its usual text, *is_exact* if it is no DOUBLE."""
    found = _HEX.fullmatch(model)
    if found is not None:
        return _around(found, _hexadecimal(number, found["digits"], found["front"] or ""))
    found = _MINIMAL.fullmatch(model)
    if found is not None:
        is_scientific = found["kind"].upper() == "E"
        if not is_exact and found["kind"]:
            raise Unsupported(f"number format '{model}' of a FLOAT")
        return _around(found, _scientific(number, plain) if is_scientific else plain)
    picture = read_picture(model)
    if picture is None:
        raise Unsupported(f"number format '{model}'")
    return f"({literal(picture.head)} || {_fixed(number, picture)} || {literal(picture.tail)})"


def _around(found: re.Match[str], sql: str) -> str:
    return f"({literal(_text_of(found['head']))} || {sql} || {literal(_text_of(found['tail']))})"


def _hexadecimal(number: str, digits: str, sign: str) -> str:
    whole, room = f"CAST(round({number}) AS HUGEINT)", len(digits)
    if room > 16:
        raise Unsupported("number formats with more than 16 digits in base 16")
    fill = "0" if digits.startswith("0") else " "
    # Without a sign a negative number shows as its complement.
    shown = f"abs({whole})" if sign else f"(CASE WHEN {whole} < 0 THEN {16**room} + {whole} ELSE {whole} END)"
    fits = f"{shown} BETWEEN 0 AND {16**room - 1}"
    text = f"lpad(to_hex(CAST({shown} AS UBIGINT)), {room}, '{fill}')"
    filled = f"(CASE WHEN {fits} THEN {text} WHEN NOT ({fits}) THEN '{'#' * room}' END)"
    plus = "+" if sign == "S" else " "
    return f"(CASE WHEN {whole} < 0 THEN '-' ELSE '{plus}' END || {filled})" if sign else filled


def _scientific(number: str, plain: str) -> str:
    """Return the shortest text with one digit before the point and an exponent."""
    text = f"ltrim({plain}, '-')"
    fraction = f"split_part({text}, '.', 2)"
    digits = f"ltrim(replace({text}, '.', ''), '0')"
    short = f"rtrim({digits}, '0')"
    mantissa = f"left({short}, 1) || CASE WHEN length({short}) > 1 THEN '.' ELSE '' END || substr({short}, 2)"
    exponent = f"CAST(length({digits}) - length({fraction}) - 1 AS VARCHAR)"
    sign = f"CASE WHEN {number} < 0 THEN '-' ELSE '' END"
    return f"(CASE WHEN {number} = 0 THEN '0E0' ELSE {sign} || {mantissa} || 'E' || {exponent} END)"


def _fixed(number: str, picture: Picture) -> str:
    digits = _digits(number, picture)
    kind = picture.front or picture.back
    plus = "+" if kind == "S" else "" if picture.is_compact and not kind else " "
    sign = f"CASE WHEN {number} < 0 THEN '-' ELSE '{plus}' END"
    dollar = "$" if picture.has_dollar else ""
    if picture.is_compact:
        written = f"'{dollar}' || trim({digits})"
        return f"({written} || {sign})" if picture.back else f"({sign} || {written})"
    if picture.back:
        return f"('{dollar}' || {digits} || {sign})"
    if picture.front:
        return f"({sign} || '{dollar}' || {digits})"
    # The sign stands right before what is written, and blanks before the sign.
    size = len(picture.whole) + len(picture.fraction) + picture.has_point + 1 + len(dollar)
    return f"lpad({sign} || '{dollar}' || ltrim({digits}), {size}, ' ')"


def _digits(number: str, picture: Picture) -> str:
    """Return the digits with blanks where there are none, or ``#`` in the place of each if too many."""
    places, room = len(picture.fraction), picture.whole.replace(",", "")
    rounded = f"CAST(abs({number}) AS DECIMAL(38,{places}))"
    text = f"CAST({rounded} AS VARCHAR)"
    whole = f"split_part({text}, '.', 1)"
    least = len(room.lstrip("9"))
    before = f"lpad({whole}, CAST(greatest({max(least, 1)}, length({whole})) AS INTEGER), '0')"
    if not least and (picture.blanks_zero or not room):
        before = f"(CASE {whole} WHEN '0' THEN '' ELSE {before} END)"
    grouped = _grouped(f"lpad({before}, {len(room)}, ' ')", picture.whole)
    after = f"'.' || {_fraction(text, picture.fraction)}" if picture.has_point else "''"
    hashes = re.sub("[09]", "#", picture.whole) + ("." if picture.has_point else "") + "#" * places
    is_too_long = f"{whole} <> '0' AND length({whole}) > {len(room)}"
    return f"(CASE WHEN {is_too_long} THEN '{hashes}' ELSE {grouped} || {after} END)"


def _grouped(padded: str, whole: str) -> str:
    """Return the digits with a comma where the picture has one, if a digit stands before it."""
    parts: list[str] = []
    place = 0
    for group in whole.split(","):
        if parts:
            parts.append(f"CASE WHEN substr({padded}, {place}, 1) = ' ' THEN ' ' ELSE ',' END")
        parts.append(f"substr({padded}, {place + 1}, {len(group)})")
        place += len(group)
    return " || ".join(parts)


def _fraction(text: str, fraction: str) -> str:
    """Return the digits behind the point: zeros at the end, where the picture has nines, are blanks."""
    if not fraction:
        return "''"
    digits, fixed = f"split_part({text}, '.', 2)", len(fraction.rstrip("9"))
    kept = f"left({digits}, {fixed}) || rtrim(substr({digits}, {fixed + 1}), '0')"
    return f"rpad({kept}, {len(fraction)}, ' ')"


def read_number(text: str, model: str) -> str:
    """Return SQL for the plain decimal text of a number that *text* shows in *model*; NULL if it does not."""
    if _HEX.fullmatch(model.upper()) and not model.upper().strip("0X"):
        shape = f"regexp_full_match(trim({text}), '[0-9A-Fa-f]{{1,{len(model)}}}')"
        return f"(CASE WHEN {shape} THEN CAST(TRY_CAST('0x' || trim({text}) AS HUGEINT) AS VARCHAR) END)"
    minimal = _MINIMAL.fullmatch(model)
    if minimal is not None and not _text_of(minimal["head"] + minimal["tail"]):
        shape = r"'\s*[+-]?\s*(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*'"
        return (
            f"(CASE WHEN regexp_full_match({text}, {shape}) THEN regexp_replace({text}, '\\s', '', 'g') END)"
        )
    picture = read_picture(model)
    if picture is None or picture.head or picture.tail or picture.blanks_zero:
        raise Unsupported(f"number format '{model}'")
    room, places = len(picture.whole.replace(",", "")), len(picture.fraction)
    before = r"([+-]?)" if not picture.back else "()"
    after = r"([+-]?)" if picture.back else "()"
    dollar = r"\$?" if picture.has_dollar else ""
    commas = "," if "," in picture.whole else ""
    point = rf"(?:\.(\d{{0,{places}}}))?" if picture.has_point else "()"
    shape = literal(rf"^\s*{before}\s*{dollar}([\d{commas}]*){point}\s*{after}\s*$")
    whole = f"replace(regexp_extract({text}, {shape}, 2), ',', '')"
    fraction = f"regexp_extract({text}, {shape}, 3)"
    sign = f"replace(regexp_extract({text}, {shape}, {4 if picture.back else 1}), '+', '')"
    fits = f"regexp_matches({text}, {shape}) AND length({whole}) <= {room} AND {whole} || {fraction} <> ''"
    return f"(CASE WHEN {fits} THEN {sign} || {whole} || '.' || {fraction} END)"
