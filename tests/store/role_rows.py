"""Rows for tests of the store itself: roles, because nothing refers to them."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import insert, select

from clockmill.store.database import Store, Transaction
from clockmill.store.tables import roles

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


def add_role(tx: Transaction, name: str) -> str:
    """Insert a role called *name*, and return that."""
    tx.execute(insert(roles), {"name": name, "created_on": NOW})
    return name


def role_names(store: Store) -> list[str]:
    """Return the names of all roles, in order."""
    with store.read() as tx:
        return list(tx.execute(select(roles.c.name).order_by(roles.c.name)).scalars())
