"""Wake-ups between nodes: by NOTIFY through the database they share, and a look around now and then.

One thread with a connection of its own sends what this node raises and hears what others do. What
it misses while the connection is away costs time, never a wake-up: it raises everything afterwards.
"""

import contextlib
import logging
import os
import selectors
import threading
import uuid
from typing import Any, Final

import psycopg

from clockmill.store.postgresql import PostgreSQLDatabase
from clockmill.wake import Topic, Wakeups

log = logging.getLogger(__name__)

POLL_S: Final = 3.0
"""How often this node looks around without having been told."""

GATHER_S: Final = 0.005
"""How long wake-ups are gathered before they are sent: each NOTIFY is a commit."""

_CHANNEL: Final = "clockmill"
_POLLED: Final = (Topic.SCHEDULE, Topic.RUNS, Topic.COMMANDS)
_NOTIFY: Final = f"SELECT pg_notify('{_CHANNEL}', %s)"


class WakeupRelay:
    """Carries the wake-ups of *wakeups* to the other nodes on *url*, and theirs to here, until closed."""

    def __init__(self, url: str, wakeups: Wakeups) -> None:
        self._database = PostgreSQLDatabase(url)
        self._wakeups = wakeups
        # Which of the messages are our own: a server tells its sender too.
        self._name = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._raised: set[Topic] = set()
        self._is_closed = threading.Event()
        self._bell, self._rope = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._rope, False)
        self._thread = threading.Thread(target=self._serve, name="store-wakeups", daemon=True)
        self._thread.start()
        wakeups.forward_to(self._send_soon)

    def close(self) -> None:
        """Send what was raised, then end. Closing twice is harmless."""
        if self._is_closed.is_set():
            return
        self._wakeups.forward_to(None)
        self._is_closed.set()
        self._ring()
        self._thread.join()
        self._database.close()
        os.close(self._bell)
        os.close(self._rope)

    def _send_soon(self, topic: Topic) -> None:
        with self._lock:
            is_first = not self._raised
            self._raised.add(topic)
        if is_first:
            self._ring()

    def _ring(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._rope, b"!")

    # --- in the thread -----------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._is_closed.is_set():
            try:
                with self._database.connect_driver() as connection:
                    self._relay(connection)
            except psycopg.Error as error:
                log.warning("wake-ups cut off", extra={"error": " ".join(str(error).split())})
                self._is_closed.wait(POLL_S)
                self._look_around()

    def _relay(self, connection: "psycopg.Connection[Any]") -> None:
        connection.execute(f"LISTEN {_CHANNEL}")
        # Whatever was raised before we listened.
        for topic in Topic:
            self._wakeups.hear(topic)
        with selectors.DefaultSelector() as selector:
            selector.register(connection.fileno(), selectors.EVENT_READ)
            selector.register(self._bell, selectors.EVENT_READ)
            while not self._is_closed.is_set():
                ready = selector.select(POLL_S)
                if not ready:
                    self._look_around()
                self._send(connection)
                self._hear(connection)
        self._send(connection)

    def _look_around(self) -> None:
        for topic in _POLLED:
            self._wakeups.hear(topic)

    def _send(self, connection: "psycopg.Connection[Any]") -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._bell, 4096)
        if not self._raised:
            return
        self._is_closed.wait(GATHER_S)
        with self._lock:
            topics, self._raised = self._raised, set()
        try:
            connection.execute(_NOTIFY, (f"{self._name} {','.join(topic.name for topic in topics)}",))
        except psycopg.Error:
            with self._lock:
                self._raised |= topics
            raise

    def _hear(self, connection: "psycopg.Connection[Any]") -> None:
        names = set()
        for message in connection.notifies(timeout=0):
            sender, _, said = message.payload.partition(" ")
            if sender != self._name:
                names.update(said.split(","))
        for name in names & Topic.__members__.keys():
            # A node of a later version may speak of more.
            self._wakeups.hear(Topic[name])
