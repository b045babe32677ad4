"""Signing in with a password or an access token, and in which role."""

import pytest
from tests.service.doorway import HOME, PASSWORD, ROOT, Doorway

from clockmill.core.errors import Unauthenticated
from clockmill.core.identity import RoleNotGranted
from clockmill.core.signin import (
    AccessToken,
    InvalidAccessToken,
    KeyPairToken,
    Password,
    TooManyFailures,
    UnknownTokenType,
    UserDisabled,
    WrongPassword,
)


def test_the_right_password_opens_a_session_with_the_users_defaults(doorway: Doorway) -> None:
    session = doorway.sign_in().session

    assert (session.user, session.role, session.warehouse) == ("ADMIN", "ACCOUNTADMIN", "COMPUTE_WH")
    assert session.roles == {"ACCOUNTADMIN", "SYSADMIN", "PUBLIC"}


def test_a_login_may_ask_for_role_warehouse_database_and_schema(doorway: Doorway) -> None:
    session = doorway.signin.login(
        Password("ADMIN", PASSWORD),
        address=HOME,
        role="sysadmin",
        warehouse='"My wh"',
        database="db",
        schema="s",
        parameters={"QUERY_TAG": "zz"},
        client="PythonConnector",
    ).session

    assert (session.role, session.warehouse, session.database, session.schema) == (
        "SYSADMIN",
        "My wh",
        "DB",
        "S",
    )
    assert session.parameters == {"QUERY_TAG": "zz"}


def test_a_database_without_a_schema_means_its_public_one(doorway: Doorway) -> None:
    session = doorway.signin.login(Password("admin", PASSWORD), address=HOME, database="db").session
    assert (session.database, session.schema) == ("DB", "PUBLIC")


def test_empty_names_in_a_login_mean_none(doorway: Doorway) -> None:
    """Some clients send every name, empty where none was given."""
    session = doorway.signin.login(
        Password("admin", PASSWORD), address=HOME, role="", warehouse="", database="", schema=""
    ).session
    assert (session.role, session.warehouse, session.database) == ("ACCOUNTADMIN", "COMPUTE_WH", None)


@pytest.mark.parametrize("user", ["admin", "nobody", "", "no name at all", "x" * 5000])
@pytest.mark.parametrize("password", ["wrong", "", "x" * 100_000])
def test_whatever_is_wrong_the_answer_is_the_same(doorway: Doorway, user: str, password: str) -> None:
    with pytest.raises(WrongPassword, match=r"Incorrect username or password was specified\.") as caught:
        doorway.sign_in(user, password)
    assert (caught.value.code, caught.value.sqlstate) == ("390100", "28000")


def test_a_user_without_a_password_cannot_sign_in_with_any(doorway: Doorway) -> None:
    doorway.identities.create_user(ROOT, "ROBOT")
    with pytest.raises(WrongPassword):
        doorway.sign_in("robot", "")


