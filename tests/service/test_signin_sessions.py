"""Sessions: how long they live, how they are renewed, and what ends them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.service.doorway import PASSWORD, ROOT, Doorway, public_pem

from clockmill.core.identity import RoleNotGranted
from clockmill.core.signin import MasterExpired, SessionExpired, SessionGone, UserDisabled
from clockmill.service.identity import IdentityService
from clockmill.service.signin import Signin
from clockmill.store.database import Store


def test_a_session_is_found_by_its_token(doorway: Doorway) -> None:
    login = doorway.sign_in()
    assert doorway.signin.session(login.token) == login.session


def test_a_session_outlives_a_restart(doorway: Doorway) -> None:
    login = doorway.sign_in()
    after = Signin(store=doorway.store, clock=doorway.clock)
    assert after.session(login.token) == login.session


@pytest.mark.parametrize("token", ["", "None", "1:abc", "cms-1-" + "x" * 43, "cms-zz-" + "x" * 43])
def test_a_token_that_nobody_was_given_is_gone(doorway: Doorway, token: str) -> None:
    with pytest.raises(SessionGone):
        doorway.signin.session(token)
    with pytest.raises(SessionGone):
        doorway.signin.renew(token)
    assert doorway.signin.logout(token) is None


def test_the_master_token_is_no_session_token_nor_the_other_way_round(doorway: Doorway) -> None:
    login = doorway.sign_in()
    with pytest.raises(SessionExpired):
        doorway.signin.session(login.master_token)
    with pytest.raises(SessionGone):
        doorway.signin.renew(login.token)


def test_a_session_expires_when_it_is_not_used(doorway: Doorway) -> None:
    login = doorway.sign_in()
    doorway.clock.advance(hours=1)
    with pytest.raises(SessionExpired) as caught:
        doorway.signin.session(login.token)
    assert caught.value.code == "390112"


def test_use_lets_a_session_live_on_also_across_a_restart(doorway: Doorway) -> None:
    login = doorway.sign_in()
    for _ in range(10):
        doorway.clock.advance(minutes=50)
        doorway.signin.session(login.token)
    doorway.store.write(lambda _: None)
    after = Signin(store=doorway.store, clock=doorway.clock)
    assert after.session(login.token).id == login.session.id


def test_a_session_in_use_is_seldom_written(doorway: Doorway) -> None:
    """A thousand requests a second must not be a thousand commits."""
    login = doorway.sign_in()
    doorway.signin.session(login.token)
    before = doorway.store.data_version()
    for _ in range(100):
        doorway.clock.advance(seconds=1)
        doorway.signin.session(login.token)
    doorway.signin.session(login.token)
    assert doorway.store.data_version() == before


def test_an_expired_session_is_renewed_with_a_new_token(doorway: Doorway) -> None:
    login = doorway.sign_in()
    doorway.clock.advance(hours=2)

    renewed = doorway.signin.renew(login.master_token)

    assert doorway.signin.session(renewed.token).id == login.session.id
    assert (renewed.validity_s, renewed.master_validity_s) == (3600, 4 * 3600)
    with pytest.raises(SessionExpired):
        doorway.signin.session(login.token)


def test_a_renewal_whose_answer_was_lost_can_be_asked_for_again(doorway: Doorway) -> None:
    login = doorway.sign_in()
    doorway.signin.renew(login.master_token)
    again = doorway.signin.renew(login.master_token)
    assert doorway.signin.session(again.token).id == login.session.id


def test_a_session_cannot_be_renewed_once_the_master_token_has_run_out(doorway: Doorway) -> None:
    login = doorway.sign_in()
    doorway.clock.advance(hours=4)
    with pytest.raises(MasterExpired):
        doorway.signin.renew(login.master_token)


def test_a_closed_session_is_gone_for_good(doorway: Doorway) -> None:
    login = doorway.sign_in()
    assert doorway.signin.logout(login.token) == login.session.id
    assert doorway.signin.logout(login.token) is None
    with pytest.raises(SessionGone) as caught:
        doorway.signin.session(login.token)
    assert caught.value.code == "390104"
    with pytest.raises(SessionGone):
        doorway.signin.renew(login.master_token)


def test_an_expired_session_can_be_closed(doorway: Doorway) -> None:
    login = doorway.sign_in()
    doorway.clock.advance(hours=2)
    assert doorway.signin.logout(login.token) == login.session.id


def test_what_use_and_alter_session_have_set_is_kept(doorway: Doorway) -> None:
    login = doorway.sign_in()
    doorway.signin.session(login.token)
    doorway.signin.save_context(
        login.session.id, "SYSADMIN", "W", "DB", "my schema", {"TIMEZONE": "UTC", "ROWS_PER_RESULTSET": 7}
    )
    session = doorway.signin.session(login.token)
    assert (session.role, session.warehouse, session.database, session.schema, session.parameters) == (
        "SYSADMIN",
        "W",
        "DB",
        "my schema",
        {"TIMEZONE": "UTC", "ROWS_PER_RESULTSET": 7},
    )


def test_dead_sessions_are_forgotten_by_and_by(doorway: Doorway) -> None:
    old = doorway.sign_in()
    doorway.clock.advance(days=2)
    doorway.sign_in()
    with doorway.store.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM sessions").scalar() == 1
    with pytest.raises(SessionGone):
        doorway.signin.session(old.token)


def test_the_store_holds_no_secret(doorway: Doorway) -> None:
    login = doorway.sign_in()
    _, secret = doorway.identities.create_token(ROOT, "ADMIN", "CI")
    with doorway.store.read() as tx:
        rows = [
            str(row)
            for table in ("users", "tokens", "sessions")
            for row in tx.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    for kept in (PASSWORD, secret, login.token, login.master_token):
        assert not any(kept in row for row in rows)


# --- callers ---------------------------------------------------------------------------------


def test_the_caller_of_a_session_has_its_context(doorway: Doorway) -> None:
    login = doorway.sign_in()
    doorway.signin.save_context(login.session.id, "SYSADMIN", "W", "DB", "S", {})
    caller = doorway.signin.caller(doorway.signin.session(login.token))
    assert (caller.user, caller.role, caller.warehouse, str(caller.home)) == (
        "ADMIN",
        "SYSADMIN",
        "W",
        "DB.S",
    )
    assert caller.session_id == login.session.id


def test_a_request_may_ask_for_another_role_and_warehouse(doorway: Doorway) -> None:
    session = doorway.sign_in().session
    caller = doorway.signin.caller(session, role='"SYSADMIN"', warehouse="other")
    assert (caller.role, caller.warehouse) == ("SYSADMIN", "OTHER")


@pytest.mark.parametrize("role", ["AUDITOR", '"sysadmin"', "no role"])
def test_a_request_may_not_ask_for_a_role_that_is_not_granted(doorway: Doorway, role: str) -> None:
    with pytest.raises(RoleNotGranted):
        doorway.signin.caller(doorway.sign_in().session, role=role)


# --- revocation ------------------------------------------------------------------------------

Change = Callable[[IdentityService], object]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda i: i.set_disabled(ROOT, "ANN", True), id="disabled"),
        pytest.param(lambda i: i.set_password(ROOT, "ANN", "another password"), id="new password"),
        pytest.param(lambda i: i.revoke_role(ROOT, "ANN", "SYSADMIN"), id="role revoked"),
        pytest.param(lambda i: i.set_key(ROOT, "ANN", None), id="key removed"),
    ],
)
def test_what_is_taken_away_ends_the_session_at_its_next_request(doorway: Doorway, change: Change) -> None:
    doorway.identities.create_user(ROOT, "ANN", password=PASSWORD, default_role="SYSADMIN")
    doorway.identities.set_key(ROOT, "ANN", public_pem("ann"))
    login = doorway.sign_in("ann")
    doorway.signin.session(login.token)

    change(doorway.identities)

    with pytest.raises(SessionGone):
        doorway.signin.session(login.token)
    with pytest.raises(SessionGone):
        doorway.signin.renew(login.master_token)


def test_an_enabled_user_has_to_sign_in_again(doorway: Doorway) -> None:
    login = doorway.sign_in()
    doorway.identities.set_disabled(ROOT, "ADMIN", True)
    doorway.identities.set_disabled(ROOT, "ADMIN", False)
    with pytest.raises(SessionGone):
        doorway.signin.session(login.token)
    assert doorway.sign_in().session.user == "ADMIN"


def test_a_granted_role_can_be_used_by_an_open_session(doorway: Doorway) -> None:
    doorway.identities.create_user(ROOT, "ANN", password=PASSWORD)
    login = doorway.sign_in("ann")
    doorway.identities.grant_role(ROOT, "ANN", "SYSADMIN")
    session = doorway.signin.session(login.token)
    assert doorway.signin.caller(session, role="SYSADMIN").role == "SYSADMIN"


def test_adding_a_second_key_leaves_sessions_alone(doorway: Doorway) -> None:
    """Rotation has both keys for a while, so that nothing is interrupted."""
    doorway.identities.set_key(ROOT, "ADMIN", public_pem("one"))
    login = doorway.sign_in()
    doorway.identities.set_key(ROOT, "ADMIN", public_pem("two"), slot=2)
    assert doorway.signin.session(login.token).user == "ADMIN"


DISABLE = """
import sys
from clockmill.clock import SystemClock
from clockmill.core.caller import Caller
from clockmill.service.identity import IdentityService
from clockmill.store.database import Store

with Store.open(sys.argv[1]) as store:
    root = Caller(user="SYSTEM", role="ACCOUNTADMIN")
    IdentityService(store=store, clock=SystemClock()).set_disabled(root, "ADMIN", True)
"""


def test_a_change_by_another_process_holds_from_the_next_request(tmp_path: Path) -> None:
    with Store.open(tmp_path / "clockmill.db") as store:
        doorway = Doorway(store)
        login = doorway.sign_in()
        _, secret = doorway.identities.create_token(ROOT, "ADMIN", "CI")
        doorway.signin.session(login.token)
        doorway.signin.bearer(secret, None, "")

        subprocess.run([sys.executable, "-c", DISABLE, str(tmp_path / "clockmill.db")], check=True)

        with pytest.raises(SessionGone):
            doorway.signin.session(login.token)
        with pytest.raises(UserDisabled):
            doorway.signin.bearer(secret, None, "")
