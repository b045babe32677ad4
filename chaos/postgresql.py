"""A PostgreSQL of the campaign's own, which can be restarted and crashed."""

import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from tests.postgresql import PostgreSQL


class SharedDatabase:
    """The database that the nodes of a campaign share. *url* leads there directly.

    One thing is done to it at a time, by *keeper*: a thread that lives as long as it does, because
    a PostgreSQL ends with the thread that has started it.
    """

    def __init__(self, server: PostgreSQL, port: int, keeper: ThreadPoolExecutor) -> None:
        self._server = server
        self._keeper = keeper
        self.port = port
        self.url = server.new_database()
        self._name = self.url.rpartition("/")[2]

    def url_by(self, port: int) -> str:
        """Return where the database is for those who come by *port*."""
        return self.url.replace(f":{self.port}/", f":{port}/")

    def restart(self) -> None:
        """Stop it as its administrator would, and start it again."""
        self._keeper.submit(self._server.restart).result()

    def crash(self) -> None:
        """End its processes at once, and start it again: it recovers from its log."""
        self._keeper.submit(self._server.restart, signal.SIGQUIT).result()

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Let it stand still for the block, with all its connections, and answer nobody."""
        hanging = ExitStack()
        self._keeper.submit(hanging.enter_context, self._server.hung()).result()
        try:
            yield
        finally:
            self._keeper.submit(hanging.close).result()

    def cut_connections(self) -> None:
        """End every connection to it."""
        self._keeper.submit(self._server.cut_connections, self._name).result()


@contextmanager
def shared_database() -> Iterator[SharedDatabase]:
    """Give an empty database on a server of its own, which is gone afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with PostgreSQL(port=port) as server, ThreadPoolExecutor(max_workers=1) as keeper:
        yield SharedDatabase(server, port, keeper)
