"""WHEN: the condition under which a due task runs.

The language is small on purpose: constants, two functions, comparisons, AND/OR/NOT and casts
between numbers, text and booleans. Everything else is refused when the task is created. A
condition is evaluated with three-valued logic, and only «true» lets the task run.
"""

from collections.abc import Callable, Iterator
from typing import Final, Protocol, assert_never

import msgspec

from clockmill.core.condition_lexer import InvalidCondition, Token, TokenKind, tokens
from clockmill.core.condition_values import (
    Type,
    Value,
    as_boolean,
    cast,
    compare,
    read_number,
    read_type,
    try_cast,
)

# Far deeper than anybody writes, and far from Python's own limit.
_MAX_DEPTH: Final = 50


class ConditionLookup(Protocol):
    """What a condition asks of the run it belongs to."""

    def stream_has_data(self, stream: str) -> bool:
        """Say whether the stream of that (possibly qualified) name has changes, or raise NotFound."""
        ...

    def return_value(self, task: str | None) -> str | None:
        """Return what the predecessor *task* (None: the only one) left, or raise a ClockmillError."""
        ...


class Constant(msgspec.Struct, frozen=True):
    value: Value


class StreamHasData(msgspec.Struct, frozen=True):
    stream: str


class ReturnValue(msgspec.Struct, frozen=True):
    task: str | None


class Cast(msgspec.Struct, frozen=True):
    operand: "Expression"
    type: Type
    gives_null: bool
    """Whether what does not fit becomes NULL (TRY_CAST) instead of an error."""


class Compare(msgspec.Struct, frozen=True):
    left: "Expression"
    operator: str
    right: "Expression"


class IsNull(msgspec.Struct, frozen=True):
    operand: "Expression"


class Not(msgspec.Struct, frozen=True):
    operand: "Expression"


class And(msgspec.Struct, frozen=True):
    operands: tuple["Expression", ...]


class Or(msgspec.Struct, frozen=True):
    operands: tuple["Expression", ...]


