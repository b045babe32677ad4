"""Statements that run for every task: compiled once, then handed to the driver as they are.

SQLAlchemy takes four times as long over such a statement as SQLite does, each time: it looks the
compiled form up, sorts the values out by name and sets up a result. Only the few writes of which
a graph run makes thousands go this way; everything else stays readable Core.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Insert, Update
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.sql.compiler import SQLCompiler

_ABSENT: Final = object()


class Prepared:
    """*statement* with a value for each of *names* to be given, each time it runs."""

    def __init__(self, statement: Insert | Update, names: Sequence[str]) -> None:
        # Without a RETURNING that nobody reads.
        self._statement = statement.inline() if isinstance(statement, Insert) else statement
        self._names = names
        self._texts: dict[str, _Text] = {}

    def run(self, tx: Connection, row: Mapping[str, Any]) -> int:
        """Run it once and return how many rows it has changed."""
        text = self._text(tx.dialect)
        return tx.exec_driver_sql(text.sql, text.values(row)).rowcount

    def run_all(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of *rows*, of which there is at least one."""
        text = self._text(tx.dialect)
        if len(rows) == 1:
            # What prepares a driver for many costs more than the one.
            tx.exec_driver_sql(text.sql, text.values(rows[0]))
        else:
            tx.exec_driver_sql(text.sql, [text.values(row) for row in rows])

    def _text(self, dialect: Dialect) -> "_Text":
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = _compile(self._statement, self._names, dialect)
        return text


class _Slot(NamedTuple):
    """One place in the text: the value it always has, or the name of it and how it is written."""

    name: str
    constant: Any
    write: Callable[[Any], Any] | None


class _Text:
    def __init__(self, sql: str, slots: Sequence[_Slot]) -> None:
        self.sql = sql
        self._slots = slots

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(
            [
                constant if constant is not _ABSENT else row[name] if write is None else write(row[name])
                for name, constant, write in self._slots
            ]
        )


def _compile(statement: Insert | Update, names: Sequence[str], dialect: Dialect) -> _Text:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - which is what a dialect of SQL has
    slots = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        write = bind.type.dialect_impl(dialect).bind_processor(dialect)
        constant = _ABSENT
        if bind.key not in names:
            constant = bind.effective_value if write is None else write(bind.effective_value)
        slots.append(_Slot(bind.key, constant, write))
    return _Text(str(compiled), slots)
