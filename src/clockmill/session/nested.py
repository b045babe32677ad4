"""Statements within a statement: those of a block, of a procedure, of EXECUTE IMMEDIATE."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, Final

import msgspec

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import StatementFault
from clockmill.engine.protocol import Binding
from clockmill.engine.result import Result
from clockmill.session.engine_link import EngineLink
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

    def __init__(self, execution: Execution, work: Work | None = None) -> None:
        self.execution = execution
        self._work = work or Work(
            sql="",
            query_id=execution.query_id,
            request=execution.request,
            state=execution.state,
            link=execution.link,
            cancel=execution.cancel,
            slot=execution.slot,
            depth=execution.depth + 1,
            only_reads=execution.only_reads,
        )

    @property
    def state(self) -> SessionState:
        """The session as the statements see it."""
        return self._work.state

    @property
    def cancel(self) -> CancelToken:
        """What says that all of it shall stop."""
        return self._work.cancel

    def run(
        self,
        sql: str,
        bindings: Mapping[str, Binding] = _NO_BINDINGS,
        *,
        query_id: str | None = None,
        outputs: dict[str, Binding] | None = None,
    ) -> Ran:
        """Carry out one statement. Raises the ClockmillError that it fails with.

        *outputs* gets the values that a CALL hands back for its bind values, by their names.
        """
        work = msgspec.structs.replace(
            self._work, sql=sql, query_id=query_id or new_query_id(), outputs=outputs
        )
        if work.depth > _MOST_DEPTH:
            raise TooManyLevels
        return Ran(work.query_id, self.execution.statements.run_nested(work, bindings))

    def ask(self, sql: str, bindings: Mapping[str, Binding] = _NO_BINDINGS) -> Result:
        """Answer a query that is only a means: it has no id, and is in no history."""
        return self.execution.statements.ask(msgspec.structs.replace(self._work, sql=sql), bindings)

    @property
    def can_part(self) -> bool:
        """Say whether a statement in another engine session would see what one in this one sees."""
        with self._work.link.borrow(self.cancel) as session:
            return session.is_clean

    def within(self, state: SessionState) -> "Nested":
        """Return the same for statements that see *state* as their session: a procedure's own rights."""
        return self._changed(state=state)

    def reading(self) -> "Nested":
        """Return the same for statements that may change nothing: a query reads what they give."""
        return self._changed(only_reads=True)

    @contextmanager
    def apart(self, cancel: CancelToken) -> Iterator["Nested"]:
        """Give the same in an engine session of its own, for another thread, until *cancel* comes."""
        with closing(EngineLink(self.execution.services.body_sessions)) as link:
            link.level = self._work.link.level
            yield self._changed(link=link, cancel=cancel, slot=self._work.slot.riding())

    @contextmanager
    def scope(self) -> Iterator["Nested"]:
        """Give the same for a block or procedure, which ends the transactions that it begins.

        Raises TooManyLevels, and TransactionIncomplete for a transaction that is open at the end.
        """
        level = self._work.link.level + 1
        if level > MOST_LEVELS:
            raise TooManyLevels
        with self._work.link.borrow(self.cancel) as session:
            pool = self.execution.services.body_sessions
            with TransactionScope(session, pool, self.execution, level) as scope:
                yield self._changed(link=scope)

    def _changed(self, **changes: Any) -> "Nested":
        return Nested(self.execution, msgspec.structs.replace(self._work, **changes))
