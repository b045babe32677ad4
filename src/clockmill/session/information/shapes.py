"""How a table of ours looks: its columns, in order, and where its rows come from."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import msgspec

from clockmill.engine.protocol import Bound
from clockmill.engine.result import BOOLEAN, NUMBER, TEXT, ColumnType, Kind, ResultColumn
from clockmill.session.execution import Execution

Row = Mapping[str, Any]
"""A row by column name; what is left out is NULL."""
Given = Mapping[str, Any]
"""The arguments of a table function by name, without those left out."""

_CUT_OFF: Final = timedelta(milliseconds=1)
WHEN: Final = ColumnType(kind=Kind.TIMESTAMP_LTZ, scale=3)
_KINDS: Final = {
    "text": TEXT,
    "number": NUMBER,
    "when": WHEN,
    "flag": BOOLEAN,
    "real": ColumnType(kind=Kind.REAL),
    "object": ColumnType(kind=Kind.OBJECT),
    "array": ColumnType(kind=Kind.ARRAY),
}


class Bounds:
    """What a statement demands of every row, by column (see :class:`clockmill.engine.protocol.Bound`)."""

    def __init__(self, bounds: Iterable[Bound]) -> None:
        self._bounds = tuple(bounds)

    def equal(self, column: str) -> Any:
        """Return the one value that *column* is to have, or None."""
        return next((each.value for each in self._bounds if (each.column, each.sign) == (column, "=")), None)

    def least(self, column: str) -> datetime | None:
        """Return the earliest instant that *column* is to have, or None."""
        found = [each.value for each in self._bounds if each.column == column and each.sign != "<="]
        return max(found, default=None)

    def most(self, column: str) -> datetime | None:
        """Return the latest instant that *column* is to have, or None.

        What is kept may be later by the digits that are cut off when it is shown.
        """
        found = [each.value for each in self._bounds if each.column == column and each.sign != ">="]
        return min(found) + _CUT_OFF if found else None


class View(msgspec.Struct, frozen=True):
    """A view. *rows* is given the database that it looks into; None is the account.

    *within* gives the rows of a long view that are within bounds, and may give more.
    """

    columns: tuple[ResultColumn, ...]
    rows: Callable[[Execution, str | None], Iterable[Row]]
    within: Callable[[Execution, Bounds], Iterable[Row]] | None = None


class Function(msgspec.Struct, frozen=True):
    """A table function. *rows* is given the arguments."""

    parameters: Mapping[str, ColumnType]
    columns: tuple[ResultColumn, ...]
    rows: Callable[[Execution, Given], Iterable[Row]]


def shape(text: str) -> tuple[ResultColumn, ...]:
    """Return the columns that *text* names, separated by blanks; «name:when» gives a type."""
    return tuple(_column(*word.partition(":")) for word in text.split())


def _column(name: str, _: str, kind: str) -> ResultColumn:
    return ResultColumn(name.upper(), _KINDS[kind or "text"])


def parameters(text: str) -> dict[str, ColumnType]:
    """Return the parameters that *text* names, as :func:`shape` reads columns."""
    return {column.name: column.type for column in shape(text)}


def cells(columns: tuple[ResultColumn, ...], rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """Return *rows* under *columns*, instants cut to the digits that their type has."""
    names = [column.name for column in columns]
    instants = [place for place, column in enumerate(columns) if column.type == WHEN]
    return [_cells(row, names, instants) for row in rows]


def _cells(row: Row, names: list[str], instants: list[int]) -> tuple[Any, ...]:
    found = list(map(row.get, names))
    for place in instants:
        cell = found[place]
        if cell is not None:
            found[place] = cell.replace(microsecond=cell.microsecond // 1000 * 1000)
    return tuple(found)


def yes(value: object) -> str:
    """Write a boolean as the views do."""
    return "YES" if value else "NO"


@lru_cache(maxsize=4096)
def number_of(text: str) -> int:
    """Return a number that stands for the thing that *text* identifies, always the same one."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
