"""Where one statement of a text ends and the next begins."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from clockmill.core.errors import SyntaxFault
from clockmill.sql.lexer import Kind, Token, tokens, unexpected

_LONGEST_CACHED: Final = 20_000
"""Characters of the longest text that is remembered: bodies come again and again, loads of data do not."""
_CLOSED_BY_NAME: Final = frozenset({"IF", "CASE", "FOR", "WHILE", "LOOP", "REPEAT"})
_OPENERS: Final = frozenset({"BEGIN", "CASE"})
_OPENERS_OF_STATEMENTS: Final = frozenset({"IF", "FOR", "WHILE", "LOOP", "REPEAT"})
_BEFORE_STATEMENT: Final = frozenset({";", "BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT", "DECLARE"})
_AFTER_TRANSACTION_BEGIN: Final = frozenset({"WORK", "TRANSACTION", "NAME", ";", ""})


def split_statements(text: str) -> list[str]:
    """Return the statements of *text*, without the semicolons between them and the empty ones.

    A scripting block is one statement. Raises SyntaxFault for a string, comment or block
    without its end.
    """
    return [text[group[0].start : group[-1].end] for group in _groups(text) if group]


def count_statements(text: str) -> int:
    """Return how many statements *text* holds."""
    return _count_cached(text) if len(text) <= _LONGEST_CACHED else _count(text)


def _count(text: str) -> int:
    if ";" in text.rstrip("; \n\t\r"):
        return len(split_statements(text))
    first = next(token for token in tokens(text) if token.upper != ";")
    return 0 if first.kind is Kind.END else 1


_count_cached = lru_cache(maxsize=4096)(_count)


def require_complete(text: str) -> None:
    """Raise SyntaxFault unless *text* has a statement, and every string, comment, block its end."""
    if not split_statements(text):
        raise SyntaxFault("SQL compilation error:\nEmpty SQL statement.")


def is_block(words: Sequence[Token]) -> bool:
    """Say whether a statement that begins with these two tokens is a scripting block."""
    if words[0].upper == "DECLARE":
        return True
    return words[0].upper == "BEGIN" and words[1].upper not in _AFTER_TRANSACTION_BEGIN


def _groups(text: str) -> Iterator[list[Token]]:
    group: list[Token] = []
    depth = 0
    # A block is open from its first token; the declarations before its BEGIN count as inside.
    block = waiting_for_begin = False
    found = list(tokens(text))
    for index, token in enumerate(found[:-1]):
        if not group:
            block = waiting_for_begin = is_block(found[index : index + 2])
        elif not block and _begins_body(found, index, group[0]):
            block = waiting_for_begin = True
        if block:
            depth += _step(found, index, depth)
            waiting_for_begin = waiting_for_begin and token.upper != "BEGIN"
        if token.upper == ";" and not (block and (depth or waiting_for_begin)):
            yield group
            group = []
        else:
            group.append(token)
    if group and block and (depth or waiting_for_begin):
        raise unexpected(text, found[-1])
    yield group


_WITH_BODY: Final = frozenset({"CREATE", "ALTER", "WITH"})


def _begins_body(found: list[Token], index: int, first: Token) -> bool:
    """Say whether a block begins here that is the body of a task, procedure or function."""
    if found[index - 1].upper != "AS" or first.upper not in _WITH_BODY:
        return False
    return is_block(found[index : index + 2])


def _step(found: list[Token], index: int, depth: int) -> int:
    """Return by how much the token at *index* changes the depth of nesting."""
    word = found[index].upper
    before = found[index - 1].upper if index else ";"
    if word == "END":
        return -1 if depth else 0
    if before == "END" and word in _CLOSED_BY_NAME:
        return 0
    if word in _OPENERS:
        return 1
    # The LOOP of «FOR … LOOP» and the IF of «CREATE … IF NOT EXISTS» begin nothing.
    opens = word in _OPENERS_OF_STATEMENTS and before in _BEFORE_STATEMENT
    return 1 if opens else 0