def test_an_unknown_user_costs_a_check_of_a_password_like_a_known_one(
    doorway: Doorway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time of the answer would tell who exists."""
    checked: list[str | None] = []

    def is_password(_: str, hashed: str | None) -> bool:
        checked.append(hashed)
        return False

    monkeypatch.setattr("clockmill.service.credentials.is_password", is_password)
    for user in ("admin", "nobody"):
        with pytest.raises(WrongPassword):
            doorway.sign_in(user, "wrong password")
    assert len(checked) == 2
    assert checked[1] is None


def test_a_disabled_user_is_told_so_only_with_the_right_password(doorway: Doorway) -> None:
    doorway.identities.set_disabled(ROOT, "ADMIN", True)
    with pytest.raises(UserDisabled):
        doorway.sign_in()
    with pytest.raises(WrongPassword):
        doorway.sign_in(password="wrong password")


def test_a_role_that_is_not_granted_is_refused_at_login(doorway: Doorway) -> None:
    with pytest.raises(RoleNotGranted):
        doorway.signin.login(Password("admin", PASSWORD), address=HOME, role="AUDITOR")


def test_a_user_without_a_default_role_begins_in_public(doorway: Doorway) -> None:
    doorway.identities.create_user(ROOT, "ANN", password=PASSWORD)
    assert doorway.sign_in("ann").session.role == "PUBLIC"


def test_secrets_do_not_show_in_what_is_logged_of_credentials_and_logins(doorway: Doorway) -> None:
    login = doorway.sign_in()
    shown = f"{login!r} {login} {Password('admin', PASSWORD)!r} "
    shown += f"{AccessToken('t0p')!r} {KeyPairToken('k3y')!r}"
    for secret in (PASSWORD, "t0p", "k3y", login.token, login.master_token):
        assert secret not in shown


# --- access tokens ---------------------------------------------------------------------------


def test_an_access_token_opens_a_session_also_as_the_password(doorway: Doorway) -> None:
    _, secret = doorway.identities.create_token(ROOT, "ADMIN", "CI")

    assert doorway.sign_in("admin", secret).session.user == "ADMIN"
    assert doorway.signin.login(AccessToken(secret), address=HOME).session.user == "ADMIN"
    assert doorway.signin.login(AccessToken(secret, "Admin"), address=HOME).session.user == "ADMIN"


def test_an_access_token_of_another_user_is_refused(doorway: Doorway) -> None:
    doorway.identities.create_user(ROOT, "ANN")
    _, secret = doorway.identities.create_token(ROOT, "ADMIN", "CI")
    with pytest.raises(InvalidAccessToken):
        doorway.sign_in("ann", secret)


def test_a_restricted_access_token_opens_its_role_alone(doorway: Doorway) -> None:
    _, secret = doorway.identities.create_token(ROOT, "ADMIN", "CI", role="SYSADMIN")

    session = doorway.sign_in("admin", secret).session
    assert (session.role, session.roles) == ("SYSADMIN", frozenset({"SYSADMIN"}))
    identity = doorway.signin.bearer(secret, None, HOME)
    assert doorway.signin.caller(identity).role == "SYSADMIN"
    for role in ("ACCOUNTADMIN", "PUBLIC"):
        with pytest.raises(RoleNotGranted):
            doorway.signin.caller(identity, role=role)


def test_an_access_token_ends_on_its_day_also_where_it_was_just_used(doorway: Doorway) -> None:
    _, secret = doorway.identities.create_token(ROOT, "ADMIN", "CI", days=1)
    assert doorway.signin.bearer(secret, None, HOME).user == "ADMIN"
    doorway.clock.advance(days=1)
    with pytest.raises(InvalidAccessToken):
        doorway.signin.bearer(secret, None, HOME)


def test_a_revoked_access_token_opens_nothing_and_ends_its_sessions(doorway: Doorway) -> None:
    _, secret = doorway.identities.create_token(ROOT, "ADMIN", "CI")
    by_token, by_password = doorway.sign_in("admin", secret), doorway.sign_in()
    doorway.signin.bearer(secret, None, HOME)
    doorway.signin.session(by_token.token)

    doorway.identities.revoke_token(ROOT, "ADMIN", "CI")

    with pytest.raises(InvalidAccessToken):
        doorway.signin.bearer(secret, None, HOME)
    with pytest.raises(Unauthenticated):
        doorway.signin.session(by_token.token)
    assert doorway.signin.session(by_password.token).user == "ADMIN"


@pytest.mark.parametrize("token", ["", "clockmill_pat_", "clockmill_pat_" + "x" * 43, "a.b.c.d", "\0"])
def test_a_bearer_token_that_nobody_was_given_opens_nothing(doorway: Doorway, token: str) -> None:
    with pytest.raises(Unauthenticated):
        doorway.signin.bearer(token, None, HOME)


def test_the_kind_that_a_bearer_token_is_said_to_be_of_decides(doorway: Doorway) -> None:
    _, secret = doorway.identities.create_token(ROOT, "ADMIN", "CI")
    assert doorway.signin.bearer(secret, "programmatic_access_token", HOME).user == "ADMIN"
    with pytest.raises(Unauthenticated):
        doorway.signin.bearer(secret, "KEYPAIR_JWT", HOME)
    with pytest.raises(UnknownTokenType, match="OAUTH"):
        doorway.signin.bearer(secret, "OAUTH", HOME)


# --- guessing --------------------------------------------------------------------------------


def test_guessing_is_slowed_even_for_the_right_password(doorway: Doorway) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            doorway.sign_in(password="wrong password")
    with pytest.raises(TooManyFailures, match="1 second"):
        doorway.sign_in()
    doorway.clock.advance(seconds=1)
    assert doorway.sign_in().session.user == "ADMIN"


def test_guessing_at_a_user_from_elsewhere_does_not_lock_the_user_out_at_home(doorway: Doorway) -> None:
    doorway.sign_in(address=HOME)
    for _ in range(6):
        with pytest.raises((WrongPassword, TooManyFailures)):
            doorway.sign_in(password="wrong password", address="198.51.100.7")
    assert doorway.sign_in(address=HOME).session.user == "ADMIN"


def test_a_token_that_holds_is_admitted_whatever_failed_before(doorway: Doorway) -> None:
    """Nobody guesses one; slowing it would only let others lock its owner out."""
    _, secret = doorway.identities.create_token(ROOT, "ADMIN", "CI")
    for _ in range(6):
        with pytest.raises((WrongPassword, TooManyFailures)):
            doorway.sign_in(password="wrong password")
    assert doorway.sign_in("admin", secret).session.user == "ADMIN"


def test_wrong_access_tokens_are_slowed_too(doorway: Doorway) -> None:
    for _ in range(5):
        with pytest.raises(InvalidAccessToken):
            doorway.signin.login(AccessToken("clockmill_pat_wrong", "admin"), address=HOME)
    with pytest.raises(TooManyFailures):
        doorway.signin.login(AccessToken("clockmill_pat_wrong", "admin"), address=HOME)
