"""Regular expressions."""

# ruff: noqa: ARG001, E501
# ARG001: rules of one table share a signature.
# E501: generated SQL is not broken at will.

import re
from typing import Final

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.translate.functions.rules import SMALL, Call, Scalar
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.result import BOOLEAN, TEXT


def _options(call: Call, place: int) -> str:
    """Return the language's parameters («c», «i», «m», «s», «e») as what RE2 takes within a pattern."""
    if len(call) <= place:
        return ""
    given = str(call.constant(place) or "")
    unknown = set(given) - set("cimse")
    if unknown:
        raise CompilationFault(
            f"Invalid regular expression parameters: '{given}'", code="100050", sqlstate="2201B"
        )
    ignores_case = "i" in given and given.rfind("i") > given.rfind("c")
    return ("i" if ignores_case else "") + "".join(o for o in "ms" if o in given)


def _pattern(call: Call, place: int, options: str = "") -> str:
    text = call.text(place)
    return f"'(?{options})' || {text}" if options else text


def _regexp_like(call: Call) -> Typed:
    call.expect(2, 3)
    return Typed(f"regexp_full_match({call.text(0)}, {_pattern(call, 1, _options(call, 2))})", BOOLEAN)


def _matches(call: Call, text: str, pattern: str, start: str, group: str = "0") -> str:
    return f"regexp_extract_all(substr({text}, {start}), {pattern}, {group})"


def _start(call: Call) -> str:
    """Translate the position to begin at, which is the third argument."""
    if len(call) < 3:
        return "1"
    value = call.value(2)
    if value.is_constant and isinstance(value.constant, int) and value.constant < 1:
        raise _no_position(call, value.constant)
    return call.integer(2)


def _no_position(call: Call, start: int) -> CompilationFault:
    return CompilationFault(
        f"Position must be positive in function {call.name}, not {start}", code="001015", sqlstate="22023"
    )


def _group(call: Call, place: int) -> str:
    """Return the number of the group asked for: behind the options, which may ask for the first one there is."""
    if len(call) > place + 1:
        return str(call.constant(place + 1))
    if len(call) <= place or "e" not in str(call.constant(place)):
        return "0"
    pattern = call.value(1)
    return "0" if pattern.is_constant and not _has_group(str(pattern.constant)) else "1"


def _has_group(pattern: str) -> bool:
    return re.search(r"\((?!\?)", re.sub(r"\\.|\[\^?\]?[^\]]*\]", "", pattern)) is not None


def _regexp_substr(call: Call) -> Typed:
    matches, nth = _matches_from(call)
    return Typed(f"({matches})[{nth}]", TEXT)


def _regexp_substr_all(call: Call) -> Typed:
    matches, nth = _matches_from(call)
    return Typed(f"to_json(({matches})[{nth}:])", types.ARRAY)


def _matches_from(call: Call) -> tuple[str, str]:
    """Return every match that REGEXP_SUBSTR looks among, and the number of the first that is wanted."""
    call.expect(2, 6)
    start = _start(call)
    nth = call.integer(3) if len(call) > 3 else "1"
    group = _group(call, 4)
    pattern = _pattern(call, 1, _options(call, 4))
    return _matches(call, call.text(0), pattern, start, group), nth


def _regexp_count(call: Call) -> Typed:
    call.expect(2, 4)
    start = _start(call)
    pattern = _pattern(call, 1, _options(call, 3))
    return Typed(f"len({_matches(call, call.text(0), pattern, start)})", SMALL, is_wide=False)


def _regexp_replace(call: Call) -> Typed:
    call.expect(2, 6)
    subject, replacement = call.text(0), call.text(2) if len(call) > 2 else "''"
    start = call.whole(3) if len(call) > 3 else 1
    if start < 1:
        raise _no_position(call, start)
    nth = call.whole(4) if len(call) > 4 else 0
    options = _options(call, 5)
    if start > 1 or nth > 1:
        _refuse_anchors(call)
    rest = subject if start == 1 else f"substr({subject}, {start})"
    if nth > 1:
        changed = _nth_replaced(rest, _pattern(call, 1, options), replacement, nth)
    else:
        every = ", 'g'" if nth == 0 else ""
        changed = f"regexp_replace({rest}, {_pattern(call, 1, options)}, {replacement}{every})"
    return Typed(changed if start == 1 else f"(left({subject}, {start - 1}) || {changed})", TEXT)


