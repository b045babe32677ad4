"""The command line asks the server that runs on its folder."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from clockmill.control import SOCKET, Control, NoServer, ask
from clockmill.core.errors import ClockmillError
from clockmill.files import CheckGoesOn

PATIENCE_S = 20

Serve = Callable[..., Control]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serve commands on the test's folder until it ends."""
    controls: list[Control] = []

    def start(**commands: Any) -> Control:
        controls.append(Control(tmp_path, commands))
        controls[-1].start()
        return controls[-1]

    yield start
    for control in controls:
        control.close()


def test_a_request_gets_its_answer(tmp_path: Path, serve: Serve) -> None:
    serve(double=lambda given, _: given["n"] * 2)
    assert ask(tmp_path, "double", {"n": 21}) == 42
    assert ask(tmp_path, "double", {"n": 4}) == 8


def test_a_refusal_arrives_with_its_words(tmp_path: Path, serve: Serve) -> None:
    def refuse(_given: Mapping[str, Any], _check: CheckGoesOn) -> None:
        raise ClockmillError("Not like this.")

    serve(refuse=refuse)
    with pytest.raises(ClockmillError, match=r"Not like this\."):
        ask(tmp_path, "refuse", {})


def test_a_fault_of_the_server_is_told_and_it_goes_on(tmp_path: Path, serve: Serve) -> None:
    serve(divide=lambda given, _: 1 // given["by"])
    with pytest.raises(ClockmillError, match="its log says why"):
        ask(tmp_path, "divide", {"by": 0})
    assert ask(tmp_path, "divide", {"by": 1}) == 1


def test_an_unknown_command_is_named(tmp_path: Path, serve: Serve) -> None:
    serve()
    with pytest.raises(ClockmillError, match="does not know 'dance'"):
        ask(tmp_path, "dance", {})


def test_what_is_no_request_is_refused(tmp_path: Path, serve: Serve) -> None:
    serve()
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(tmp_path / SOCKET))
        stranger.sendall(b"GET / HTTP/1.1\r\n")
        assert b"could not be read" in stranger.recv(1000)


def test_without_a_server_nobody_answers(tmp_path: Path, serve: Serve) -> None:
    with pytest.raises(NoServer):
        ask(tmp_path, "anything", {})
    serve().close()
    with pytest.raises(NoServer):
        ask(tmp_path, "anything", {})


def test_a_socket_that_a_crash_left_is_in_nobodys_way(tmp_path: Path, serve: Serve) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / SOCKET))
    with pytest.raises(NoServer):
        ask(tmp_path, "hello", {})
    serve(hello=lambda _given, _check: "hello")
    assert ask(tmp_path, "hello", {}) == "hello"


def test_a_server_that_cannot_listen_does_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A disk that is read-only must not keep it from serving."""
    control = Control(tmp_path / "missing", {})
    control.start()
    control.close()
    assert "no control socket" in caplog.messages


def test_a_folder_with_a_long_path_has_a_socket_too(tmp_path: Path) -> None:
    """An address of a socket may have about a hundred bytes."""
    folder = tmp_path / ("long" * 40)
    folder.mkdir()
    control = Control(folder, {"hello": lambda _given, _check: "hello"})
    control.start()
    try:
        assert ask(folder, "hello", {}) == "hello"
    finally:
        control.close()


class Endless:
    """A command that goes on until it is called off."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.ended = threading.Event()

    def __call__(self, _given: Mapping[str, Any], check: CheckGoesOn) -> None:
        self.begun.set()
        try:
            while True:
                check()
        finally:
            self.ended.set()


def test_who_hangs_up_calls_the_request_off(tmp_path: Path, serve: Serve) -> None:
    endless = Endless()
    serve(endless=endless)
    with socket.socket(socket.AF_UNIX) as impatient:
        impatient.connect(str(tmp_path / SOCKET))
        impatient.sendall(b'{"command": "endless", "arguments": {}}\n')
        assert endless.begun.wait(PATIENCE_S)
    assert endless.ended.wait(PATIENCE_S)


def test_a_server_that_stops_calls_the_request_off_and_says_so(tmp_path: Path, serve: Serve) -> None:
    endless = Endless()
    control = serve(endless=endless)
    said: list[str] = []

    def wait() -> None:
        with pytest.raises(ClockmillError) as refused:
            ask(tmp_path, "endless", {})
        said.append(refused.value.message)

    asking = threading.Thread(target=wait)
    asking.start()
    assert endless.begun.wait(PATIENCE_S)
    control.close()
    asking.join(PATIENCE_S)
    assert said == ["The server is stopping."]
