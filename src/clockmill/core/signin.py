"""Signing in: what is shown at the door, what comes back, and how it may be refused."""

from datetime import datetime
from typing import Any

import msgspec

from clockmill.core.errors import TooManyRequests, Unauthenticated

# --- what is shown ---------------------------------------------------------------------------


class Password(msgspec.Struct, frozen=True):
    """A user's name and password; an access token may stand in for the password."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Password({self.user!r}, ...)"


class KeyPairToken(msgspec.Struct, frozen=True):
    """A JWT that the user signed. *user* is who the client says it is, if it says."""

    token: str
    user: str | None = None

    def __repr__(self) -> str:
        return f"KeyPairToken(..., {self.user!r})"


class AccessToken(msgspec.Struct, frozen=True):
    """A programmatic access token. *user* is who the client says it is, if it says."""

    token: str
    user: str | None = None

    def __repr__(self) -> str:
        return f"AccessToken(..., {self.user!r})"


Credentials = Password | KeyPairToken | AccessToken

# --- what comes back -------------------------------------------------------------------------


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A user whose credentials hold. *roles* are those usable with these very credentials."""

    user: str
    roles: frozenset[str]
    role_restriction: str | None = None
    default_role: str | None = None
    default_warehouse: str | None = None
    default_database: str | None = None
    default_schema: str | None = None


class SessionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A session as it is kept: who, in which role, where, with what parameters."""

    id: int
    user: str
    role: str
    roles: frozenset[str]
    role_restriction: str | None = None
    warehouse: str | None = None
    database: str | None = None
    schema: str | None = None
    parameters: dict[str, Any] = {}
    client: str | None = None
    created_on: datetime


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A session just opened or renewed, with its two secrets. Lifetimes are in seconds."""

    session: SessionRecord
    token: str
    master_token: str
    validity_s: int
    master_validity_s: int

    def __repr__(self) -> str:
        return f"Login({self.session!r}, ...)"


# --- how it may be refused -------------------------------------------------------------------


class WrongPassword(Unauthenticated):
    """User and password do not go together, or there is no such user: nobody learns which."""

    code, sqlstate = "390100", "28000"

    def __init__(self) -> None:
        super().__init__("Incorrect username or password was specified.")


class UserDisabled(Unauthenticated):
    """The credentials are right, but the user may not come in."""

    code, sqlstate = "390101", "28000"

    def __init__(self, user: str) -> None:
        super().__init__(
            f"User '{user}' is disabled. An administrator can run 'clockmill user enable {user}'."
        )


class SessionGone(Unauthenticated):
    """The session does not exist, was closed, or its user was shut out: sign in again."""

    code, sqlstate = "390104", "08001"

    def __init__(self) -> None:
        super().__init__("The session does not exist any more. Sign in again.")


class SessionExpired(Unauthenticated):
    """The session's token has run out; the master token gets a new one."""

    code, sqlstate = "390112", "08001"

    def __init__(self) -> None:
        super().__init__("The session's token has expired. Renew it, or sign in again.")


class MasterExpired(Unauthenticated):
    """The master token has run out as well: sign in again."""

    code, sqlstate = "390114", "08001"

    def __init__(self) -> None:
        super().__init__("The session's master token has expired. Sign in again.")


class InvalidJWT(Unauthenticated):
    """A key-pair token does not hold. The code says why (reference §10.5); the text never does."""

    code, sqlstate = "390144", "08001"

    def __init__(self, reference: str, *, code: str | None = None) -> None:
        super().__init__(f"JWT token is invalid. [{reference}]", code=code)
        self.reference = reference


class InvalidAccessToken(Unauthenticated):
    """A programmatic access token is unknown, revoked, expired, or another user's."""

    code, sqlstate = "394400", "08001"

    def __init__(self) -> None:
        super().__init__("Programmatic access token is invalid.")


class UnknownTokenType(Unauthenticated):
    """A Bearer token of a kind that is not served."""

    def __init__(self, token_type: str) -> None:
        super().__init__(
            f"Tokens of type '{token_type}' are not served; use KEYPAIR_JWT or PROGRAMMATIC_ACCESS_TOKEN."
        )


class TooManyFailures(TooManyRequests):
    """Too many wrong passwords lately; this attempt was not looked at."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"Too many failed sign-ins. Try again in {wait_s:.0f} second(s).")
        self.wait_s = wait_s
