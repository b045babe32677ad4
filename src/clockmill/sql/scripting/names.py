"""Finding the names in a text that may be those of variables."""

from collections.abc import Sequence
from typing import Final

from clockmill.core.errors import InvalidIdentifier
from clockmill.core.names import fold
from clockmill.sql.lexer import Kind, Token
from clockmill.sql.scripting.ast import NameUse

_NAMES: Final = (Kind.WORD, Kind.QUOTED)
_SUBQUERY: Final = frozenset({"SELECT", "WITH", "VALUES"})
_TAKES_PART: Final = frozenset(
    {"DATEADD", "TIMEADD", "TIMESTAMPADD", "DATEDIFF", "TIMEDIFF", "TIMESTAMPDIFF", "DATE_TRUNC", "EXTRACT"}
    | {"DATE_PART", "TRUNC"}
)
"""Functions whose first argument may be the word for a part of a date."""
_MOST_PARAMETERS: Final = 20
"""Tokens of a lambda's parameters in parentheses, at most."""
_KEYWORDS: Final = frozenset(
    {"AND", "OR", "NOT", "NULL", "TRUE", "FALSE", "IS", "IN", "BETWEEN", "LIKE", "CASE", "WHEN", "THEN"}
    | {"ELSE", "END", "DISTINCT"}
)


def bound_names(found: Sequence[Token], origin: int) -> tuple[NameUse, ...]:
    """Return the «:name» among the tokens of a statement whose text begins at *origin*."""
    return tuple(
        _use(found, place, origin, is_bound=True) for place in range(len(found) - 1) if _is_bind(found, place)
    )


def free_names(found: Sequence[Token], origin: int) -> tuple[NameUse, ...]:
    """Return what may be variables in an expression: «:name» anywhere, bare names outside subqueries."""
    uses: list[NameUse] = []
    lambdas = _parameters(found)
    opened: list[bool] = []  # for each open parenthesis, whether it is within a subquery
    for place, token in enumerate(found):
        if token.upper == "(":
            is_query = place + 1 < len(found) and found[place + 1].upper in _SUBQUERY
            opened.append(is_query or (bool(opened) and opened[-1]))
        elif token.upper == ")" and opened:
            opened.pop()
        elif _is_bind(found, place):
            uses.append(_use(found, place, origin, is_bound=True))
        elif token.kind in _NAMES and not (opened and opened[-1]) and _is_free(found, place):
            use = _use(found, place, origin, is_bound=False)
            if use.parts[0] not in lambdas and not _goes_on(found, place + 2 * len(use.parts) - 1):
                uses.append(use)
    return tuple(uses)


def _parameters(found: Sequence[Token]) -> set[str]:
    """Return the parameters of the lambdas: «x -> …» and «(x, y) -> …»."""
    # Only so far back, or a hostile text could cost the square of its length.
    names: set[str] = set()
    for place, token in enumerate(found):
        if token.upper != "->" or not place:
            continue
        start = place - 1
        while (
            found[place - 1].upper == ")" and place - start < _MOST_PARAMETERS and found[start].upper != "("
        ):
            start -= 1
        names.update(_folded(each) for each in found[max(start, 0) : place])
    return names


def _folded(token: Token) -> str:
    """Return the name, or nothing for what is none: an engine will say so."""
    try:
        return fold(token.text) if token.kind in _NAMES else ""
    except InvalidIdentifier:
        return ""


def _is_bind(found: Sequence[Token], place: int) -> bool:
    """Say whether a «:name» begins here, and no path into a VARIANT («v:field») or pair («'k':v»)."""
    if found[place].upper != ":" or place + 1 >= len(found):
        return False
    colon, name = found[place], found[place + 1]
    if name.kind not in _NAMES or name.start != colon.end:
        return False
    before = found[place - 1] if place else None
    if before is None or before.end != colon.start:
        return True
    return not (before.kind in (*_NAMES, Kind.STRING, Kind.VARIABLE) or before.upper in (")", "]"))


def _is_free(found: Sequence[Token], place: int) -> bool:
    """Say whether the name at *place* is neither part of another, nor a function, type or argument."""
    if found[place].upper in _KEYWORDS:
        return False
    before = found[place - 1].upper if place else ""
    after = found[place + 1] if place + 1 < len(found) else None
    if before in (".", "::", "AS") or (before == ":" and _is_path(found, place - 1)):
        return False
    if after is not None and (after.upper in ("(", "=>", "->") or after.kind is Kind.STRING):
        return False
    is_first = before == "(" and place >= 2 and found[place - 2].upper in _TAKES_PART
    return not (is_first and after is not None and after.upper in (",", "FROM"))


def _goes_on(found: Sequence[Token], place: int) -> bool:
    """Say whether what stands behind a dotted name makes it a function's, or longer than a field's."""
    return place < len(found) and found[place].upper in (".", "(")


def _is_path(found: Sequence[Token], colon: int) -> bool:
    """Say whether what follows this colon is a field's name or already counted as a bind value."""
    before = found[colon - 1] if colon else None
    return before is None or before.kind is not Kind.STRING


def _use(found: Sequence[Token], place: int, origin: int, *, is_bound: bool) -> NameUse:
    first = place + 1 if is_bound else place
    parts, last = [_folded(found[first])], first
    if first + 2 < len(found) and found[first + 1].upper == "." and found[first + 2].kind in _NAMES:
        parts.append(_folded(found[first + 2]))
        last = first + 2
    return NameUse(found[place].start - origin, found[last].end - origin, tuple(parts), is_bound)
