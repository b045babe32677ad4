"""What the names of a script stand for, and the frames in which they are found."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from clockmill.core.types import NUMBER, TEXT, ColumnType, Kind, fixed
from clockmill.engine.protocol import Binding
from clockmill.engine.result import Result
from clockmill.session.scripting.faults import Raised

_WORD: Final = 10**9
_SMALL: Final = fixed(9)
NOTHING: Final = Binding(None, TEXT)


class Variable:
    """A variable with its type, to which every value is converted; without one it takes any value."""

    __slots__ = ("binding", "type")

    def __init__(self, binding: Binding, of: ColumnType | None) -> None:
        self.binding = binding
        self.type = of


class Row:
    """The row at which a loop over a cursor stands."""

    __slots__ = ("_columns", "_values")

    def __init__(self, columns: Mapping[str, tuple[int, ColumnType]], values: Sequence[Any]) -> None:
        self._columns = columns
        self._values = values

    def field(self, name: str) -> Binding | None:
        """Return the value of the column *name*, or None if there is no such column."""
        found = self._columns.get(name)
        return None if found is None else Binding(self._values[found[0]], found[1])


def row_columns(result: Result) -> dict[str, tuple[int, ColumnType]]:
    """Return the columns of *result* by name, as rows of it are asked for them."""
    return {column.name: (index, column.type) for index, column in enumerate(result.columns)}


class Frame:
    """The names of one block, loop or handler, within those around it."""

    __slots__ = ("handled", "names", "outer")

    def __init__(self, outer: "Frame | None" = None) -> None:
        self.names: dict[str, Any] = {}
        self.outer = outer
        self.handled: Raised | None = None

    def find(self, name: str) -> Any:
        """Return what *name* stands for in the innermost frame that has it, or None."""
        frame: Frame | None = self
        while frame is not None:
            found = frame.names.get(name)
            if found is not None:
                return found
            frame = frame.outer
        return None

    def value(self, parts: tuple[str, ...]) -> Binding | None:
        """Return the value of a variable or of a field of a row, or None if there is none."""
        found = self.find(parts[0])
        if isinstance(found, Variable):
            return found.binding if len(parts) == 1 else None
        if isinstance(found, Row) and len(parts) == 2:
            return found.field(parts[1])
        return None

    def is_variable(self, parts: tuple[str, ...]) -> bool:
        """Say whether *parts* name a value here."""
        return self.value(parts) is not None

    def in_handler(self) -> Raised | None:
        """Return the exception that is being handled, if any is."""
        frame: Frame | None = self
        while frame is not None:
            if frame.handled is not None:
                return frame.handled
            frame = frame.outer
        return None


def counter(value: int) -> Binding:
    """Return the value of a loop's counter."""
    return Binding(value, _SMALL if -_WORD < value < _WORD else NUMBER)


def inferred(of: ColumnType, *, is_exact: bool) -> ColumnType:
    """Return the type of a variable that is declared without one, from that of its first value.

    Texts and numbers get room for other values; a fraction becomes a FLOAT, unless *is_exact*:
    the type is that of a cast or of another variable.
    """
    match of.kind:
        case Kind.FIXED if not of.scale:
            return of if is_exact else NUMBER
        case Kind.FIXED:
            return of if is_exact else ColumnType(kind=Kind.REAL)
        case Kind.TEXT:
            return of if is_exact and of.length else TEXT
    return of
