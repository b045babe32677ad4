"""The secrets we hand out: random, told once, kept as hashes.

They have so much randomness that a plain SHA-256 is as good as a slow hash, and quick enough
for every request.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

ACCESS_TOKEN_PREFIX: Final = "clockmill_pat_"
"""Lets a scanner of leaked secrets, and the password field, tell an access token."""

_SESSION_TOKEN: Final = re.compile(r"cm[sm]-([0-9a-f]{1,14})-[A-Za-z0-9_-]{43}\Z")


def new_access_token() -> str:
    """Return the secret of a new programmatic access token."""
    return ACCESS_TOKEN_PREFIX + secrets.token_urlsafe(32)


def is_access_token(text: str) -> bool:
    """Say whether *text* looks like one of our access tokens."""
    return text.startswith(ACCESS_TOKEN_PREFIX)


def new_session_id() -> int:
    """Return an id that nobody guesses and that a double holds exactly, as some clients need."""
    return secrets.randbelow(2**53 - 1) + 1


def new_session_token(session_id: int) -> str:
    """Return a token for the session's requests."""
    return f"cms-{session_id:x}-{secrets.token_urlsafe(32)}"


def new_master_token(session_id: int) -> str:
    """Return the token that renews the session."""
    return f"cmm-{session_id:x}-{secrets.token_urlsafe(32)}"


def session_id_of(token: str) -> int | None:
    """Return which session a token claims to be of, or None if it is none of ours."""
    match = _SESSION_TOKEN.match(token)
    return int(match[1], 16) if match else None


def digest(secret: str) -> str:
    """Return what is kept of *secret*."""
    return hashlib.sha256(secret.encode()).hexdigest()


def fits(secret: str, kept: str) -> bool:
    """Say whether *kept* is the digest of *secret*."""
    return hmac.compare_digest(digest(secret), kept)
