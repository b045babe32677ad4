"""From text to a syntax tree. Function calls keep the names and arguments they were written with."""

# ruff: noqa: ARG001
# ARG001: rules of one table share a signature.

import logging
import re
from typing import Final

from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from clockmill.core.errors import SyntaxFault, Unsupported
from clockmill.engine.duckdb.alterations import as_one, one_by_one
from clockmill.engine.duckdb.names import words
from clockmill.engine.duckdb.rewrites import rewritten

CALL_MARK: Final = "F$"
"""Put before a function's name so that the parser leaves the call as it is written."""

_SNOWFLAKE: Final = Snowflake()
# What the parser does not know we refuse by name ourselves; its warning would show statements in the log.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
# Words that a parenthesis may follow without being a function, and calls with a grammar of their own.
_NOT_CALLS: Final = words(
    """
    CAST TRY_CAST EXTRACT VALUES TABLE IN EXISTS ANY ALL SOME OVER USING BY AS ON AND OR NOT IS WHEN
    THEN ELSE CASE WHERE HAVING QUALIFY SELECT FROM JOIN LATERAL PIVOT UNPIVOT IDENTIFIER GROUP ORDER
    PARTITION WITHIN LIKE ILIKE RLIKE REGEXP BETWEEN UNION INTERSECT EXCEPT MINUS WITH RECURSIVE INTO
    SET EXCLUDE RENAME REPLACE_ DISTINCT LIMIT OFFSET FETCH TOP RETURNING MATCH_CONDITION SETS ROLLUP
    CUBE OVERWRITE KEY UNIQUE PRIMARY REFERENCES CHECK INTERVAL NUMBER NUMERIC DECIMAL VARCHAR NVARCHAR
    CHARACTER STRING TEXT BINARY VARBINARY IDENTITY AUTOINCREMENT START INCREMENT DEFAULT INSERT_
    PROJECTION TIMESTAMP_NTZ TIMESTAMP_LTZ TIMESTAMP_TZ TIMESTAMPNTZ TIMESTAMPLTZ TIMESTAMPTZ DATETIME
    NCHAR END RESPECT IGNORE DECFLOAT VECTOR MAP SYNC TO DIRECTORY CLUSTER MATCHED ASC DESC STRUCT
    OBJECT ARRAY
    """
)
# Both a type's name and a function's: it depends on what stands before.
_TYPES_TOO: Final = frozenset({"CHAR", "DATE", "TIME", "TIMESTAMP"})
_BEFORE_VALUE: Final = words(
    """
    L_PAREN COMMA SELECT WHERE AND OR NOT EQ NEQ LT GT LTE GTE PLUS DASH STAR SLASH MOD DPIPE WHEN THEN
    ELSE CASE BETWEEN ON HAVING QUALIFY ORDER_BY GROUP_BY L_BRACKET LIKE ILIKE IN DISTINCT PARTITION_BY
    FARROW ARROW COLON_EQ
    """
)
_WORD: Final = re.compile(r"[A-Za-z_][\w$]*\Z")
POSITION_MARK: Final = "?"
"""What stands before the position in the name of a bind value that has no name."""


def parse(sql: str) -> exp.Expr:
    """Return the tree of the one statement in *sql*, or raise SyntaxFault with line and position."""
    try:
        tokens = _mark_calls(
            rewritten(_number_binds(_split_sums(_split_bound_casts(_SNOWFLAKE.tokenize(sql)))))
        )
        found = [_SNOWFLAKE.parser().parse(each, sql) for each in one_by_one(tokens)]
        # What stands behind the last semicolon may be a comment alone.
        trees = [tree for each in found for tree in each if not isinstance(tree, exp.Semicolon | None)]
        trees = as_one(trees) if len(found) > 1 else trees
    except (ParseError, TokenError) as error:
        raise _syntax_fault(error, sql) from error
    if not trees:
        raise SyntaxFault("Empty SQL statement.", code="000900", sqlstate="42000")
    if len(trees) > 1:
        raise Unsupported("several statements in one")
    if isinstance(trees[0], exp.Command):
        raise Unsupported(_first_words(sql))
    return trees[0]


def is_overwrite(sql: str) -> bool:
    """Say whether an INSERT into several tables replaces what they hold: the tree does not tell."""
    return any(token.text.upper() == "OVERWRITE" for token in _SNOWFLAKE.tokenize(sql)[1:2])


def _first_words(sql: str) -> str:
    return " ".join(sql.split()[:3]).upper()[:60]


def _split_bound_casts(tokens: list[Token]) -> list[Token]:
    """Part ``?::type`` into a placeholder and a cast: the tokenizer knows ``?::`` as another dialect's."""
    parted: list[Token] = []
    for token in tokens:
        if token.token_type is not TokenType.QDCOLON:
            parted.append(token)
            continue
        place = (token.line, token.col)
        parted.append(Token(TokenType.PLACEHOLDER, "?", *place, token.start, token.start, token.comments))
        parted.append(Token(TokenType.DCOLON, "::", *place, token.start + 1, token.end))
    return parted


_SUM: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(e\d+)([+-])(.+)", re.IGNORECASE)


def _split_sums(tokens: list[Token]) -> list[Token]:
    """Part ``1e0+1`` into a sum: the tokenizer takes a sign wherever an exponent has begun."""
    parted: list[Token] = []
    for token in tokens:
        found = _SUM.fullmatch(token.text) if token.token_type is TokenType.NUMBER else None
        if found is None:
            parted.append(token)
            continue
        sign = TokenType.PLUS if found[3] == "+" else TokenType.DASH
        place = (token.line, token.col, token.start, token.end)
        parted.append(Token(TokenType.NUMBER, found[1] + found[2], *place, token.comments))
        parted.append(Token(sign, found[3], *place))
        parted.append(Token(TokenType.NUMBER, found[4], *place))
    return parted


