"""Who is sending this request: from its headers to a caller. REST and the connectors share it."""

import re
from collections.abc import Mapping
from typing import Final

from clockmill.core.caller import Caller
from clockmill.core.errors import Unauthenticated
from clockmill.core.names import fold
from clockmill.core.signin import Identity, SessionRecord
from clockmill.service.signin import Signin

Headers = Mapping[bytes, bytes]
"""The headers of a request by lower-case name, as the server hands them over."""

_SESSION_TOKEN: Final = re.compile(r'Snowflake\s+Token\s*=\s*"([^"]*)"\s*\Z', re.IGNORECASE)
_BEARER_TOKEN: Final = re.compile(r"Bearer\s+(\S+)\s*\Z", re.IGNORECASE)
_JWT_DOTS: Final = 2

_WITH_EXTERNAL_SESSION: Final = "PAT_WITH_EXTERNAL_SESSION_ID"
_PROGRAMMATIC: Final = "PROGRAMMATIC_ACCESS_TOKEN"


class NoCredentials(Unauthenticated):
    """The request has no Authorization header, or one in no form that we know."""

    code, sqlstate = "390101", "08001"

    def __init__(self) -> None:
        super().__init__(
            "Authorization header not found in the request data. "
            'Send Bearer and an access or key-pair token, or Snowflake Token="..." with a session\'s.'
        )


def session_token(headers: Headers) -> str | None:
    """Return the session token that the request carries, or None if it carries something else."""
    match = _SESSION_TOKEN.match(_text(headers, b"authorization"))
    return match[1] if match else None


class Authenticator:
    """Finds the caller of a request through the sign-in service."""

    def __init__(self, signin: Signin) -> None:
        self._signin = signin

    def is_quick(self, headers: Headers) -> bool:
        """Say whether :meth:`authenticate` only looks something up, and may run on the event loop.

        A key-pair token has a signature to check, which belongs on another thread.
        """
        return _text(headers, b"authorization").count(".") < _JWT_DOTS

    def authenticate(self, headers: Headers, address: str | None) -> Caller:
        """Return the caller, in the role and with the warehouse that the request asks for.

        Raises Unauthenticated for credentials that do not hold, Forbidden for a role that the
        user may not use.
        """
        who = self._bearer(headers, address) if session_token(headers) is None else self.session(headers)
        role, warehouse = _name(headers, b"x-snowflake-role"), _name(headers, b"x-snowflake-warehouse")
        return self._signin.caller(who, role=role, warehouse=warehouse)

    def session(self, headers: Headers) -> SessionRecord:
        """Return the session whose token the request carries.

        Raises SessionExpired for a token that has run out, SessionGone for any other that does not
        hold, and for none: a connector then signs in again.
        """
        return self._signin.session(session_token(headers) or "")

    def _bearer(self, headers: Headers, address: str | None) -> Identity:
        match = _BEARER_TOKEN.match(_text(headers, b"authorization"))
        if match is None:
            raise NoCredentials
        kind = _text(headers, b"x-snowflake-authorization-token-type").strip().upper() or None
        if kind == _WITH_EXTERNAL_SESSION:
            # The session named beside it belongs to another service; the token is the user's own.
            kind = _PROGRAMMATIC
        return self._signin.bearer(match[1], kind, address or "")


def _text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _name(headers: Headers, header: bytes) -> str | None:
    """Return the identifier in *header* as it is written, checked; None if there is none."""
    text = _text(headers, header).strip()
    if text:
        fold(text)
    return text or None
