"""What a translated statement is: SQL for DuckDB, locks to take, and how its result looks."""

import enum

import msgspec

from clockmill.engine.duckdb.objects import Object
from clockmill.engine.duckdb.translate.unit import Parameter
from clockmill.engine.result import ResultColumn, StatementType


class Form(enum.Enum):
    """How a statement answers."""

    ROWS = "rows"
    COUNT = "count"
    MERGE = "merge"
    STATUS = "status"


class Step(msgspec.Struct, frozen=True):
    """One statement of DuckDB. *counts* says whether its row count is the statement's."""

    sql: str
    values: tuple[object, ...] = ()
    takes_parameters: bool = False
    counts: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that is needed to run a statement again without reading its text."""

    form: Form
    steps: tuple[Step, ...]
    type: StatementType
    columns: tuple[ResultColumn, ...]
    parameters: tuple[Parameter, ...] = ()
    locks: tuple[tuple[str, bool], ...] = ()
    reads: frozenset[str] = frozenset()
    added: tuple[Object, ...] = ()
    dropped: tuple[Object, ...] = ()
    status: str = ""
    is_ddl: bool = False
    is_cacheable: bool = True
    is_deterministic: bool = True
    checks: tuple[tuple[str, str], ...] = ()
    """Objects (namespace, name) whose absence is assumed: looked at again under the lock."""
