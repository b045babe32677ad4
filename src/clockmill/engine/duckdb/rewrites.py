"""Forms that the parser does not know, written in tokens as forms that it does."""

from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from clockmill.engine.duckdb.names import words

FROM_LAST: Final = "_FROM_LAST"
"""Behind the name of NTH_VALUE where it counts from the end."""
DEFAULT_ON_NULL: Final = "DEFAULT_ON_NULL"
"""A call among a PIVOT's aggregates: what stands for a cell that is NULL."""


def rewritten(tokens: list[Token]) -> list[Token]:
    """Return *tokens* in forms that the parser knows."""
    found = {token.text.upper() for token in tokens}
    if "SCOPED" in found:
        tokens = _without_scoped(tokens)
    if "NTH_VALUE" in found and found & {"LAST", "FIRST"}:
        tokens = _without_from(tokens)
    if "PIVOT" in found and "DEFAULT" in found:
        tokens = _with_default_in_front(tokens)
    if "DIRECTED" in found:
        tokens = _without_directed(tokens)
    if "CREATE" in found and found & {"LOCAL", "GLOBAL", "VOLATILE"}:
        tokens = _as_temporary(tokens)
    if "DROP" in found and _texts(tokens, 0, 2) == ["ALTER", "TABLE"]:
        tokens = _with_column(tokens)
    return tokens


_DROPPED: Final = words(
    """
    COLUMN CONSTRAINT PRIMARY UNIQUE FOREIGN CLUSTERING ALL ROW AGGREGATION JOIN SEARCH STORAGE
    """
)
"""What may follow ALTER TABLE … DROP besides the name of a column."""


def _with_column(tokens: list[Token]) -> list[Token]:
    """Put COLUMN behind ALTER TABLE t DROP where it was left out."""
    place = 4 if _texts(tokens, 2, 2) == ["IF", "EXISTS"] else 2
    while place + 1 < len(tokens) and tokens[place + 1].token_type is TokenType.DOT:
        place += 2
    drop, name = tokens[place + 1 : place + 2], tokens[place + 2 : place + 3]
    if not name or drop[0].text.upper() != "DROP" or name[0].text.upper().partition(" ")[0] in _DROPPED:
        return tokens
    at = name[0]
    column = Token(TokenType.COLUMN, "COLUMN", at.line, at.col, at.start, at.start, [])
    return [*tokens[: place + 2], column, *tokens[place + 2 :]]


def _as_temporary(tokens: list[Token]) -> list[Token]:
    """Say TEMPORARY for the words that mean it: LOCAL and GLOBAL before it say nothing, VOLATILE the same."""
    place = next((i for i, token in enumerate(tokens) if token.text.upper() == "TABLE"), 0)
    before = [token for token in tokens[:place] if token.text.upper() not in ("LOCAL", "GLOBAL")]
    before = [
        Token(TokenType.TEMPORARY, "TEMPORARY", t.line, t.col, t.start, t.end, t.comments)
        if t.text.upper() == "VOLATILE"
        else t
        for t in before
    ]
    return before + tokens[place:] if tokens[0].text.upper() == "CREATE" else tokens


def _without_directed(tokens: list[Token]) -> list[Token]:
    """Leave out DIRECTED before JOIN: in which order tables are read changes no result."""
    return [
        token
        for place, token in enumerate(tokens)
        if token.text.upper() != "DIRECTED" or _texts(tokens, place + 1, 1) != ["JOIN"]
    ]


def _without_scoped(tokens: list[Token]) -> list[Token]:
    """Take SCOPED from before TEMPORARY, where Snowpark writes it: here both last as long as the session."""
    place = 3 if _texts(tokens, 1, 2) == ["OR", "REPLACE"] else 1
    if _texts(tokens, 0, 1) != ["CREATE"] or _texts(tokens, place, 2) != ["SCOPED", "TEMPORARY"]:
        return tokens
    return tokens[:place] + tokens[place + 1 :]


def _texts(tokens: list[Token], place: int, count: int) -> list[str]:
    return [token.text.upper() for token in tokens[place : place + count]]


def _without_from(tokens: list[Token]) -> list[Token]:
    """Take FROM FIRST and FROM LAST from behind NTH_VALUE(…) into its name."""
    result: list[Token] = []
    place = 0
    while place < len(tokens):
        words = _texts(tokens, place, 3)
        follows = place and tokens[place - 1].token_type is TokenType.R_PAREN
        if (
            follows
            and words[:2] in (["FROM", "FIRST"], ["FROM", "LAST"])
            and words[2:]
            in (
                ["OVER"],
                ["IGNORE"],
                ["RESPECT"],
            )
        ):
            call = _opening(result, len(result) - 1) - 1
            if result[call].text.upper() == "NTH_VALUE":
                if words[1] == "LAST":
                    result[call] = _renamed(result[call], result[call].text + FROM_LAST)
                place += 2
                continue
        result.append(tokens[place])
        place += 1
    return result


def _opening(tokens: list[Token], place: int) -> int:
    """Return where the parenthesis opens that closes at *place*."""
    depth = 0
    while place >= 0:
        depth += tokens[place].token_type is TokenType.R_PAREN
        depth -= tokens[place].token_type is TokenType.L_PAREN
        if not depth:
            return place
        place -= 1
    return 0


def _closing(tokens: list[Token], place: int) -> int:
    depth = 0
    while place < len(tokens):
        depth += tokens[place].token_type is TokenType.L_PAREN
        depth -= tokens[place].token_type is TokenType.R_PAREN
        if not depth:
            return place
        place += 1
    return len(tokens) - 1


def _renamed(token: Token, text: str) -> Token:
    return Token(TokenType.VAR, text, token.line, token.col, token.start, token.end, token.comments)


def _with_default_in_front(tokens: list[Token]) -> list[Token]:
    """Move a PIVOT's DEFAULT ON NULL (…) among its aggregates, before FOR."""
    for place in range(len(tokens) - 1):
        if tokens[place].text.upper() != "PIVOT" or tokens[place + 1].token_type is not TokenType.L_PAREN:
            continue
        end = _closing(tokens, place + 1)
        behind = next(
            (i for i in range(place, end) if _texts(tokens, i, 3) == ["DEFAULT", "ON", "NULL"]), None
        )
        before = next((i for i in range(place, end) if tokens[i].text.upper() == "FOR"), None)
        if behind is None or before is None:
            continue
        first = tokens[behind]
        comma = Token(TokenType.COMMA, ",", first.line, first.col, first.start, first.start, [])
        moved = [comma, _renamed(first, DEFAULT_ON_NULL), *tokens[behind + 3 : end]]
        return _with_default_in_front(tokens[:before] + moved + tokens[before:behind] + tokens[end:])
    return tokens
