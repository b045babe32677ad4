"""What the readers of all instructions share: how far an expression or a statement goes, and what it is."""

import re
from collections.abc import Callable
from typing import Final

from clockmill.core.errors import InvalidIdentifier, SyntaxFault
from clockmill.core.names import fold
from clockmill.core.types import ColumnType
from clockmill.sql.lexer import Kind, Token, place, unexpected
from clockmill.sql.parser import Parser
from clockmill.sql.scripting.ast import Expression, Instruction, Sql
from clockmill.sql.scripting.expressions import read_formula
from clockmill.sql.scripting.names import bound_names, free_names

_OPENING: Final = {"(": ")", "[": "]", "{": "}", "CASE": "END"}
_CLOSING: Final = frozenset(_OPENING.values())
_DEEPEST: Final = 64
"""How deep instructions may be nested: as deep as an interpreter may safely follow."""
_RETURNING: Final = frozenset({"SELECT", "WITH", "CALL"})
"""What may say INTO variables; an INSERT means a table."""
_WITH_BODY: Final = frozenset({"CREATE", "ALTER", "WITH"})
_NO_BLANK: Final = re.compile(r"\S")


class Reader(Parser):
    """A position in the tokens of a script. *instruction* reads one, whatever it is."""

    def __init__(
        self,
        text: str,
        timestamp: ColumnType,
        instruction: "Callable[[Reader], Instruction]",
        found: list[Token] | None = None,
    ) -> None:
        super().__init__(text, found)
        self.timestamp = timestamp
        self._instruction = instruction
        self._depth = 0
        self._loops: list[set[str]] = []

    @property
    def position(self) -> int:
        """How many tokens have been taken."""
        return self._position

    @position.setter
    def position(self, position: int) -> None:
        self._position = position

    def behind(self, count: int) -> Token:
        """Return the token taken *count* tokens ago; 1 is the last one."""
        return self._tokens[self._position - count]

    # --- extents -------------------------------------------------------------------------------

    def expression(self, *ends: str) -> Expression:
        """Take what stands before the first of *ends* (words or signs) that is outside all brackets."""
        found = self._take(ends)
        if not found:
            self.fail()
        start = found[0].start
        return Expression(
            start=start,
            text=self.text[start : found[-1].end],
            formula=read_formula(self.text, found, self.timestamp),
            names=free_names(found, start),
        )

    def sql(self, *ends: str) -> Sql:
        """Take one statement of SQL up to *ends*."""
        found = self._take(ends, has_bodies=True)
        if not found:
            self.fail()
        start, end = found[0].start, found[-1].end
        text, names = self.text[start:end], bound_names(found, start)
        into: tuple[str, ...] = ()
        if found[0].upper in _RETURNING:
            into, clause = self._into(found)
            # Blanks instead of the clause: errors of an engine then still name the right position.
            text = (text[: clause.start] + _NO_BLANK.sub(" ", text[clause]) + text[clause.stop :]).rstrip()
            names = tuple(use for use in names if not clause.start <= use.start < clause.stop)
        return Sql(start=start, text=text, into=into, names=names, called=_called(found))

    def _take(self, ends: tuple[str, ...], *, has_bodies: bool = False) -> list[Token]:
        """Take the tokens before *ends*; refuse a bracket that closes nothing or is left open."""
        found: list[Token] = []
        expected: list[str] = []
        while expected or self._at_name_part(found) or self.token.upper not in ends:
            token = self.token
            if token.kind is Kind.END or token.upper == ";":
                self.fail()
            self._nest(token, found, expected)
            found.append(self.advance())
            if has_bodies and self._at_body(found):
                found += self.body()
        return found

    def _nest(self, token: Token, found: list[Token], expected: list[str]) -> None:
        if token.upper in _OPENING and not self._at_name_part(found):
            expected.append(_OPENING[token.upper])
        elif expected and token.upper == expected[-1]:
            expected.pop()
        elif token.upper in _CLOSING and token.kind is Kind.SIGN:
            self.fail()

    def _at_name_part(self, found: list[Token]) -> bool:
        """Say whether the next token is part of a dotted name, and so no keyword."""
        return bool(found) and found[-1].upper == "." and self.token.kind is Kind.WORD

    def _at_body(self, found: list[Token]) -> bool:
        """Say whether the body of a routine or task begins here: CREATE … AS BEGIN …."""
        if found[-1].upper != "AS" or self.token.upper not in ("BEGIN", "DECLARE"):
            return False
        opening = {token.upper for token in found[:6]}
        return found[0].upper in ("CREATE", "ALTER", "WITH") and bool(
            opening & {"TASK", "PROCEDURE", "FUNCTION"}
        )

    def body(self) -> list[Token]:
        """Take the block that begins here, without its semicolon, and return its tokens."""
        start = self._position
        self._instruction(self)
        # The block has taken its semicolon, which here ends the statement around it.
        while self._tokens[self._position - 1].upper == ";":
            self._position -= 1
        return self._tokens[start : self._position]

    def _into(self, found: list[Token]) -> tuple[tuple[str, ...], slice]:
        """Return the variables of the INTO clause outside all brackets, and where in the text it stands."""
        depth = 0
        for index, token in enumerate(found):
            depth += (token.upper in _OPENING) - (token.upper in _CLOSING)
            if token.upper == "INTO" and not depth and index:
                names, last = self._targets(found, index + 1)
                origin = found[0].start
                return names, slice(token.start - origin, last.end - origin)
        return (), slice(0, 0)

    def _targets(self, found: list[Token], index: int) -> tuple[tuple[str, ...], Token]:
        """Return the names in «:a, :b» from *index* on, and the last token that belongs to them."""
        piece = Reader(self.text, self.timestamp, self._instruction, [*found[index:], self.token])
        names = [piece.target()]
        while piece.accept(","):
            names.append(piece.target())
        return tuple(names), found[index + piece._position - 1]

    # --- names ---------------------------------------------------------------------------------

    def target(self) -> str:
        """Take the name of a variable, with or without its colon."""
        self.accept(":")
        return self.identifier()

    def identifier(self) -> str:
        """Take one name and return it folded; a SyntaxFault tells the place of one that is none."""
        token = self.token
        try:
            return super().identifier()
        except InvalidIdentifier as error:
            raise unexpected(self.text, token) from error

    # --- instructions --------------------------------------------------------------------------

    def instructions(self, *ends: str) -> tuple[Instruction, ...]:
        """Take instructions up to one of the words *ends*, at least one."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.refusal(f"instructions are nested deeper than {_DEEPEST} levels")
        found: list[Instruction] = []
        while not (self.token.upper in ends and self.ahead(1).upper != ":="):
            found.append(self._instruction(self))
        if not found:
            self.fail()
        self._depth -= 1
        return tuple(found)

    def turns(self, *ends: str) -> tuple[Instruction, ...]:
        """Take the instructions of a loop, in which BREAK and CONTINUE may stand."""
        self._loops.append(set())
        return self.instructions(*ends)

    def end_of_loop(self, *words: str) -> str | None:
        """Take END, one of *words* and the label of the loop; see that nothing names another label."""
        self.expect("END")
        if self.accept_one(frozenset(words)) is None:
            self.fail()
        label = None if self.at(";") else self.identifier()
        pending = self._loops.pop() - {label or ""}
        if pending and not self._loops:
            raise self.refusal(f"there is no loop labelled {min(pending)} around the statement that names it")
        if pending:
            self._loops[-1] |= pending
        return label

    def label_of_jump(self) -> str | None:
        """Take the label that BREAK or CONTINUE may name; refuse them outside loops."""
        if not self._loops:
            raise self.refusal("BREAK and CONTINUE may stand in a loop only")
        if self.at(";"):
            return None
        label = self.identifier()
        self._loops[-1].add(label)
        return label

    def refusal(self, what: str, token: Token | None = None) -> SyntaxFault:
        """Return the error that says *what* is wrong where *token*, or else the next one, stands."""
        line, column = place(self.text, (token or self.token).start)
        return SyntaxFault(f"SQL compilation error:\nerror line {line} at position {column}\n{what}.")


def _called(found: list[Token]) -> str | None:
    """Return the name in «CALL name(…)», if it is a plain one."""
    if len(found) < 3 or found[0].upper != "CALL" or found[2].upper != "(":
        return None
    return fold(found[1].text) if found[1].kind in (Kind.WORD, Kind.QUOTED) else None
