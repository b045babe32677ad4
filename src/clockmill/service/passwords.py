"""Passwords: hashed with argon2, checked in the same time whether or not there is a user."""

import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from clockmill.core.identity import BadPassword

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 256
"""Characters; without a bound a sign-in could be made to hash megabytes."""

# The second of OWASP's recommended settings: 19 MiB, two passes.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODYS: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""A hash that no password has, with the cost of a real one."""


def hash_password(password: str, *, min_length: int = MIN_LENGTH) -> str:
    """Return what to keep of *password*. Raises :class:`BadPassword` if it is too short or long."""
    if not min_length <= len(password) <= MAX_LENGTH:
        raise BadPassword(f"A password has {min_length} to {MAX_LENGTH} characters.")
    return _HASHER.hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Say whether *hashed* was made of *password*; for None it takes as long to say no."""
    try:
        return _HASHER.verify(hashed or _NOBODYS, password[: MAX_LENGTH + 1])
    except (VerificationError, InvalidHashError):
        return False


def new_password() -> str:
    """Return a password that nobody guesses and that can be typed."""
    return secrets.token_urlsafe(15)
