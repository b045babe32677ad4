"""Functions of text."""

# ruff: noqa: E501
# ARG001: rules of one table share a signature.
# E501: generated SQL is not broken at will.

import string
from typing import Final

from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import raise_in_sql
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.translate.functions import binaries
from clockmill.engine.duckdb.translate.functions.rules import SMALL, Call, Scalar, natural, simple
from clockmill.engine.duckdb.translate.operators import like_sql, text_of
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.result import BOOLEAN, TEXT


def _concat(call: Call) -> Typed:
    call.expect(1)
    values = call.values()
    if all(binaries.is_binary(value) for value in values):
        return binaries.joined(None, values)
    return Typed("(" + " || ".join(call.text(i) for i in range(len(call))) + ")", TEXT)


def _concat_ws(call: Call) -> Typed:
    call.expect(2)
    values = call.values()
    if all(binaries.is_binary(value) for value in values):
        return binaries.joined(values[0], values[1:])
    parts = [call.text(i) for i in range(1, len(call))]
    separator = call.text(0)
    absent = " OR ".join(f"{part} IS NULL" for part in [separator, *parts])
    return Typed(f"CASE WHEN {absent} THEN NULL ELSE concat_ws({separator}, {', '.join(parts)}) END", TEXT)


def _length(call: Call) -> Typed:
    call.expect(1, 1)
    value = call.value(0)
    sql = binaries.size(value) if binaries.is_binary(value) else f"length({text_of(call.scope, value)})"
    return Typed(sql, SMALL, is_wide=False)


def _in_bytes(times: int) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 1)
        value = call.value(0)
        count = binaries.size(value) if binaries.is_binary(value) else f"strlen({text_of(call.scope, value)})"
        return Typed(f"({count} * {times})", SMALL, is_wide=False)

    return rule


def _side(word: str) -> Scalar:
    """LEFT and RIGHT"""

    def rule(call: Call) -> Typed:
        call.expect(2, 2)
        if binaries.is_binary(call.value(0)):
            return binaries.ends(call, word)
        return Typed(f"{word}({call.text(0)}, {natural(call.integer(1))})", TEXT)

    return rule


def _reverse(call: Call) -> Typed:
    call.expect(1, 1)
    if binaries.is_binary(call.value(0)):
        return binaries.backwards(call)
    return Typed(f"reverse({call.text(0)})", TEXT)


def _contains(call: Call) -> Typed:
    call.expect(2, 2)
    if binaries.is_binary(call.value(0)):
        return binaries.contains(call)
    return Typed(f"contains({call.text(0)}, {call.text(1)})", BOOLEAN)


def _substring(call: Call) -> Typed:
    call.expect(2, 3)
    value = call.value(0)
    if binaries.is_binary(value):
        return binaries.middle(call)
    text = text_of(call.scope, value)
    start = call.integer(1)
    size = f", {natural(call.integer(2))}" if len(call) == 3 else ""
    # The place 0 counts as 1.
    return Typed(f"substr({text}, CASE {start} WHEN 0 THEN 1 ELSE {start} END{size})", TEXT)


def _trim(word: str) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(1, 2)
        marks = call.text(1) if len(call) == 2 else "' '"
        return Typed(f"{word}({call.text(0)}, {marks})", TEXT)

    return rule


def _pad(word: str) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(2, 3)
        if binaries.is_binary(call.value(0)):
            return binaries.padded(call, word)
        fill = call.text(2) if len(call) == 3 else "' '"
        size = f"{natural(call.integer(1))}"
        text = call.text(0)
        padded = f"{word}({text}, CAST({size} AS INTEGER), {fill})"
        return Typed(f"CASE WHEN {fill} = '' THEN left({text}, {size}) ELSE {padded} END", TEXT)

    return rule


def _charindex(call: Call) -> Typed:
    if len(call) == 1 and isinstance(call.arguments[0], exp.In):
        # POSITION(what IN where)
        inside = call.arguments[0]
        where = inside.args.get("field") or inside.expressions[0]
        call.arguments = [inside.this, where]
    call.expect(2, 3)
    if binaries.is_binary(call.value(1)):
        start = call.integer(2) if len(call) == 3 else "1"
        return Typed(binaries.place(call, 0, 1, start), SMALL, is_wide=False)
    needle, hay = call.text(0), call.text(1)
    if len(call) == 2:
        return Typed(f"strpos({hay}, {needle})", SMALL, is_wide=False)
    start = call.integer(2)
    found = f"strpos(substr({hay}, {start}), {needle})"
    beyond = f"{start} > greatest(1, length({hay}))"
    place = f"CASE WHEN {beyond} THEN 0 WHEN {found} > 0 THEN {found} + {start} - 1 ELSE {found} END"
    return Typed(place, SMALL, is_wide=False)


def _like_many(word: str, joiner: str) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(2)
        value = call.text(0)
        parts = [like_sql(value, call.value(i), word, None, call.scope) for i in range(1, len(call))]
        return Typed("(" + joiner.join(parts) + ")", BOOLEAN)

    return rule


