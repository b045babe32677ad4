"""The tools that the small parsers share: looking at tokens, taking them, reading names and values."""

from collections.abc import Callable
from typing import Final, NoReturn

import msgspec

from clockmill.core.errors import InvalidIdentifier, SyntaxFault
from clockmill.core.names import split_path
from clockmill.sql.lexer import Kind, Token, tokens, unexpected

Value = str | int | float | bool | None
"""What a property or parameter may be set to."""


class Reference(msgspec.Struct, frozen=True):
    """The name of an object as a statement gives it.

    *parts* are folded, one to three of them. With IDENTIFIER($v) or IDENTIFIER(?) the name comes
    from the session variable *variable* or the bind value *binding* when the statement runs.
    """

    parts: tuple[str, ...] = ()
    variable: str | None = None
    binding: str | None = None


class Bound(msgspec.Struct, frozen=True):
    """A bind value that stands where a literal could: its position («1») or name."""

    key: str


class VariableValue(msgspec.Struct, frozen=True):
    """A session variable that stands where a literal could."""

    name: str


Argument = str | int | float | bool | None | Bound | VariableValue


class Parser:
    """A position in the tokens of one statement. Every mismatch is a SyntaxFault."""

    def __init__(self, text: str, found: list[Token] | None = None) -> None:
        """Begin to read *text*, or the piece of it that *found* are the tokens of, END at the end."""
        self.text = text
        self._tokens = list(tokens(text)) if found is None else found
        self._position = 0
        self._binds = 0

    @property
    def token(self) -> Token:
        """The next token; END at the end, for ever."""
        return self._tokens[self._position]

    def ahead(self, count: int) -> Token:
        """Return the token *count* places after the next one."""
        return self._tokens[min(self._position + count, len(self._tokens) - 1)]

    def advance(self) -> Token:
        """Take the next token."""
        token = self.token
        if token.kind is not Kind.END:
            self._position += 1
        return token

    def skip(self) -> None:
        """Take the next token without looking at it, counting the bind values that go by."""
        if self.advance().upper == "?":
            self._binds += 1

    def fail(self) -> NoReturn:
        """Refuse the next token."""
        raise unexpected(self.text, self.token)

    # --- words ---------------------------------------------------------------------------------

    def at(self, *words: str) -> bool:
        """Say whether these words (or signs) come next."""
        return all(self.ahead(index).upper == word for index, word in enumerate(words))

    def accept(self, *words: str) -> bool:
        """Take these words if all of them come next."""
        if not self.at(*words):
            return False
        self._position += len(words)
        return True

    def accept_one(self, choices: frozenset[str]) -> str | None:
        """Take the next word if it is one of *choices*."""
        word = self.token.upper
        if word not in choices:
            return None
        self.advance()
        return word

    def expect(self, *words: str) -> None:
        """Take these words or fail at the first that differs."""
        for word in words:
            if self.token.upper != word:
                self.fail()
            self.advance()

    def finish(self) -> None:
        """Fail unless the statement ends here, with or without semicolons."""
        while self.token.upper == ";":
            self.advance()
        if self.token.kind is not Kind.END:
            self.fail()

    @property
    def at_end(self) -> bool:
        return self.token.kind is Kind.END or self.token.upper == ";"

    # --- names ---------------------------------------------------------------------------------

    def identifier(self) -> str:
        """Take one name and return it folded."""
        if self.token.kind not in (Kind.WORD, Kind.QUOTED):
            self.fail()
        return self.advance().name

    def reference(self) -> Reference:
        """Take the name of an object: dotted, or IDENTIFIER(...)."""
        if self.at("IDENTIFIER", "("):
            return self._indirect()
        parts = [self.identifier()]
        while self.token.upper == "." and len(parts) < _MOST_PARTS:
            self.advance()
            # «db..t» is t in PUBLIC of db.
            parts.append("PUBLIC" if self.token.upper == "." else self.identifier())
        return Reference(tuple(parts))

    def _indirect(self) -> Reference:
        self.expect("IDENTIFIER", "(")
        match self.argument():
            case str(text):
                name = read_name(text)
            case VariableValue(name=variable):
                name = Reference(variable=variable)
            case Bound(key=key):
                name = Reference(binding=key)
            case _:
                self.fail()
        self.expect(")")
        return name

    # --- values --------------------------------------------------------------------------------

    def string(self) -> str:
        """Take a string literal and return what it says."""
        if self.token.kind is not Kind.STRING:
            self.fail()
        return self.advance().value

    def integer(self) -> int:
        """Take a whole number."""
        text = self.token.text
        if self.token.kind is not Kind.NUMBER or not text.isdigit() or len(text) > _LONGEST_INTEGER:
            self.fail()
        return int(self.advance().text)

    def argument(self) -> Argument:
        """Take a literal, a session variable or a bind value."""
        if self.token.kind is Kind.VARIABLE:
            return VariableValue(self.advance().text[1:].upper())
        if self.accept("?"):
            self._binds += 1
            return Bound(str(self._binds))
        if self.accept(":"):
            return Bound(self.advance().text)
        return self.literal()

    def literal(self) -> Value:
        """Take a string, number, TRUE, FALSE or NULL."""
        token = self.token
        if token.kind is Kind.STRING:
            return self.advance().value
        if token.upper in _CONSTANTS:
            return _CONSTANTS[self.advance().upper]
        sign = self.accept_one(frozenset({"-", "+"}))
        if self.token.kind is not Kind.NUMBER:
            self.fail()
        return _number(self.advance().text, negative=sign == "-")

    def value(self) -> Value:
        """Take what a property is set to: a literal, or a word that is kept as written."""
        if self.token.kind in (Kind.WORD, Kind.QUOTED) and self.token.upper not in _CONSTANTS:
            token = self.advance()
            return token.name if token.kind is Kind.QUOTED else token.text
        return self.literal()

    def listed(self, item: Callable[[], str]) -> tuple[str, ...]:
        """Take *item* one or more times with commas between."""
        found = [item()]
        while self.accept(","):
            found.append(item())
        return tuple(found)

    def if_exists(self) -> bool:
        """Take IF EXISTS if it comes next."""
        return self.accept("IF", "EXISTS")


_MOST_PARTS: Final = 3
_LONGEST_INTEGER: Final = 1000
"""Digits of a whole number: Python reads no more than a few thousand."""
_CONSTANTS: Final[dict[str, Value]] = {"TRUE": True, "FALSE": False, "NULL": None}


def _number(text: str, *, negative: bool) -> int | float:
    number = int(text) if text.isdigit() and len(text) <= _LONGEST_INTEGER else float(text)
    return -number if negative else number


def read_name(text: str) -> Reference:
    """Return the name that the content of a string stands for, as IDENTIFIER('a.b') has it."""
    parts = split_path(text.strip())
    if len(parts) > _MOST_PARTS:
        raise InvalidIdentifier(text)
    return Reference(parts)


def properties(parser: Parser) -> dict[str, Value]:
    """Take «NAME [=] value» pairs up to the end; which of them there are, the object knows.

    Raises SyntaxFault for a repeated property.
    """
    found: dict[str, Value] = {}
    while not parser.at_end:
        name = parser.token.upper
        if parser.token.kind is not Kind.WORD:
            parser.fail()
        if name in found:
            raise SyntaxFault(f"SQL compilation error:\nduplicate property '{name}';")
        parser.advance()
        parser.accept("=")
        found[name] = parser.value()
        parser.accept(",")
    return found
