"""One statement under way: its session, its values, and how its names are read."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any, Protocol

from clockmill.core.caller import Caller
from clockmill.core.cancel import CancelToken
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.engine.protocol import Binding, EngineSession, HostFunctions, HostTables, StatementContext
from clockmill.engine.result import Result
from clockmill.session.engine_link import HeldLink, Link
from clockmill.session.faults import NoCurrentDatabase, NoCurrentSchema, UnboundValue, UnknownVariable
from clockmill.session.request import Request, Work
from clockmill.session.services import Services
from clockmill.session.slots import SlotHolder
from clockmill.session.state import SessionState
from clockmill.sql.classify import needs_slot
from clockmill.sql.parser import Argument, Bound, Reference, VariableValue, read_name
from clockmill.sql.statement import Statement


class NestedStatements(Protocol):
    """What carries out statements within a statement; see :mod:`clockmill.session.nested`."""

    def run_nested(self, work: Work, bindings: Mapping[str, Binding]) -> Result:
        """Carry out a statement within another."""
        ...

    def ask(self, work: Work, bindings: Mapping[str, Binding]) -> Result:
        """Answer a query that is only a means."""
        ...


class Execution:
    """Everything that a handler needs to carry out one statement."""

    def __init__(
        self,
        *,
        services: Services,
        state: SessionState,
        link: Link,
        sql: str,
        statement: Statement,
        query_id: str,
        parameters: Mapping[str, Any],
        bindings: Mapping[str, Binding],
        cancel: CancelToken,
        slot: SlotHolder,
        now: datetime,
        describe_only: bool = False,
        detached: bool = False,
    ) -> None:
        self.services = services
        self.state = state
        self.link = link
        self.sql = sql
        self.statement = statement
        self.query_id = query_id
        self.parameters = parameters
        self.bindings = bindings
        self.cancel = cancel
        self.slot = slot
        self.now = now
        self.describe_only = describe_only
        self.detached = detached
        self.depth = 0
        """How many statements this one is within."""
        self.outputs: dict[str, Binding] | None = None
        """In a script: takes the values for its variables that a CALL hands back."""
        self.only_reads = False
        """True where a query reads what this gives: nothing may be changed."""
        self.functions: HostFunctions
        self.tables: HostTables | None = None
        self.statements: NestedStatements
        self.request: Request

    @property
    def caller(self) -> Caller:
        return self.state.caller

    # --- the engine ----------------------------------------------------------------------------

    def context(self, *, describe_only: bool | None = None) -> StatementContext:
        """Return what the engine needs to know of this statement."""
        place = self.state.context
        return StatementContext(
            home=place.home,
            role=place.role,
            user=self.state.user,
            catalog=self.services.namespaces,
            functions=self.functions,
            tables=self.tables,
            now=self.now,
            cancel=self.cancel,
            query_id=self.query_id,
            parameters=self.parameters,
            variables=self.state.variables,
            bindings=self.bindings,
            describe_only=self.describe_only if describe_only is None else describe_only,
            waiting=self.slot,
            completion=self.request.completion,
        )

    @contextmanager
    def engine_session(self) -> Iterator[EngineSession]:
        """Give the session's engine session, and a slot if the statement is one that takes a slot.

        In this order: who holds a slot must never wait for the session's turn, because the
        statement whose turn it is may be waiting for a slot.
        """
        turn = self.link.borrow(self.cancel, detached=self.detached)
        with turn as session, self.slot_held(urgent=session.in_transaction):
            yield session

    @contextmanager
    def whole_turn(self) -> Iterator[EngineSession]:
        """Give the engine session, and keep its turn and a slot for all that runs within this statement."""
        with self.engine_session() as session:
            link, self.link = self.link, HeldLink(session, self.link.level)
            try:
                yield session
            finally:
                self.link = link

    def slot_held(self, *, urgent: bool = False) -> AbstractContextManager[None]:
        """Hold a slot of the warehouse, if the statement is one that takes a slot."""
        return self.slot.held(urgent=urgent) if needs_slot(self.statement) else nullcontext()

    def leave_word(self) -> None:
        """Say in the marker of the body that this is part of, if it has one, that a part may be done.

        What follows is held by no transaction of the engine.
        """
        completion = self.request.completion
        if completion is not None and not self.describe_only:
            self.services.engine.markers.begin(completion)

    def ask_engine(self, sql: str, *, describe_only: bool | None = None) -> Result:
        """Run *sql* in the session's engine session."""
        with self.whole_turn() as session:
            return session.execute(sql, self.context(describe_only=describe_only))

    # --- values --------------------------------------------------------------------------------

    def value(self, argument: Argument) -> Any:
        """Return what *argument* stands for: itself, a bind value or a session variable."""
        match argument:
            case Bound(key=key):
                return self._bound(key).value
            case VariableValue(name=name):
                return self._variable(name).value
        return argument

    def _bound(self, key: str) -> Binding:
        found = self.bindings.get(key) or self.bindings.get(key.upper())
        if found is None:
            raise UnboundValue(key)
        return found

    def _variable(self, name: str) -> Binding:
        found = self.state.variables.get(name)
        if found is None:
            raise UnknownVariable(name)
        return found

    # --- names ---------------------------------------------------------------------------------

    def parts(self, name: Reference) -> tuple[str, ...]:
        """Return the folded parts of *name*, looked up first where it is indirect."""
        if name.variable is not None:
            return read_name(str(self._variable(name.variable).value)).parts
        if name.binding is not None:
            return read_name(str(self._bound(name.binding).value)).parts
        return name.parts

    def plain_name(self, name: Reference) -> str:
        """Return *name* as the name of something that is in nothing else (its last part)."""
        return self.parts(name)[-1]

    def schema_name(self, name: Reference) -> SchemaName:
        """Return the full name of the schema *name*."""
        match self.parts(name):
            case (schema,):
                return SchemaName(self.current_database(), schema)
            case (database, schema):
                return SchemaName(database, schema)
            case (database, schema, *_):
                return SchemaName(database, schema)
        raise NoCurrentDatabase  # pragma: no cover - a name has at least one part

    def object_name(self, name: Reference) -> QualifiedName:
        """Return the full name of the object *name* in a schema."""
        match self.parts(name):
            case (database, schema, last):
                return QualifiedName(database, schema, last)
            case (schema, last):
                return QualifiedName(self.current_database(), schema, last)
            case parts:
                return self.current_schema().object(parts[-1])

    def current_database(self) -> str:
        """Return the session's database, or raise NoCurrentDatabase."""
        if self.state.context.database is None:
            raise NoCurrentDatabase
        return self.state.context.database

    def current_schema(self) -> SchemaName:
        """Return the session's schema, or raise NoCurrentDatabase or NoCurrentSchema."""
        database = self.current_database()
        if self.state.context.schema is None:
            raise NoCurrentSchema
        return SchemaName(database, self.state.context.schema)
