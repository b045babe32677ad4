"""Which rows of a listing are wanted: LIKE, STARTS WITH, LIMIT and FROM, alike for all kinds."""

import re
from collections.abc import Callable, Iterable
from itertools import dropwhile, islice
from typing import TypedDict, TypeVar

T = TypeVar("T")


class Selection(TypedDict, total=False):
    """The options that :func:`select_named` explains, for those that only hand them on."""

    like: str | None
    starts_with: str | None
    from_name: str | None
    limit: int | None


def select_named(
    rows: Iterable[T],
    name_of: Callable[[T], str],
    *,
    like: str | None = None,
    starts_with: str | None = None,
    from_name: str | None = None,
    limit: int | None = None,
) -> list[T]:
    """Return those of *rows*, which are in order, that the options of a SHOW statement ask for.

    *like* takes ``%`` and ``_`` and ignores case; *starts_with* and *from_name* do not ignore it.
    Of what is left, rows follow the first whose name begins with *from_name*, or, where none
    does, those whose name sorts after it.
    """
    if like is not None:
        matches = _pattern(like).match
        rows = (row for row in rows if matches(name_of(row)))
    if starts_with is not None:
        rows = (row for row in rows if name_of(row).startswith(starts_with))
    if from_name is not None:
        rows = _after(list(rows), name_of, from_name)
    return list(islice(rows, limit))


def _after(rows: list[T], name_of: Callable[[T], str], from_name: str) -> Iterable[T]:
    begins = [name_of(row).startswith(from_name) for row in rows]
    if True in begins:
        return rows[begins.index(True) + 1 :]
    # A listing goes on behind a row that has been dropped since it was shown.
    return dropwhile(lambda row: name_of(row) <= from_name, rows)


def _pattern(like: str) -> re.Pattern[str]:
    wild = {"%": ".*", "_": "."}
    parts = re.findall(r"\\.|.", like, re.DOTALL)
    text = "".join(wild.get(part) or re.escape(part[-1]) for part in parts)
    return re.compile(text + r"\Z", re.IGNORECASE | re.DOTALL)
