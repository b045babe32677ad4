"""The statements that run at this moment, so that they can be found and cancelled."""

import threading
from collections.abc import Callable
from datetime import datetime

import msgspec

from clockmill.core.caller import Caller
from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.identity import ACCOUNTADMIN


class RunningStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement under way and the token that stops it."""

    query_id: str
    session_id: int | None
    user: str
    role: str
    cancel: CancelToken
    text: str = ""
    tag: str | None = None
    warehouse: str | None = None
    database: str | None = None
    schema: str | None = None
    started_at: datetime | None = None

    def may_be_cancelled_by(self, caller: Caller) -> bool:
        """Say whether *caller* is who runs it, holds the role it runs in, or administers the account."""
        return caller.user == self.user or self.role in caller.roles or caller.role == ACCOUNTADMIN


class RunningStatements:
    """A register of statements by query id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, RunningStatement] = {}

    def add(self, statement: RunningStatement) -> None:
        with self._lock:
            self._running[statement.query_id] = statement

    def remove(self, query_id: str) -> None:
        with self._lock:
            self._running.pop(query_id, None)

    def now(self) -> list[RunningStatement]:
        """Return what runs now, last begun first."""
        with self._lock:
            return list(reversed(self._running.values()))

    def cancel(self, caller: Caller, query_id: str) -> bool:
        """Cancel *query_id* if it runs and *caller* may; say whether it was so."""
        found = self._running.get(query_id)
        if found is None or not found.may_be_cancelled_by(caller):
            return False
        found.cancel.cancel(CancelReason.USER)
        return True

    def cancel_session(self, caller: Caller, session_id: int, *, but: str) -> int:
        """Cancel what runs in a session, except the statement *but*; return how many there were."""
        return self._cancel_where(
            lambda each: (
                each.session_id == session_id and each.query_id != but and each.may_be_cancelled_by(caller)
            ),
            CancelReason.USER,
        )

    def cancel_all(self, reason: CancelReason) -> int:
        """Cancel everything; return how many statements there were."""
        return self._cancel_where(lambda _: True, reason)

    def _cancel_where(self, wanted: Callable[[RunningStatement], bool], reason: CancelReason) -> int:
        with self._lock:
            found = [each for each in self._running.values() if wanted(each)]
        for each in found:
            each.cancel.cancel(reason)
        return len(found)
