"""Signing in and staying in: identities become sessions and callers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from clockmill.clock import Clock
from clockmill.core.caller import Caller
from clockmill.core.errors import InvalidIdentifier
from clockmill.core.identity import PUBLIC, NoSuchUser, RoleNotGranted
from clockmill.core.names import SchemaName, fold
from clockmill.core.run_errors import UserLacksOwnerRole
from clockmill.core.signin import (
    Credentials,
    Identity,
    Login,
    MasterExpired,
    SessionExpired,
    SessionGone,
    SessionRecord,
)
from clockmill.service.credentials import CredentialCheck, Proof, usable_identity
from clockmill.service.identity_cache import IdentityCache
from clockmill.service.secret_tokens import (
    digest,
    fits,
    new_master_token,
    new_session_id,
    new_session_token,
    session_id_of,
)
from clockmill.store import sessions, users
from clockmill.store.database import Store, Transaction
from clockmill.store.sessions import StoredSession

DEFAULT_SESSION_LIFE_S: Final = 4 * 3600.0
DEFAULT_MASTER_LIFE_S: Final = 7 * 24 * 3600.0

_EXTENSIONS_PER_LIFE: Final = 24
"""Use prolongs a session, but only this often does that cost a write."""

_KEEP_DEAD: Final = timedelta(days=1)


class _LiveSession(msgspec.Struct, frozen=True):
    """What it takes to admit a request of a session without looking into the store."""

    record: SessionRecord
    token_hash: str
    token_until: datetime


class Signin:
    """The door: opens, renews and closes sessions, and says in which role somebody acts.

    Names of roles, warehouses, databases and schemas are taken as clients write them: bare names
    in any case, or quoted.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        session_lifetime_s: float = DEFAULT_SESSION_LIFE_S,
        master_lifetime_s: float = DEFAULT_MASTER_LIFE_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._session_life = timedelta(seconds=session_lifetime_s)
        self._master_life = timedelta(seconds=max(session_lifetime_s, master_lifetime_s))
        self._credentials = CredentialCheck(store=store, clock=clock)
        self._live: IdentityCache[int, _LiveSession] = IdentityCache(store)

    # --- opening and closing -----------------------------------------------------------------

    def login(
        self,
        credentials: Credentials,
        *,
        address: str,
        role: str | None = None,
        warehouse: str | None = None,
        database: str | None = None,
        schema: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        client: str | None = None,
    ) -> Login:
        """Open a session for whoever *credentials* belong to. A password takes some 30 ms.

        Raises a kind of Unauthenticated, TooManyFailures, or :class:`RoleNotGranted`.
        """
        proof = self._credentials.prove(credentials, address)
        identity = proof.identity
        home = _home(database or identity.default_database, schema or identity.default_schema)
        record = SessionRecord(
            id=new_session_id(),
            user=identity.user,
            role=_role(identity, role),
            roles=identity.roles,
            role_restriction=identity.role_restriction,
            warehouse=_name(warehouse) or identity.default_warehouse,
            database=home[0],
            schema=home[1],
            parameters=dict(parameters or {}),
            client=client,
            created_on=self._clock.now(),
        )
        return self._open(record, proof)

    def _open(self, record: SessionRecord, proof: Proof) -> Login:
        login = self._login(record, new_master_token(record.id))
        row = StoredSession(
            id=record.id,
            user_name=record.user,
            token_hash=digest(login.token),
            master_hash=digest(login.master_token),
            token_expires_on=record.created_on + self._session_life,
            master_expires_on=record.created_on + self._master_life,
            access_token_id=proof.access_token_id,
            role_restriction=record.role_restriction,
            role=record.role,
            warehouse=record.warehouse,
            database=record.database,
            schema=record.schema,
            parameters=record.parameters,
            client=record.client,
            created_on=record.created_on,
        )

        def work(tx: Transaction) -> None:
            sessions.forget_dead_sessions(tx, record.created_on - _KEEP_DEAD)
            sessions.create_session(tx, row)

        self._store.write(work)
        return login

    def renew(self, master_token: str) -> Login:
        """Give a session a new token for its old one, which need not hold any more.

        The master token stays as it is: a client that misses this answer can ask again.
        """
        session_id = session_id_of(master_token)
        if session_id is None:
            raise SessionGone
        now = self._clock.now()

        def work(tx: Transaction) -> Login:
            row = sessions.find_session(tx, session_id)
            if row is None or not fits(master_token, row.master_hash):
                raise SessionGone
            record = _record(tx, row)
            if now >= row.master_expires_on:
                raise MasterExpired
            login = self._login(record, master_token)
            sessions.renew_session(
                tx,
                session_id,
                token_hash=digest(login.token),
                token_until=now + self._session_life,
                master_until=now + self._master_life,
            )
            return login

        login = self._store.write(work)
        self._live.forget(session_id)
        return login

    def _login(self, record: SessionRecord, master_token: str) -> Login:
        return Login(
            session=record,
            token=new_session_token(record.id),
            master_token=master_token,
            validity_s=int(self._session_life.total_seconds()),
            master_validity_s=int(self._master_life.total_seconds()),
        )

    def logout(self, token: str) -> int | None:
        """Close the session of *token*, also an expired one; return its id if it was open."""
        session_id = session_id_of(token)
        if session_id is None:
            return None

        def work(tx: Transaction) -> bool:
            row = sessions.find_session(tx, session_id)
            if row is None or not fits(token, row.token_hash):
                return False
            return sessions.close_session(tx, session_id, self._clock.now())

        was_open = self._store.write(work)
        self._live.forget(session_id)
        return session_id if was_open else None

    # --- being in ----------------------------------------------------------------------------

    def session(self, token: str) -> SessionRecord:
        """Return the open session that *token* is for, and let it live on.

        Raises :class:`SessionGone` or :class:`SessionExpired`.
        """
        session_id = session_id_of(token)
        if session_id is None:
            raise SessionGone
        live = self._live.get(session_id, lambda tx: _live(tx, session_id))
        now = self._clock.now()
        # A token that was renewed away counts as expired: a request that was on its way while
        # another thread renewed is then repeated with the new one.
        if not fits(token, live.token_hash) or now >= live.token_until:
            raise SessionExpired
        if live.token_until - now <= self._session_life * (1 - 1 / _EXTENSIONS_PER_LIFE):
            self._extend(live, now)
        return live.record

    def _extend(self, live: _LiveSession, now: datetime) -> None:
        session_id, until = live.record.id, now + self._session_life

        def work(tx: Transaction) -> None:
            sessions.extend_session(tx, session_id, until, now + self._master_life)

        # Of requests at the same time one does it, and nobody waits: were it lost, the session
        # would only end earlier.
        if self._live.replace(session_id, live, msgspec.structs.replace(live, token_until=until)):
            self._store.submit(work)

    def save_context(  # noqa: PLR0917 - the parts of a context, in the order SQL names them
        self,
        session_id: int,
        role: str,
        warehouse: str | None,
        database: str | None,
        schema: str | None,
        parameters: Mapping[str, Any],
    ) -> None:
        """Keep what USE and ALTER SESSION have set; here names are folded already."""

        def work(tx: Transaction) -> None:
            sessions.save_context(
                tx,
                session_id,
                role=role,
                warehouse=warehouse,
                database=database,
                schema=schema,
                parameters=dict(parameters),
            )

        self._store.write(work)
        self._live.forget(session_id)

    # --- without a session -------------------------------------------------------------------

    def bearer(self, token: str, token_type: str | None, address: str) -> Identity:
        """Return who a Bearer token belongs to. Raises a kind of Unauthenticated."""
        return self._credentials.prove_bearer(token, token_type, address).identity

    def caller(
        self, who: Identity | SessionRecord, *, role: str | None = None, warehouse: str | None = None
    ) -> Caller:
        """Return *who* as a caller, in *role* if that is given and granted.

        Raises :class:`RoleNotGranted`.
        """
        if isinstance(who, SessionRecord):
            home, session_id, own_warehouse = (who.database, who.schema), who.id, who.warehouse
        else:
            home = _home(who.default_database, who.default_schema)
            session_id, own_warehouse = None, who.default_warehouse
        database, schema = home
        return Caller(
            user=who.user,
            role=_role(who, role),
            roles=who.roles,
            warehouse=_name(warehouse) or own_warehouse,
            home=SchemaName(database, schema) if database and schema else None,
            session_id=session_id,
        )

    def roles_to_run_task(self, user: str, owner: str) -> frozenset[str]:
        """Return the roles that a task of role *owner* has while it executes as *user*.

        Raises NoSuchUser, also for one who is disabled, and :class:`UserLacksOwnerRole`.
        """
        with self._store.read() as tx:
            found = users.find_user(tx, user)
        if found is None or found.is_disabled:
            raise NoSuchUser(user)
        if owner not in found.roles:
            raise UserLacksOwnerRole(user, owner)
        return found.roles


