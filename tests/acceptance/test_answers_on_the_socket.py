"""What arrives on the socket, which no client library shows."""

import socket

import pytest
from tests.acceptance.harness import RunningServer

pytestmark = pytest.mark.acceptance

RECEIVE = 65_536


def test_head_and_body_arrive_in_one_piece(server: RunningServer) -> None:
    """In two, a client that holds back its acknowledgement waits 40 ms for the second, each call."""
    with socket.create_connection((server.host, server.port)) as connection:
        for _ in range(20):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

            assert connection.recv(RECEIVE).endswith(b'{"status":"ok"}')


def test_an_answer_without_a_body_arrives(server: RunningServer) -> None:
    """Its head must not be held back for a body that never comes."""
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(b"HEAD /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

        assert connection.recv(RECEIVE).startswith(b"HTTP/1.1 405")


def test_a_connector_path_never_answers_with_an_error_status(server: RunningServer) -> None:
    """Connector 4.x repeats such a call for minutes."""
    body = b"not json"
    head = (
        f"POST /queries/v1/query-request HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(head.encode() + body)
        answer = connection.recv(RECEIVE)

    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"success":false' in answer
