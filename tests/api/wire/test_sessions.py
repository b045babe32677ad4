"""Signing in, renewing, keeping alive and signing out, as connectors do it."""

from typing import Any

import pytest
from tests.api.wire.conftest import PASSWORD, ROOT, Wire, zipped


def test_signing_in_answers_with_all_that_both_connectors_need(wire: Wire) -> None:
    """Connector 5.x refuses a login without master token and session id."""
    data = wire.sign_in(query="databaseName=db&roleName=sysadmin&warehouse=")["data"]

    assert {
        "token",
        "masterToken",
        "sessionId",
        "validityInSeconds",
        "masterValidityInSeconds",
    } <= data.keys()
    assert data["sessionInfo"] == {
        "databaseName": "DB",
        "schemaName": "PUBLIC",
        "warehouseName": "COMPUTE_WH",
        "roleName": "SYSADMIN",
    }
    parameters = {each["name"]: each["value"] for each in data["parameters"]}
    assert (parameters["AUTOCOMMIT"], parameters["CLIENT_STAGE_ARRAY_BINDING_THRESHOLD"]) == (True, 0)


def test_session_parameters_of_the_login_hold_and_unknown_ones_are_ignored(wire: Wire) -> None:
    settings = {"TIMEZONE": "UTC", "CLIENT_PREFETCH_THREADS": "4", "NOVELTY": 1}
    data = wire.sign_in(SESSION_PARAMETERS=settings, UNKNOWN={"a": 1})["data"]

    parameters = {each["name"]: each["value"] for each in data["parameters"]}
    assert parameters["TIMEZONE"] == "UTC"
    assert "NOVELTY" not in parameters


def test_an_access_token_signs_in_in_every_place_where_a_client_can_put_it(wire: Wire) -> None:
    _, secret = wire.identities.create_token(ROOT, "ADMIN", "ci", role="SYSADMIN")
    ways: list[dict[str, Any]] = [
        {"AUTHENTICATOR": "PROGRAMMATIC_ACCESS_TOKEN", "TOKEN": secret, "LOGIN_NAME": None},
        {"AUTHENTICATOR": "OAUTH", "TOKEN": secret},
        {"PASSWORD": secret},
    ]
    for way in ways:
        envelope = wire.sign_in(**{"PASSWORD": None, **way})

        assert envelope["data"]["sessionInfo"]["roleName"] == "SYSADMIN"


@pytest.mark.parametrize("user", ["admin", "nobody"])
def test_a_wrong_password_is_told_alike_for_every_user(wire: Wire, user: str) -> None:
    envelope = wire.sign_in(LOGIN_NAME=user, PASSWORD="wrong password")

    assert not envelope["success"]
    assert (envelope["code"], envelope["data"]["sqlState"]) == ("390100", "28000")
    assert envelope["message"] == "Incorrect username or password was specified."


def test_a_way_to_sign_in_that_is_not_served_is_refused_by_name(wire: Wire) -> None:
    envelope = wire.sign_in(AUTHENTICATOR="EXTERNALBROWSER")

    assert not envelope["success"]
    assert "EXTERNALBROWSER" in envelope["message"]


def test_a_role_that_is_not_granted_is_refused(wire: Wire) -> None:
    assert wire.sign_in(query="roleName=auditor")["code"] == "390189"


def test_a_zipped_body_is_read(wire: Wire) -> None:
    """Connector 4.x zips every body."""
    body = zipped({"data": {"LOGIN_NAME": "ADMIN", "PASSWORD": PASSWORD}})
    envelope = wire.send("POST", "/session/v1/login-request", body, **{"Content-Encoding": "gzip"})

    assert envelope["success"]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b'{"data": 1}', b'{"data": {"TOKEN": 1}}'])
def test_a_body_of_another_form_is_refused_within_the_envelope(wire: Wire, content: bytes) -> None:
    envelope = wire.send("POST", "/session/v1/login-request", content)

    assert (envelope["success"], envelope["code"]) == (False, "390400")


def test_a_body_over_the_limit_is_refused_within_the_envelope(wire: Wire) -> None:
    """An error status would make connector 4.x send it again for minutes."""
    bomb = zipped({"data": {"LOGIN_NAME": "x" * 1_000_000}})
    envelope = wire.send("POST", "/session/v1/login-request", bomb, **{"Content-Encoding": "gzip"})

    assert not envelope["success"]
    assert "limit of 65536 bytes" in envelope["message"]


def test_renewing_gives_a_new_token_for_the_same_session(wire: Wire) -> None:
    before = wire.sign_in()["data"]
    wire.clock.advance(hours=2)
    assert wire.query("select 1")["code"] == "390112"

    renewed = wire.call(
        "POST",
        "/session/token-request?requestId=1",
        {"oldSessionToken": before["token"], "requestType": "RENEW"},
        token=before["masterToken"],
    )["data"]

    assert renewed["sessionId"] == before["sessionId"]
    assert renewed["sessionToken"] != before["token"]
    assert {"masterToken", "validityInSecondsST", "validityInSecondsMT"} <= renewed.keys()
    wire.token = renewed["sessionToken"]
    assert wire.rows("select 1") == [["1"]]


def test_renewing_with_a_token_that_nobody_was_given_is_refused(wire: Wire) -> None:
    body = {"oldSessionToken": "x", "requestType": "RENEW"}
    envelope = wire.call("POST", "/session/token-request", body, token="x")

    assert (envelope["success"], envelope["code"]) == (False, "390104")


def test_a_heartbeat_prolongs_the_session(wire: Wire) -> None:
    for _ in range(4):
        wire.clock.advance(minutes=40)
        assert wire.call("POST", "/session/heartbeat")["success"]


def test_signing_out_ends_the_session_and_its_transaction(wire: Wire) -> None:
    wire.rows("create table t (n number)")
    wire.rows("begin")
    wire.rows("insert into t values (1)")

    assert wire.call("POST", "/session?delete=true", {})["success"]

    assert wire.query("select 1")["code"] == "390104"
    wire.sign_in()
    assert wire.rows("select count(*) from t") == [["0"]]


def test_signing_out_twice_is_no_mistake(wire: Wire) -> None:
    wire.call("POST", "/session?delete=true", {})

    assert wire.call("POST", "/session?delete=true", {})["success"]


def test_telemetry_is_taken_from_sessions_alone(wire: Wire) -> None:
    body = zipped({"logs": [{"message": {"type": "x"}, "timestamp": "1"}]})

    assert wire.send("POST", "/telemetry/send", body, **{"Content-Encoding": "gzip"})["success"]
    assert wire.call("POST", "/telemetry/send", {}, token="nobodys")["code"] == "390104"


def test_a_login_nested_too_deeply_is_refused(wire: Wire) -> None:
    """It comes before any credentials: it must not fill the log with our own mistakes."""
    body = b'{"data": {"SESSION_PARAMETERS": ' + b'{"a": ' * 10_000

    envelope = wire.send("POST", "/session/v1/login-request", body, token="None")

    assert (envelope["code"], envelope["success"]) == ("390400", False)
    assert "nested too deeply" in envelope["message"]


def test_strangers_may_send_little(wire: Wire) -> None:
    """Bodies are held in memory, and whoever signs in has shown nothing yet."""
    envelope = wire.sign_in(PASSWORD="x" * 70_000)

    assert envelope["message"].startswith("The request body is larger than the limit of 65536 bytes")
    wire.sign_in()
    assert wire.rows(f"select {'1' + ' ' * 70_000}") == [["1"]]
