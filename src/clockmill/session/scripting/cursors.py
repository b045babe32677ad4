"""Cursors and result sets: rows that a script goes through, or gives back as a table."""

from collections.abc import Sequence
from typing import Any

from clockmill.engine.result import Result
from clockmill.session.scripting.background import Job
from clockmill.session.scripting.faults import CursorFault
from clockmill.session.scripting.values import Frame
from clockmill.sql.scripting.ast import Sql


class ResultSet:
    """What a query gave, or will have given once it is awaited. Empty until a query is assigned."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.result: Result | None = None
        self.job: Job | None = None

    def rows_of(self) -> Result:
        """Return the result; raises CursorFault where there is none, or none yet."""
        if self.result is None:
            why = "is not awaited yet" if self.job is not None else "has no query assigned"
            raise CursorFault(self.name, why)
        return self.result


class Cursor:
    """A query, or a result set, that is gone through row by row.

    The query sees the names of the *frame* in which the cursor is declared, as they are when it
    is opened.
    """

    def __init__(self, name: str, query: Sql | None, source: ResultSet | None, frame: Frame) -> None:
        self.name = name
        self.query = query
        self.source = source
        self.frame = frame
        self._result: Result | None = None
        self._position = 0

    @property
    def is_open(self) -> bool:
        return self._result is not None

    @property
    def result(self) -> Result:
        """All the rows, wherever the cursor stands; raises CursorFault if it is not open."""
        if self._result is None:
            raise CursorFault(self.name, "is not open")
        return self._result

    def open(self, result: Result) -> None:
        """Stand before the first row of *result*."""
        self._result = result
        self._position = 0

    def close(self) -> None:
        """Forget the rows; raises CursorFault if it is not open."""
        if self._result is None:
            raise CursorFault(self.name, "is not open")
        self._result = None

    def fetch(self) -> Sequence[Any] | None:
        """Return the next row, or None after the last; raises CursorFault if it is not open."""
        rows = self.result.rows
        if self._position >= len(rows):
            return None
        self._position += 1
        found: Sequence[Any] = rows[self._position - 1]
        return found
