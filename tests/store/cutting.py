"""A wire between the store and PostgreSQL that is cut at a word, before or after it has arrived."""

import contextlib
import socket
import threading
from pathlib import Path
from typing import Self


class CuttingWire:
    """Listens on a port of its own and passes on what it hears, both ways, until it is told to cut."""

    def __init__(self, server_folder: Path) -> None:
        self._server = str(server_folder / ".s.PGSQL.5432")
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._word: bytes | None = None
        self._arrives = False
        self.cuts = 0
        self._threads: list[threading.Thread] = []
        self._begin(self._accept)

    def cut_at(self, word: bytes, *, arrives: bool) -> None:
        """Cut the next connection that says *word*: with *arrives* when it was answered, else unsaid."""
        self._word, self._arrives = word, arrives

    def refuse(self) -> None:
        """Let nobody connect any more."""
        # Closing alone would not wake up who accepts.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def close(self) -> None:
        self.refuse()
        for thread in self._threads:
            thread.join(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _begin(self, work: object, *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                is_cut = threading.Event()
                self._begin(self._pass_on, client, server, is_cut)
                self._begin(self._pass_back, server, client, is_cut)

    def _pass_on(self, client: socket.socket, server: socket.socket, is_cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while said := client.recv(65536):
                if self._word is not None and self._word in said:
                    self._word = None
                    self.cuts += 1
                    is_cut.set()
                    if not self._arrives:
                        break
                server.sendall(said)
        # Who reads the other way then comes to an end, and closes both.
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _pass_back(self, server: socket.socket, client: socket.socket, is_cut: threading.Event) -> None:
        with client, server, contextlib.suppress(OSError):
            while (said := server.recv(65536)) and not is_cut.is_set():
                client.sendall(said)
            client.shutdown(socket.SHUT_RDWR)
