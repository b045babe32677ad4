"""How the tables of functions are written: a call, a rule for it, and short forms of frequent rules."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.operators import number, text_of, widened
from clockmill.engine.duckdb.translate.scope import Scope
from clockmill.engine.duckdb.translate.unit import Typed
from clockmill.engine.result import BOOLEAN, ColumnType, Kind


class Call:
    """A function call as written: its name, arguments not yet translated, and modifiers."""

    def __init__(
        self,
        name: str,
        arguments: list[exp.Expr],
        scope: Scope,
        *,
        distinct: bool = False,
        order: list[exp.Expr] | None = None,
        ignores_nulls: bool = False,
        named: dict[str, exp.Expr] | None = None,
        is_windowed: bool = False,
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.scope = scope
        self.distinct = distinct
        self.order = order or []
        self.ignores_nulls = ignores_nulls
        self.named = named or {}
        self.is_windowed = is_windowed
        """Whether OVER follows."""

    def __len__(self) -> int:
        return len(self.arguments)

    def value(self, place: int) -> Typed:
        """Translate the argument at *place*."""
        return self.scope.expression(self.arguments[place])

    def values(self) -> list[Typed]:
        return [self.value(place) for place in range(len(self.arguments))]

    def expect(self, least: int, most: int | None = None) -> None:
        """Refuse a wrong number of arguments."""
        count = len(self.arguments)
        if count < least:
            raise CompilationFault(
                f"not enough arguments for function [{self.name}], expected {least}, got {count}",
                code="000938",
                sqlstate="22023",
            )
        if most is not None and count > most:
            raise CompilationFault(
                f"too many arguments for function [{self.name}], expected {most}, got {count}",
                code="000939",
                sqlstate="22023",
            )

    def word(self, place: int) -> str:
        """Return a keyword argument such as a date part, written bare or as a string."""
        node = self.arguments[place]
        if isinstance(node, exp.Literal | exp.Identifier | exp.Var):
            return node.name.lower()
        if isinstance(node, exp.Column):
            return str(node.this.name).lower()
        if isinstance(node, exp.Func | exp.DataType | exp.Interval) and not isinstance(node, exp.Struct):
            return node.key.lower()
        value = self.constant(place)
        return str(value).lower()

    def constant(self, place: int) -> Any:
        """Return the value of an argument that may not depend on rows."""
        node = self.arguments[place]
        unit = self.scope.unit
        if isinstance(node, exp.Literal):
            return (
                node.name if node.is_string else int(node.name) if node.name.isdigit() else float(node.name)
            )
        if isinstance(node, exp.Array):
            return [Call(self.name, [item], self.scope).constant(0) for item in node.expressions]
        if isinstance(node, exp.Placeholder | exp.Parameter):
            unit.is_cacheable = False
        value = Scope(unit).expression(node)
        if value.is_constant:
            return value.constant
        unit.is_cacheable = False
        return unit.evaluate(value.sql, unit.parameters)

    def whole(self, place: int) -> int:
        """Return the value of an argument that must be a whole number and may not depend on rows."""
        value = self.constant(place)
        try:
            return int(value)
        except (TypeError, ValueError, OverflowError):
            raise CompilationFault(
                f"argument {place + 1} to function {self.name} needs to be a constant whole number",
                code="001015",
                sqlstate="22023",
            ) from None

    def text(self, place: int) -> str:
        """Translate an argument as text."""
        value = self.value(place)
        return "CAST(NULL AS VARCHAR)" if types.is_null(value.type) else text_of(self.scope, value)

    def integer(self, place: int) -> str:
        """Translate an argument as a BIGINT."""
        value = number(self.scope, self.value(place))
        if value.is_constant and not value.is_wide:
            return value.sql
        return f"CAST({value.sql} AS BIGINT)"

    def double(self, place: int) -> str:
        """Translate an argument as a DOUBLE."""
        value = number(self.scope, self.value(place))
        return value.sql if value.type.kind is Kind.REAL else f"CAST({value.sql} AS DOUBLE)"

    def boolean(self, place: int) -> str:
        value = self.value(place)
        return (
            value.sql if value.type.kind is Kind.BOOLEAN else casts.cast(self.scope.unit, value, BOOLEAN).sql
        )

    def as_type(self, place: int, kind: ColumnType) -> str:
        return casts.cast(self.scope.unit, self.value(place), kind).sql

    def variant(self, place: int) -> str:
        return casts.to_variant(self.scope.unit, self.value(place))


class Aggregate(msgspec.Struct, frozen=True):
    """An aggregate: *core* is what OVER may follow, *wrap* (with ``{}``) what goes around all of it.

    Where it takes two, *also* is the other one, and stands in *wrap* as ``{also}``.
    """

    core: str
    type: ColumnType
    wrap: str = "{}"
    is_wide: bool = True
    also: str = ""

    def finish(self, over: str = "") -> str:
        """Return all of it, *over* behind each aggregate."""
        return self.wrap.replace("{}", self.core + over).replace("{also}", self.also + over)


Scalar = Callable[[Call], Typed]
AggregateRule = Callable[[Call], Aggregate]

_READERS: Final[dict[str, Callable[[Call, int], str]]] = {
    "t": Call.text,
    "i": Call.integer,
    "f": Call.double,
    "b": Call.boolean,
    "v": Call.variant,
    "d": lambda call, place: call.as_type(place, types.DATE),
    "s": lambda call, place: call.as_type(place, types.NTZ),
    "a": lambda call, place: call.value(place).sql,
    "n": lambda call, place: widened(number(call.scope, call.value(place))),
    "r": lambda call, place: call.as_type(place, types.ARRAY),
    "y": lambda call, place: (
        call.value(place).sql if call.value(place).type.kind is Kind.BINARY else f"encode({call.text(place)})"
    ),
}
SMALL: Final = ColumnType(kind=Kind.FIXED, precision=18, scale=0)


def natural(number: str) -> str:
    """Return 0 instead of a negative *number*. DuckDB's greatest would pass over NULL."""
    return f"(CASE WHEN {number} < 0 THEN 0 ELSE {number} END)"


def simple(signature: str, template: str, result: ColumnType, *defaults: str) -> Scalar:
    """Return a rule for a function with arguments of fixed kinds.

    *signature* has a letter an argument (t text, i integer, f float, b boolean, v variant, d date, s
    timestamp, n number, r array, y binary, a anything); *defaults* stand for the last of them.
    """
    least = len(signature) - len(defaults)

    def rule(call: Call) -> Typed:
        call.expect(least, len(signature))
        given = [_READERS[letter](call, i) for i, letter in enumerate(signature[: len(call)])]
        given += defaults[len(given) - least :]
        return Typed(template.format(*given), result, is_wide=result.kind is not Kind.FIXED)

    return rule


def same_as_first(template: str, count: int = 1) -> Scalar:
    """Return a rule for a function of numbers whose result has its first argument's type."""

    def rule(call: Call) -> Typed:
        call.expect(count, count)
        values = [number(call.scope, value) for value in call.values()]
        return Typed(template.format(*(widened(value) for value in values)), values[0].type)

    return rule


def refused(why: str) -> Scalar:
    def rule(call: Call) -> Typed:
        raise Unsupported(f"function {call.name}: {why}")

    return rule
