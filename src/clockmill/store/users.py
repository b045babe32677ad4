"""Users, roles, grants and public keys. Changes touch the identities, so they hold at once."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, insert, select, update

from clockmill.core.identity import PUBLIC, PublicKey, User
from clockmill.store.account import touch_identities
from clockmill.store.database import Transaction
from clockmill.store.tables import role_grants, roles, user_keys, users

_USERS = select(users).order_by(users.c.name)
_USER = select(users).where(users.c.name == bindparam("name"))
_PASSWORD = select(users.c.password_hash).where(users.c.name == bindparam("name"))
_GRANTS = select(role_grants.c.user_name, role_grants.c.role_name)
_GRANTS_OF = select(role_grants.c.role_name).where(role_grants.c.user_name == bindparam("name"))
_KEYS = select(user_keys.c.user_name, user_keys.c.slot, user_keys.c.fingerprint)
_KEYS_OF = select(user_keys).where(user_keys.c.user_name == bindparam("name")).order_by(user_keys.c.slot)
_ROLE_EXISTS = select(exists().where(roles.c.name == bindparam("name")))
_ROLES = select(roles.c.name).order_by(roles.c.name)


def create_user(tx: Transaction, user: User, password_hash: str | None) -> None:
    """Record *user* and the grants of the roles it names. Keys are set apart."""
    tx.execute(
        insert(users),
        {
            "name": user.name,
            "password_hash": password_hash,
            "is_disabled": user.is_disabled,
            "default_role": user.default_role,
            "default_warehouse": user.default_warehouse,
            "default_database": user.default_database,
            "default_schema": user.default_schema,
            "comment": user.comment,
            "created_on": user.created_on,
        },
    )
    for role in user.roles:
        grant_role(tx, user.name, role)
    touch_identities(tx)


def find_user(tx: Transaction, name: str) -> User | None:
    """Return the user of that name with roles and keys, or None."""
    row = tx.execute(_USER, {"name": name}).mappings().first()
    if row is None:
        return None
    granted = tx.execute(_GRANTS_OF, {"name": name}).scalars().all()
    keys = {key.slot: key.fingerprint for key in tx.execute(_KEYS_OF, {"name": name})}
    return _user(row, granted, keys)


def list_users(tx: Transaction) -> list[User]:
    """Return every user, by name."""
    granted: dict[str, list[str]] = defaultdict(list)
    for user, role in tx.execute(_GRANTS):
        granted[user].append(role)
    keys: dict[str, dict[int, str]] = defaultdict(dict)
    for user, slot, fingerprint in tx.execute(_KEYS):
        keys[user][slot] = fingerprint
    return [
        _user(row, granted[row["name"]], dict(keys[row["name"]])) for row in tx.execute(_USERS).mappings()
    ]


def _user(row: Any, granted: Any, keys: dict[int, str]) -> User:
    return User(
        name=row["name"],
        roles=frozenset(granted) | {PUBLIC},
        is_disabled=row["is_disabled"],
        has_password=row["password_hash"] is not None,
        key_fingerprints=keys,
        default_role=row["default_role"],
        default_warehouse=row["default_warehouse"],
        default_database=row["default_database"],
        default_schema=row["default_schema"],
        comment=row["comment"],
        created_on=row["created_on"],
    )


def password_hash(tx: Transaction, name: str) -> str | None:
    """Return what the password of user *name* is checked against, if user and password exist."""
    found: str | None = tx.scalar(_PASSWORD, {"name": name})
    return found


def set_password_hash(tx: Transaction, name: str, hashed: str) -> None:
    """Replace the password of user *name*."""
    tx.execute(update(users).where(users.c.name == name).values(password_hash=hashed))
    touch_identities(tx)


def set_disabled(tx: Transaction, name: str, is_disabled: bool) -> None:
    """Shut user *name* out, or let the user in again."""
    tx.execute(update(users).where(users.c.name == name).values(is_disabled=is_disabled))
    touch_identities(tx)


def create_role(tx: Transaction, name: str, now: datetime, comment: str | None = None) -> None:
    """Record a role."""
    tx.execute(insert(roles), {"name": name, "comment": comment, "created_on": now})


def role_exists(tx: Transaction, name: str) -> bool:
    """Say whether there is a role of that name."""
    return bool(tx.scalar(_ROLE_EXISTS, {"name": name}))


def list_roles(tx: Transaction) -> list[str]:
    """Return the names of all roles, in order."""
    return list(tx.execute(_ROLES).scalars())


def grant_role(tx: Transaction, user: str, role: str) -> None:
    """Let *user* act in *role*. Granting again changes nothing."""
    if role != PUBLIC and role not in tx.execute(_GRANTS_OF, {"name": user}).scalars().all():
        tx.execute(insert(role_grants), {"user_name": user, "role_name": role})
        touch_identities(tx)


def revoke_role(tx: Transaction, user: str, role: str) -> bool:
    """Take *role* from *user*; return whether the user had it."""
    gone = tx.execute(
        delete(role_grants).where(role_grants.c.user_name == user, role_grants.c.role_name == role)
    )
    touch_identities(tx)
    return gone.rowcount > 0


def public_keys(tx: Transaction, user: str) -> list[PublicKey]:
    """Return the keys that *user* may sign with, slot 1 first."""
    return [PublicKey(row.fingerprint, row.public_key_pem) for row in tx.execute(_KEYS_OF, {"name": user})]


def set_public_key(tx: Transaction, user: str, slot: int, key: PublicKey | None) -> None:
    """Put *key* into *slot* (1 or 2) of *user*, or empty the slot with None."""
    tx.execute(delete(user_keys).where(user_keys.c.user_name == user, user_keys.c.slot == slot))
    if key is not None:
        values = {"user_name": user, "slot": slot, "fingerprint": key.fingerprint, "public_key_pem": key.pem}
        tx.execute(insert(user_keys), values)
    touch_identities(tx)
