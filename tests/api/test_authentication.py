"""From a request's headers to a caller, for every form of credentials."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from clockmill.api.authentication import Authenticator, NoCredentials, session_token
from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.errors import InvalidIdentifier, Unauthenticated
from clockmill.core.identity import RoleNotGranted
from clockmill.core.signin import Password, SessionExpired, SessionGone
from clockmill.service.identity import IdentityService
from clockmill.service.signin import Signin
from clockmill.store.database import Store

ROOT = Caller(user="ADMIN", role="ACCOUNTADMIN", roles=frozenset({"ACCOUNTADMIN"}))
PASSWORD = "correct horse battery"


class Office:
    """An account with ADMIN and their access token, and what admits them."""

    def __init__(self, store: Store) -> None:
        self.clock = VirtualClock(datetime(2026, 3, 1, tzinfo=UTC))
        self.identities = IdentityService(store=store, clock=self.clock)
        self.identities.bootstrap(account_name="CLOCKMILL", admin_password=PASSWORD)
        self.signin = Signin(store=store, clock=self.clock, session_lifetime_s=3600)
        self.authenticator = Authenticator(self.signin)

    def sign_in(self) -> str:
        return self.signin.login(Password("admin", PASSWORD), address="127.0.0.1").token

    def authenticate(self, authorization: str, **headers: str) -> Caller:
        given = {b"authorization": authorization.encode()} | {
            f"x-snowflake-{name.replace('_', '-')}".encode(): value.encode()
            for name, value in headers.items()
        }
        return self.authenticator.authenticate(given, "127.0.0.1")


@pytest.fixture
def office() -> Iterator[Office]:
    with Store.temporary() as store:
        yield Office(store)


def test_a_session_token_gives_the_sessions_user_and_role(office: Office) -> None:
    caller = office.authenticate(f'Snowflake Token="{office.sign_in()}"')

    assert (caller.user, caller.role, caller.warehouse) == ("ADMIN", "ACCOUNTADMIN", "COMPUTE_WH")
    assert caller.session_id is not None


def test_an_access_token_gives_its_user(office: Office) -> None:
    _, secret = office.identities.create_token(ROOT, "ADMIN", "ci", role="SYSADMIN")

    for kind in ("", "PROGRAMMATIC_ACCESS_TOKEN", "PAT_WITH_EXTERNAL_SESSION_ID"):
        caller = office.authenticate(f"Bearer {secret}", authorization_token_type=kind)

        assert (caller.user, caller.role) == ("ADMIN", "SYSADMIN")


def test_a_request_may_name_another_granted_role_and_warehouse(office: Office) -> None:
    caller = office.authenticate(
        f'Snowflake Token="{office.sign_in()}"', role="sysadmin", warehouse='"My wh"'
    )

    assert (caller.role, caller.warehouse) == ("SYSADMIN", "My wh")


def test_a_role_that_is_not_granted_is_refused(office: Office) -> None:
    with pytest.raises(RoleNotGranted):
        office.authenticate(f'Snowflake Token="{office.sign_in()}"', role="AUDITOR")


def test_a_role_that_is_no_identifier_is_a_mistake_in_the_request(office: Office) -> None:
    with pytest.raises(InvalidIdentifier):
        office.authenticate(f'Snowflake Token="{office.sign_in()}"', role="no role")


@pytest.mark.parametrize("authorization", ["", "Basic YWRtaW46eA==", "Snowflake", "Bearer", "Bearer a b"])
def test_a_request_without_credentials_of_a_known_form_is_refused(office: Office, authorization: str) -> None:
    with pytest.raises(NoCredentials):
        office.authenticate(authorization)


@pytest.mark.parametrize("token", ["None", "", "x" * 40, "1:abc"])
def test_a_token_that_nobody_was_given_is_a_session_that_is_gone(office: Office, token: str) -> None:
    with pytest.raises(SessionGone):
        office.authenticate(f'Snowflake Token="{token}"')


def test_a_token_that_has_run_out_is_expired(office: Office) -> None:
    token = office.sign_in()
    office.clock.advance(hours=2)

    with pytest.raises(SessionExpired):
        office.authenticate(f'Snowflake Token="{token}"')


def test_a_bearer_token_that_nobody_was_given_is_refused(office: Office) -> None:
    with pytest.raises(Unauthenticated):
        office.authenticate("Bearer nonsense")


def test_only_tokens_with_a_signature_are_kept_off_the_event_loop(office: Office) -> None:
    quick = office.authenticator.is_quick

    assert quick({})
    assert quick({b"authorization": b'Snowflake Token="abc"'})
    assert quick({b"authorization": b"Bearer abcdef"})
    assert not quick({b"authorization": b"Bearer head.claims.signature"})


def test_the_session_token_is_read_whatever_the_blanks_and_case() -> None:
    assert session_token({b"authorization": b'snowflake  token = "t"'}) == "t"
