"""A client of any node gets what the account has, wherever that is."""

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.nodes.pair import ServedNode, served_node

from clockmill.store.nodes import find_node

TASKS = "/api/v2/databases/CLOCKMILL/schemas/PUBLIC/tasks"


def rows(answer: dict[str, Any]) -> Any:
    assert answer["success"], answer
    return answer["data"]["rowset"]


def test_only_the_first_node_has_the_tables(with_tables: ServedNode, without_tables: ServedNode) -> None:
    assert with_tables.instance.has_engine
    assert not without_tables.instance.has_engine


def test_a_session_goes_on_at_any_node(with_tables: ServedNode, without_tables: ServedNode) -> None:
    """Behind a load balancer each request of a client may come to another node."""
    token = without_tables.sign_in()

    rows(without_tables.query(token, "CREATE TEMPORARY TABLE t (a INT)"))
    rows(with_tables.query(token, "INSERT INTO t VALUES (7)"))

    assert rows(without_tables.query(token, "SELECT a FROM t")) == [["7"]]


def test_the_sql_api_finds_its_handles_at_any_node(
    with_tables: ServedNode, without_tables: ServedNode
) -> None:
    token = with_tables.sign_in()
    told = without_tables.rest(token, "POST", "/api/v2/statements", json={"statement": "SELECT 42"})
    assert told.status_code == 200, told.text

    path = f"/api/v2/statements/{told.json()['statementHandle']}"
    for node in (with_tables, without_tables):
        assert node.rest(token, "GET", path).json()["data"] == [["42"]]


def test_a_result_is_fetched_at_any_node_whoever_keeps_it(postgresql_url: str, tmp_path: Path) -> None:
    with (
        served_node(postgresql_url, tmp_path / "a", "a", sync_wait=0.0) as a,
        served_node(postgresql_url, tmp_path / "b", "b", sync_wait=0.0) as b,
    ):
        token = a.sign_in()
        for keeper, name in ((a, "ONE"), (b, "TWO")):
            told = keeper.rest(token, "POST", TASKS, json={"name": name, "definition": "SELECT 1"})
            assert told.status_code == 202, told.text
            for node in (a, b):
                found = wait_for_result(node, token, told.headers["location"])
                assert found.json() == {"status": f"Task {name} successfully created."}


def wait_for_result(node: ServedNode, token: str, location: str) -> httpx.Response:
    """Ask again, as clients do, until the result is there."""
    answer = node.rest(token, "GET", location)
    while answer.status_code == 202:
        answer = node.rest(token, "GET", location)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_large_result_comes_through(with_tables: ServedNode, without_tables: ServedNode) -> None:
    token = without_tables.sign_in()

    found = rows(
        without_tables.query(
            token, "SELECT seq4(), repeat('x', 100) FROM TABLE(GENERATOR(ROWCOUNT => 20000))"
        )
    )

    assert len(found) == 20_000


def test_a_request_that_nobody_may_send_is_refused_there(
    with_tables: ServedNode, without_tables: ServedNode
) -> None:
    answer = without_tables.query("no token", "SELECT 1")

    assert (answer["success"], answer["code"]) == (False, "390104")


def test_a_request_is_sent_on_once(with_tables: ServedNode, without_tables: ServedNode) -> None:
    """Two nodes that each take the other for the one with the tables must not play ball."""
    answer = without_tables.client.post(
        "/session/v1/login-request", json={}, headers={"X-Clockmill-Peer": "whoever"}
    )

    assert answer.json()["message"].startswith("The node that has the tables has just changed.")


def test_nobody_outside_can_name_another_client(
    with_tables: ServedNode, caplog: pytest.LogCaptureFixture
) -> None:
    """Wrong passwords slow down the address that they come from: it must not be anybody's to choose."""
    stranger = {"X-Clockmill-Peer": "made up", "X-Clockmill-Client": "203.0.113.9"}
    body = {"data": {"LOGIN_NAME": "ADMIN", "PASSWORD": "wrong"}}

    with caplog.at_level(logging.INFO):
        with_tables.client.post("/session/v1/login-request", json=body, headers=stranger)

    assert refused_addresses(caplog) == ["127.0.0.1"]


def test_a_node_says_for_whom_it_sends_a_request_on(
    with_tables: ServedNode, without_tables: ServedNode, caplog: pytest.LogCaptureFixture
) -> None:
    own = without_tables.instance.node
    with with_tables.instance.store.read() as tx:
        node = find_node(tx, own)
    assert node is not None
    shown = {"X-Clockmill-Peer": node.incarnation, "X-Clockmill-Client": "203.0.113.9"}
    body = {"data": {"LOGIN_NAME": "ADMIN", "PASSWORD": "wrong"}}

    with caplog.at_level(logging.INFO):
        with_tables.client.post("/session/v1/login-request", json=body, headers=shown)

    assert refused_addresses(caplog) == ["203.0.113.9"]


def refused_addresses(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [vars(each)["address"] for each in caplog.records if each.message == "sign-in refused"]


def test_without_the_node_that_has_the_tables_clients_are_told_so(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clockmill.api.forwarding.forwarder._PATIENCE_S", 0.0)
    with served_node(postgresql_url, tmp_path / "a", "a") as first:
        first.sign_in()
    with served_node(postgresql_url, tmp_path / "b", "b") as node:
        answer = node.client.post("/session/v1/login-request", json={}).json()
        told = node.client.post("/api/v2/statements", json={"statement": "SELECT 1"})

    assert (answer["success"], answer["code"]) == (False, "390503")
    assert "Node 'a', which has to answer this, cannot be reached." in answer["message"]
    assert (told.status_code, told.json()["code"]) == (503, "390503")
