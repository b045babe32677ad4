"""Transactions of a block or procedure: those that begin in it end in it, and touch no other's.

A transaction that begins while one of an outer scope is open is not nested in that one, but stands
beside it: it runs in an engine session of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

import msgspec

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import StatementFault
from clockmill.engine.protocol import EngineSession, Relation
from clockmill.session.engine_pool import EnginePool
from clockmill.session.execution import Execution
from clockmill.sql.statement import Verb

_ENDS: Final = frozenset({Verb.COMMIT, Verb.ROLLBACK})
_DDL: Final = frozenset({Verb.CREATE, Verb.ALTER, Verb.DROP})


class TransactionOfAnotherScope(StatementFault):
    """COMMIT, ROLLBACK or DDL would end a transaction that an outer block or the client began."""

    def __init__(self) -> None:
        super().__init__("Modifying a transaction that has started at a different scope is not allowed.")


class TransactionIncomplete(StatementFault):
    """A block or procedure ends with a transaction open that began in it."""

    def __init__(self) -> None:
        super().__init__(
            "Stored procedure execution error: Scoped transaction started in stored procedure is incomplete "
            "and it was rolled back."
        )


class TransactionScope:
    """The link of the statements in a block: the outer one's engine session, or one of its own."""

    def __init__(self, session: EngineSession, pool: EnginePool, run: Execution, level: int) -> None:
        self.level = level
        self._outer = session
        self._pool = pool
        self._run = run
        self._is_inside = session.in_transaction
        self._own: EngineSession | None = None

    @property
    def in_transaction(self) -> bool:
        """True while a transaction is open, be it of this scope or of an outer one."""
        return self._session.in_transaction

    def temporary_relations(self, namespace: str) -> list[Relation]:
        """Return the session's temporary tables in *namespace*, by name."""
        return self._outer.temporary_relations(namespace)

    @property
    def _session(self) -> EngineSession:
        return self._outer if self._own is None else self._own

    @contextmanager
    def borrow(self, cancel: CancelToken, *, detached: bool = False) -> Iterator[EngineSession]:  # noqa: ARG002 - it is held already
        """Give the engine session, which is the block's until its end."""
        yield self._session

    def forget_lost_transaction(self) -> None:
        """Do nothing: a session in use loses no transaction."""

    def before(self, verb: Verb) -> None:
        """Make ready for a statement that begins or ends transactions.

        Raises TransactionOfAnotherScope where it would end one that is not this scope's.
        """
        is_foreign = self._is_inside and self._own is None and self._outer.in_transaction
        if not is_foreign:
            return
        if verb is Verb.BEGIN:
            self._own = self._pool.open_session()
        elif verb in _ENDS or verb in _DDL:
            raise TransactionOfAnotherScope

    def after(self) -> None:
        """Go back to the outer session once the transaction beside it has ended."""
        own = self._own
        if own is not None and not own.in_transaction:
            self._own = None
            self._pool.give_back(own)

    # --- from its beginning to its end ---------------------------------------------------------

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._roll_back() and error is None:
            raise TransactionIncomplete

    def _roll_back(self) -> bool:
        """Roll back what began in this scope and is open; say whether there was such a transaction."""
        own, self._own = self._own, None
        if own is not None:
            own.close()
            return True
        if self._is_inside or not self._outer.in_transaction:
            return False
        # What stopped the block must not stop this: a fresh token.
        context = msgspec.structs.replace(self._run.context(), cancel=CancelToken())
        self._outer.execute("ROLLBACK", context)
        return True
