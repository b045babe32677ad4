"""The words of a WHEN condition."""

import enum
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from clockmill.core.errors import InvalidRequest


class InvalidCondition(InvalidRequest):
    """A condition that says more than conditions may, or that does not parse."""

    def __init__(self) -> None:
        super().__init__(
            "Invalid expression for task condition expression. Only some data type conversions and the "
            "following functions are allowed: "
            "[SYSTEM$GET_PREDECESSOR_RETURN_VALUE, SYSTEM$STREAM_HAS_DATA]."
        )


class TokenKind(enum.Enum):
    """What sort of word a token is."""

    STRING = "string"
    NUMBER = "number"
    WORD = "word"
    COMPARISON = "comparison"
    MARK = "mark"
    END = "end"


class Token(msgspec.Struct, frozen=True):
    """A word as written, except that a string is what it stands for."""

    kind: TokenKind
    text: str


_TOKEN: Final = re.compile(
    r"""(?P<blank>\s+ | --[^\n]* | //[^\n]* | /\*.*?\*/)
      | (?P<string>'(?:[^'\\]|''|\\.)*')
      | \$\$(?P<dollars>.*?)\$\$
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_$.]))
      | (?P<word>[A-Za-z_][A-Za-z0-9_$]*)
      | (?P<comparison><=|>=|<>|!=|=|<|>)
      | (?P<mark>::|[(),-])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"''|\\(.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of *text* and an END, or raise :class:`InvalidCondition`."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise InvalidCondition
        position = match.end()
        token = _token(match)
        if token is not None:
            yield token
    yield Token(TokenKind.END, "")


def _token(match: re.Match[str]) -> Token | None:
    text = match[0]
    match match.lastgroup:
        case "string":
            return Token(TokenKind.STRING, _ESCAPE.sub(_unescape, text[1:-1]))
        case "dollars":
            return Token(TokenKind.STRING, text[2:-2])
        case "number" | "word" | "comparison" | "mark" as kind:
            return Token(TokenKind(kind), text)
    return None


def _unescape(escape: re.Match[str]) -> str:
    character = escape[1]
    return "'" if character is None else _ESCAPES.get(character, character)
