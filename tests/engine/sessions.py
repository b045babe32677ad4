"""Statements as a session would send them, and work in other threads."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import NotFound
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.routine import Routine
from clockmill.engine.duckdb import DuckDBSession
from clockmill.engine.protocol import Binding, StatementContext
from clockmill.engine.result import NUMBER, TEXT, ColumnType, Result

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


class Catalog:
    """Two databases, DB and OTHER, with any schema but MISSING, and the functions that are given."""

    def __init__(self) -> None:
        self.routines: dict[QualifiedName, tuple[Routine, ...]] = {}

    def functions(self, name: QualifiedName) -> tuple[Routine, ...]:
        return self.routines.get(name, ())

    def namespace(self, schema: SchemaName) -> str:
        if schema.database not in ("DB", "OTHER"):
            raise NotFound("Database", schema.database)
        if schema.schema == "MISSING":
            raise NotFound("Schema", schema)
        return f"ns_{schema.database}_{schema.schema}".lower()


class Host:
    """A few functions of the host; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def knows(self, name: str) -> bool:
        return name in ("SYSTEM$ECHO", "CURRENT_WAREHOUSE", "SYSTEM$COUNT")

    def call(self, name: str, arguments: Any) -> tuple[Any, ColumnType]:
        self.asked.append((name, tuple(arguments)))
        if name == "SYSTEM$COUNT":
            return len(self.asked), NUMBER
        return (arguments[0] if arguments else "WH"), TEXT

    def evaluate(self, function: Routine, arguments: Any) -> Any:
        self.asked.append((function.name.name, tuple(arguments)))
        return arguments[0]


class Client:
    """A session with the context that its statements run in."""

    def __init__(self, session: DuckDBSession) -> None:
        self.session = session
        self.host = Host()
        self.catalog = Catalog()
        self.parameters: dict[str, Any] = {"TIMEZONE": "America/Los_Angeles"}
        self.variables: dict[str, Binding] = {}
        self.home: SchemaName | None = SchemaName("DB", "PUBLIC")
        self.cancel = CancelToken()
        self.waiting: Any = None
        self._number = 0

    def context(self, **changes: Any) -> StatementContext:
        self._number += 1
        fields: dict[str, Any] = {
            "home": self.home,
            "role": "ACCOUNTADMIN",
            "user": "ADMIN",
            "catalog": self.catalog,
            "functions": self.host,
            "now": NOW,
            "cancel": self.cancel,
            "query_id": f"{id(self)}-{self._number}",
            "parameters": self.parameters,
            "variables": self.variables,
            "waiting": self.waiting,
        }
        return StatementContext(**{**fields, **changes})

    def run(self, sql: str, **changes: Any) -> Result:
        return self.session.execute(sql, self.context(**changes))

    def rows(self, sql: str, **changes: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.run(sql, **changes).rows]

    def value(self, sql: str, **changes: Any) -> Any:
        return self.rows(sql, **changes)[0][0]


class Background:
    """A statement in a thread of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001 - handed to whoever joins
            self.error = error

    def join(self) -> Any:
        self._thread.join(20)
        assert not self._thread.is_alive(), "still running"
        if self.error is not None:
            raise self.error
        return self.result


class Waited:
    """Told when a statement waits for a table, so that tests need not sleep."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.ended = threading.Event()

    def begin(self) -> None:
        self.begun.set()

    def end(self) -> None:
        self.ended.set()
