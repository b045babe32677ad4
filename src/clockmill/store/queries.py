"""The history of statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select

from clockmill.store.database import Transaction
from clockmill.store.tables import queries


class QueryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that has ended. *text* holds no secrets by the time it is written."""

    id: str
    session_id: int | None
    user_name: str
    role: str
    warehouse: str | None
    database: str | None
    schema: str | None
    text: str
    kind: str | None
    tag: str | None
    state: str
    rows: int | None
    error_code: str | None
    error_message: str | None
    started_at: datetime
    completed_at: datetime


_INSERT = insert(queries)
_SELECT = select(queries)


def insert_queries(tx: Transaction, rows: Sequence[QueryRow]) -> None:
    """Add finished statements to the history, in one go."""
    if rows:
        tx.execute(_INSERT, [msgspec.structs.asdict(row) for row in rows])


def find_query(tx: Transaction, query_id: str) -> QueryRow | None:
    """Return the statement *query_id*, or None if the history does not have it."""
    row = tx.execute(_SELECT.where(queries.c.id == query_id)).mappings().first()
    return None if row is None else _to_row(dict(row))


def _to_row(values: dict[str, Any]) -> QueryRow:
    return QueryRow(**values)
