"""Values written as SQL: how a result becomes text that gives it again."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from clockmill.core.names import render

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "'": "''"})
_JSON: Final = frozenset({"VARIANT", "OBJECT", "ARRAY"})


def literal(value: Any) -> str:
    """Return *value* (a cell of a result) as a literal; texts, instants and JSON as quoted text.

    >>> literal("it's"), literal(None), literal(True)
    ("'it''s'", 'NULL', 'TRUE')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, float):
        return f"'{value!r}'"
    if isinstance(value, bytes):
        return f"'{value.hex()}'"
    if isinstance(value, datetime):
        return quoted(value.isoformat(sep=" "))
    if isinstance(value, date | time):
        return quoted(value.isoformat())
    return quoted(str(value))


def quoted(text: str) -> str:
    """Return *text* as a string literal."""
    return f"'{text.translate(_ESCAPES)}'"


def rows_as_query(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> str:
    """Return a query that gives *rows*; *columns* are names and types, as DESCRIBE writes them."""
    wanted = ", ".join(
        f"{_typed(f'COLUMN{index}', kind)} AS {render(name)}" for index, (name, kind) in enumerate(columns, 1)
    )
    # One row even of nothing tells the engine how many columns there are.
    listed = rows or [[None] * len(columns)]
    values = ", ".join("(" + ", ".join(literal(cell) for cell in row) + ")" for row in listed)
    return f"SELECT {wanted} FROM VALUES {values}" + ("" if rows else " WHERE FALSE")


def _typed(column: str, kind: str) -> str:
    if kind in _JSON:
        return f"PARSE_JSON({column})::{kind}"
    if kind.startswith("BINARY"):
        return f"TO_BINARY({column}, 'HEX')"
    return f"{column}::{kind}"
