"""Queries on engines: at which node the data of each is, and in which file."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from clockmill.store.database import Transaction
from clockmill.store.tables import engines


class EnginePlace(NamedTuple):
    """Where the data of an engine is. *file_id* is kept in the file, so that another is told from it."""

    name: str
    node: str
    file_id: str
    path: str


_PLACE: Final = select(engines.c.name, engines.c.node, engines.c.file_id, engines.c.path).where(
    engines.c.name == bindparam("name")
)
_INSERT: Final = insert(engines)
_DELETE: Final = delete(engines).where(engines.c.name == bindparam("name"))


def find_place(tx: Transaction, name: str) -> EnginePlace | None:
    """Return where the data of the engine *name* is, or None if there is none yet."""
    row = tx.execute(_PLACE, {"name": name}).first()
    return None if row is None else EnginePlace(*row)


def put_place(tx: Transaction, place: EnginePlace, now: datetime) -> None:
    """Lay down where the data of an engine is, whatever was known before."""
    tx.execute(_DELETE, {"name": place.name})
    tx.execute(_INSERT, {**place._asdict(), "created_on": now})
