"""A PostgreSQL of the campaign's own, which can be restarted and crashed."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.postgresql import PostgreSQL


class SharedDatabase:
    """The database that the nodes of a campaign share. *url* leads there directly."""

    def __init__(self, server: PostgreSQL, port: int) -> None:
        self._server = server
        self.port = port
        self.url = server.new_database()
        self._name = self.url.rpartition("/")[2]

    def url_by(self, port: int) -> str:
        """Return where the database is for those who come by *port*."""
        return self.url.replace(f":{self.port}/", f":{port}/")

    def restart(self) -> None:
        """Stop it as its administrator would, and start it again."""
        self._server.restart()

    def crash(self) -> None:
        """End its processes at once, and start it again: it recovers from its log."""
        self._server.restart(signal.SIGQUIT)

    def cut_connections(self) -> None:
        self._server.cut_connections(self._name)


@contextmanager
def shared_database() -> Iterator[SharedDatabase]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with PostgreSQL(port=port) as server:
        yield SharedDatabase(server, port)
