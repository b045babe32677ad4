"""Sessions over the connectors' protocol: sign in, renew, keep alive, sign out."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import msgspec

from clockmill.api.authentication import Authenticator, session_token
from clockmill.api.reply import Reply
from clockmill.api.wire.answers import parameter_list, success
from clockmill.api.wire.calls import Call
from clockmill.core.errors import InvalidRequest, Unauthenticated
from clockmill.core.parameters import read_login_parameters, with_session_defaults
from clockmill.core.signin import AccessToken, Credentials, KeyPairToken, Login, Password
from clockmill.service.signin import Signin
from clockmill.session.door import Door

T = TypeVar("T")

_BY_PASSWORD: Final = {"", "SNOWFLAKE", "USERNAME_PASSWORD_MFA"}
_BY_ACCESS_TOKEN: Final = {"PROGRAMMATIC_ACCESS_TOKEN", "OAUTH"}
"""A programmatic access token may also be shown where a client only knows OAuth tokens."""

_THREADS: Final = 4


class UnknownAuthenticator(Unauthenticated):
    """A way to sign in that is not served."""

    def __init__(self, authenticator: str) -> None:
        super().__init__(
            f"Authenticator '{authenticator}' is not served. Sign in with a password, a key pair "
            "(SNOWFLAKE_JWT) or a PROGRAMMATIC_ACCESS_TOKEN."
        )


class SignInData(msgspec.Struct, frozen=True, rename="upper"):
    """What a client says when it signs in. What is not listed is ignored."""

    login_name: str | None = None
    password: str | None = None
    authenticator: str | None = None
    token: str | None = None
    client_app_id: str | None = None
    client_app_version: str | None = None
    session_parameters: dict[str, Any] | None = None


class SignIn(msgspec.Struct, frozen=True):
    """The body of a login call."""

    data: SignInData


class Renewal(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a renewal; the master token is in the Authorization header."""

    request_type: str = "RENEW"


class SessionCalls:
    """The handlers of ``/session``."""

    def __init__(self, *, signin: Signin, authenticator: Authenticator, door: Door) -> None:
        self._signin = signin
        self._authenticator = authenticator
        self._door = door
        # Of their own: passwords being checked, or guessed, must not hold up anybody's statements.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sign-in")

    def close(self) -> None:
        """Begin no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def sign_in(self, call: Call) -> Reply:
        """Open a session."""
        data = (await call.read(SignIn)).data
        credentials = _credentials(data)
        parameters = read_login_parameters(data.session_parameters or {})
        login = await self._in_thread(
            lambda: self._signin.login(
                credentials,
                address=call.address or "",
                role=call.query.get("roleName"),
                warehouse=call.query.get("warehouse"),
                database=call.query.get("databaseName"),
                schema=call.query.get("schemaName"),
                parameters=parameters,
                client=_client(data),
            )
        )
        return success(_signed_in(login), call.request_id)

    async def renew(self, call: Call) -> Reply:
        """Give a session a new token for the master token in the header."""
        renewal = await call.read(Renewal)
        if renewal.request_type.upper() != "RENEW":
            raise InvalidRequest(f"Token requests of type {renewal.request_type} are not served; use RENEW.")
        master_token = session_token(call.headers) or ""
        login = await self._in_thread(lambda: self._signin.renew(master_token))
        return success(_renewed(login), call.request_id)

    async def keep_alive(self, call: Call) -> Reply:
        """Prolong a session's life."""
        self._authenticator.session(call.headers)
        return success(None, call.request_id)

    async def take_telemetry(self, call: Call) -> Reply:
        """Take what a client tells of its work, and keep none of it."""
        self._authenticator.session(call.headers)
        return success(None, call.request_id)

    async def sign_out(self, call: Call) -> Reply:
        """Close a session and free what it holds. Without ``delete=true`` it only looks whether it lives."""
        if call.query.get("delete", "").lower() != "true":
            return await self.keep_alive(call)
        token = session_token(call.headers) or ""
        await self._in_thread(lambda: self._close(token))
        return success(None, call.request_id)

    def _close(self, token: str) -> None:
        session_id = self._signin.logout(token)
        if session_id is not None:
            self._door.close_session(session_id)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _credentials(data: SignInData) -> Credentials:
    authenticator, user = (data.authenticator or "").upper(), data.login_name or None
    if authenticator in _BY_PASSWORD:
        return Password(user or "", data.password or "")
    if authenticator == "SNOWFLAKE_JWT":
        return KeyPairToken(data.token or "", user)
    if authenticator in _BY_ACCESS_TOKEN:
        return AccessToken(data.token or data.password or "", user)
    raise UnknownAuthenticator(authenticator)


def _client(data: SignInData) -> str:
    return f"{data.client_app_id or 'unknown'} {data.client_app_version or ''}".strip()


def _signed_in(login: Login) -> Mapping[str, Any]:
    session = login.session
    return {
        "token": login.token,
        "masterToken": login.master_token,
        "validityInSeconds": login.validity_s,
        "masterValidityInSeconds": login.master_validity_s,
        "sessionId": session.id,
        "displayUserName": session.user,
        "firstLogin": False,
        "healthCheckInterval": 45,
        "parameters": parameter_list(with_session_defaults(session.parameters)),
        "sessionInfo": {
            "databaseName": session.database,
            "schemaName": session.schema,
            "warehouseName": session.warehouse,
            "roleName": session.role,
        },
    }


def _renewed(login: Login) -> Mapping[str, Any]:
    return {
        "sessionToken": login.token,
        "validityInSecondsST": login.validity_s,
        "masterToken": login.master_token,
        "validityInSecondsMT": login.master_validity_s,
        "sessionId": login.session.id,
    }
