"""Bodies of tasks through the one door: what the runner gives to run, and how it ended."""

import logging
from collections.abc import Collection
from contextlib import closing
from datetime import datetime
from typing import Final

import msgspec

from clockmill.core.body import BodyOutcome, BodyRequest, Recall, Slot
from clockmill.core.caller import SYSTEM_USER
from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.errors import (
    ClockmillError,
    InternalFault,
    StatementCancelled,
    StatementTimedOut,
    SystemFault,
    Unavailable,
)
from clockmill.engine.protocol import HostFunctions
from clockmill.session.execution import Execution
from clockmill.session.marking import Marking
from clockmill.session.services import Services
from clockmill.session.session import Session
from clockmill.session.slots import SlotHolder
from clockmill.session.state import Context, SessionState
from clockmill.session.task_functions import ReturnValue, TaskFunctions
from clockmill.sql.classify import takes_slot

log = logging.getLogger(__name__)

_ONE_STATEMENT: Final = 1
_OURS: Final = {SystemFault.code, InternalFault.code, Unavailable.code}
"""What is our doing keeps its code on its way through a script that does not handle it."""
_UNCODED: Final = "000001"
"""What an error without a documented code is recorded under: an outcome with a code has failed."""


class DoorBodies:
    """Runs bodies, each in a session of its own that ends with it.

    With *leaves_markers* a body that was interrupted can be recognised as done, or as not begun.
    """

    def __init__(self, services: Services, *, leaves_markers: bool = True) -> None:
        self._services = services
        self._marking = Marking(services.engine.markers, services.clock.now(), is_on=leaves_markers)

    def needs_slot(self, definition: str) -> bool:
        """Say whether *definition* is a top-level statement that takes a warehouse slot."""
        return takes_slot(definition)

    def run(self, body: BodyRequest, slot: Slot | None, cancel: CancelToken) -> BodyOutcome:
        """Run *body* to its end in the calling thread. Never raises: a failure is an outcome.

        A body that another execution of it has completed meanwhile ends as that one did.
        """
        started_at = self._services.clock.now()
        try:
            outcome = self._run(body, slot, cancel)
        except ClockmillError as error:
            return _failed(error, body, cancel, started_at)
        except Exception:
            log.exception("body of a task failed unexpectedly", extra={"task": str(body.task)})
            return _failed(InternalFault(), body, cancel, started_at)
        return msgspec.structs.replace(outcome, started_at=started_at)

    def _run(self, body: BodyRequest, slot: Slot | None, cancel: CancelToken) -> BodyOutcome:
        returned = ReturnValue()
        with self._marking.marked(body, lambda: returned.text) as completion:
            try:
                with closing(self._session(body, returned)) as session:
                    session.execute(
                        body.definition,
                        query_id=body.query_id,
                        cancel=cancel,
                        statement_count=_ONE_STATEMENT,
                        slot=SlotHolder(self._services.slots, body.warehouse, cancel, slot),
                        completion=completion,
                    )
            except ClockmillError:
                outcome = self._marking.end_of(completion)
                if outcome is None:
                    raise
                return outcome
            self._marking.complete(completion, returned.text)
        return BodyOutcome(return_value=returned.text)

    def recall(self, body: BodyRequest) -> Recall:
        """Return what is known of *body*, which a node began that has ended since, or lost its lease."""
        return self._marking.recall(body)

    def forget(self, runs: Collection[tuple[str, int]]) -> None:
        """Have what is kept for :meth:`recall` of *runs*, which are closed, taken away soon."""
        self._marking.forget(runs)

    def remembered(self) -> set[tuple[str, int]]:
        """Return the runs, by group id and attempt, of which something is kept."""
        return self._marking.runs()

    def forget_closed(self) -> None:
        """Have what is kept of runs that were closed in an earlier life of the server taken away soon."""
        if remembered := self._marking.runs():
            self.forget(remembered - self._services.runs.open_runs())

    def prune(self) -> None:
        """Take away at once what :meth:`forget` was told of."""
        self._marking.prune()

    def close(self) -> None:
        """Take nothing away any more."""
        self._marking.close()

    def _session(self, body: BodyRequest, returned: ReturnValue) -> Session:
        def functions(execution: Execution) -> HostFunctions:
            return TaskFunctions(execution, body, returned)

        user, roles = self._identity(body)
        state = SessionState(
            session_id=None,
            user=user,
            roles=roles,
            context=Context(
                role=body.owner,
                warehouse=body.warehouse,
                database=body.task.database,
                schema=body.task.schema,
            ),
            parameters=body.session_parameters,
        )
        return Session(services=self._services, state=state, functions=functions, is_interactive=False)

    def _identity(self, body: BodyRequest) -> tuple[str, frozenset[str]]:
        """Return as whom *body* runs and with which roles; raises if that user may not any more."""
        user = body.execute_as_user
        if user is None:
            return SYSTEM_USER, frozenset({body.owner})
        return user, self._services.signin.roles_to_run_task(user, body.owner)


def _failed(
    error: ClockmillError, body: BodyRequest, cancel: CancelToken, started_at: datetime
) -> BodyOutcome:
    """Return the outcome that *error* stands for, by why the body was stopped if it was."""
    if isinstance(error, StatementTimedOut) and cancel.reason is CancelReason.TIMEOUT:
        error = StatementTimedOut(body.timeout_s)
    return BodyOutcome(
        error_code=error.code or _UNCODED,
        error_message=error.message,
        is_system_error=error.code in _OURS,
        is_cancelled=isinstance(error, StatementCancelled),
        started_at=started_at,
    )
