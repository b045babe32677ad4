"""What one translation knows and gathers: where names lead, what the statement reads, its parameters."""

# ruff: noqa: E501, PLR0917
# E501: generated SQL is not broken at will.
# PLR0917: the parts are always given together.

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlglot import exp

from clockmill.core.errors import ClockmillError, InternalFault, NotFound, Unsupported
from clockmill.core.names import QualifiedName, SchemaName, render, split_path
from clockmill.core.routine import Routine
from clockmill.engine.duckdb.faults import CompilationFault, ObjectMissing
from clockmill.engine.duckdb.names import quote, quoted
from clockmill.engine.duckdb.objects import SEQUENCE, TABLE, Object, Objects
from clockmill.engine.duckdb.parse import POSITION_MARK
from clockmill.engine.duckdb.types import LTZ, NTZ, TZ, is_null, physical
from clockmill.engine.protocol import HostFunctions, HostTable, HostTables, StatementContext
from clockmill.engine.result import ColumnType


class Parameter(msgspec.Struct, frozen=True):
    """Where the value of a prepared parameter comes from at execution.

    *source* is «now» (the statement's instant), «wall» (what clocks in the zone *name* show then), «bind»,
    «variable», «host»: what the function *name* answers to *arguments*, the *place*-th call in the statement,
    «table»: the rows of the host's table in *arguments*, as JSON, «batch»: the number under which changes go
    to the log *name*, or «stream»: a limit of what is seen of the stream *name*.
    """

    source: str
    name: str = ""
    arguments: tuple[Any, ...] = ()
    place: int = 0


class Typed(msgspec.Struct, frozen=True):
    """A translated expression: DuckDB SQL and the type of its value in the language's terms.

    *constant* is the value where it is a literal (*is_constant*); *is_wide* says that DuckDB too
    takes the value for a DECIMAL or whatever the type says, not for a narrow integer.
    """

    sql: str
    type: ColumnType
    constant: Any = None
    is_constant: bool = False
    is_wide: bool = True
    parameter: Parameter | None = None
    """The prepared parameter that the expression is, and nothing else."""
    interval: str | None = None
    """The units of an interval (``day``, ``hour``); such a value can only be added to a date or time."""


@functools.cache
def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


class Answers:
    """What the host has answered to the calls in one statement: each is made once, whatever is tried again."""

    def __init__(self, functions: HostFunctions, tables: HostTables | None = None) -> None:
        self._functions = functions
        self._tables = tables
        self._given: dict[Parameter, tuple[Any, ColumnType]] = {}
        self._read: dict[HostTable, Any] = {}

    def ask(self, parameter: Parameter) -> tuple[Any, ColumnType]:
        if parameter not in self._given:
            self._given[parameter] = self._functions.call(parameter.name, list(parameter.arguments))
        return self._given[parameter]

    def read(self, table: HostTable) -> Sequence[Sequence[Any]]:
        """Return the rows of a table of the host, the same ones throughout the statement."""
        if self._tables is None:
            raise InternalFault
        if table not in self._read:
            self._read[table] = self._tables.rows(table)
        rows: Sequence[Sequence[Any]] = self._read[table]
        return rows


class Named(msgspec.Struct, frozen=True):
    """A name in a statement, resolved: its full name, its namespace, and the object if there is one."""

    full: QualifiedName
    namespace: str
    found: Object | None

    @property
    def lock(self) -> str:
        return f"{self.namespace}.{self.full.name}"


