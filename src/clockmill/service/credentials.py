"""Proves who somebody is: passwords, access tokens, key-pair tokens."""

import logging
import threading
from datetime import datetime
from typing import Final

import msgspec

from clockmill.clock import Clock
from clockmill.core.errors import ClockmillError, InvalidIdentifier, Unauthenticated
from clockmill.core.identity import PublicKey, User
from clockmill.core.names import fold
from clockmill.core.signin import (
    AccessToken,
    Credentials,
    Identity,
    InvalidAccessToken,
    KeyPairToken,
    Password,
    UnknownTokenType,
    UserDisabled,
    WrongPassword,
)
from clockmill.service.identity_cache import IdentityCache
from clockmill.service.passwords import is_password
from clockmill.service.secret_tokens import digest, is_access_token
from clockmill.service.throttle import Throttle
from clockmill.store import tokens, users
from clockmill.store.database import Store, Transaction

log = logging.getLogger(__name__)

_AT_ONCE: Final = 2
"""Passwords checked at the same time: each takes 19 MiB and a core."""

_JWT_DOTS: Final = 2


class Proof(msgspec.Struct, frozen=True):
    """An identity, until when its credentials hold, and the access token if it was one."""

    identity: Identity
    until: datetime | None = None
    access_token_id: str | None = None


class CredentialCheck:
    """Turns credentials into identities, or raises a kind of :class:`Unauthenticated`."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._throttle = Throttle(clock)
        self._checking = threading.BoundedSemaphore(_AT_ONCE)
        self._bearers: IdentityCache[tuple[str, str], Proof] = IdentityCache(store)

    def prove(self, credentials: Credentials, address: str) -> Proof:
        """Return who *credentials* belong to. Failures slow down their user and *address*.

        Takes some 30 ms for a password. Tokens that hold are admitted whatever failed before:
        nobody guesses them, so nobody may be locked out of using them.
        """
        try:
            return self._prove(credentials, _claimed_user(credentials), address)
        except ClockmillError as error:
            # Not the name: people type their password there.
            log.info("sign-in refused", extra={"address": address, "code": error.code})
            raise

    def _prove(self, credentials: Credentials, user: str, address: str) -> Proof:
        match credentials:
            case Password(password=secret) if not is_access_token(secret):
                return self._prove_password(user, secret, address)
            case Password(password=secret):
                token: AccessToken | KeyPairToken = AccessToken(secret, credentials.user)
            case _:
                token = credentials
        try:
            proof = self._prove_token(token, user)
        except Unauthenticated:
            self._throttle.check(user, address)
            self._throttle.failed(user, address)
            raise
        return proof

    def prove_bearer(self, token: str, token_type: str | None, address: str) -> Proof:
        """Return who a Bearer *token* belongs to; without *token_type* its looks decide."""
        key = (token_type or "", digest(token))
        try:
            proof = self._bearers.get(key, lambda tx: self._read_bearer(tx, token, token_type))
            if proof.until is not None and self._clock.now() >= proof.until:
                # It has run out since: let the check say so in its own words.
                with self._store.read() as tx:
                    return self._read_bearer(tx, token, token_type)
        except Unauthenticated as error:
            log.info("token refused", extra={"address": address, "code": error.code})
            raise
        return proof

    def _read_bearer(self, tx: Transaction, token: str, token_type: str | None) -> Proof:
        looks_like_jwt = token.count(".") == _JWT_DOTS
        match token_type.upper() if token_type else None:
            case "KEYPAIR_JWT":
                return self._read_key_pair(tx, token)
            case "PROGRAMMATIC_ACCESS_TOKEN":
                return self._read_access_token(tx, token)
            case None:
                read = self._read_key_pair if looks_like_jwt else self._read_access_token
                return read(tx, token)
            case unknown:
                raise UnknownTokenType(unknown)

    def _prove_password(self, user: str, password: str, address: str) -> Proof:
        self._throttle.check(user, address)
        with self._checking:
            # Again: of those who waited together, only the first may still be allowed to try.
            self._throttle.check(user, address)
            with self._store.read() as tx:
                hashed = users.password_hash(tx, user)
            if not is_password(password, hashed):
                self._throttle.failed(user, address)
                raise WrongPassword
            self._throttle.succeeded(user, address)
        with self._store.read() as tx:
            return Proof(_identity(tx, user, None))

    def _prove_token(self, token: AccessToken | KeyPairToken, user: str) -> Proof:
        with self._store.read() as tx:
            if isinstance(token, KeyPairToken):
                proof = self._read_key_pair(tx, token.token)
            else:
                proof = self._read_access_token(tx, token.token)
        if token.user and user != proof.identity.user:
            raise InvalidAccessToken if isinstance(token, AccessToken) else WrongPassword
        return proof

    def _read_access_token(self, tx: Transaction, secret: str) -> Proof:
        token = tokens.token_by_hash(tx, digest(secret))
        if token is None or not token.is_valid(self._clock.now()):
            raise InvalidAccessToken
        identity = _identity(tx, token.user, token.role_restriction)
        return Proof(identity, token.expires_on, token.id)

    def _read_key_pair(self, tx: Transaction, token: str) -> Proof:
        # It brings 10 MB of cryptography along, which most servers never need.
        from clockmill.service.key_pair import verify_key_pair_token  # noqa: PLC0415

        def keys_of(user: str) -> list[PublicKey] | None:
            return None if users.find_user(tx, user) is None else users.public_keys(tx, user)

        claim = verify_key_pair_token(token, keys_of=keys_of, now=self._clock.now())
        return Proof(_identity(tx, claim.user, None), claim.until)


def usable_identity(user: User, role_restriction: str | None) -> Identity:
    """Return what *user* may be, with credentials that may be restricted to one role."""
    restricted = user.roles if role_restriction is None else user.roles & {role_restriction}
    return Identity(
        user=user.name,
        roles=restricted,
        role_restriction=role_restriction,
        default_role=user.default_role,
        default_warehouse=user.default_warehouse,
        default_database=user.default_database,
        default_schema=user.default_schema,
    )


def _identity(tx: Transaction, name: str, role_restriction: str | None) -> Identity:
    user = users.find_user(tx, name)
    if user is None:
        raise WrongPassword
    if user.is_disabled:
        raise UserDisabled(name)
    return usable_identity(user, role_restriction)


def _claimed_user(credentials: Credentials) -> str:
    """Return who the client says it is, as a name of ours; a name that nobody has if it is none."""
    try:
        return fold(credentials.user) if credentials.user else ""
    except InvalidIdentifier:
        return ""
