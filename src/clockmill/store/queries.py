"""The history of statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Select, insert, select, union

from clockmill.store.database import Transaction
from clockmill.store.run_rows import not_indexed
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


class QuerySearch(msgspec.Struct, frozen=True, kw_only=True):
    """Which statements are asked for: those that ended from *since* to *until*; None is all.

    Only those of *seen_by* or in one of *seen_roles* are given, if *seen_by* is not None.
    """

    since: datetime
    until: datetime | None = None
    user: str | None = None
    session_id: int | None = None
    warehouse: str | None = None
    seen_by: str | None = None
    seen_roles: frozenset[str] = frozenset()
    limit: int


_INSERT = insert(queries)
_SELECT = select(queries)
_SELECT_ID = select(queries.c.id)
_LAST_FIRST: Final = (queries.c.completed_at.desc(), queries.c.started_at.desc())


def insert_queries(tx: Transaction, rows: Sequence[QueryRow]) -> None:
    """Add finished statements to the history, in one go."""
    if rows:
        tx.execute(_INSERT, [msgspec.structs.asdict(row) for row in rows])


def find_query(tx: Transaction, query_id: str) -> QueryRow | None:
    """Return the statement *query_id*, or None if the history does not have it."""
    row = tx.execute(_SELECT.where(queries.c.id == query_id)).mappings().first()
    return None if row is None else _to_row(dict(row))


def list_queries(tx: Transaction, asked: QuerySearch) -> list[QueryRow]:
    """Return the statements that *asked* describes, last ended first."""
    if asked.seen_by is None:
        query = _last_ended(_SELECT, asked)
    else:
        # One question for each role and the user: no index is in order for all of them together.
        seen = (queries.c.user_name == asked.seen_by, *(queries.c.role == role for role in asked.seen_roles))
        ids = [_last_ended(_SELECT_ID.where(each), asked).subquery() for each in seen]
        wanted = union(*(select(each.c.id) for each in ids))
        query = _SELECT.where(queries.c.id.in_(wanted)).order_by(*_LAST_FIRST).limit(asked.limit)
    found = tx.execute(query)
    names = tuple(found.keys())
    return [_to_row(dict(zip(names, row, strict=True))) for row in found]


def _last_ended(query: Select[Any], asked: QuerySearch) -> Select[Any]:
    """Return *query* for what *asked* says, but for whose statements they are."""
    query = query.where(queries.c.completed_at >= asked.since).order_by(*_LAST_FIRST).limit(asked.limit)
    if asked.until is not None:
        query = query.where(queries.c.completed_at <= asked.until)
    for column, value in (
        (queries.c.user_name, asked.user),
        (queries.c.session_id, asked.session_id),
        (queries.c.warehouse if asked.seen_by is None else not_indexed(queries.c.warehouse), asked.warehouse),
    ):
        if value is not None:
            query = query.where(column == value)
    return query


def _to_row(values: dict[str, Any]) -> QueryRow:
    return QueryRow(**values)
