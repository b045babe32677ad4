"""Reading an expression as a formula, where it is one; where it is more, there is none.

Where two precedences meet about which pages and engines might disagree («||» beside «+»,
one comparison after another), no formula is made: the engine's reading is then the only one.
"""

from decimal import Decimal
from typing import Final

from clockmill.core.errors import ClockmillError
from clockmill.core.types import BOOLEAN, FLOAT, MAX_PRECISION, NULL, ColumnType, fixed, text
from clockmill.sql.lexer import Kind, Token
from clockmill.sql.parser import Parser
from clockmill.sql.scripting.formula import (
    Between,
    Binary,
    Call,
    CaseOf,
    Cast,
    Formula,
    InList,
    IsNull,
    Literal,
    Name,
    SessionVariable,
    Unary,
    When,
)
from clockmill.sql.types import read_type

_MOST_TOKENS: Final = 300
"""Longer expressions are left to an engine: they are data, or written by a program."""
_DEEPEST: Final = 60

_OR, _AND, _NOT, _COMPARISON, _CONCAT, _SUM, _PRODUCT, _SIGN = range(1, 9)
_LEVELS: Final = {
    "OR": _OR,
    "AND": _AND,
    **dict.fromkeys(("=", "<>", "!=", "<", "<=", ">", ">="), _COMPARISON),
    **dict.fromkeys(("IS", "IN", "BETWEEN", "NOT"), _COMPARISON),
    "||": _CONCAT,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "%": _PRODUCT,
}
_RESERVED: Final = frozenset(
    {"SELECT", "FROM", "WHERE", "AND", "OR", "IN", "IS", "BETWEEN", "LIKE", "ILIKE", "RLIKE", "WHEN", "THEN"}
    | {"ELSE", "END", "AS", "DISTINCT", "EXISTS", "ANY", "ALL", "INTERVAL", "WITH", "TABLE", "EXTRACT"}
)
_AFTER_CALL: Final = frozenset({"OVER", "WITHIN", "FILTER", "IGNORE", "RESPECT", "FROM"})


class _NoFormulaError(Exception):
    """What stands here is more than a formula."""


def read_formula(whole: str, found: list[Token], timestamp: ColumnType) -> Formula | None:
    """Return the formula that *found*, tokens of *whole*, spell, or None if they spell something else."""
    if len(found) > _MOST_TOKENS:
        return None
    end = found[-1].end
    reader = _FormulaReader(whole, [*found, Token(Kind.END, "", "", end, end)], timestamp)
    try:
        return reader.whole()
    except (_NoFormulaError, ClockmillError):
        return None