def _like(word: str) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(2, 3)
        escape = call.text(2) if len(call) == 3 else None
        return Typed(like_sql(call.text(0), call.value(1), word, escape, call.scope), BOOLEAN)

    return rule


def _split(call: Call) -> Typed:
    call.expect(2, 2)
    text, mark = call.text(0), call.text(1)
    pieces = f"CASE WHEN {mark} = '' THEN [{text}] ELSE string_split({text}, {mark}) END"
    return Typed(
        f"CASE WHEN {text} IS NULL OR {mark} IS NULL THEN NULL ELSE to_json({pieces}) END", types.ARRAY
    )


def _split_part(call: Call) -> Typed:
    call.expect(3, 3)
    place = call.integer(2)
    text, mark = call.text(0), call.text(1)
    piece = f"split_part({text}, {mark}, CAST(CASE {place} WHEN 0 THEN 1 ELSE {place} END AS INTEGER))"
    whole = f"CASE WHEN {place} IN (-1, 0, 1) THEN {text} ELSE '' END"
    return Typed(f"CASE {mark} WHEN '' THEN {whole} ELSE {piece} END", TEXT)


def _strtok(call: Call) -> Typed:
    call.expect(1, 3)
    marks = call.text(1) if len(call) > 1 else "' '"
    place = call.integer(2) if len(call) > 2 else "1"
    pieces = f"list_filter({tokens(call.text(0), marks)}, lambda w: w <> '')"
    return Typed(f"(CASE WHEN {place} > 0 THEN ({pieces})[{place}] END)", TEXT)


def tokens(text: str, marks: str) -> str:
    """Return the list of the pieces of *text* between any of *marks*, empty ones too."""
    pieces = _split_at_any(text, f"nullif({marks}, '')")
    return f"CASE WHEN {marks} = '' THEN [{text}] WHEN {marks} <> '' THEN {pieces} END"


def _split_at_any(text: str, marks: str) -> str:
    return f"regexp_split_to_array({text}, '[' || regexp_replace({marks}, '([\\]\\[\\\\^-])', '\\\\\\1', 'g') || ']')"


def _strtok_to_array(call: Call) -> Typed:
    call.expect(1, 2)
    marks = call.text(1) if len(call) > 1 else "' '"
    return Typed(f"to_json(list_filter({tokens(call.text(0), marks)}, lambda w: w <> ''))", types.ARRAY)


def _initcap(call: Call) -> Typed:
    call.expect(1, 2)
    if len(call) == 1:
        return Typed(f"_clockmill.initcap({call.text(0)})", TEXT)
    given = call.constant(1)
    if given is None:
        return Typed("CAST(NULL AS VARCHAR)", TEXT)
    marks = str(given)
    if not marks:
        text = call.text(0)
        return Typed(f"(upper({text}[1]) || lower({text}[2:]))", TEXT)
    kind = "".join("\\" + mark if mark in string.punctuation else mark for mark in marks)
    pattern = literal(f"[^{kind}]+|[{kind}]+")
    words = f"regexp_extract_all({call.text(0)}, {pattern})"
    # What parts words stays as it is, even if it is a letter.
    word = f"CASE WHEN regexp_matches(w, {literal(f'^[{kind}]')}) THEN w ELSE upper(w[1]) || lower(w[2:]) END"
    raised = f"list_transform({words}, lambda w: {word})"
    return Typed(f"array_to_string({raised}, '')", TEXT)


def _insert(call: Call) -> Typed:
    call.expect(4, 4)
    text, place, size = call.text(0), call.integer(1), call.integer(2)
    changed = f"left({text}, ({place}) - 1) || {call.text(3)} || substr({text}, ({place}) + ({size}))"
    failure = raise_in_sql("100071", "22000", "INSERT: the position or length is outside of the text")
    outside = f"{place} < 1 OR {place} > length({text}) + 1 OR {size} < 0"
    return Typed(f"(CASE WHEN {outside} THEN CAST({failure} AS VARCHAR) ELSE {changed} END)", TEXT)


def _chr(call: Call) -> Typed:
    call.expect(1, 1)
    code = call.integer(0)
    failure = f"error('~fault~100071~22000~Invalid character code ' || {code} || ' in the CHR input')"
    valid = f"{code} BETWEEN 0 AND 55295 OR {code} BETWEEN 57344 AND 1114111 OR {code} IS NULL"
    return Typed(
        f"(CASE WHEN {valid} THEN chr(CAST({code} AS INTEGER)) ELSE CAST({failure} AS VARCHAR) END)",
        types.text(1),
    )


def _starts(word: str) -> Scalar:
    return simple("tt", word + "({0}, {1})", BOOLEAN)


def _translate(call: Call) -> Typed:
    call.expect(3, 3)
    return Typed(f"translate({call.text(0)}, {call.text(1)}, {call.text(2)})", TEXT)


