"""Key-pair tokens: JWTs that a user signed with a key whose public half we keep."""

import base64
import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from jwt.types import Options

from clockmill.core.identity import BadKey, PublicKey
from clockmill.core.signin import InvalidJWT

log = logging.getLogger(__name__)

MAX_LIFE: Final = timedelta(hours=1)
"""A token opens nothing longer than this after it was issued, whatever it says itself."""

CLOCK_SKEW: Final = timedelta(seconds=60)
"""How far a client's clock may run ahead of ours."""

MIN_KEY_BITS: Final = 2048
MAX_TOKEN_LENGTH: Final = 8192

_MARK: Final = ".SHA256:"
_OWN_CHECKS: Final[Options] = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def read_public_key(text: str) -> PublicKey:
    """Return the RSA public key that *text* holds in PEM, or raise :class:`BadKey`."""
    try:
        key = load_pem_public_key(text.strip().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey("it is not a public key in PEM") from error
    if not isinstance(key, RSAPublicKey):
        raise BadKey("it is not an RSA key")
    if key.key_size < MIN_KEY_BITS:
        raise BadKey(f"it has only {key.key_size} bits")
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = base64.b64encode(hashlib.sha256(der).digest()).decode()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return PublicKey(f"SHA256:{digest}", pem)


class SignedClaim:
    """What a token says, once it has been proven: *user* signed it, and it holds until *until*."""

    def __init__(self, user: str, until: datetime) -> None:
        self.user = user
        self.until = until


def verify_key_pair_token(
    token: str, *, keys_of: Callable[[str], list[PublicKey] | None], now: datetime
) -> SignedClaim:
    """Return who signed *token*, or raise :class:`InvalidJWT` with the code that says what is wrong.

    *keys_of* gives a user's keys, or None for an unknown user. Any account name is accepted, as
    it is at every other door, but issuer and subject must agree on it.
    """
    claims = _claims(token)
    user, fingerprint = _issuer(claims)
    until = _lifetime(claims, now)
    keys = keys_of(user)
    if keys is None:
        raise _invalid("394300", "the user in the issuer is unknown")
    key = next((key for key in keys if key.fingerprint == fingerprint), None)
    if key is None:
        raise _invalid("394304", "the fingerprint is of none of the user's keys")
    try:
        jwt.decode(token, key.pem, algorithms=["RS256"], options=_OWN_CHECKS)
    except jwt.InvalidTokenError as error:
        raise _invalid("394306", "the signature does not fit") from error
    return SignedClaim(user, until)


def _claims(token: str) -> dict[str, Any]:
    """Return what the token says, unproven."""
    if len(token) > MAX_TOKEN_LENGTH:
        raise _invalid(None, "it is too long")
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != "RS256":
            raise _invalid("394305", "it is not signed with RS256")
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError) as error:
        raise _invalid(None, "it cannot be read") from error
    return claims


def _issuer(claims: dict[str, Any]) -> tuple[str, str]:
    """Return the user and the key's fingerprint that the issuer names."""
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issuer, str) or not isinstance(subject, str):
        raise _invalid(None, "issuer or subject is missing")
    principal, mark, digest = issuer.rpartition(_MARK)
    account, dot, user = principal.partition(".")
    if not (mark and digest and account and dot and user):
        raise _invalid(None, "the issuer is not ACCOUNT.USER.SHA256:...")
    if subject.partition(".")[0] != account:
        raise _invalid("394307", "issuer and subject name different accounts")
    if subject != principal:
        raise _invalid(None, "issuer and subject name different users")
    return user, _MARK[1:] + digest


def _lifetime(claims: dict[str, Any], now: datetime) -> datetime:
    """Return when the token ends, if *now* is within its life."""
    issued, expires = _instant(claims.get("iat")), _instant(claims.get("exp"))
    if issued is None or expires is None:
        raise _invalid("394301", "it does not say when it was issued and when it ends")
    until = min(expires, issued + MAX_LIFE)
    if now >= until:
        raise _invalid("394303", "it has expired")
    if issued > now + CLOCK_SKEW:
        raise _invalid(None, "it was issued in the future: compare the clocks")
    return until


def _instant(value: object) -> datetime | None:
    """Return the instant of a claim, which counts seconds or milliseconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value / 1000 if value > 100_000_000_000 else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _invalid(code: str | None, why: str) -> InvalidJWT:
    # The client learns the code alone; the reference finds this line for the administrator.
    error = InvalidJWT(str(uuid4()), code=code)
    log.info("key-pair token refused", extra={"reference": error.reference, "why": why, "code": error.code})
    return error
