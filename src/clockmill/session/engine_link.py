"""A session's place in the engine: opened when it is first needed, used by one statement at a time."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import StatementCancelled
from clockmill.engine.protocol import Engine, EngineSession, Relation
from clockmill.session.engine_pool import EnginePool
from clockmill.session.faults import SessionClosed, TransactionLost
from clockmill.sql.statement import Verb


class Link(Protocol):
    """How the statements of a session come to its engine session."""

    level: int
    """How many blocks and procedures it is within."""

    @property
    def in_transaction(self) -> bool: ...

    def temporary_relations(self, namespace: str) -> list[Relation]:
        """Return the session's temporary tables in *namespace*, by name, without waiting for a turn."""
        ...

    def borrow(
        self, cancel: CancelToken, *, detached: bool = False
    ) -> AbstractContextManager[EngineSession]: ...

    def forget_lost_transaction(self) -> None: ...

    def before(self, verb: Verb) -> None:
        """Make ready for a statement that begins or ends a transaction, or raise why it may not."""
        ...

    def after(self) -> None:
        """Take note that such a statement is done."""
        ...


class EngineLink:
    """The engine session behind a session, and the queue of statements that want it."""

    def __init__(self, engine: Engine | EnginePool) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._session: EngineSession | None = None
        self._is_busy = False
        self._is_closed = False
        self._lost_transaction = False
        self.level = 0

    @property
    def in_transaction(self) -> bool:
        session = self._session
        return session is not None and session.in_transaction

    def temporary_relations(self, namespace: str) -> list[Relation]:
        """Return the session's temporary tables in *namespace*, by name, without waiting for a turn."""
        session = self._session
        return [] if session is None else session.temporary_relations(namespace)

    @contextmanager
    def borrow(self, cancel: CancelToken, *, detached: bool = False) -> Iterator[EngineSession]:
        """Give the engine session for one statement, after those that came earlier.

        A *detached* statement does not wait for its turn: while the session is busy, and no
        transaction is open in it, it runs in an engine session of its own.
        """
        if detached and self._is_busy and not self.in_transaction:
            session = self._engine.open_session()
            try:
                yield session
            finally:
                self._end(session)
            return
        session = self._acquire(cancel)
        try:
            yield session
        finally:
            self._release()

    def abandon_transaction(self) -> bool:
        """Roll back an open transaction of a session that nobody uses; say whether there was one."""
        with self._changed:
            if self._is_busy or self._session is None or not self._session.in_transaction:
                return False
            session, self._session = self._session, None
            self._lost_transaction = True
        session.close()
        return True

    @property
    def is_open(self) -> bool:
        """True while it has an engine session."""
        return self._session is not None

    @property
    def is_clean(self) -> bool:
        """True if nothing would be missed of it: no transaction, no temporary table."""
        session = self._session
        return not self._lost_transaction and (session is None or session.is_clean)

    def rest(self) -> None:
        """Give the engine session back until it is needed again, if it is idle and there is nothing in it."""
        with self._changed:
            session = self._session
            if self._is_busy or session is None or not session.is_clean:
                return
            self._session = None
        self._end(session)

    def forget_lost_transaction(self) -> None:
        """Take it that a transaction which was rolled back for idleness is known to be gone."""
        self._lost_transaction = False

    def before(self, verb: Verb) -> None:
        """Allow it: every transaction of a session is its own."""

    def after(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """End the engine session: at once if it is idle, else when its statement is done.

        One from a pool goes back there, if nothing is left in it.
        """
        with self._changed:
            self._is_closed = True
            session = None if self._is_busy else self._session
            if not self._is_busy:
                self._session = None
            self._changed.notify_all()
        if session is not None:
            self._end(session)

    def _end(self, session: EngineSession) -> None:
        if isinstance(self._engine, EnginePool):
            self._engine.give_back(session)
        else:
            session.close()

    def _acquire(self, cancel: CancelToken) -> EngineSession:
        with cancel.interrupting(self._wake), self._changed:
            self._changed.wait_for(lambda: not self._is_busy or self._is_closed or cancel.reason is not None)
            if self._is_closed:
                raise SessionClosed
            if cancel.reason is not None:
                raise StatementCancelled
            if self._lost_transaction:
                self._lost_transaction = False
                raise TransactionLost
            if self._session is None:
                self._session = self._engine.open_session()
            self._is_busy = True
            return self._session

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _release(self) -> None:
        with self._changed:
            self._is_busy = False
            session = self._session if self._is_closed else None
            if self._is_closed:
                self._session = None
            self._changed.notify_all()
        if session is not None:
            self._end(session)


class HeldLink:
    """The engine session that a statement keeps for the statements within it."""

    def __init__(self, session: EngineSession, level: int) -> None:
        self._session = session
        self.level = level

    @property
    def in_transaction(self) -> bool:
        return self._session.in_transaction

    def temporary_relations(self, namespace: str) -> list[Relation]:
        """Return the session's temporary tables in *namespace*, by name."""
        return self._session.temporary_relations(namespace)

    @contextmanager
    def borrow(self, cancel: CancelToken, *, detached: bool = False) -> Iterator[EngineSession]:  # noqa: ARG002 - it is held already
        """Give the engine session: nobody else has a turn."""
        yield self._session

    def forget_lost_transaction(self) -> None:
        """Do nothing: a session in use loses no transaction."""

    def before(self, verb: Verb) -> None:
        """Allow it: it is the same scope as the statement's that holds the session."""

    def after(self) -> None:
        """Do nothing."""
