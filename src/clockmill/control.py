"""How the command line asks the server that runs on a data folder: through a socket in that folder.

Whoever may use the folder may ask: the file system judges that. One request and one answer, a line
of JSON each; whoever hangs up before the answer calls the request off.
"""

import logging
import os
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from clockmill.core.errors import ClockmillError
from clockmill.files import CheckGoesOn

log = logging.getLogger(__name__)

SOCKET: Final = "control"
_MOST_BYTES: Final = 65_536
_PATIENCE_S: Final = 10.0
"""For a request to arrive; the command line sends it at once."""

Command = Callable[[Mapping[str, Any], CheckGoesOn], Any]
"""Takes the arguments of the request, and what to call now and then: it raises once nobody waits."""


class CalledOff(ClockmillError):
    """Whoever asked has gone, or the server stops."""


class NoServer(ClockmillError):
    """No server listens in the data folder."""


class _Request(msgspec.Struct):
    command: str
    arguments: dict[str, Any]


class _Answer(msgspec.Struct):
    result: Any = None
    error: str | None = None


class Control:
    """The server's end, in the data folder *folder*. One request at a time."""

    def __init__(self, folder: Path, commands: Mapping[str, Command]) -> None:
        self._folder = folder
        self._commands = commands
        self._is_stopping = threading.Event()
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen. Where that cannot be, the server does without, and says so in its log."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # A crash leaves the name behind, and the folder's lock says that nobody listens there.
            (self._folder / SOCKET).unlink(missing_ok=True)
            with _address(self._folder) as address:
                listener.bind(address)
            listener.listen()
        except OSError as error:
            listener.close()
            log.warning("no control socket", extra={"folder": str(self._folder), "why": str(error)})
            return
        self._listener = listener
        self._thread = threading.Thread(target=self._serve, args=(listener,), name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Call off what goes on, and listen no more. Doing it twice is harmless."""
        self._is_stopping.set()
        if self._listener is None or self._thread is None:
            return
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        self._listener = None
        with suppress(OSError):
            (self._folder / SOCKET).unlink(missing_ok=True)

    def _serve(self, listener: socket.socket) -> None:
        while not self._is_stopping.is_set():
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                self._answer(peer)

    def _answer(self, peer: socket.socket) -> None:
        try:
            peer.settimeout(_PATIENCE_S)
            request = msgspec.json.decode(_read_line(peer), type=_Request)
            answer = _Answer(result=self._run(request, peer))
        except ClockmillError as error:
            answer = _Answer(error=error.message)
        except (OSError, msgspec.MsgspecError) as error:
            answer = _Answer(error=f"The request could not be read: {error}.")
        except Exception:
            log.exception("control request failed")
            answer = _Answer(error="The server failed at it; its log says why.")
        with suppress(OSError):
            peer.sendall(msgspec.json.encode(answer) + b"\n")

    def _run(self, request: _Request, peer: socket.socket) -> Any:
        command = self._commands.get(request.command)
        if command is None:
            raise ClockmillError(f"The server that runs here does not know '{request.command}'.")

        def check() -> None:
            if self._is_stopping.is_set():
                raise CalledOff("The server is stopping.")
            if _has_hung_up(peer):
                raise CalledOff("Nobody waits for it any more.")

        return command(request.arguments, check)


def ask(folder: Path, command: str, arguments: Mapping[str, Any]) -> Any:
    """Return what the server on *folder* answers, however long it takes.

    Raises :class:`NoServer` if there is none, and ClockmillError with what it refuses.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            with _address(folder) as address:
                connection.connect(address)
        except OSError as error:
            raise NoServer(f"No server that could be asked runs on {folder}: {error.strerror}.") from error
        connection.sendall(msgspec.json.encode(_Request(command, dict(arguments))) + b"\n")
        line = _read_line(connection)
    if not line:
        raise ClockmillError("The server ended before it was done.")
    answer = msgspec.json.decode(line, type=_Answer)
    if answer.error is not None:
        raise ClockmillError(answer.error)
    return answer.result


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """Give the socket's address, which may be no longer than about a hundred bytes."""
    if not sys.platform.startswith("linux"):
        yield str(folder / SOCKET)
        return
    # However long the folder's path is, its descriptor has a short one.
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET}"
    finally:
        os.close(descriptor)


def _read_line(connection: socket.socket) -> bytes:
    """Return what comes up to the end of a line; nothing if the other end hangs up before."""
    received = b""
    while not received.endswith(b"\n"):
        part = connection.recv(_MOST_BYTES)
        if not part or len(received) > _MOST_BYTES:
            return b""
        received += part
    return received


def _has_hung_up(peer: socket.socket) -> bool:
    poll = select.poll()
    poll.register(peer, select.POLLIN)
    try:
        return bool(poll.poll(0)) and not peer.recv(1, socket.MSG_PEEK)
    except OSError:
        return True
