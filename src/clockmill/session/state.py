"""What a session is at a moment: who, in which role, where, with which settings and variables."""

import threading
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from clockmill.core.caller import Caller
from clockmill.core.names import SchemaName
from clockmill.core.parameters import with_session_defaults
from clockmill.engine.protocol import Binding

_KEPT_QUERY_IDS: Final = 10_000
"""Statements that LAST_QUERY_ID can look back on."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session's statements run: the part of it that USE changes."""

    role: str
    warehouse: str | None = None
    database: str | None = None
    schema: str | None = None

    @property
    def home(self) -> SchemaName | None:
        if self.database is None or self.schema is None:
            return None
        return SchemaName(self.database, self.schema)


class SessionState:
    """The changing part of a session. Whole values are exchanged, so reading needs no lock."""

    def __init__(
        self,
        *,
        session_id: int | None,
        user: str,
        roles: frozenset[str],
        context: Context,
        parameters: Mapping[str, Any],
        client: str | None = None,
    ) -> None:
        self.session_id = session_id
        self.user = user
        self.roles = roles
        self.context = context
        self.client = client
        self.variables: dict[str, Binding] = {}
        self._lock = threading.Lock()
        self._query_ids: list[str] = []
        self._parameters: dict[str, Any] = dict(parameters)
        self._effective = with_session_defaults(self._parameters)

    @property
    def caller(self) -> Caller:
        """The caller in whose name the services are asked."""
        context = self.context
        return Caller(
            user=self.user,
            role=context.role,
            roles=self.roles,
            warehouse=context.warehouse,
            home=context.home,
            session_id=self.session_id,
        )

    # --- parameters ----------------------------------------------------------------------------

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters that were set, without defaults."""
        return self._parameters

    @property
    def effective_parameters(self) -> Mapping[str, Any]:
        """Every session parameter with the value that holds."""
        return self._effective

    def change_parameters(self, changes: Mapping[str, Any], unset: tuple[str, ...] = ()) -> None:
        """Set *changes* and return the parameters in *unset* to their defaults."""
        with self._lock:
            kept = {name: value for name, value in self._parameters.items() if name not in unset}
            self._parameters = {**kept, **changes}
            self._effective = with_session_defaults(self._parameters)

    # --- variables -----------------------------------------------------------------------------

    def change_variables(self, changes: Mapping[str, Binding], unset: tuple[str, ...] = ()) -> None:
        """Set the variables in *changes* and forget those in *unset*."""
        with self._lock:
            kept = {name: value for name, value in self.variables.items() if name not in unset}
            self.variables = {**kept, **changes}

    # --- statements ----------------------------------------------------------------------------

    def remember_query(self, query_id: str) -> None:
        """Make *query_id* the last statement of the session."""
        with self._lock:
            self._query_ids.append(query_id)
            if len(self._query_ids) > 2 * _KEPT_QUERY_IDS:
                del self._query_ids[:_KEPT_QUERY_IDS]

    def query_id(self, position: int) -> str | None:
        """Return the id that LAST_QUERY_ID(*position*) gives: -1 is the last, 1 the first."""
        with self._lock:
            index = position - 1 if position > 0 else position
            found = position != 0 and -len(self._query_ids) <= index < len(self._query_ids)
            return self._query_ids[index] if found else None