def _number_binds(tokens: list[Token]) -> list[Token]:
    """Write «?» as «:?1», «:?2»: which one it is, its place in the text says, and no other order."""
    numbered: list[Token] = []
    count = 0
    for token in tokens:
        if token.token_type is not TokenType.PLACEHOLDER:
            numbered.append(token)
            continue
        count += 1
        place = (token.line, token.col, token.start, token.end)
        numbered.append(Token(TokenType.COLON, ":", *place, token.comments))
        numbered.append(Token(TokenType.VAR, f"{POSITION_MARK}{count}", *place))
    return numbered


def _mark_calls(tokens: list[Token]) -> list[Token]:
    marked = list(tokens)
    for place in range(len(tokens) - 1):
        token = tokens[place]
        if tokens[place + 1].token_type is TokenType.L_PAREN and _is_call(tokens, place):
            name = CALL_MARK + token.text.upper()
            marked[place] = Token(
                TokenType.VAR, name, token.line, token.col, token.start, token.end, token.comments
            )
    return marked


def _is_call(tokens: list[Token], place: int) -> bool:
    token = tokens[place]
    kind = token.token_type
    word = token.text.upper()
    if kind in (TokenType.IDENTIFIER, TokenType.STRING) or word in _NOT_CALLS or not _WORD.match(word):
        return False
    before = tokens[place - 1].token_type.name if place else ""
    if word in _TYPES_TOO:
        return before in _BEFORE_VALUE
    if word == "INSERT" and before == "THEN":
        return False
    if word in ("LEFT", "RIGHT", "REPLACE", "INSERT", "FIRST", "LAST", "NEXT", "IF"):
        return before in _BEFORE_VALUE and not (word == "REPLACE" and before == "STAR")
    if before in ("DCOLON", "DOT", "COLON", "ALIAS"):
        return False
    return not _is_name(tokens, place, before)


def _is_name(tokens: list[Token], place: int, before: str) -> bool:
    """Say whether the word names a table or alias: ``INTO t (a)``, ``WITH c (a) AS``, ``v (a, b)``."""
    if before in (
        "INTO",
        "OVERWRITE",
        "VIEW",
        "UPDATE",
        "R_PAREN",
        "WITH",
        "RECURSIVE",
        "EXISTS",
        "CONSTRAINT",
    ):
        return True
    if before == "TABLE":
        return True
    if before in ("VAR", "IDENTIFIER") and tokens[place - 1].text.upper() not in _CALL_AFTER:
        return True
    return before == "COMMA" and _is_cte(tokens, place)


_CALL_AFTER: Final = words("BY TOP ESCAPE RLIKE REGEXP LIMIT DEFAULT SET CALL RETURN LIKE ILIKE VALUES")


def _is_cte(tokens: list[Token], place: int) -> bool:
    """Say whether a word after a comma begins ``name (columns) AS (``."""
    end = place + 1
    while end < len(tokens) and tokens[end].token_type is not TokenType.R_PAREN:
        if tokens[end].token_type not in (
            TokenType.L_PAREN,
            TokenType.COMMA,
            TokenType.VAR,
            TokenType.IDENTIFIER,
        ):
            return False
        end += 1
    after = tokens[end + 1 : end + 3]
    return [t.token_type for t in after] == [TokenType.ALIAS, TokenType.L_PAREN]


def _syntax_fault(error: Exception, sql: str) -> SyntaxFault:
    details = getattr(error, "errors", None) or [{}]
    found = details[0]
    line, column = found.get("line") or 1, found.get("col") or 1
    word = found.get("highlight") or "<EOF>"
    position = max(0, column - len(word))
    return SyntaxFault(
        f"SQL compilation error:\nsyntax error line {line} at position {position} unexpected '{word}'."
    )


_CLAUSE_ENDS: Final = words(
    """
    FROM WHERE GROUP_BY HAVING QUALIFY ORDER_BY LIMIT UNION EXCEPT INTERSECT SEMICOLON FETCH OFFSET INTO
    WINDOW R_PAREN
    """
)


def projection_texts(sql: str) -> list[str]:
    """Return the source text of each column of the outermost SELECT, as results are named by it."""
    tokens = _SNOWFLAKE.tokenize(sql)
    start = _outer_select(tokens)
    if start is None:
        return []
    texts: list[str] = []
    depth, last = 0, 0
    first: int | None = None
    before: TokenType | None = None
    for token in tokens[start + 1 :]:
        kind = token.token_type
        tested = kind is TokenType.FROM and before is TokenType.DISTINCT  # IS DISTINCT FROM
        before = kind
        if depth == 0 and (
            kind is TokenType.COMMA
            or (kind.name in _CLAUSE_ENDS and not tested)
            or token.text.upper() == "MINUS"
        ):
            texts.append("" if first is None else sql[first : last + 1])
            first = None
            if kind is not TokenType.COMMA:
                return texts
            continue
        depth += kind in (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
        depth -= kind in (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)
        if first is None and kind in (TokenType.DISTINCT, TokenType.ALL) and not texts:
            continue
        first = token.start if first is None else first
        last = token.end
    if first is not None:
        texts.append(sql[first : last + 1])
    return texts


def _outer_select(tokens: list[Token]) -> int | None:
    depth = 0
    for place, token in enumerate(tokens):
        depth += token.token_type is TokenType.L_PAREN
        depth -= token.token_type is TokenType.R_PAREN
        if depth == 0 and token.token_type is TokenType.SELECT:
            return place
    return None
