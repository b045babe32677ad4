"""What clients are told when the node that has to answer them says nothing, or stops in the middle."""

import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert
from tests.nodes.pair import PATIENCE_S, ServedNode, served_node

from clockmill.clock import SystemClock
from clockmill.core.node import NodeState
from clockmill.core.placement import EMBEDDED
from clockmill.store import engines, tables
from clockmill.store.database import Store
from clockmill.store.engines import EnginePlace
from clockmill.store.nodes import set_node_state

_STATEMENT = {"statement": "SELECT 1"}


class Silent:
    """The node that has the tables, as far as others know: somebody who listens, and what comes there."""

    def __init__(self, node: ServedNode, listener: socket.socket) -> None:
        self.node = node
        self._listener = listener
        self._threads = ThreadPoolExecutor(1)

    def ask(self) -> "Future[httpx.Response]":
        """Let a client ask the other node, and return its answer to be."""
        return self._threads.submit(self.node.client.post, "/api/v2/statements", json=_STATEMENT)

    def take_request(self) -> socket.socket:
        """Return the connection on which a request has come, having read it."""
        self._listener.settimeout(PATIENCE_S)
        connection, _ = self._listener.accept()
        connection.recv(65_536)
        return connection

    def close(self) -> None:
        self._threads.shutdown(wait=False)


@pytest.fixture
def silent(postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    monkeypatch.setattr("clockmill.api.forwarding.forwarder._LOOK_EVERY_S", 0.05)
    monkeypatch.setattr("clockmill.service.node_directory._FRESH_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        plant_node(postgresql_url, f"http://127.0.0.1:{listener.getsockname()[1]}")
        with served_node(postgresql_url, tmp_path / "b", "b") as node:
            given = Silent(node, listener)
            yield given
            given.close()


def plant_node(url: str, address: str) -> None:
    """Lay down that node a has the tables and is at work at *address*."""
    now = SystemClock().now()
    row = {
        "name": "a",
        "number": 1,
        "incarnation": "a",
        "home": "a",
        "address": address,
        "state": NodeState.ACTIVE.value,
        "version": "0",
        "started_on": now,
        "lease_until": now + timedelta(hours=1),
    }
    with Store.open(url) as store:
        store.write(lambda tx: tx.execute(insert(tables.nodes), row))
        place = EnginePlace(EMBEDDED, "a", "file-1", "/a/engine.duckdb")
        store.write(lambda tx: engines.put_place(tx, place, now))


def test_a_node_whose_lease_ends_is_waited_for_no_longer(silent: Silent) -> None:
    """A process that is stopped keeps its connections: nobody would ever hear of it."""
    answer = silent.ask()
    with silent.take_request():
        silent.node.instance.store.write(lambda tx: set_node_state(tx, "a", NodeState.STOPPED))

        told = answer.result(PATIENCE_S)

    assert (told.status_code, told.json()["code"]) == (503, "390503")
    assert "may have been done" in told.json()["message"]


def test_a_node_that_dies_before_it_answers_is_told_of(silent: Silent) -> None:
    """The request is not sent again: the node may have done what was asked."""
    answer = silent.ask()
    silent.take_request().close()

    told = answer.result(PATIENCE_S)

    assert told.status_code == 503
    assert told.json()["message"].startswith("Node 'a' broke off before it answered")


def test_an_answer_that_breaks_off_is_no_answer(silent: Silent) -> None:
    answer = silent.ask()
    with silent.take_request() as connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")

    with pytest.raises(httpx.RemoteProtocolError):
        answer.result(PATIENCE_S)


def test_what_is_no_http_is_told_of(silent: Silent) -> None:
    answer = silent.ask()
    with silent.take_request() as connection:
        connection.sendall(b"220 mail.example ESMTP\r\n")
        told = answer.result(PATIENCE_S)

    assert told.status_code == 503


def test_a_node_that_does_not_listen_is_tried_until_patience_ends(
    silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clockmill.api.forwarding.forwarder._PATIENCE_S", 0.3)
    silent._listener.close()

    told = silent.ask().result(PATIENCE_S)

    assert told.status_code == 503
    assert "cannot be reached" in told.json()["message"]