class Unit:
    """The translation of one statement."""

    def __init__(
        self,
        context: StatementContext,
        objects: Objects,
        temporary: Mapping[tuple[str, str], Object],
        evaluate: Callable[[str, list[Any]], Any],
        compile_expression: Callable[[exp.Expr, Any], Typed],
        compile_query: Callable[[exp.Expr, Any], Any],
        answers: Answers,
    ) -> None:
        self.context = context
        self.answers = answers
        self.objects = objects
        self.temporary = temporary
        self.evaluate = evaluate
        self.compile_expression = compile_expression
        self.compile_query = compile_query
        self.home = context.home
        self.parameters: list[Parameter] = []
        self.reads: set[str] = set()
        self.streams: dict[str, str] = {}
        """The streams that are read: the lock of each by its id."""
        self.schemas: dict[SchemaName, str] = {}
        self.functions: dict[QualifiedName, tuple[Routine, ...]] = {}
        """The users' functions that were looked up, for the translation to know when it is stale."""
        self.open_functions: list[str] = []
        """The functions whose bodies are being translated, the innermost last."""
        self.argument_sources: list[list[str]] = []
        """The SQL of the arguments that marks stand for in those bodies, the innermost last."""
        self.inlined: dict[tuple[Any, ...], tuple[Any, Typed]] = {}
        """Calls of functions that are translated, and the scopes they stand in."""
        self.is_cacheable = True
        self.is_deterministic = True
        self._aliases = 0
        self._calls = 0
        self._views: list[str] = []

    def setting(self, name: str, default: str) -> str:
        value = self.context.parameters.get(name)
        return str(value) if value not in (None, "") else default

    @property
    def zone(self) -> str:
        return self.setting("TIMEZONE", "America/Los_Angeles")

    @property
    def knows_zone(self) -> bool:
        """Whether the session's zone is one that Python has."""
        return is_zone(self.zone)

    @property
    def timestamp(self) -> ColumnType:
        """What TIMESTAMP without more stands for in the session."""
        mapping = self.setting("TIMESTAMP_TYPE_MAPPING", "TIMESTAMP_NTZ").upper()
        return {"TIMESTAMP_LTZ": LTZ, "TIMESTAMP_TZ": TZ}.get(mapping, NTZ)

    def alias(self) -> str:
        """Return a name for a source that no other source has."""
        self._aliases += 1
        return f"_t{self._aliases}"

    def parameter(self, parameter: Parameter, kind: ColumnType) -> Typed:
        """Return the expression for a prepared parameter."""
        if is_null(kind):
            return Typed("NULL", kind)  # whose type is part of what a translation is kept under
        return Typed(self.internal(parameter, physical(kind)), kind, parameter=parameter)

    def internal(self, parameter: Parameter, kind: str) -> str:
        """Return the SQL for a prepared parameter of DuckDB's type *kind*."""
        if parameter not in self.parameters:
            self.parameters.append(parameter)
        return f"CAST(${self.parameters.index(parameter) + 1} AS {kind})"

    def next_call(self) -> int:
        """Return the number of the next call of a function of the host."""
        self._calls += 1
        return self._calls

    # -- names

    def namespace(self, schema: SchemaName) -> str:
        if schema not in self.schemas:
            self.schemas[schema] = self.context.catalog.namespace(schema)
        return self.schemas[schema]

    def qualify(self, node: exp.Expr) -> QualifiedName:
        """Return the full name that a table node (or a dotted column) stands for."""
        return self.qualify_parts(self.parts(node))

    def parts(self, node: exp.Expr) -> list[str]:
        """Return the folded parts of a name; ``IDENTIFIER(…)`` is read here."""
        inner = node.this if isinstance(node, exp.Table) else node
        if isinstance(inner, exp.DynamicIdentifier | exp.Parameter):
            return self.dynamic_parts(inner)
        return name_parts(node)

    def dynamic_parts(self, node: exp.Expr) -> list[str]:
        """Return the parts of the name that a constant, session variable or bind value holds."""
        inner = node.this if isinstance(node, exp.DynamicIdentifier) else node
        if isinstance(inner, exp.Literal):
            return list(split_path(inner.name))
        self.is_cacheable = False
        if isinstance(inner, exp.Parameter):
            found = self.context.variables.get(inner.this.name.upper())
        elif isinstance(inner, exp.Placeholder):
            name = str(inner.this).removeprefix(POSITION_MARK)
            found = self.context.bindings.get(name) or self.context.bindings.get(name.upper())
        else:
            raise Unsupported("IDENTIFIER() of an expression")
        if found is None or not isinstance(found.value, str):
            raise CompilationFault("IDENTIFIER() needs a text that is set")
        return list(split_path(found.value))

    def qualify_parts(self, parts: list[str]) -> QualifiedName:
        if len(parts) == 3:
            return QualifiedName(*(part or "PUBLIC" for part in parts))
        home = self.home
        if home is None:
            raise CompilationFault(
                f"Cannot perform operation. This session does not have a current "
                f"{'database' if len(parts) == 2 else 'schema'}. Call 'USE DATABASE', or use a qualified name.",
                code="090105",
                sqlstate="22000",
            )
        schema = parts[0] if len(parts) == 2 else home.schema
        return QualifiedName(home.database, schema, parts[-1])

    def name(self, node: exp.Expr, kind: str = TABLE) -> Named:
        """Resolve *node*; whether the object exists is for the caller to ask."""
        return self.resolve(self.qualify(node), kind)

    def resolve(self, full: QualifiedName, kind: str = TABLE) -> Named:
        namespace = self.namespace(full.parent)
        found = self.temporary.get((namespace, full.name)) if kind == TABLE else None
        return Named(full, namespace, found or self.objects.find(namespace, full.name, kind))

    def existing(self, node: exp.Expr, kind: str = TABLE) -> tuple[Named, Object]:
        """Resolve *node* to an object, or raise that it does not exist."""
        parts = self.parts(node)
        shown = ".".join(render(part) for part in parts)
        try:
            named = self.name(node, kind)
        except NotFound as missing:
            raise _missing_schema(missing, shown) from None
        if named.found is None:
            raise ObjectMissing(shown, "Sequence" if kind == SEQUENCE else "Object")
        return named, named.found

    def stored(self, thing: Object) -> str:
        """Return how DuckDB's SQL names *thing*."""
        return stored_name(thing)

    def enter_view(self, view: str) -> None:
        if view in self._views or len(self._views) > 60:
            raise CompilationFault(f"View '{view}' refers to itself.", code="002037", sqlstate="42601")
        self._views.append(view)

    def leave_view(self) -> None:
        self._views.pop()


