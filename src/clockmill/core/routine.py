"""Stored procedures and functions: what a user says of them, and which of several a call means."""

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from clockmill.core.errors import InvalidRequest, SyntaxFault
from clockmill.core.names import QualifiedName, render
from clockmill.core.types import ColumnType, Kind

MAX_ARGUMENTS: Final = 500
SQL: Final = "SQL"
"""The language whose bodies are expressions, queries or scripting blocks."""


class RoutineKind(enum.StrEnum):
    """What a routine is called by: CALL, or an expression."""

    PROCEDURE = "PROCEDURE"
    FUNCTION = "FUNCTION"


class Rights(enum.StrEnum):
    """In whose name a procedure runs."""

    OWNER = "OWNER"
    CALLER = "CALLER"


class Argument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An argument as it is declared. *default* is SQL text; without it a value must be given.

    One that *is_output* hands its last value back to the variable that a call gives for it.
    """

    name: str
    type: ColumnType
    default: str | None = None
    is_output: bool = False


class TableColumn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column of the table that a routine returns."""

    name: str
    type: ColumnType


class RoutineSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the user says of a procedure or function.

    *returns* is None where a table is returned; *columns* is then what is declared of it, and
    empty where the result of each call says what they are. *options* are clauses of languages
    other than SQL, by upper-case name.
    """

    arguments: tuple[Argument, ...] = ()
    returns: ColumnType | None = None
    columns: tuple[TableColumn, ...] = ()
    language: str = SQL
    body: str = ""
    rights: Rights = Rights.OWNER
    is_strict: bool = False
    is_immutable: bool = False
    is_memoizable: bool = False
    is_secure: bool = False
    comment: str | None = None
    options: dict[str, str | int | float | bool | list[str] | None] = {}

    @property
    def is_table(self) -> bool:
        return self.returns is None

    @property
    def outputs(self) -> tuple[str, ...]:
        """The arguments that are handed back."""
        return tuple(each.name for each in self.arguments if each.is_output)

    @property
    def least(self) -> int:
        """How many arguments a call must give."""
        return sum(1 for each in self.arguments if each.default is None)


class Routine(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure or function as it is stored. With others of its name it differs in *types*."""

    id: str
    kind: RoutineKind
    name: QualifiedName
    owner: str
    spec: RoutineSpec
    created_on: datetime
    changed_on: datetime

    @property
    def types(self) -> tuple[str, ...]:
        """The types of the arguments without their sizes: what tells overloads apart."""
        return tuple(type_word(each.type) for each in self.spec.arguments)


class RoutineName(msgspec.Struct, frozen=True, order=True):
    """What tells a routine from all others. As text: ``DB.SCHEMA.NAME(NUMBER, VARCHAR)``."""

    kind: RoutineKind
    name: QualifiedName
    types: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.types)})"


# --- types as signatures write them ----------------------------------------------------------

_WORDS: Final = {Kind.FIXED: "NUMBER", Kind.REAL: "FLOAT", Kind.TEXT: "VARCHAR"}


def type_word(kind: ColumnType) -> str:
    """Return the name of a type without its sizes.

    >>> type_word(ColumnType(kind=Kind.TEXT, length=3))
    'VARCHAR'
    """
    return _WORDS.get(kind.kind) or kind.kind.value.upper()


def shown_returns(spec: RoutineSpec) -> str:
    """Return what a routine returns as listings write it: «VARCHAR», «TABLE (A NUMBER)»."""
    if spec.returns is not None:
        return type_word(spec.returns)
    columns = ", ".join(f"{render(each.name)} {type_word(each.type)}" for each in spec.columns)
    return f"TABLE ({columns})"


def shown_signature(routine: Routine) -> str:
    """Return name, types and return type on one line: «P(NUMBER, DEFAULT VARCHAR) RETURN VARCHAR»."""
    parts = [
        word if argument.default is None else f"DEFAULT {word}"
        for word, argument in zip(routine.types, routine.spec.arguments, strict=True)
    ]
    return f"{render(routine.name.name)}({', '.join(parts)}) RETURN {shown_returns(routine.spec)}"


# --- rules -----------------------------------------------------------------------------------


class BadArguments(SyntaxFault):
    """Arguments are declared in a way that no call could satisfy."""


def check_arguments(arguments: Sequence[Argument]) -> None:
    """Raise BadArguments for a repeated name, for too many, or for a default before none."""
    names = [each.name for each in arguments]
    if len(names) > MAX_ARGUMENTS:
        raise BadArguments(f"SQL compilation error:\nA routine has at most {MAX_ARGUMENTS} arguments.")
    for name in names:
        if names.count(name) > 1:
            raise BadArguments(f"SQL compilation error:\nduplicate argument name '{render(name)}'.")
    optional = [each.default is not None for each in arguments]
    if optional != sorted(optional):
        raise BadArguments(
            "SQL compilation error:\nArguments without a default value must stand before those with one."
        )


class UnknownRoutine(InvalidRequest):
    """What is called is nowhere."""

    code, sqlstate = "002140", "42601"

    def __init__(self, kind: RoutineKind, name: object) -> None:
        word = "user-defined function" if kind is RoutineKind.FUNCTION else "function"
        super().__init__(f"SQL compilation error:\nUnknown {word} {name}")


