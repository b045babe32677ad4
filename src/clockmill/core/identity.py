"""Users, their roles, and the access tokens that act for them."""

from datetime import datetime
from typing import Final

import msgspec

from clockmill.core.errors import AlreadyExists, Forbidden, InvalidRequest, NotFound

ACCOUNTADMIN: Final = "ACCOUNTADMIN"
SYSADMIN: Final = "SYSADMIN"
PUBLIC: Final = "PUBLIC"
"""The role that everybody has without a grant."""


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in. *roles* are those granted; PUBLIC, which all have, is one of them."""

    name: str
    roles: frozenset[str]
    is_disabled: bool = False
    has_password: bool = False
    key_fingerprints: dict[int, str] = {}
    default_role: str | None = None
    default_warehouse: str | None = None
    default_database: str | None = None
    default_schema: str | None = None
    comment: str | None = None
    created_on: datetime


class PublicKey(msgspec.Struct, frozen=True):
    """A key that a user's tokens may be signed with. *fingerprint* is ``SHA256:`` and base64."""

    fingerprint: str
    pem: str


class TokenInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a programmatic access token: everything but its secret."""

    id: str
    user: str
    name: str
    role_restriction: str | None
    created_on: datetime
    expires_on: datetime
    revoked_on: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        """Say whether the token opens anything at the instant *at*."""
        return self.revoked_on is None and at < self.expires_on


class NoSuchUser(NotFound):
    """A user who does not exist is named."""

    def __init__(self, name: str) -> None:
        super().__init__("User", name)


class NoSuchRole(NotFound):
    """A role that does not exist is named."""

    def __init__(self, name: str) -> None:
        super().__init__("Role", name)


class NoSuchToken(NotFound):
    """An access token that does not exist is named."""

    def __init__(self, name: str) -> None:
        super().__init__("Programmatic access token", name)


class UserExists(AlreadyExists):
    """The name of a new user is taken."""


class TokenExists(AlreadyExists):
    """The user has a token of that name."""


class BadKey(InvalidRequest):
    """Text that should be an RSA public key is not one."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The key is not usable: {why}. Give an RSA public key of 2048 bits or more in PEM, as "
            "'openssl rsa -in key.p8 -pubout' writes it."
        )


class BadPassword(InvalidRequest):
    """A new password that is too easily guessed."""


class RoleNotGranted(Forbidden):
    """A role is asked for that the user does not have, or that the token may not use."""

    code, sqlstate = "390189", "08001"

    def __init__(self, role: str, user: str) -> None:
        super().__init__(
            f"Role '{role}' does not exist or is not granted to user '{user}'. "
            f"Use a role that is, or run 'clockmill user grant-role {user} {role}' on the server."
        )
