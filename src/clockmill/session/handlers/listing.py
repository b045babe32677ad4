"""Making the result of a SHOW or DESCRIBE: columns, rows, and which of them are wanted."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from clockmill.core.listing import select_named
from clockmill.engine.result import NUMBER, TEXT, ColumnType, Kind, Result, ResultColumn, StatementType
from clockmill.sql.show import Show

T = TypeVar("T")

WHEN: Final = ColumnType(kind=Kind.TIMESTAMP_LTZ, scale=3)
DROPPED: Final = ResultColumn("dropped_on", WHEN)
"""The column that HISTORY adds: when what is shown was dropped; nothing is kept that was."""
_KINDS: Final = {"text": TEXT, "number": NUMBER, "when": WHEN}


def columns(text: str) -> tuple[ResultColumn, ...]:
    """Return the columns that *text* names, separated by blanks; «name:when» gives a type.

    A name with a blank in it is written with an underscore and a trailing «+» («primary_key+»).
    """
    return tuple(_column(*word.partition(":")) for word in text.split())


def _column(name: str, _: str, kind: str) -> ResultColumn:
    if name.endswith("+"):
        name = name[:-1].replace("_", " ")
    return ResultColumn(name, _KINDS[kind or "text"])


def listing(wanted: tuple[ResultColumn, ...], rows: Iterable[Sequence[Any]]) -> Result:
    """Return *rows* under the columns *wanted*."""
    return Result(columns=wanted, rows=[tuple(row) for row in rows], statement_type=StatementType.SELECT)


def filtered(statement: Show, rows: Iterable[T], name_of: Callable[[T], str]) -> list[T]:
    """Return those of *rows* that LIKE, STARTS WITH, LIMIT and FROM leave."""
    return select_named(
        rows,
        name_of,
        like=statement.like,
        starts_with=statement.starts_with,
        from_name=statement.from_name,
        limit=statement.limit,
    )


def flag(value: bool) -> str:
    """Write a boolean as SHOW does."""
    return "Y" if value else "N"


def word(value: object) -> str | None:
    """Write a property as SHOW does: text as it is, booleans in lower case."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)