class _FormulaReader(Parser):
    """A Pratt parser: each operator binds as tightly as its level says."""

    def __init__(self, whole: str, found: list[Token], timestamp: ColumnType) -> None:
        super().__init__(whole, found)
        self._timestamp = timestamp
        self._depth = 0

    def whole(self) -> Formula:
        formula = self._expression(0)
        if self.token.kind is not Kind.END:
            raise _NoFormulaError
        return formula

    def _expression(self, floor: int) -> Formula:
        """Take an expression of operators that bind more tightly than *floor*."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NoFormulaError
        left, before = self._prefix(floor), 0
        while (level := _LEVELS.get(self.token.upper, 0)) > floor:
            if {level, before} == {_CONCAT, _SUM} or level == before == _COMPARISON:
                raise _NoFormulaError
            left = self._predicate(left) if level == _COMPARISON else self._binary(left, level)
            before = level
        self._depth -= 1
        return left

    def _binary(self, left: Formula, level: int) -> Formula:
        operator = self.advance().upper
        # A sum beside «||» shall come back here, to be refused.
        right = self._expression(_SUM if level == _CONCAT else level)
        return Binary(operator, left, right)

    def _predicate(self, left: Formula) -> Formula:
        if self.accept("IS"):
            is_negated = self.accept("NOT")
            self.expect("NULL")
            return IsNull(left, is_negated)
        is_negated = self.accept("NOT")
        if self.accept("IN"):
            self.expect("(")
            return InList(left, self._arguments(), is_negated)
        if self.accept("BETWEEN"):
            low = self._expression(_COMPARISON)
            self.expect("AND")
            return Between(left, low, self._expression(_COMPARISON), is_negated)
        if is_negated:
            raise _NoFormulaError
        operator = self.advance().upper
        return Binary("<>" if operator == "!=" else operator, left, self._expression(_COMPARISON))

    def _prefix(self, floor: int) -> Formula:
        if self.at("NOT"):
            if floor >= _NOT:
                raise _NoFormulaError
            self.advance()
            return Unary("NOT", self._expression(_NOT))
        if self.token.upper in ("-", "+"):
            return Unary(self.advance().upper, self._expression(_SIGN))
        operand = self._primary()
        while self.accept("::"):
            operand = Cast(operand, read_type(self, self._timestamp))
        return operand

    def _primary(self) -> Formula:
        token = self.token
        match token.kind:
            case Kind.NUMBER:
                return _number(self.advance().text)
            case Kind.STRING:
                value = self.advance().value
                return Literal(value, text(max(1, len(value))))
            case Kind.VARIABLE:
                return SessionVariable(self.advance().text[1:].upper())
            case Kind.WORD | Kind.QUOTED:
                return self._word()
        if self.accept("("):
            inner = self._expression(0)
            self.expect(")")
            return inner
        if self.accept(":"):
            return self._name(is_bound=True)
        raise _NoFormulaError

    def _word(self) -> Formula:
        word = self.token.upper
        if word in _CONSTANTS and self.ahead(1).upper != "(":
            self.advance()
            return _CONSTANTS[word]
        if word == "CASE":
            return self._case()
        if self.ahead(1).upper == "(" and self.token.kind is Kind.WORD:
            return self._call()
        if word in _RESERVED:
            raise _NoFormulaError
        return self._name(is_bound=False)

    def _name(self, *, is_bound: bool) -> Name:
        parts = [self.identifier()]
        if self.accept("."):
            parts.append(self.identifier())
        return Name(tuple(parts), is_bound)

    def _case(self) -> Formula:
        self.expect("CASE")
        operand = None if self.at("WHEN") else self._expression(0)
        branches = []
        while self.accept("WHEN"):
            condition = self._expression(0)
            self.expect("THEN")
            branches.append(When(condition, self._expression(0)))
        otherwise = self._expression(0) if self.accept("ELSE") else None
        self.expect("END")
        if not branches:
            raise _NoFormulaError
        return CaseOf(operand, tuple(branches), otherwise)

    def _call(self) -> Formula:
        name = self.advance().upper
        self.expect("(")
        if name in ("CAST", "TRY_CAST"):
            operand = self._expression(0)
            self.expect("AS")
            kind = read_type(self, self._timestamp)
            self.expect(")")
            return Cast(operand, kind, name == "TRY_CAST")
        arguments = () if self.accept(")") else self._arguments()
        if name in _RESERVED or self.token.upper in _AFTER_CALL:
            raise _NoFormulaError
        return Call(name, arguments)

    def _arguments(self) -> tuple[Formula, ...]:
        """Take what is listed up to the closing parenthesis."""
        items = [self._expression(0)]
        while self.accept(","):
            items.append(self._expression(0))
        self.expect(")")
        return tuple(items)


_CONSTANTS: Final = {
    "TRUE": Literal(True, BOOLEAN),
    "FALSE": Literal(False, BOOLEAN),
    "NULL": Literal(None, NULL),
}


def _number(written: str) -> Literal:
    """Read a number: exact with the digits it has, or FLOAT with an exponent or too many of them."""
    whole, _, fraction = written.partition(".")
    digits = len(whole.lstrip("0")) + len(fraction)
    if "e" in written.lower() or digits > MAX_PRECISION:
        return Literal(float(written), FLOAT)
    value = Decimal(written) if fraction else int(whole)
    return Literal(value, fixed(max(digits, 1, len(fraction)), len(fraction)))
