"""A copy of all that a store holds, as of one instant, into another store of either kind."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Column, Row, Table, func, insert, literal, select

from clockmill.core.errors import ClockmillError
from clockmill.files import CheckGoesOn
from clockmill.store.database import Store, Transaction
from clockmill.store.tables import metadata, nodes

BATCH: Final = 1_000
"""Rows that are read and written at once."""

_LEFT_OUT: Final = frozenset({nodes})
"""Who is at work on the one store is not at work on the other. Runs whose owner is unknown are let
go at the first start, and taken up."""


class StoreNotEmpty(ClockmillError):
    """A store that was to be filled holds something already."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"The store to copy to is not empty: there are rows of {table}. Nothing was copied. Name a "
            "database that is new, or a folder without a clockmill.db."
        )


def copy_store(source: Transaction, target: Store, check: CheckGoesOn = lambda: None) -> int:
    """Fill the empty *target* with what *source* sees, all or nothing; return the number of rows.

    *check* is called all the time, and what it raises ends the copying. Raises :class:`StoreNotEmpty`.
    """
    return target.write(lambda tx: copy_rows(source, tx, check))


def copy_rows(source: Transaction, target: Transaction, check: CheckGoesOn = lambda: None) -> int:
    """Do as :func:`copy_store`, in a transaction of the caller's."""
    tables = [table for table in metadata.sorted_tables if table not in _LEFT_OUT]
    _refuse_rows(target)
    count = sum(_copy_table(source, target, table, check) for table in tables)
    for table in tables:
        _move_sequence(target, table)
    return count


def _refuse_rows(tx: Transaction) -> None:
    for table in metadata.sorted_tables:
        if tx.execute(select(literal(1)).select_from(table).limit(1)).first() is not None:
            raise StoreNotEmpty(table.name)


def _copy_table(source: Transaction, target: Transaction, table: Table, check: CheckGoesOn) -> int:
    count = 0
    for rows in _batches(source, table):
        check()
        target.execute(insert(table), [dict(row) for row in (each._mapping for each in rows)])  # noqa: SLF001
        count += len(rows)
    return count


def _batches(source: Transaction, table: Table) -> Iterator[Sequence[Row[Any]]]:
    # What refers to a row of its own table comes after those that do not.
    query = select(table).order_by(
        *(column.is_not(None) for column in _own_references(table)), *table.primary_key
    )
    yield from source.execute(query.execution_options(yield_per=BATCH)).partitions()


def _own_references(table: Table) -> list[Column[Any]]:
    return [key.parent for key in table.foreign_keys if key.column.table is table]


def _move_sequence(tx: Transaction, table: Table) -> None:
    """Let the next id that PostgreSQL makes be a new one; SQLite takes the next by itself."""
    column = table.autoincrement_column
    if tx.dialect.name != "postgresql" or column is None:
        return
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    highest = select(func.max(column)).scalar_subquery()
    tx.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))
