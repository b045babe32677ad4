"""The door: finds or makes the live session behind a record, and ends sessions that are over."""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import Any, Final

import msgspec

from clockmill.clock import Clock
from clockmill.core.body import Slots
from clockmill.core.caller import Caller
from clockmill.core.cancel import CancelReason
from clockmill.core.signin import SessionRecord
from clockmill.engine.protocol import Engine
from clockmill.service.catalog import CatalogService
from clockmill.service.history import HistoryService
from clockmill.service.identity import IdentityService
from clockmill.service.routines import RoutineService
from clockmill.service.runs import RunService
from clockmill.service.secret_tokens import new_session_id
from clockmill.service.signin import Signin
from clockmill.service.tags import TagService
from clockmill.service.tasks import TaskService
from clockmill.service.warehouses import WarehouseService
from clockmill.session.engine_pool import EnginePool
from clockmill.session.languages import Languages
from clockmill.session.namespaces import Namespaces
from clockmill.session.query_log import QueryLog
from clockmill.session.results import Results
from clockmill.session.running import RunningStatements
from clockmill.session.scripting.computing import Computing
from clockmill.session.services import Services
from clockmill.session.session import Session
from clockmill.session.state import Context, SessionState
from clockmill.store.database import Store

log = logging.getLogger(__name__)

_IDLE_TRANSACTION: Final = timedelta(minutes=5)
"""After which an idle session's transaction is rolled back: others may wait for its tables."""

_IDLE_SESSION: Final = timedelta(hours=4)
"""After which an idle session is forgotten here; its record can bring it back."""

_RESTS_AFTER: Final = timedelta(minutes=1)
"""After which an idle session gives back its connection of the engine, if there is nothing in it."""

_MOST_SESSIONS: Final = 2_000
"""Live sessions beyond which those that stand idle are forgotten earlier. Clients that never sign out
open thousands; each takes some ten kilobytes."""

_IDLE_AMONG_MANY: Final = timedelta(minutes=5)
"""After which a session may be forgotten where there are too many: one that its record brings back
whole, but for what LAST_QUERY_ID knew."""

_SWEEP_EVERY_S: Final = 30.0