def _editdistance(call: Call) -> Typed:
    call.expect(2, 3)
    distance = f"_clockmill.edit_distance({call.text(0)}, {call.text(1)})"
    sql = distance
    if len(call) == 3:
        most = natural(call.integer(2))
        sql = f"(CASE WHEN {distance} > {most} THEN {most} WHEN {distance} <= {most} THEN {distance} END)"
    return Typed(sql, SMALL, is_wide=False)


def _collate(call: Call) -> Typed:
    call.expect(2, 2)
    return call.value(0)


def _replace(call: Call) -> Typed:
    call.expect(2, 3)
    new = call.text(2) if len(call) == 3 else "''"
    return Typed(f"replace({call.text(0)}, {call.text(1)}, {new})", TEXT)


def _parse_url(call: Call) -> Typed:
    """PARSE_URL(text [, 1 for NULL-like errors as an object])"""
    call.expect(1, 2)
    if len(call) == 2 and call.whole(1) not in (0, 1):
        raise Unsupported("PARSE_URL with permissive other than 0 and 1")
    is_permissive = len(call) == 2 and call.whole(1) == 1
    text = call.text(0)
    failure = f"error('~fault~100139~22000~Error parsing URL: scheme not specified: ' || {text})"
    otherwise = (
        "json_object('error', 'scheme not specified')" if is_permissive else f"CAST({failure} AS JSON)"
    )
    return Typed(
        f"CASE WHEN {text} IS NULL THEN NULL WHEN regexp_matches({text}, '^[A-Za-z][A-Za-z0-9+.-]*:') "
        f"THEN _clockmill.parse_url({text}) ELSE {otherwise} END",
        types.OBJECT,
    )


def _space(call: Call) -> Typed:
    call.expect(1, 1)
    return Typed(f"repeat({literal(' ')}, {call.integer(0)})", TEXT)


def _uuid(call: Call) -> Typed:
    """UUID_STRING([namespace, name]): by chance, or the one that the name has in the namespace."""
    if len(call) == 0:
        return Typed("CAST(uuid() AS VARCHAR)", types.text(36))
    call.expect(2, 2)
    return Typed(f"_clockmill.named_uuid({call.text(0)}, {call.text(1)})", types.text(36))


FUNCTIONS: Final[dict[str, Scalar]] = {
    "ASCII": simple("t", "ascii({0})", SMALL),
    "BIT_LENGTH": _in_bytes(8),
    "CHARINDEX": _charindex,
    "CHR": _chr,
    "CHAR": _chr,
    "COLLATE": _collate,
    "CONCAT": _concat,
    "CONCAT_WS": _concat_ws,
    "CONTAINS": _contains,
    "EDITDISTANCE": _editdistance,
    "ENDSWITH": _starts("ends_with"),
    "ILIKE": _like("ILIKE"),
    "INITCAP": _initcap,
    "INSERT": _insert,
    "JAROWINKLER_SIMILARITY": simple("tt", "_clockmill.similarity(lower({0}), lower({1}))", SMALL),
    "LEFT": _side("left"),
    "LEN": _length,
    "LENGTH": _length,
    "LIKE": _like("LIKE"),
    "LIKE_ALL": _like_many("LIKE", " AND "),
    "LIKE_ANY": _like_many("LIKE", " OR "),
    "LOWER": simple("t", "lower({0})", TEXT),
    "LPAD": _pad("lpad"),
    "LTRIM": _trim("ltrim"),
    "OCTET_LENGTH": _in_bytes(1),
    "PARSE_URL": _parse_url,
    "POSITION": _charindex,
    "REPEAT": simple("ti", "repeat({0}, CASE WHEN {1} < 0 THEN 0 ELSE {1} END)", TEXT),
    "REPLACE": _replace,
    "REVERSE": _reverse,
    "RIGHT": _side("right"),
    "RPAD": _pad("rpad"),
    "RTRIM": _trim("rtrim"),
    "SOUNDEX_P123": simple("t", "_clockmill.soundex_p123({0})", TEXT),
    "RTRIMMED_LENGTH": simple("t", "length(rtrim({0}))", SMALL),
    "SOUNDEX": simple("t", "_clockmill.soundex({0})", TEXT),
    "SPACE": _space,
    "SPLIT": _split,
    "SPLIT_PART": _split_part,
    "STARTSWITH": _starts("starts_with"),
    "STRTOK": _strtok,
    "STRTOK_TO_ARRAY": _strtok_to_array,
    "SUBSTR": _substring,
    "SUBSTRING": _substring,
    "TRANSLATE": _translate,
    "TRIM": _trim("trim"),
    "UNICODE": simple("t", "(CASE {0} WHEN '' THEN 0 ELSE unicode({0}) END)", SMALL),
    "UPPER": simple("t", "upper({0})", TEXT),
    "UUID_STRING": _uuid,
}
