"""Sessions: opened at sign-in, found by id and compared by the hash of their secret."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from clockmill.store.account import touch_identities
from clockmill.store.database import Transaction
from clockmill.store.tables import sessions

_BY_ID = select(sessions).where(sessions.c.id == bindparam("session_id"))
_OPEN = update(sessions).where(sessions.c.id == bindparam("session_id"), sessions.c.closed_on.is_(None))
_RENEW = _OPEN.values(
    token_hash=bindparam("new_hash"),
    token_expires_on=bindparam("token_until"),
    master_expires_on=bindparam("master_until"),
)
_EXTEND = _OPEN.values(token_expires_on=bindparam("token_until"), master_expires_on=bindparam("master_until"))
_CLOSE = _OPEN.values(closed_on=bindparam("now"))
_DEAD = delete(sessions).where(sessions.c.master_expires_on < bindparam("before"))


class StoredSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session's row."""

    id: int
    user_name: str
    token_hash: str
    master_hash: str
    token_expires_on: datetime
    master_expires_on: datetime
    closed_on: datetime | None = None
    access_token_id: str | None = None
    role_restriction: str | None
    role: str
    warehouse: str | None
    database: str | None
    schema: str | None
    parameters: dict[str, Any]
    client: str | None
    created_on: datetime


def create_session(tx: Transaction, session: StoredSession) -> None:
    """Record a session just opened."""
    values = msgspec.structs.asdict(session)
    tx.execute(insert(sessions), {**values, "parameters": _encode(session.parameters)})


def find_session(tx: Transaction, session_id: int) -> StoredSession | None:
    """Return the session, open or not."""
    row = tx.execute(_BY_ID, {"session_id": session_id}).mappings().first()
    if row is None:
        return None
    return StoredSession(**{**row, "parameters": msgspec.json.decode(row["parameters"])})


def renew_session(
    tx: Transaction, session_id: int, token_hash: str, token_until: datetime, master_until: datetime
) -> None:
    """Give an open session a new token, which replaces the old one."""
    values = {
        "session_id": session_id,
        "new_hash": token_hash,
        "token_until": token_until,
        "master_until": master_until,
    }
    tx.execute(_RENEW, values)


def extend_session(tx: Transaction, session_id: int, token_until: datetime, master_until: datetime) -> None:
    """Let an open session's tokens live on."""
    tx.execute(_EXTEND, {"session_id": session_id, "token_until": token_until, "master_until": master_until})


def save_context(
    tx: Transaction,
    session_id: int,
    *,
    role: str,
    warehouse: str | None,
    database: str | None,
    schema: str | None,
    parameters: dict[str, Any],
) -> None:
    """Keep what USE and ALTER SESSION have set, so that a restart does not lose it."""
    context = {
        "role": role,
        "warehouse": warehouse,
        "database": database,
        "schema": schema,
        "parameters": _encode(parameters),
    }
    tx.execute(update(sessions).where(sessions.c.id == session_id).values(**context))


def close_session(tx: Transaction, session_id: int, now: datetime) -> bool:
    """Close the session for good; return whether it was open."""
    return tx.execute(_CLOSE, {"session_id": session_id, "now": now}).rowcount > 0


def close_sessions_of(tx: Transaction, user: str, now: datetime) -> None:
    """Close every session of *user*, as after a new password."""
    tx.execute(
        update(sessions)
        .where(sessions.c.user_name == user, sessions.c.closed_on.is_(None))
        .values(closed_on=now)
    )
    touch_identities(tx)


def close_sessions_by_token(tx: Transaction, access_token_id: str, now: datetime) -> None:
    """Close every session that was opened with the access token."""
    tx.execute(
        update(sessions)
        .where(sessions.c.access_token_id == access_token_id, sessions.c.closed_on.is_(None))
        .values(closed_on=now)
    )
    touch_identities(tx)


def forget_dead_sessions(tx: Transaction, before: datetime) -> int:
    """Delete the sessions that nothing could renew since *before*; return how many."""
    return tx.execute(_DEAD, {"before": before}).rowcount


def _encode(parameters: dict[str, Any]) -> str:
    return msgspec.json.encode(parameters).decode()