class Door:
    """The one way in for SQL, whoever sends it."""

    def __init__(
        self,
        *,
        engine: Engine,
        slots: Slots,
        store: Store,
        clock: Clock,
        signin: Signin,
        catalog: CatalogService,
        warehouses: WarehouseService,
        tags: TagService,
        tasks: TaskService,
        runs: RunService,
        routines: RoutineService,
        languages: Languages,
        history: HistoryService | None = None,
        account: str = "CLOCKMILL",
        version: str = "",
        idle_transaction: timedelta = _IDLE_TRANSACTION,
        most_sessions: int = _MOST_SESSIONS,
    ) -> None:
        self.services = Services(
            clock=clock,
            engine=engine,
            slots=slots,
            signin=signin,
            catalog=catalog,
            namespaces=Namespaces(catalog, routines),
            warehouses=warehouses,
            tags=tags,
            tasks=tasks,
            runs=runs,
            history=history or HistoryService(store=store, clock=clock),
            identity=IdentityService(store=store, clock=clock),
            routines=routines,
            languages=languages,
            results=Results(clock),
            log=QueryLog(store),
            running=RunningStatements(),
            computing=Computing(),
            body_sessions=EnginePool(engine),
            account=account,
            version=version,
        )
        self._signin = signin
        self._clock = clock
        self._idle_transaction = idle_transaction
        self._most_sessions = most_sessions
        self._lock = threading.Lock()
        self._sessions: dict[int, Session] = {}
        self._closing = threading.Event()
        self._sweeper: threading.Thread | None = None

    @property
    def results(self) -> Results:
        """The results that are kept: of every statement, and of each of several."""
        return self.services.results

    def session(self, record: SessionRecord) -> Session:
        """Return the live session of *record*; made from it at first use, or after a restart."""
        with self._lock:
            found = self._sessions.get(record.id)
            if found is None:
                found = self._sessions[record.id] = self._new_session(record)
                self._begin_sweeping()
            # Within the lock: it must not be forgotten between here and its use.
            found.touch()
        _follow_grants(found.state, record)
        return found

    def session_for_request(self, caller: Caller, context: Context, parameters: Mapping[str, Any]) -> Session:
        """Return a new session that lives for one request; whoever asked for it closes it."""
        state = SessionState(
            session_id=new_session_id(),
            user=caller.user,
            roles=caller.roles,
            context=context,
            parameters=parameters,
        )
        return Session(services=self.services, state=state, is_pooled=True)

    def close_session(self, session_id: int) -> None:
        """End a session: cancel what it runs, roll back what it has not committed."""
        with self._lock:
            session = self._sessions.pop(session_id, None)
        if session is not None:
            self.services.running.cancel_session(session.state.caller, session_id, but="")
            session.close()

    def sweep(self, now: datetime) -> None:
        """Free what idle sessions hold: transactions, connections of the engine, at last themselves."""
        for session_id, session in list(self._sessions.items()):
            idle_for = now - session.last_used
            if session.is_busy:
                continue
            if idle_for >= _IDLE_SESSION:
                self.close_session(session_id)
                continue
            if idle_for >= self._idle_transaction:
                session.link.abandon_transaction()
            if idle_for >= _RESTS_AFTER:
                session.link.rest()
        self._forget_idlest(now - _IDLE_AMONG_MANY)

    def _forget_idlest(self, used_before: datetime) -> None:
        """While there are too many, forget those not used since *used_before* that come back whole."""
        with self._lock:
            too_many = len(self._sessions) - self._most_sessions
            if too_many <= 0:
                return
            idle = [
                (session.last_used, session_id)
                for session_id, session in self._sessions.items()
                if session.last_used <= used_before and session.is_blank
            ]
            for _, session_id in nsmallest(too_many, idle):
                del self._sessions[session_id]

    def cancel_statements(self) -> None:
        """Cancel what runs in every session, because the server stops."""
        self.services.running.cancel_all(CancelReason.SHUTDOWN)

    def close(self) -> None:
        """Cancel what runs, end every session, and write down the history of statements."""
        self._closing.set()
        self.cancel_statements()
        for session_id in list(self._sessions):
            self.close_session(session_id)
        self.services.body_sessions.close()
        self.services.log.flush()

    def _begin_sweeping(self) -> None:
        """Start the thread that sweeps; without sessions there is nothing to sweep."""
        if self._sweeper is None:
            self._sweeper = threading.Thread(target=self._sweep_for_ever, name="sessions", daemon=True)
            self._sweeper.start()

    def _sweep_for_ever(self) -> None:
        while not self._closing.wait(_SWEEP_EVERY_S):
            try:
                self.sweep(self._clock.now())
            except Exception:  # a mistake with one session must not end the service to the others
                log.exception("sweeping sessions failed")

    def _new_session(self, record: SessionRecord) -> Session:
        state = SessionState(
            session_id=record.id,
            user=record.user,
            roles=record.roles,
            context=Context(
                role=record.role,
                warehouse=record.warehouse,
                database=record.database,
                schema=record.schema,
            ),
            parameters=record.parameters,
            client=record.client,
        )
        return Session(services=self.services, state=state, save=self._save)

    def _save(self, state: SessionState) -> None:
        context = state.context
        if state.session_id is not None:
            self._signin.save_context(
                state.session_id,
                role=context.role,
                warehouse=context.warehouse,
                database=context.database,
                schema=context.schema,
                parameters=dict(state.parameters),
            )


def _follow_grants(state: SessionState, record: SessionRecord) -> None:
    """Let a grant or a revocation of roles hold from this request on."""
    if state.roles != record.roles:
        state.roles = record.roles
        if state.context.role not in record.roles:
            state.context = msgspec.structs.replace(state.context, role=record.role)
