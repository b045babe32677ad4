"""Bodies of tasks through the one door: what the runner gives to run, and how it ended."""

import logging
from collections.abc import Collection
from contextlib import closing
from datetime import datetime
from typing import Final

from clockmill.core.body import BodyOutcome, BodyRequest, Recall, Remains, Slot
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
from clockmill.session.services import Services
from clockmill.session.session import Session
from clockmill.session.slots import SlotHolder
from clockmill.session.state import Context, SessionState
from clockmill.session.task_functions import ReturnValue, TaskFunctions
from clockmill.sql.classify import takes_slot

log = logging.getLogger(__name__)

_ONE_STATEMENT: Final = 1
_UNCODED: Final = "000001"
"""What an error without a documented code is recorded under: an outcome with a code has failed."""


class DoorBodies:
    """Runs bodies, each in a session of its own that ends with it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def needs_slot(self, definition: str) -> bool:
        """Say whether *definition* is a top-level statement that takes a warehouse slot."""
        return takes_slot(definition)

    def run(self, body: BodyRequest, slot: Slot | None, cancel: CancelToken) -> BodyOutcome:
        """Run *body* to its end in the calling thread. Never raises: a failure is an outcome."""
        started_at = self._services.clock.now()
        returned = ReturnValue()
        holder = SlotHolder(self._services.slots, body.warehouse, cancel, slot)
        try:
            with closing(self._session(body, returned)) as session:
                session.execute(
                    body.definition,
                    query_id=body.query_id,
                    cancel=cancel,
                    statement_count=_ONE_STATEMENT,
                    slot=holder,
                )
        except ClockmillError as error:
            return _failed(error, body, cancel, started_at)
        except Exception:
            log.exception("body of a task failed unexpectedly", extra={"task": str(body.task)})
            return _failed(InternalFault(), body, cancel, started_at)
        return BodyOutcome(return_value=returned.text, started_at=started_at)

    def recall(self, body: BodyRequest) -> Recall:  # noqa: ARG002
        """Return what is known of a body that was interrupted: that it may have done a part."""
        return Recall(remains=Remains.UNKNOWN)

    def forget(self, runs: Collection[tuple[str, int]]) -> None:
        """Nothing is kept."""

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
        is_system_error=isinstance(error, SystemFault | InternalFault | Unavailable),
        is_cancelled=isinstance(error, StatementCancelled),
        started_at=started_at,
    )
