"""An account with its door, and keys and tokens to try on it."""

from datetime import UTC, datetime
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.signin import Login, Password
from clockmill.service.identity import IdentityService
from clockmill.service.key_pair import read_public_key
from clockmill.service.signin import Signin
from clockmill.store.database import Store

ROOT = Caller(user="ADMIN", role="ACCOUNTADMIN", roles=frozenset({"ACCOUNTADMIN"}))
PASSWORD = "correct horse battery"
HOME = "192.0.2.1"
BITS = 2048


class Doorway:
    """The user ADMIN with :data:`PASSWORD`, a virtual clock, and the services of the door."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = VirtualClock(datetime(2026, 3, 1, tzinfo=UTC))
        self.identities = IdentityService(store=store, clock=self.clock)
        self.identities.bootstrap(account_name="CLOCKMILL", admin_password=PASSWORD)
        self.signin = Signin(
            store=store, clock=self.clock, session_lifetime_s=3600, master_lifetime_s=4 * 3600
        )

    def sign_in(self, user: str = "admin", password: str = PASSWORD, address: str = HOME) -> Login:
        return self.signin.login(Password(user, password), address=address)


@cache
def private_key(name: str, bits: int) -> rsa.RSAPrivateKey:
    """Return a key that stays the same for *name* within a test run: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public_pem(name: str, bits: int = BITS) -> str:
    key = private_key(name, bits).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sign(key: str, claims: dict[str, object], algorithm: str = "RS256") -> str:
    """Return a token with *claims*, signed with the private key of that name."""
    secret = (
        private_key(key, BITS) if algorithm.startswith(("RS", "PS")) else "a secret of thirty-two bytes....."
    )
    return jwt.encode(claims, secret, algorithm=algorithm)


def claims_of(user: str, key: str, at: datetime, account: str = "CLOCKMILL") -> dict[str, object]:
    """Return what the connectors claim for *user* at the instant *at*."""
    fingerprint = read_public_key(public_pem(key)).fingerprint
    subject = f"{account}.{user}"
    issued = int(at.timestamp())
    return {"iss": f"{subject}.{fingerprint}", "sub": subject, "iat": issued, "exp": issued + 60}
