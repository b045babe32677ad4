"""The arguments of a CALL: their values, and these as the types that are declared."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from clockmill.core.errors import StatementFault, SyntaxFault
from clockmill.core.names import render
from clockmill.core.routine import Given, RoutineSpec
from clockmill.core.types import BOOLEAN, NULL, NUMBER, TEXT, ColumnType, Kind
from clockmill.engine.protocol import Binding
from clockmill.session.execution import Execution
from clockmill.session.handlers.types import type_name
from clockmill.session.nested import Nested
from clockmill.sql.calls import CallArgument
from clockmill.sql.parser import Bound, Parser, VariableValue

Values = Sequence[tuple[str | None, Binding]]
"""Arguments as given: name (None: by position) and value."""
NO_TARGETS: Final[Mapping[str, str]] = {}


def evaluate(run: Execution, arguments: Sequence[CallArgument]) -> Values:
    """Return the values of *arguments*; the engine is asked unless all of them are plain."""
    if not arguments:
        return ()
    listed = ", ".join(f"{each.text}" for each in arguments)
    found = _plain(run, listed, len(arguments))
    if found is None:
        result = run.ask_engine("SELECT " + ", ".join(f"({each.text})" for each in arguments))
        row = result.rows[0] if result.rows else [None] * len(arguments)
        found = [Binding(value, column.type) for value, column in zip(row, result.columns, strict=True)]
    return [(each.name, value) for each, value in zip(arguments, found, strict=True)]


def types_of(values: Values) -> Given:
    """Return what the choice between overloads is made by."""
    positional = tuple(value.type for name, value in values if name is None)
    return Given(positional, {name: value.type for name, value in values if name is not None})


def fit(nested: Nested, spec: RoutineSpec, values: Values) -> dict[str, Binding]:
    """Return every argument of *spec* by name, in its declared type, with defaults filled in."""
    by_name = {
        name if name is not None else spec.arguments[place].name: value
        for place, (name, value) in enumerate(values)
    }
    given = {
        each.name: by_name[each.name] if each.name in by_name else _default(nested, each.default or "NULL")
        for each in spec.arguments
    }
    wanted = {each.name: each.type for each in spec.arguments}
    others = {name: value for name, value in given.items() if not _is_of(value, wanted[name])}
    converted = _converted(nested, others, wanted) if others else {}
    return {name: converted.get(name) or Binding(value.value, wanted[name]) for name, value in given.items()}


# --- what is handed back ---------------------------------------------------------------------


class NoVariableForOutput(StatementFault):
    """A call gives something else than a variable of a script for an output argument."""

    def __init__(self, procedure: str, argument: str) -> None:
        super().__init__(
            f"The argument {render(argument)} of '{render(procedure)}' is an output argument: call the "
            "procedure in a script, and give a variable with its colon."
        )


def output_targets(
    procedure: str, spec: RoutineSpec, arguments: Sequence[CallArgument], outputs: object
) -> Mapping[str, str]:
    """Return the bind values of the script that take the output arguments, by the arguments' names.

    Raises NoVariableForOutput, also where there is no script, whose *outputs* take the values.
    """
    if not spec.outputs:
        return NO_TARGETS
    given = {
        each.name or spec.arguments[place].name: Parser(each.text) for place, each in enumerate(arguments)
    }
    return {name: _target(procedure, name, given.get(name), outputs) for name in spec.outputs}


def _target(procedure: str, name: str, given: Parser | None, outputs: object) -> str:
    try:
        value = None if given is None or outputs is None else given.argument()
    except SyntaxFault:
        value = None
    if given is None or not isinstance(value, Bound) or not given.at_end:
        raise NoVariableForOutput(procedure, name)
    return value.key


# --- values ----------------------------------------------------------------------------------


def _plain(run: Execution, listed: str, count: int) -> list[Binding] | None:
    """Return the values where each is a literal, a bind value or a variable, else None."""
    parser = Parser(listed)
    found: list[Binding] = []
    try:
        while len(found) < count:
            value = _lone(run, parser.argument())
            if value is None or not (parser.at_end or parser.accept(",")):
                return None
            found.append(value)
    except SyntaxFault:
        return None
    return found


def _lone(run: Execution, argument: Any) -> Binding | None:
    """Return the value of a plain argument; None where its exact type is the engine's to say."""
    match argument:
        case Bound(key=key):
            return run.bindings.get(key) or run.bindings.get(key.upper())
        case VariableValue(name=name):
            return run.state.variables.get(name)
        case None:
            return Binding(None, NULL)
        case bool():
            return Binding(argument, BOOLEAN)
        case int():
            return Binding(argument, NUMBER)
        case str():
            return Binding(argument, TEXT)
    return None


def _default(nested: Nested, text: str) -> Binding:
    result = nested.ask(f"SELECT {text}")
    return Binding(result.rows[0][0] if result.rows else None, result.columns[0].type)


# --- types -----------------------------------------------------------------------------------

_AS_THEY_ARE: Final = frozenset(
    {Kind.REAL, Kind.BOOLEAN, Kind.DATE, Kind.BINARY, Kind.VARIANT, Kind.OBJECT, Kind.ARRAY}
)


def _is_of(value: Binding, wanted: ColumnType) -> bool:
    """Say whether a value is one of the type *wanted* without being changed."""
    if value.value is None:
        return True
    if value.type.kind is not wanted.kind:
        return False
    if wanted.kind is Kind.TEXT:
        return len(value.value) <= (wanted.length or 0)
    if wanted.kind is Kind.FIXED:
        return _fits(value.value, wanted)
    return wanted.kind in _AS_THEY_ARE or value.type.scale == wanted.scale


def _fits(number: int | Decimal, wanted: ColumnType) -> bool:
    scale, precision = wanted.scale or 0, wanted.precision or 38
    return isinstance(number, int) and scale == 0 and abs(number) < 10**precision


def _converted(
    nested: Nested, values: Mapping[str, Binding], wanted: Mapping[str, ColumnType]
) -> dict[str, Binding]:
    names = list(values)
    casts = ", ".join(f"CAST(? AS {type_name(wanted[name])})" for name in names)
    bindings = {str(place): values[name] for place, name in enumerate(names, 1)}
    result = nested.ask(f"SELECT {casts}", bindings)
    return {name: Binding(value, wanted[name]) for name, value in zip(names, result.rows[0], strict=True)}
