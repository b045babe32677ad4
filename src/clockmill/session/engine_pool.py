"""Engine sessions for task bodies: opening one costs a good part of what a small body takes."""

import threading
from typing import Final

from clockmill.engine.protocol import Engine, EngineSession

_MOST_IDLE: Final = 64
"""Sessions that wait for their next body; each keeps a connection of the engine open."""


class EnginePool:
    """Gives out engine sessions, and takes back those in which nothing was left."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._idle: list[EngineSession] = []
        self._is_closed = False

    def open_session(self) -> EngineSession:
        """Return a session in which nothing has been left by anybody."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._engine.open_session()

    def give_back(self, session: EngineSession) -> None:
        """Keep *session* for the next one, or close it if there is anything in it."""
        with self._lock:
            keep = session.is_clean and len(self._idle) < _MOST_IDLE and not self._is_closed
            if keep:
                self._idle.append(session)
        if not keep:
            session.close()

    def close(self) -> None:
        """Close the idle sessions; those in use are closed when they come back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()
