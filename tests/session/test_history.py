"""The history of statements, and the secrets it must not hold."""

import time

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError
from clockmill.session.masking import mask
from clockmill.store.queries import find_query


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("select 1", "select 1"),
        ("alter user u set password = 'p4ss'", "alter user u set password = '***'"),
        ("create user u PASSWORD='it''s' comment='c'", "create user u PASSWORD='***' comment='c'"),
        ("x secret_token => $$abc$$", "x secret_token => '***'"),
        ("password 'unfinished", "password '***'"),
        ('create user u password = "p4ss" x = 1', "create user u password = '***' x = 1"),
        ("create user u password = p4ss, x = 1", "create user u password = '***', x = 1"),
        ("alter user u set password /*a*/ = --b\n 'p4ss'", "alter user u set password /*a*/ = --b\n '***'"),
        ("create user u identified by 'p4ss'", "create user u identified by '***'"),
        ("select object_construct('password', 'p4ss')", "select object_construct('password', '***')"),
        ("""parse_json('{"password": "p4ss"}')""", """parse_json('{"password": '***'}')"""),
        ("select a.token, 'x' from a join b on a.token = b.token", None),
        ("select * from tokens where a = 'b'", "select * from tokens where a = 'b'"),
    ],
)
def test_secrets_are_replaced(text: str, masked: str | None) -> None:
    assert mask(text) == (text if masked is None else masked)


@pytest.mark.parametrize(
    "piece", ["password", "password /*", "password = ' ", "identified by --", "password ("]
)
def test_a_text_made_to_keep_the_search_busy_does_not(piece: str) -> None:
    """The search holds up every thread, and anybody may send any text."""
    began = time.process_time()
    mask(piece * 200_000)
    assert time.process_time() - began < 1


def test_a_statement_is_on_record_with_its_outcome(house: House) -> None:
    house.run("alter session set query_tag = 'nightly'")
    good = house.run("select 1 from values (1)")
    with pytest.raises(ClockmillError):
        house.run("create user u password = 'p4ss'", query_id="failed-one")
    house.door.services.log.flush()

    with house.store.read() as tx:
        found, failed = find_query(tx, good.query_id), find_query(tx, "failed-one")
    assert found is not None
    assert (found.user_name, found.role, found.state, found.kind) == (
        "ADMIN",
        "ACCOUNTADMIN",
        "SUCCESS",
        "SELECT",
    )
    assert (found.tag, found.rows, found.warehouse) == ("nightly", 1, "COMPUTE_WH")
    assert failed is not None
    assert (failed.state, failed.error_code) == ("FAILED_WITH_ERROR", "000002")
    assert "p4ss" not in failed.text


def test_a_body_is_on_record_as_the_systems(house: House) -> None:
    house.run_body("select 1 from values (1)", query_id="of-a-task", session_parameters={"QUERY_TAG": "t"})
    house.door.services.log.flush()
    with house.store.read() as tx:
        found = find_query(tx, "of-a-task")
    assert found is not None
    assert (found.user_name, found.role, found.schema, found.tag) == ("SYSTEM", "SYSADMIN", "S", "t")


def test_describing_leaves_no_trace(house: House) -> None:
    house.run("select 1 from values (1)", query_id="described", describe_only=True)
    house.door.services.log.flush()
    with house.store.read() as tx:
        assert find_query(tx, "described") is None
