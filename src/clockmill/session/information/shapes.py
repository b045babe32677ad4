"""How a table of ours looks: its columns, in order, and where its rows come from."""

from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec

from clockmill.engine.result import BOOLEAN, NUMBER, TEXT, ColumnType, Kind, ResultColumn
from clockmill.session.execution import Execution

Row = Mapping[str, Any]
"""A row by column name; what is left out is NULL."""
Given = Mapping[str, Any]
"""The arguments of a table function by name, without those left out."""

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


class View(msgspec.Struct, frozen=True):
    """A view. *rows* is given the database that it looks into; None is the account."""

    columns: tuple[ResultColumn, ...]
    rows: Callable[[Execution, str | None], Iterable[Row]]


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
    readers = [_cut_reader(each.name) if each.type == WHEN else _reader(each.name) for each in columns]
    return [tuple([read(row) for read in readers]) for row in rows]


def _reader(name: str) -> Callable[[Row], Any]:
    return lambda row: row.get(name)


def _cut_reader(name: str) -> Callable[[Row], Any]:
    def read(row: Row) -> Any:
        cell = row.get(name)
        return None if cell is None else cell.replace(microsecond=cell.microsecond // 1000 * 1000)

    return read


def yes(value: object) -> str:
    """Write a boolean as the views do."""
    return "YES" if value else "NO"


def number_of(text: str) -> int:
    """Return a number that stands for the thing that *text* identifies, always the same one."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
