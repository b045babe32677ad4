"""Programmatic access tokens, found by the hash of their secret."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from clockmill.core.identity import TokenInfo
from clockmill.store.account import touch_identities
from clockmill.store.database import Transaction
from clockmill.store.tables import tokens

_COLUMNS = select(
    tokens.c.id,
    tokens.c.user_name.label("user"),
    tokens.c.name,
    tokens.c.role_restriction,
    tokens.c.created_on,
    tokens.c.expires_on,
    tokens.c.revoked_on,
)
_BY_HASH = _COLUMNS.where(tokens.c.secret_hash == bindparam("secret_hash"))
_BY_NAME = _COLUMNS.where(tokens.c.user_name == bindparam("user"), tokens.c.name == bindparam("name"))
_ALL = _COLUMNS.order_by(tokens.c.user_name, tokens.c.name)


def create_token(tx: Transaction, token: TokenInfo, secret_hash: str) -> None:
    """Record *token*, which opens to whoever knows the secret of that hash."""
    tx.execute(
        insert(tokens),
        {
            "id": token.id,
            "user_name": token.user,
            "name": token.name,
            "secret_hash": secret_hash,
            "role_restriction": token.role_restriction,
            "created_on": token.created_on,
            "expires_on": token.expires_on,
        },
    )
    touch_identities(tx)


def token_by_hash(tx: Transaction, secret_hash: str) -> TokenInfo | None:
    """Return the token whose secret has that hash, valid or not."""
    row = tx.execute(_BY_HASH, {"secret_hash": secret_hash}).mappings().first()
    return None if row is None else TokenInfo(**row)


def token_by_name(tx: Transaction, user: str, name: str) -> TokenInfo | None:
    """Return the token that *user* has under *name*."""
    row = tx.execute(_BY_NAME, {"user": user, "name": name}).mappings().first()
    return None if row is None else TokenInfo(**row)


def list_tokens(tx: Transaction, user: str | None = None) -> list[TokenInfo]:
    """Return the tokens of *user*, or of everybody, by user and name, revoked ones too."""
    query = _ALL if user is None else _ALL.where(tokens.c.user_name == user)
    return [TokenInfo(**row) for row in tx.execute(query).mappings()]


def revoke_token(tx: Transaction, token_id: str, now: datetime) -> None:
    """Make the token open nothing any more. Its name stays taken, so the record stays clear."""
    tx.execute(
        update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_on.is_(None)).values(revoked_on=now)
    )
    touch_identities(tx)
