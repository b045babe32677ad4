"""Where one statement of a text ends and the next begins."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from clockmill.core.errors import SyntaxFault
from clockmill.sql.lexer import Kind, Token, tokens
from clockmill.sql.scripting.opening import is_block
from clockmill.sql.scripting.parser import block_end

_LONGEST_CACHED: Final = 20_000
"""Characters of the longest text that is remembered: bodies come again and again, loads of data do not."""


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


def _groups(text: str) -> Iterator[list[Token]]:
    found = list(tokens(text))
    group: list[Token] = []
    index = 0
    while index < len(found) - 1:
        if is_block(found[index : index + 3]) and (not group or _begins_body(group)):
            end = block_end(text, found, index)
            group += found[index:end]
            index = end
            continue
        if found[index].upper == ";":
            yield group
            group = []
        else:
            group.append(found[index])
        index += 1
    yield group


def block_length(text: str, start: int = 0) -> int:
    """Return how many characters the scripting block takes that begins at *start* in *text*.

    Raises SyntaxFault, placed in *text*, for one that does not parse.
    """
    found = list(tokens(text))
    first = next(index for index, token in enumerate(found) if token.start >= start)
    return found[block_end(text, found, first) - 1].end - start


def _begins_body(group: list[Token]) -> bool:
    """Say whether a block that follows is the body of a task, procedure or function."""
    opening = {token.upper for token in group[:_LONGEST_OPENING]}
    is_body = group[-1].upper == "AS" and group[0].upper in _WITH_BODY
    return is_body and not opening.isdisjoint(_HAVE_BODIES)


_WITH_BODY: Final = frozenset({"CREATE", "ALTER", "WITH"})
_HAVE_BODIES: Final = frozenset({"TASK", "PROCEDURE", "FUNCTION"})
_LONGEST_OPENING: Final = 6
"""Words up to the kind of the object, as in CREATE OR REPLACE TEMPORARY SECURE FUNCTION."""
