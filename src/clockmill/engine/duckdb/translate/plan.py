"""What a translated statement is: SQL for DuckDB, locks to take, and how its result looks."""

import enum
import re
from typing import Final

import msgspec

from clockmill.engine.duckdb.objects import Object
from clockmill.engine.duckdb.translate.unit import Parameter
from clockmill.engine.result import ResultColumn, StatementType


class Form(enum.Enum):
    """How a statement answers."""

    ROWS = "rows"
    COUNT = "count"
    COUNTS = "counts"
    MERGE = "merge"
    STATUS = "status"


class Logs(enum.Enum):
    """What a step's row count says about the log of a tracked table."""

    CHANGES = "changes"
    INSERTS = "inserts"
    STRUCK = "struck"
    """Entries that were taken out of it again."""


class Step(msgspec.Struct, frozen=True):
    """One statement of DuckDB. *counts* says whether its row count is the statement's.

    *uses* are the places, among the statement's parameters, of those that this step has, in its order.
    *logs* is the log of changes that the step writes, and *logged* what its row count says of it.
    """

    sql: str
    values: tuple[object, ...] = ()
    takes_parameters: bool = False
    counts: bool = False
    uses: tuple[int, ...] = ()
    logs: str | None = None
    logged: Logs = Logs.CHANGES


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
    tallies: tuple[int, ...] = ()
    """For each step that counts, the column of the result that it adds to."""
    is_ddl: bool = False
    is_cacheable: bool = True
    is_deterministic: bool = True
    is_multi_joined: bool = False
    """Whether the first step counts the rows that an UPDATE … FROM meets more than once."""
    consumes: tuple[str, ...] = ()
    """The streams (by id) that stand behind what they show now once this is committed."""
    checks: tuple[tuple[str, str], ...] = ()
    """Objects (namespace, name) whose absence is assumed: looked at again under the lock."""


_QUOTED_OR_PLACE: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)""")


def renumber(sql: str) -> tuple[str, tuple[int, ...]]:
    """Return *sql* with its parameters counted from 1, and the places (from 0) that they had.

    DuckDB refuses values for parameters that a statement does not have, and a step may have but some.
    """
    used: list[int] = []

    def number(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        place = int(match[1]) - 1
        if place not in used:
            used.append(place)
        return f"${used.index(place) + 1}"

    return _QUOTED_OR_PLACE.sub(number, sql), tuple(used)


def with_places(plan: Plan) -> Plan:
    """Return *plan* with each step told which parameters it has."""
    if not plan.parameters:
        return plan
    steps = []
    for step in plan.steps:
        sql, uses = renumber(step.sql) if step.takes_parameters else (step.sql, ())
        steps.append(msgspec.structs.replace(step, sql=sql, uses=uses))
    return msgspec.structs.replace(plan, steps=tuple(steps))
