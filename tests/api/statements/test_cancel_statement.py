"""Stopping statements."""

import uuid

from tests.api.statements.conftest import ADMIN, STATEMENTS, SqlApi

ENDLESS = "select system$wait(60)"


def test_a_running_statement_is_stopped(sql_api: SqlApi) -> None:
    handle = sql_api.submit(ENDLESS, "?async=true").json()["statementHandle"]
    assert sql_api.fetch(handle).status_code == 202

    answer = sql_api.cancel(handle)

    assert answer.status_code == 200
    assert (answer.json()["code"], answer.json()["message"]) == ("000604", "SQL execution canceled")
    assert answer.json()["statementStatusUrl"] == f"{STATEMENTS}/{handle}"
    fetched = sql_api.fetch(handle)
    assert (fetched.status_code, fetched.json()["code"]) == (422, "000604")


def test_a_statement_that_has_ended_cannot_be_stopped(sql_api: SqlApi) -> None:
    handle = sql_api.run("select 1")["statementHandle"]

    answer = sql_api.cancel(handle)

    assert (answer.status_code, answer.json()["code"]) == (422, "000605")
    assert sql_api.fetch(handle).status_code == 200


def test_an_unknown_statement_cannot_be_stopped(sql_api: SqlApi) -> None:
    answer = sql_api.cancel(str(uuid.uuid4()))

    assert (answer.status_code, answer.json()["code"]) == (422, "000709")
    assert sql_api.cancel("7").status_code == 400


def test_nobody_stops_the_statement_of_another_user(sql_api: SqlApi) -> None:
    handle = sql_api.submit(ENDLESS, "?async=true").json()["statementHandle"]
    own = sql_api.token
    sql_api.identities.create_user(ADMIN, "EVE", roles=frozenset({"PUBLIC"}), default_role="PUBLIC")
    sql_api.token = sql_api.identities.create_token(ADMIN, "EVE", "eve")[1]
    assert sql_api.cancel(handle).status_code == 422
    sql_api.token = own

    assert sql_api.fetch(handle).status_code == 202
    assert sql_api.cancel(handle).status_code == 200