class NoSuchOverload(InvalidRequest):
    """No routine of that name takes these arguments."""

    code, sqlstate = "001044", "42P13"

    def __init__(self, name: str, given: "Given") -> None:
        shown = [type_word(each) for each in given.positional]
        shown += [f"{render(each)} => {type_word(kind)}" for each, kind in given.named.items()]
        super().__init__(
            f"SQL compilation error:\nInvalid argument types for function '{render(name)}': "
            f"({', '.join(shown)})"
        )


class AmbiguousCall(InvalidRequest):
    """Several routines of that name take these arguments equally well."""

    code, sqlstate = "001044", "42P13"

    def __init__(self, name: str, chosen: Sequence[Routine]) -> None:
        listed = " or ".join(f"{render(name)}({', '.join(each.types)})" for each in chosen)
        super().__init__(
            f"SQL compilation error:\nThe call of '{render(name)}' is ambiguous: it may mean {listed}. "
            "Cast the arguments to the types of the one that is meant."
        )


class NamedAndPositional(InvalidRequest):
    """Some arguments of a call are given by name and others by position."""

    code, sqlstate = "001003", "42000"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"SQL compilation error:\nThe call of '{render(name)}' gives arguments by name and by position. "
            "Give all of them in one of the two ways."
        )


# --- which of several a call means -----------------------------------------------------------


class Given(msgspec.Struct, frozen=True):
    """What a call gives: the type of each argument, by position or, all of them, by name."""

    positional: tuple[ColumnType, ...] = ()
    named: Mapping[str, ColumnType] = {}


def choose(name: str, overloads: Sequence[Routine], given: Given) -> Routine:
    """Return the one of *overloads* that a call means: the one that needs the least conversion.

    Raises NoSuchOverload, AmbiguousCall or NamedAndPositional.
    """
    if given.positional and given.named:
        raise NamedAndPositional(name)
    costs = [(_cost(each.spec, given), each) for each in overloads]
    possible = [(cost, each) for cost, each in costs if cost is not None]
    if not possible:
        raise NoSuchOverload(name, given)
    least = min(cost for cost, _ in possible)
    best = [each for cost, each in possible if cost == least]
    if len(best) > 1:
        raise AmbiguousCall(name, best)
    return best[0]


def require_fitting(name: str, spec: RoutineSpec, given: Given) -> None:
    """Raise NoSuchOverload or NamedAndPositional if a call that gives *given* is not one of *spec*."""
    if given.positional and given.named:
        raise NamedAndPositional(name)
    if _cost(spec, given) is None:
        raise NoSuchOverload(name, given)


def _cost(spec: RoutineSpec, given: Given) -> int | None:
    """Return how far the arguments are from what *spec* wants, or None if they cannot be had."""
    if given.named:
        wanted = {each.name: each for each in spec.arguments}
        missing = [each for each in spec.arguments if each.default is None and each.name not in given.named]
        if missing or not given.named.keys() <= wanted.keys():
            return None
        pairs = [(kind, wanted[name].type) for name, kind in given.named.items()]
    else:
        if not spec.least <= len(given.positional) <= len(spec.arguments):
            return None
        pairs = [(kind, each.type) for kind, each in zip(given.positional, spec.arguments, strict=False)]
    # A default that has to stand in counts a little, so that an exact match comes first.
    total = len(spec.arguments) - len(pairs)
    for has, wants in pairs:
        cost = _conversion(has, wants)
        if cost is None:
            return None
        total += cost * _MOST_DEFAULTS
    return total


_MOST_DEFAULTS: Final = MAX_ARGUMENTS + 1
_STAMPS: Final = frozenset({Kind.TIMESTAMP_NTZ, Kind.TIMESTAMP_LTZ, Kind.TIMESTAMP_TZ})
_FROM_VARIANT: Final = 5
_TO_TEXT: Final = 3
_FROM_TEXT: Final = 4
_CONVERSIONS: Final[dict[tuple[Kind, Kind], int]] = {
    (Kind.FIXED, Kind.REAL): 1,
    (Kind.REAL, Kind.FIXED): 2,
    (Kind.FIXED, Kind.BOOLEAN): 3,
    (Kind.REAL, Kind.BOOLEAN): 3,
    (Kind.BOOLEAN, Kind.FIXED): 3,
    **{(Kind.DATE, stamp): 1 for stamp in _STAMPS},
    **{(stamp, Kind.DATE): 2 for stamp in _STAMPS},
    **{(stamp, Kind.TIME): 2 for stamp in _STAMPS},
    **{(one, other): 1 for one in _STAMPS for other in _STAMPS},
    **{(kind, Kind.VARIANT): 2 for kind in (Kind.FIXED, Kind.REAL, Kind.BOOLEAN)},
    (Kind.ARRAY, Kind.VARIANT): 1,
    (Kind.OBJECT, Kind.VARIANT): 1,
    **{
        (Kind.TEXT, kind): _FROM_TEXT
        for kind in (Kind.FIXED, Kind.REAL, Kind.BOOLEAN, Kind.DATE, Kind.TIME, *_STAMPS)
    },
    **{(kind, Kind.TEXT): _TO_TEXT for kind in Kind if kind not in (Kind.ARRAY, Kind.OBJECT, Kind.BINARY)},
    **{(Kind.VARIANT, kind): _FROM_VARIANT for kind in Kind if kind is not Kind.BINARY},
}
"""How far apart two types are where the one becomes the other without a cast."""


def _conversion(has: ColumnType, wants: ColumnType) -> int | None:
    if has.kind is wants.kind or (has.kind is Kind.TEXT and has.length == 0):
        return 0
    return _CONVERSIONS.get((has.kind, wants.kind))