def _role(who: Identity | SessionRecord, asked: str | None) -> str:
    """Return the role to act in: the one asked for, else the session's or the user's own."""
    if asked:
        role = _name(asked) or asked
    elif isinstance(who, SessionRecord):
        role = who.role
    else:
        role = who.role_restriction or who.default_role or PUBLIC
    if role not in who.roles:
        raise RoleNotGranted(role, who.user)
    return role


def _name(text: str | None) -> str | None:
    """Return the name that a client wrote as *text*, empty meaning none."""
    if not text:
        return None
    try:
        return fold(text)
    except InvalidIdentifier:
        # Clients send names with a dash bare. It names nothing, and whoever uses it says so.
        return text


def _home(database: str | None, schema: str | None) -> tuple[str | None, str | None]:
    """Return database and schema as names; a database alone means its PUBLIC."""
    name = _name(database)
    return name, _name(schema) or ("PUBLIC" if name else None)


def _live(tx: Transaction, session_id: int) -> _LiveSession:
    row = sessions.find_session(tx, session_id)
    if row is None:
        raise SessionGone
    return _LiveSession(_record(tx, row), row.token_hash, row.token_expires_on)


def _record(tx: Transaction, row: StoredSession) -> SessionRecord:
    """Return the session as it may be used now. Raises :class:`SessionGone` if it may not."""
    user = users.find_user(tx, row.user_name)
    if row.closed_on is not None or user is None or user.is_disabled:
        raise SessionGone
    roles = usable_identity(user, row.role_restriction).roles
    if row.role not in roles:
        raise SessionGone
    return SessionRecord(
        id=row.id,
        user=row.user_name,
        role=row.role,
        roles=roles,
        role_restriction=row.role_restriction,
        warehouse=row.warehouse,
        database=row.database,
        schema=row.schema,
        parameters=row.parameters,
        client=row.client,
        created_on=row.created_on,
    )
