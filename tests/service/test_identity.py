"""What an administrator does about who may come in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.service.doorway import PASSWORD, ROOT, Doorway, public_pem

from clockmill.core.caller import Caller
from clockmill.core.errors import InsufficientPrivileges, InvalidRequest
from clockmill.core.identity import (
    BadPassword,
    NoSuchRole,
    NoSuchToken,
    NoSuchUser,
    RoleNotGranted,
    TokenExists,
    UserExists,
)
from clockmill.service.identity import IdentityService
from clockmill.store.database import Store


def test_the_first_start_makes_the_account_its_roles_and_admin(doorway: Doorway) -> None:
    assert doorway.identities.account_name() == "CLOCKMILL"
    assert doorway.identities.list_roles() == ["ACCOUNTADMIN", "PUBLIC", "SYSADMIN"]
    [admin] = doorway.identities.list_users(ROOT)
    assert (admin.name, admin.default_role, admin.default_warehouse) == (
        "ADMIN",
        "ACCOUNTADMIN",
        "COMPUTE_WH",
    )
    assert admin.roles == frozenset({"ACCOUNTADMIN", "SYSADMIN", "PUBLIC"})


def test_a_second_start_changes_nothing(doorway: Doorway) -> None:
    again = doorway.identities.bootstrap(account_name="OTHER", admin_password="another password")
    assert not again
    assert doorway.identities.account_name() == "CLOCKMILL"
    assert doorway.sign_in(password=PASSWORD).session.user == "ADMIN"


def test_whoever_starts_the_server_may_choose_a_short_password_but_not_none(doorway: Doorway) -> None:
    """A throw-away server in CI has its password in plain sight anyway."""
    with Store.temporary() as store:
        identities = IdentityService(store=store, clock=doorway.clock)
        with pytest.raises(BadPassword, match="1 to 256"):
            identities.bootstrap(account_name="CLOCKMILL", admin_password="")
        assert identities.bootstrap(account_name="CLOCKMILL", admin_password="ci")


def test_a_store_without_an_account_is_not_set_up(doorway: Doorway) -> None:
    with Store.temporary() as store:
        assert not IdentityService(store=store, clock=doorway.clock).is_set_up()
    assert doorway.identities.is_set_up()


def test_a_new_user_has_what_it_was_given(doorway: Doorway) -> None:
    made = doorway.identities.create_user(
        ROOT, "ANN", password=PASSWORD, roles=frozenset({"SYSADMIN"}), comment="Ops"
    )
    assert made in doorway.identities.list_users(ROOT)
    assert made.roles == frozenset({"SYSADMIN", "PUBLIC"})


def test_a_default_role_is_granted_with_the_rest(doorway: Doorway) -> None:
    made = doorway.identities.create_user(ROOT, "ANN", default_role="SYSADMIN")
    assert "SYSADMIN" in made.roles


@pytest.mark.parametrize("name", ["ADMIN", "SYSTEM"])
def test_a_name_that_is_taken_or_the_systems_is_refused(doorway: Doorway, name: str) -> None:
    with pytest.raises(UserExists):
        doorway.identities.create_user(ROOT, name)


def test_a_user_with_a_role_that_does_not_exist_is_not_made(doorway: Doorway) -> None:
    with pytest.raises(NoSuchRole):
        doorway.identities.create_user(ROOT, "ANN", roles=frozenset({"AUDITOR"}))
    assert [user.name for user in doorway.identities.list_users(ROOT)] == ["ADMIN"]


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_a_password_that_is_too_short_or_too_long_is_refused(doorway: Doorway, password: str) -> None:
    with pytest.raises(BadPassword, match="8 to 256"):
        doorway.identities.set_password(ROOT, "ADMIN", password)
    assert doorway.sign_in().session.user == "ADMIN"


def test_a_new_password_replaces_the_old_one(doorway: Doorway) -> None:
    doorway.identities.set_password(ROOT, "ADMIN", "another password")
    assert doorway.sign_in(password="another password").session.user == "ADMIN"


def test_roles_are_granted_and_revoked(doorway: Doorway) -> None:
    doorway.identities.create_role(ROOT, "AUDITOR")
    doorway.identities.create_role(ROOT, "AUDITOR")
    doorway.identities.grant_role(ROOT, "ADMIN", "AUDITOR")
    doorway.identities.grant_role(ROOT, "ADMIN", "AUDITOR")
    assert "AUDITOR" in doorway.identities.list_users(ROOT)[0].roles
    doorway.identities.revoke_role(ROOT, "ADMIN", "AUDITOR")
    assert "AUDITOR" not in doorway.identities.list_users(ROOT)[0].roles
    with pytest.raises(RoleNotGranted):
        doorway.identities.revoke_role(ROOT, "ADMIN", "AUDITOR")


def test_keys_are_shown_by_their_fingerprint(doorway: Doorway) -> None:
    fingerprint = doorway.identities.set_key(ROOT, "ADMIN", public_pem("one"), slot=2)
    [admin] = doorway.identities.list_users(ROOT)
    assert admin.key_fingerprints == {2: fingerprint}


def test_a_token_is_listed_without_its_secret(doorway: Doorway) -> None:
    token, secret = doorway.identities.create_token(ROOT, "ADMIN", "CI", days=30, role="SYSADMIN")
    assert doorway.identities.list_tokens(ROOT) == [token]
    assert doorway.identities.list_tokens(ROOT, "ANN") == []
    assert token.expires_on == doorway.clock.now() + timedelta(days=30)
    assert secret not in repr(token)


def test_a_revoked_token_is_still_listed(doorway: Doorway) -> None:
    doorway.identities.create_token(ROOT, "ADMIN", "CI")
    doorway.identities.revoke_token(ROOT, "ADMIN", "CI")
    doorway.clock.advance(days=1)
    doorway.identities.revoke_token(ROOT, "ADMIN", "CI")
    [token] = doorway.identities.list_tokens(ROOT)
    assert token.revoked_on == doorway.clock.now() - timedelta(days=1)


def test_names_of_tokens_are_unique_for_a_user(doorway: Doorway) -> None:
    doorway.identities.create_token(ROOT, "ADMIN", "CI")
    with pytest.raises(TokenExists):
        doorway.identities.create_token(ROOT, "ADMIN", "CI")


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_token_lives_a_year_at_most(doorway: Doorway, days: int) -> None:
    with pytest.raises(InvalidRequest, match="1 to 365"):
        doorway.identities.create_token(ROOT, "ADMIN", "CI", days=days)


def test_a_token_is_not_restricted_to_a_role_that_its_user_lacks(doorway: Doorway) -> None:
    with pytest.raises(RoleNotGranted):
        doorway.identities.create_token(ROOT, "ADMIN", "CI", role="AUDITOR")


ON_NOBODY: dict[str, Callable[[IdentityService, Caller], object]] = {
    "disable": lambda i, who: i.set_disabled(who, "NOBODY", True),
    "password": lambda i, who: i.set_password(who, "NOBODY", PASSWORD),
    "key": lambda i, who: i.set_key(who, "NOBODY", None),
    "grant": lambda i, who: i.grant_role(who, "NOBODY", "SYSADMIN"),
    "revoke": lambda i, who: i.revoke_role(who, "NOBODY", "SYSADMIN"),
    "token": lambda i, who: i.create_token(who, "NOBODY", "CI"),
}


@pytest.mark.parametrize("change", ON_NOBODY.values(), ids=ON_NOBODY.keys())
def test_a_user_who_does_not_exist_is_named(
    doorway: Doorway, change: Callable[[IdentityService, Caller], object]
) -> None:
    with pytest.raises(NoSuchUser, match="User 'NOBODY' does not exist"):
        change(doorway.identities, ROOT)


def test_a_token_that_does_not_exist_is_named(doorway: Doorway) -> None:
    with pytest.raises(NoSuchToken, match="'CI' does not exist"):
        doorway.identities.revoke_token(ROOT, "ADMIN", "CI")


def test_a_role_that_does_not_exist_cannot_be_granted(doorway: Doorway) -> None:
    with pytest.raises(NoSuchRole, match="AUDITOR"):
        doorway.identities.grant_role(ROOT, "ADMIN", "AUDITOR")


EVERYTHING = {
    **ON_NOBODY,
    "create user": lambda i, who: i.create_user(who, "ANN"),
    "list users": lambda i, who: i.list_users(who),
    "create role": lambda i, who: i.create_role(who, "AUDITOR"),
    "list tokens": lambda i, who: i.list_tokens(who),
    "revoke token": lambda i, who: i.revoke_token(who, "ADMIN", "CI"),
}


@pytest.mark.parametrize("change", EVERYTHING.values(), ids=EVERYTHING.keys())
def test_only_accountadmin_decides_who_comes_in(
    doorway: Doorway, change: Callable[[IdentityService, Caller], object]
) -> None:
    ann = Caller(user="ANN", role="SYSADMIN", roles=frozenset({"SYSADMIN"}))
    with pytest.raises(InsufficientPrivileges):
        change(doorway.identities, ann)
