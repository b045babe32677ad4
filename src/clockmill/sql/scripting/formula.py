"""The tree of an expression that can be evaluated without an engine: values and what joins them.

An expression that is more than this (a subquery, a window, a lambda, a function with clauses of
its own) has no formula, and is left to an engine as text.
"""

from decimal import Decimal

import msgspec

from clockmill.core.types import ColumnType


class Literal(msgspec.Struct, frozen=True):
    """A constant and its type: NUMBER(2,1) for 1.5, VARCHAR(1) for 'a'."""

    value: int | Decimal | float | str | bool | None
    type: ColumnType


class Name(msgspec.Struct, frozen=True):
    """A variable, or the field of a row («row.column»); *is_bound* if written with its colon."""

    parts: tuple[str, ...]
    is_bound: bool = False


class SessionVariable(msgspec.Struct, frozen=True):
    """$name."""

    name: str


class Unary(msgspec.Struct, frozen=True):
    """*operator* is «-», «+» or NOT."""

    operator: str
    operand: "Formula"


class Binary(msgspec.Struct, frozen=True):
    """*operator* is one of + - * / % || = <> < <= > >= AND OR («!=» is «<>»)."""

    operator: str
    left: "Formula"
    right: "Formula"


class IsNull(msgspec.Struct, frozen=True):
    """IS [NOT] NULL."""

    operand: "Formula"
    is_negated: bool = False


class InList(msgspec.Struct, frozen=True):
    """[NOT] IN (…)."""

    operand: "Formula"
    items: "tuple[Formula, ...]"
    is_negated: bool = False


class Between(msgspec.Struct, frozen=True):
    """[NOT] BETWEEN … AND …."""

    operand: "Formula"
    low: "Formula"
    high: "Formula"
    is_negated: bool = False


class When(msgspec.Struct, frozen=True):
    """One WHEN … THEN of a CASE."""

    condition: "Formula"
    value: "Formula"


class CaseOf(msgspec.Struct, frozen=True):
    """CASE [operand] WHEN … [ELSE …] END."""

    operand: "Formula | None"
    branches: tuple[When, ...]
    otherwise: "Formula | None"


class Call(msgspec.Struct, frozen=True):
    """A function by its upper-case name, with plain arguments in order."""

    name: str
    arguments: "tuple[Formula, ...]"


class Cast(msgspec.Struct, frozen=True):
    """CAST(… AS type) or «::»; with *is_try* NULL instead of an error."""

    operand: "Formula"
    type: ColumnType
    is_try: bool = False


Formula = Literal | Name | SessionVariable | Unary | Binary | IsNull | InList | Between | CaseOf | Call | Cast