def _nth_replaced(text: str, pattern: str, replacement: str, nth: int) -> str:
    """Take the text apart at its matches and put it together again, the n-th match replaced."""
    matches, gaps = f"regexp_extract_all({text}, {pattern})", f"regexp_split_to_array({text}, {pattern})"
    piece = (
        f"({gaps})[i] || COALESCE(CASE i WHEN {nth} THEN regexp_replace(({matches})[i], {pattern}, {replacement}) "
        f"ELSE ({matches})[i] END, '')"
    )
    return f"array_to_string(list_transform(range(1, len({gaps}) + 1), lambda i: {piece}), '')"


def _refuse_anchors(call: Call) -> None:
    """Refuse what looks at the text around a match: the match stands alone here."""
    pattern = call.value(1)
    if not pattern.is_constant or re.search(r"\^|\$|\\b|\\B|\\A|\\z", str(pattern.constant)):
        raise Unsupported(
            f"{call.name} with a position or occurrence and an anchor, or with a pattern that varies"
        )


def _regexp_instr(call: Call) -> Typed:
    call.expect(2, 7)
    start = _start(call)
    nth = call.integer(3) if len(call) > 3 else "1"
    after = call.integer(4) if len(call) > 4 else "0"
    options = _options(call, 5)
    pattern = _pattern(call, 1, options)
    rest = f"substr({call.text(0)}, {start})"
    found = f"(regexp_extract_all({rest}, {pattern}))[{nth}]"
    # What stands before the n-th match: all matches and gaps up to it.
    gaps = f"regexp_split_to_array({rest}, {pattern})"
    earlier = f"list_sum(list_transform(({gaps})[:{nth}], lambda g: length(g)))"
    group = _group(call, 5)
    matched = (
        f"COALESCE(list_sum(list_transform((regexp_extract_all({rest}, {pattern}))[:({nth}) - 1], "
        f"lambda g: length(g))), 0)"
    )
    if group != "0":
        before = literal(_up_to_group(call, int(group), options))
        earlier = f"length((regexp_extract_all({rest}, {before}, 1))[{nth}]) + {earlier}"
        found = f"({_matches(call, rest, pattern, '1', group)})[{nth}]"
    place = f"{earlier} + {matched} + {start} + CASE WHEN {after} = 1 THEN length({found}) ELSE 0 END"
    return Typed(
        f"CASE WHEN {rest} IS NULL THEN NULL WHEN {found} IS NULL THEN 0 ELSE CAST({place} AS BIGINT) END",
        SMALL,
        is_wide=False,
    )


def _up_to_group(call: Call, group: int, options: str) -> str:
    """Return the pattern with a first group around all that comes before the group asked for."""
    value = call.value(1)
    pattern = str(value.constant) if value.is_constant else ""
    place = _place_of_group(pattern, group)
    if place is None:
        raise Unsupported(f"{call.name} of a group that is inside another, or of a pattern that varies")
    inline = f"(?{options})" if options else ""
    return f"{inline}({pattern[:place]}){pattern[place:]}"


def _place_of_group(pattern: str, group: int) -> int | None:
    """Return where the group begins, unless it is within another or behind an alternative."""
    place = depth = count = 0
    in_class = False
    while place < len(pattern):
        letter = pattern[place]
        if letter == "\\":
            place += 1
        elif in_class:
            in_class = letter != "]"
        elif letter == "[":
            in_class = True
            place += pattern[place + 1 : place + 2] == "]"
        elif letter == "(":
            count += pattern[place + 1 : place + 2] != "?"
            if count == group and pattern[place + 1 : place + 2] != "?":
                return None if depth or _has_alternative(pattern) else place
            depth += 1
        elif letter == ")":
            depth -= 1
        place += 1
    return None


def _has_alternative(pattern: str) -> bool:
    """Say whether a ``|`` stands outside of all groups (or might)."""
    bare = re.sub(r"\\.|\[[^\]]*\]", "", pattern)
    while (inner := re.sub(r"\([^()]*\)", "", bare)) != bare:
        bare = inner
    return "|" in bare


FUNCTIONS: Final[dict[str, Scalar]] = {
    "REGEXP": _regexp_like,
    "REGEXP_COUNT": _regexp_count,
    "REGEXP_EXTRACT_ALL": _regexp_substr_all,
    "REGEXP_INSTR": _regexp_instr,
    "REGEXP_LIKE": _regexp_like,
    "REGEXP_REPLACE": _regexp_replace,
    "REGEXP_SUBSTR": _regexp_substr,
    "REGEXP_SUBSTR_ALL": _regexp_substr_all,
    "RLIKE": _regexp_like,
}
