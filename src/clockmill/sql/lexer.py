"""Tokens of Snowflake SQL: words, names, literals and signs, with comments left out.

The scanner reads the text once, from left to right, in time proportional to its length; what
cannot be read (a string, a comment or a quoted name without its end) is a :class:`SyntaxFault`.
"""

import enum
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from clockmill.core.errors import SyntaxFault
from clockmill.core.names import fold


class Kind(enum.Enum):
    """What sort of thing a token is."""

    WORD = "word"
    QUOTED = "quoted name"
    STRING = "string"
    NUMBER = "number"
    VARIABLE = "session variable"
    SIGN = "sign"
    END = "end"


class Token(msgspec.Struct, frozen=True):
    """A piece of the text, and where it stands.

    *upper* is the text in upper case for words and signs, which is how keywords are compared;
    it is empty for everything else, so that no literal is ever taken for a keyword.
    """

    kind: Kind
    text: str
    upper: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """The identifier this token stands for, folded, or raise InvalidIdentifier."""
        return fold(self.text)

    @property
    def value(self) -> str:
        """What a string literal says, or the text of anything else."""
        if self.kind is not Kind.STRING:
            return self.text
        return self.text[2:-2] if self.text.startswith("$$") else _unescape(self.text[1:-1])


# Possessive repetition keeps each alternative linear: nothing is ever tried a second time. The
# last alternative takes any character, so finditer never skips one.
_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s++ | \A\ufeff | --[^\n]*+ | //[^\n]*+ | /\*(?:[^*]|\*(?!/))*+\*/)
    | (?P<string>'(?:[^'\\]|\\.|'')*+' | \$\$(?:[^$]|\$(?!\$))*+\$\$)
    | (?P<quoted>"(?:[^"]|"")*+")
    | (?P<variable>\$\w++)
    | (?P<number>(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?)
    | (?P<word>[^\W\d][\w$]*+)
    | (?P<sign>::|:=|\|\||<=|>=|<>|!=|=>|->|\*\*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS: Final = {
    "string": Kind.STRING,
    "quoted": Kind.QUOTED,
    "variable": Kind.VARIABLE,
    "number": Kind.NUMBER,
    "word": Kind.WORD,
    "sign": Kind.SIGN,
}
_UNCLOSED: Final = (
    ("'", "string"),
    ('"', "quoted identifier"),
    ("$$", "string constant"),
    ("/*", "comment"),
)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of *text*, the last of kind END; raise SyntaxFault where one has no end."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "sign"
        if kind == "space":
            continue
        piece = match[0]
        if kind == "sign" and piece in "'\"$/":
            _refuse_unclosed(text, match.start())
        upper = piece.upper() if kind in ("word", "sign") else ""
        yield Token(_KINDS[kind], piece, upper, match.start(), match.end())
    yield Token(Kind.END, "", "", len(text), len(text))


def _refuse_unclosed(text: str, start: int) -> None:
    for opening, what in _UNCLOSED:
        if text.startswith(opening, start):
            line, column = place(text, start)
            raise SyntaxFault(
                f"SQL compilation error:\nparse error line {line} at position {column} near '{opening}': "
                f"the {what} has no end."
            )


def place(text: str, position: int) -> tuple[int, int]:
    """Return the line (from 1) and the position in it (from 0) of a character of *text*."""
    return text.count("\n", 0, position) + 1, position - (text.rfind("\n", 0, position) + 1)


def offset_at(text: str, line: int, position: int) -> int:
    """Return the offset in *text* of a line and position: what :func:`place` tells them from."""
    return sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + position


def unexpected(text: str, token: Token) -> SyntaxFault:
    """Return the error that says *token* does not belong where it stands."""
    line, column = place(text, token.start)
    found = "<EOF>" if token.kind is Kind.END else token.text
    if len(found) > _LONGEST_QUOTE:
        found = found[:_LONGEST_QUOTE] + "..."
    return SyntaxFault(
        f"SQL compilation error:\nsyntax error line {line} at position {column} unexpected '{found}'."
    )


_LONGEST_QUOTE: Final = 80
"""Characters of a token that an error message repeats."""

_ESCAPE: Final = re.compile(r"''|\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-7]{1,3}|.)", re.DOTALL)
_SIMPLE_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def _unescape(body: str) -> str:
    if "'" not in body and "\\" not in body:
        return body
    return _ESCAPE.sub(_escaped, body)


def _escaped(match: re.Match[str]) -> str:
    """Read one escape sequence as the page on string constants lists them."""
    found = match[0]
    if found == "''":
        return "'"
    code = found[1:]
    if code[0] in "xu" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8))
    return _SIMPLE_ESCAPES.get(code, code)