Expression = Constant | StreamHasData | ReturnValue | Cast | Compare | IsNull | Not | And | Or


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that was read. *streams* and *tasks* are the names it asks for, as written."""

    text: str
    expression: Expression
    streams: tuple[str, ...]
    tasks: tuple[str | None, ...]

    def evaluate(self, lookup: ConditionLookup) -> bool:
        """Say whether the condition is true; unknown is not.

        Raises :class:`~clockmill.core.condition_values.ConditionFault` for a value that cannot
        be read as what it is compared with or cast to, and what *lookup* raises.
        """
        return as_boolean(_evaluate(self.expression, lookup)) is True


def parse_condition(text: str) -> Condition:
    """Return the condition that *text* states, or raise :class:`InvalidCondition`.

    >>> parse_condition("SYSTEM$STREAM_HAS_DATA('s') OR 1 = 2").streams
    ('s',)
    """
    parser = _Parser(tokens(text))
    expression = parser.read_all()
    return Condition(
        text=text, expression=expression, streams=tuple(parser.streams), tasks=tuple(parser.tasks)
    )


def _evaluate(expression: Expression, lookup: ConditionLookup) -> Value:
    match expression:
        case Constant(value):
            return value
        case StreamHasData(stream):
            return lookup.stream_has_data(stream)
        case ReturnValue(task):
            return lookup.return_value(task)
        case Cast(operand, type_, gives_null):
            convert = try_cast if gives_null else cast
            return convert(_evaluate(operand, lookup), type_)
        case Compare(left, operator, right):
            return compare(operator, _evaluate(left, lookup), _evaluate(right, lookup))
        case IsNull(operand):
            return _evaluate(operand, lookup) is None
        case Not(operand):
            value = as_boolean(_evaluate(operand, lookup))
            return None if value is None else not value
        case And(operands):
            return _settle(operands, lookup, settled_by=False)
        case Or(operands):
            return _settle(operands, lookup, settled_by=True)
    assert_never(expression)


def _settle(operands: tuple[Expression, ...], lookup: ConditionLookup, *, settled_by: bool) -> bool | None:
    """Evaluate operands in order until one decides; an unknown one leaves the rest to decide."""
    is_unknown = False
    for operand in operands:
        value = as_boolean(_evaluate(operand, lookup))
        if value is settled_by:
            return settled_by
        is_unknown = is_unknown or value is None
    return None if is_unknown else not settled_by


class _Parser:
    """Reads tokens by recursive descent, one method for each level of precedence."""

    def __init__(self, read: Iterator[Token]) -> None:
        self._tokens = list(read)
        self._at = 0
        self._depth = 0
        self.streams: list[str] = []
        self.tasks: list[str | None] = []

    def read_all(self) -> Expression:
        expression = self._or()
        self._expect(TokenKind.END)
        return expression

    def _or(self) -> Expression:
        operands = self._operands(self._and, "OR")
        return operands[0] if len(operands) == 1 else Or(operands)

    def _and(self) -> Expression:
        operands = self._operands(self._not, "AND")
        return operands[0] if len(operands) == 1 else And(operands)

    def _operands(self, read: Callable[[], Expression], word: str) -> tuple[Expression, ...]:
        self._descend()
        operands = [read()]
        while self._take_word(word):
            operands.append(read())
        self._depth -= 1
        return tuple(operands)

    def _not(self) -> Expression:
        if not self._take_word("NOT"):
            return self._comparison()
        self._descend()
        operand = self._not()
        self._depth -= 1
        return Not(operand)

    def _comparison(self) -> Expression:
        left = self._operand()
        if self._take_word("IS"):
            is_negated = self._take_word("NOT")
            self._expect_word("NULL")
            return Not(IsNull(left)) if is_negated else IsNull(left)
        operator = self._take(TokenKind.COMPARISON)
        return left if operator is None else Compare(left, operator, self._operand())

    def _operand(self) -> Expression:
        operand = self._primary()
        casts = 0
        while self._take_mark("::"):
            casts += 1
            if casts > _MAX_DEPTH:
                raise InvalidCondition
            operand = Cast(operand, self._type(), gives_null=False)
        return operand

    def _primary(self) -> Expression:
        text = self._take(TokenKind.STRING)
        if text is not None:
            return Constant(text)
        if self._take_mark("("):
            inner = self._or()
            self._expect_mark(")")
            return inner
        sign = "-" if self._take_mark("-") else ""
        number = self._take(TokenKind.NUMBER)
        if number is not None:
            return Constant(read_number(sign + number))
        if sign:
            raise InvalidCondition
        return self._word()

    def _word(self) -> Expression:
        match (self._take(TokenKind.WORD) or "").upper():
            case "TRUE":
                return Constant(True)
            case "FALSE":
                return Constant(False)
            case "NULL":
                return Constant(None)
            case "CAST":
                return self._cast_call(gives_null=False)
            case "TRY_CAST":
                return self._cast_call(gives_null=True)
            case "SYSTEM$STREAM_HAS_DATA":
                return self._stream_has_data()
            case "SYSTEM$GET_PREDECESSOR_RETURN_VALUE":
                return self._return_value()
        raise InvalidCondition

    def _cast_call(self, *, gives_null: bool) -> Expression:
        self._expect_mark("(")
        operand = self._or()
        self._expect_word("AS")
        type_ = self._type()
        self._expect_mark(")")
        return Cast(operand, type_, gives_null)

    def _stream_has_data(self) -> Expression:
        self._expect_mark("(")
        stream = self._expect(TokenKind.STRING)
        self._expect_mark(")")
        self.streams.append(stream)
        return StreamHasData(stream)

    def _return_value(self) -> Expression:
        self._expect_mark("(")
        task = self._take(TokenKind.STRING)
        self._expect_mark(")")
        self.tasks.append(task)
        return ReturnValue(task)

    def _type(self) -> Type:
        name = self._expect(TokenKind.WORD).upper()
        if name == "DOUBLE":
            self._take_word("PRECISION")
        limits: list[str] = []
        if self._take_mark("("):
            limits.append(self._expect(TokenKind.NUMBER))
            if self._take_mark(","):
                limits.append(self._expect(TokenKind.NUMBER))
            self._expect_mark(")")
        return read_type(name, limits)

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise InvalidCondition

    def _take(self, kind: TokenKind) -> str | None:
        token = self._tokens[self._at]
        if token.kind is not kind:
            return None
        self._at += 1
        return token.text

    def _take_word(self, word: str) -> bool:
        token = self._tokens[self._at]
        found = token.kind is TokenKind.WORD and token.text.upper() == word
        self._at += found
        return found

    def _take_mark(self, mark: str) -> bool:
        found = self._tokens[self._at] == Token(TokenKind.MARK, mark)
        self._at += found
        return found

    def _expect(self, kind: TokenKind) -> str:
        text = self._take(kind)
        if text is None:
            raise InvalidCondition
        return text

    def _expect_word(self, word: str) -> None:
        if not self._take_word(word):
            raise InvalidCondition

    def _expect_mark(self, mark: str) -> None:
        if not self._take_mark(mark):
            raise InvalidCondition
