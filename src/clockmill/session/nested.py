"""Statements within a statement: those of a block, of a procedure, of EXECUTE IMMEDIATE."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import msgspec

from clockmill.core.errors import StatementFault
from clockmill.engine.protocol import Binding
from clockmill.engine.result import Result
from clockmill.session.engine_link import Link
from clockmill.session.execution import Execution
from clockmill.session.query_ids import new_query_id
from clockmill.session.request import Work
from clockmill.session.state import SessionState
from clockmill.session.transaction_scope import TransactionScope

MOST_LEVELS: Final = 16
"""Calls of procedures, and blocks of their own, that may be within one another: as documented."""

_MOST_DEPTH: Final = 3 * MOST_LEVELS
"""Statements that may be within one another, EXECUTE IMMEDIATE of a statement included."""

_NO_BINDINGS: Final[Mapping[str, Binding]] = {}


class TooManyLevels(StatementFault):
    """Calls of procedures, or EXECUTE IMMEDIATEs, are within one another without an end."""

    def __init__(self) -> None:
        super().__init__(
            f"Stored procedure execution error: the maximum stack depth of nested calls ({MOST_LEVELS}) is "
            "exceeded. End the recursion earlier."
        )


class Ran(msgspec.Struct, frozen=True):
    """A nested statement that has run: its id, and what it gave."""

    query_id: str
    result: Result


class Nested:
    """Runs statements within *execution*, on its turn and its slot, until its token says stop.

    Each has an id, a place in the history and a kept result of its own.
    """

    def __init__(
        self, execution: Execution, *, state: SessionState | None = None, link: Link | None = None
    ) -> None:
        self.execution = execution
        self.state = execution.state if state is None else state
        self._link = execution.link if link is None else link
        self.cancel = execution.cancel
        """What says that all of it shall stop."""
        self._slot = execution.slot

    def run(
        self, sql: str, bindings: Mapping[str, Binding] = _NO_BINDINGS, *, query_id: str | None = None
    ) -> Ran:
        """Carry out one statement. Raises the ClockmillError that it fails with."""
        work = self._work(sql, query_id or new_query_id())
        if work.depth > _MOST_DEPTH:
            raise TooManyLevels
        return Ran(work.query_id, self.execution.statements.run_nested(work, bindings))

    def ask(self, sql: str, bindings: Mapping[str, Binding] = _NO_BINDINGS) -> Result:
        """Answer a query that is only a means: it has no id, and is in no history."""
        return self.execution.statements.ask(self._work(sql, self.execution.query_id), bindings)

    def _work(self, sql: str, query_id: str) -> Work:
        execution = self.execution
        return Work(
            sql=sql,
            query_id=query_id,
            request=execution.request,
            state=self.state,
            link=self._link,
            cancel=self.cancel,
            slot=self._slot,
            depth=execution.depth + 1,
        )

    def within(self, state: SessionState) -> "Nested":
        """Return the same for statements that see *state* as their session: a procedure's own rights."""
        return Nested(self.execution, state=state, link=self._link)

    @contextmanager
    def scope(self) -> Iterator["Nested"]:
        """Give the same for a block or procedure, which ends the transactions that it begins.

        Raises TooManyLevels, and TransactionIncomplete for a transaction that is open at the end.
        """
        level = self._link.level + 1
        if level > MOST_LEVELS:
            raise TooManyLevels
        with self._link.borrow(self.cancel) as session:
            pool = self.execution.services.body_sessions
            with TransactionScope(session, pool, self.execution, level) as scope:
                yield Nested(self.execution, state=self.state, link=scope)
