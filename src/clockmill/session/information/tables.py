"""The tables that statements may read although no engine has them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from clockmill.core.catalog import INFORMATION_SCHEMA, SYSTEM_DATABASE
from clockmill.core.errors import NotFound, Unsupported
from clockmill.core.names import QualifiedName, render
from clockmill.engine.protocol import HostTable
from clockmill.engine.result import TEXT, ColumnType, Result, ResultColumn
from clockmill.session.execution import Execution
from clockmill.session.faults import InvalidArgument
from clockmill.session.information import queries, tasks
from clockmill.session.information.shapes import Bounds, Function, View, cells
from clockmill.session.information.system import ACCOUNT_USAGE
from clockmill.session.information.views import INFORMATION, USAGE
from clockmill.session.procedure_tables import ProcedureTables

RESULT_SCAN: Final = ("RESULT_SCAN",)
_QUERY_ID: Final = "QUERY_ID"
FUNCTIONS: Final = {**tasks.FUNCTIONS, **queries.FUNCTIONS}
"""The table functions of INFORMATION_SCHEMA, which give the same in every database."""


class InformationTables:
    """INFORMATION_SCHEMA, SNOWFLAKE.ACCOUNT_USAGE, RESULT_SCAN and procedures, as one statement sees them."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._procedures = ProcedureTables(execution)

    def parameters(self, name: tuple[str, ...]) -> Mapping[str, ColumnType] | None:
        """Return the parameters of the table function *name*, or None if it is not one of these."""
        if name == RESULT_SCAN:
            return {_QUERY_ID: TEXT}
        if not _is_information(name):
            return self._procedures.parameters(name)
        if name[-1] not in FUNCTIONS:
            raise Unsupported(f"function {INFORMATION_SCHEMA}.{name[-1]}")
        return FUNCTIONS[name[-1]].parameters

    def columns(self, table: HostTable) -> tuple[ResultColumn, ...] | None:
        """Return the columns of *table*, or None if it is not one of these."""
        if table.arguments is not None:
            return self._function_columns(table)
        view = self._view(table.name)
        return None if view is None else view.columns

    def rows(self, table: HostTable) -> Sequence[Sequence[Any]]:
        """Return the rows of *table* as they are now."""
        if table.arguments is not None:
            return self._function_rows(table)
        view = self._view(table.name)
        if view is None:  # pragma: no cover - it is asked only for what it has columns of
            raise NotFound("Object", ".".join(table.name))
        if view.within is not None and table.bounds:
            return cells(view.columns, view.within(self._execution, Bounds(table.bounds)))
        database = None if table.name[-2] == ACCOUNT_USAGE else self._database(table.name)
        return cells(view.columns, view.rows(self._execution, database))

    # --- functions -----------------------------------------------------------------------------

    def _function_columns(self, table: HostTable) -> tuple[ResultColumn, ...] | None:
        if table.name == RESULT_SCAN:
            return self._scanned(table).columns
        if not _is_information(table.name):
            return self._procedures.columns(table.name)
        self._database(table.name)
        return self._function(table).columns

    def _function_rows(self, table: HostTable) -> Sequence[Sequence[Any]]:
        if table.name == RESULT_SCAN:
            return self._scanned(table).rows
        if not _is_information(table.name):
            return self._procedures.rows(table)
        function = self._function(table)
        # An argument that is NULL counts as left out.
        given = {name: value for name, value in table.arguments or () if value is not None}
        return cells(function.columns, function.rows(self._execution, given))

    def _function(self, table: HostTable) -> Function:
        return FUNCTIONS[table.name[-1]]

    def _scanned(self, table: HostTable) -> Result:
        query_id = dict(table.arguments or ()).get(_QUERY_ID)
        if query_id is None:
            raise InvalidArgument(RESULT_SCAN[0], "the id of a query is needed.")
        return self._execution.services.results.fetch(query_id, self._execution.caller)

    # --- views ---------------------------------------------------------------------------------

    def _view(self, name: tuple[str, ...]) -> View | None:
        if name[:-1] == (SYSTEM_DATABASE, ACCOUNT_USAGE):
            return _known(USAGE, name)
        if not _is_information(name):
            return None
        self._database(name)
        return _known(INFORMATION, name)

    def _database(self, name: tuple[str, ...]) -> str:
        """Return the database whose INFORMATION_SCHEMA *name* is in, or raise NotFound."""
        run = self._execution
        database = name[-3] if len(name) > 2 else run.current_database()
        if database != SYSTEM_DATABASE:
            run.services.catalog.fetch_database(run.caller, database)
        return database


def _is_information(name: tuple[str, ...]) -> bool:
    return len(name) > 1 and name[-2] == INFORMATION_SCHEMA


def _known(views: Mapping[str, View], name: tuple[str, ...]) -> View:
    """Return the view of that name, or raise that there is none, or that it is none of ours."""
    if name[-1] in views:
        return views[name[-1]]
    if name[-1] in _ELSEWHERE:
        raise Unsupported(f"{name[-2]}.{render(name[-1])}")
    raise NotFound("Object", QualifiedName(*name) if len(name) == 3 else ".".join(map(render, name)))


_ELSEWHERE: Final = frozenset(
    {"CHECK_CONSTRAINTS", "CLASSES", "CORTEX_SEARCH", "ELEMENT_TYPES", "EVENT_TABLES", "EXTERNAL_TABLES"}
    | {"FIELDS", "FILE_FORMATS", "HYBRID_TABLES", "INDEXES", "INDEX_COLUMNS", "LISTINGS"}
    | {"LOAD_HISTORY", "OBJECT_PRIVILEGES", "PACKAGES", "PIPES"}
    | {"REPLICATION_DATABASES", "REPLICATION_GROUPS", "SERVICES", "STAGES"}
    | {"TABLE_PRIVILEGES", "TABLE_STORAGE_METRICS", "USAGE_PRIVILEGES"}
    | {"ACCESS_HISTORY", "COPY_HISTORY", "GRANTS_TO_ROLES", "GRANTS_TO_USERS", "LOGIN_HISTORY", "ROLES"}
    | {"METERING_HISTORY", "METERING_DAILY_HISTORY", "SERVERLESS_TASK_HISTORY", "SESSIONS", "STORAGE_USAGE"}
    | {"USERS", "WAREHOUSE_LOAD_HISTORY", "WAREHOUSE_METERING_HISTORY"}
)
"""Views that the service has and we have not."""
