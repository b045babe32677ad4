"""Users, roles, keys and access tokens: what an administrator does about who may come in."""

from datetime import timedelta
from typing import Final
from uuid import uuid4

from clockmill.clock import Clock
from clockmill.core.caller import SYSTEM_USER, Caller
from clockmill.core.errors import InvalidRequest
from clockmill.core.identity import (
    ACCOUNTADMIN,
    PUBLIC,
    SYSADMIN,
    NoSuchRole,
    NoSuchToken,
    NoSuchUser,
    RoleNotGranted,
    TokenExists,
    TokenInfo,
    User,
    UserExists,
)
from clockmill.service.access import Action, authorize
from clockmill.service.passwords import hash_password
from clockmill.service.secret_tokens import digest, new_access_token
from clockmill.store import account, sessions, tokens, users
from clockmill.store.database import Store, Transaction

ADMIN: Final = "ADMIN"
DEFAULT_WAREHOUSE: Final = "COMPUTE_WH"
MAX_TOKEN_DAYS: Final = 365


class IdentityService:
    """Changes who may come in. A change holds from the next request, in every process."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    # --- the first start ---------------------------------------------------------------------

    def is_set_up(self) -> bool:
        """Say whether the account exists, that is, whether the first start is done."""
        return self.account_name() is not None

    def account_name(self) -> str | None:
        """Return the account's name, or None before the first start is done."""
        with self._store.read() as tx:
            return account.account_name(tx)

    def bootstrap(self, *, account_name: str, admin_password: str) -> bool:
        """Make account, roles and the user ADMIN, all or nothing; return False if they are there.

        Whoever starts the server answers for ADMIN's password: a short one will do.
        """
        hashed = hash_password(admin_password, min_length=1)
        now = self._clock.now()
        roles = frozenset({ACCOUNTADMIN, SYSADMIN, PUBLIC})

        def work(tx: Transaction) -> bool:
            if account.account_name(tx) is not None:
                return False
            account.create_account(tx, account_name, now)
            for role in sorted(roles):
                users.create_role(tx, role, now)
            admin = User(
                name=ADMIN,
                roles=roles,
                default_role=ACCOUNTADMIN,
                default_warehouse=DEFAULT_WAREHOUSE,
                created_on=now,
            )
            users.create_user(tx, admin, hashed)
            return True

        return self._store.write(work)

    # --- users -------------------------------------------------------------------------------

    def create_user(
        self,
        caller: Caller,
        name: str,
        *,
        password: str | None = None,
        roles: frozenset[str] = frozenset(),
        default_role: str | None = None,
        default_warehouse: str | None = DEFAULT_WAREHOUSE,
        comment: str | None = None,
    ) -> User:
        """Make a user, who may have to be given a password, a key or a token before signing in.

        *default_role* is granted with *roles*; without it sessions begin in PUBLIC.
        """
        self._authorize(caller)
        hashed = None if password is None else hash_password(password)
        user = User(
            name=name,
            roles=roles | {PUBLIC} | ({default_role} if default_role else set()),
            has_password=hashed is not None,
            default_role=default_role,
            default_warehouse=default_warehouse,
            comment=comment,
            created_on=self._clock.now(),
        )

        def work(tx: Transaction) -> User:
            # Runs without a user of their own appear under the system's name.
            if name == SYSTEM_USER or users.find_user(tx, name) is not None:
                raise UserExists(name)
            for role in sorted(user.roles):
                _check_role(tx, role)
            users.create_user(tx, user, hashed)
            return user

        return self._store.write(work)

    def list_users(self, caller: Caller) -> list[User]:
        """Return every user, by name."""
        self._authorize(caller)
        with self._store.read() as tx:
            return users.list_users(tx)

    def set_disabled(self, caller: Caller, name: str, is_disabled: bool) -> None:
        """Shut a user out, ending every session, or let the user in again."""
        self._authorize(caller)

        def work(tx: Transaction) -> None:
            _user(tx, name)
            users.set_disabled(tx, name, is_disabled)
            if is_disabled:
                sessions.close_sessions_of(tx, name, self._clock.now())

        self._store.write(work)

    def set_password(self, caller: Caller, name: str, password: str) -> None:
        """Replace a user's password and end the user's sessions: the old one may be known to others."""
        self._authorize(caller)
        hashed = hash_password(password)

        def work(tx: Transaction) -> None:
            _user(tx, name)
            users.set_password_hash(tx, name, hashed)
            sessions.close_sessions_of(tx, name, self._clock.now())

        self._store.write(work)

    def set_key(self, caller: Caller, name: str, pem: str | None, *, slot: int = 1) -> str | None:
        """Put an RSA public key (PEM) into *slot* (1 or 2), or empty it; return the fingerprint.

        Sessions end if a key goes, because one of them may have come in by it.
        """
        # It brings 10 MB of cryptography along, which most servers never need.
        from clockmill.service.key_pair import read_public_key  # noqa: PLC0415

        self._authorize(caller)
        key = None if pem is None else read_public_key(pem)

        def work(tx: Transaction) -> None:
            before = _user(tx, name).key_fingerprints.get(slot)
            users.set_public_key(tx, name, slot, key)
            if before is not None and (key is None or key.fingerprint != before):
                sessions.close_sessions_of(tx, name, self._clock.now())

        self._store.write(work)
        return None if key is None else key.fingerprint

    # --- roles -------------------------------------------------------------------------------

    def create_role(self, caller: Caller, name: str) -> None:
        """Make a role if there is none of that name."""
        self._authorize(caller)

        def work(tx: Transaction) -> None:
            if not users.role_exists(tx, name):
                users.create_role(tx, name, self._clock.now())

        self._store.write(work)

    def list_roles(self) -> list[str]:
        """Return the names of all roles."""
        with self._store.read() as tx:
            return users.list_roles(tx)

    def grant_role(self, caller: Caller, user: str, role: str) -> None:
        """Let *user* act in *role*."""
        self._authorize(caller)

        def work(tx: Transaction) -> None:
            _user(tx, user)
            _check_role(tx, role)
            users.grant_role(tx, user, role)

        self._store.write(work)

    def revoke_role(self, caller: Caller, user: str, role: str) -> None:
        """Take *role* from *user*; sessions that are in it end at their next request."""
        self._authorize(caller)

        def work(tx: Transaction) -> None:
            _user(tx, user)
            if not users.revoke_role(tx, user, role):
                raise RoleNotGranted(role, user)

        self._store.write(work)

    # --- access tokens -----------------------------------------------------------------------

    def create_token(
        self, caller: Caller, user: str, name: str, *, days: int = 90, role: str | None = None
    ) -> tuple[TokenInfo, str]:
        """Make an access token for *user*; return it and its secret, which is kept nowhere.

        With *role* it opens that role alone.
        """
        self._authorize(caller)
        if not 1 <= days <= MAX_TOKEN_DAYS:
            raise InvalidRequest(f"A token lives 1 to {MAX_TOKEN_DAYS} days, not {days}.")
        secret = new_access_token()
        now = self._clock.now()
        token = TokenInfo(
            id=uuid4().hex,
            user=user,
            name=name,
            role_restriction=role,
            created_on=now,
            expires_on=now + timedelta(days=days),
        )

        def work(tx: Transaction) -> None:
            owner = _user(tx, user)
            if role is not None and role not in owner.roles:
                raise RoleNotGranted(role, user)
            if tokens.token_by_name(tx, user, name) is not None:
                raise TokenExists(name)
            tokens.create_token(tx, token, digest(secret))

        self._store.write(work)
        return token, secret

    def list_tokens(self, caller: Caller, user: str | None = None) -> list[TokenInfo]:
        """Return the access tokens of *user*, or of everybody, revoked and expired ones too."""
        self._authorize(caller)
        with self._store.read() as tx:
            return tokens.list_tokens(tx, user)

    def revoke_token(self, caller: Caller, user: str, name: str) -> None:
        """Make an access token open nothing any more, and end the sessions it has opened."""
        self._authorize(caller)

        def work(tx: Transaction) -> None:
            token = tokens.token_by_name(tx, user, name)
            if token is None:
                raise NoSuchToken(name)
            tokens.revoke_token(tx, token.id, self._clock.now())
            sessions.close_sessions_by_token(tx, token.id, self._clock.now())

        self._store.write(work)

    def _authorize(self, caller: Caller) -> None:
        authorize(caller, Action.ADMINISTER, kind="account", name="users")


def _user(tx: Transaction, name: str) -> User:
    user = users.find_user(tx, name)
    if user is None:
        raise NoSuchUser(name)
    return user


def _check_role(tx: Transaction, name: str) -> None:
    if not users.role_exists(tx, name):
        raise NoSuchRole(name)