def _missing_schema(missing: NotFound, shown: str) -> ClockmillError:
    return ObjectMissing(shown) if "." not in shown else missing


def stored_name(thing: Object) -> str:
    """Return how DuckDB's SQL names *thing*, whose columns may be anything."""
    if thing.is_temporary:
        return "temp.main." + quoted(f"{thing.namespace}.{thing.name}")
    return f"{quote(thing.namespace)}.{quoted(thing.name)}"


def refuse_history(table: exp.Table) -> None:
    """Refuse what asks for a table as it was, or for a part of it: there is only the present."""
    for key in ("when", "changes", "at", "version", "only", "hints", "partition", "system_time"):
        if table.args.get(key):
            raise Unsupported("time travel" if key == "when" else f"{key.upper()} on a table")


def fold_identifier(node: exp.Expr) -> str:
    """Return the name that an identifier node stands for."""
    name = node.name
    if isinstance(node, exp.Identifier) and node.args.get("quoted"):
        return name
    return name.removeprefix("F$").upper()


def name_parts(node: exp.Expr) -> list[str]:
    """Return the folded parts of a table or column node: one to three (``db..t`` has an empty middle)."""
    if isinstance(node, exp.Table):
        if not isinstance(node.this, exp.Identifier):
            raise Unsupported(f"table {node.this.sql('snowflake')}")
        refuse_history(node)
        parts = [node.args.get("catalog"), node.args.get("db"), node.this]
    elif isinstance(node, exp.Column):
        parts = [node.args.get("db"), node.args.get("table"), node.this]
    elif isinstance(node, exp.Identifier):
        parts = [None, None, node]
    else:
        raise Unsupported(f"name {node.sql('snowflake')}")
    while parts and parts[0] is None:
        parts.pop(0)
    return [fold_identifier(part) if part is not None else "" for part in parts]
