"""The account: one row, and the counter by which a server notices that identities have changed."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select, update

from clockmill.store.database import Transaction
from clockmill.store.tables import account

_NAME = select(account.c.name)
_IDENTITY_VERSION = select(account.c.identity_version)
_TOUCH = update(account).values(identity_version=account.c.identity_version + 1)


def create_account(tx: Transaction, name: str, now: datetime) -> None:
    """Record the account; there is one to a store."""
    tx.execute(insert(account), {"id": uuid4().hex, "name": name, "created_on": now})


def account_name(tx: Transaction) -> str | None:
    """Return the account's name, or None while the first start is not done."""
    name: str | None = tx.scalar(_NAME)
    return name


def identity_version(tx: Transaction) -> int:
    """Return a number that grows with every :func:`touch_identities`."""
    return tx.scalar(_IDENTITY_VERSION) or 0


def touch_identities(tx: Transaction) -> None:
    """Make every server on this store look anew at users, grants, keys, tokens and sessions.

    Belongs in each transaction that takes something away from somebody or gives it.
    """
    tx.execute(_TOUCH)
