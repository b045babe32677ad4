"""Databases and schemas: what a user says of them, and what the system keeps about them."""

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from clockmill.core.errors import Forbidden
from clockmill.core.names import SchemaName
from clockmill.core.parameter_list import LOG_LEVELS, TRACE_LEVELS, Kind, Parameter, Value
from clockmill.core.parameters import TASK_PARAMETERS, read_value
from clockmill.core.properties import with_properties

PUBLIC_SCHEMA: Final = "PUBLIC"
"""The schema that every new database has."""

INFORMATION_SCHEMA: Final = "INFORMATION_SCHEMA"
"""A schema's name that is taken in every database, though none of ours has it."""


SYSTEM_DATABASE: Final = "SNOWFLAKE"
"""A database's name that is taken in every account: its views tell of the account."""


class Permanence(enum.StrEnum):
    """Whether what is dropped may be kept for a while. Spelled as the API spells it."""

    PERMANENT = "PERMANENT"
    TRANSIENT = "TRANSIENT"


class DatabaseSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the user says of a database; None is «not set».

    The parameters of tasks hold for the tasks in it that do not set them.
    """

    kind: Permanence = Permanence.PERMANENT
    comment: str | None = None
    data_retention_time_in_days: int | None = None
    max_data_extension_time_in_days: int | None = None
    default_ddl_collation: str | None = None
    log_level: str | None = None
    trace_level: str | None = None
    suspend_task_after_num_failures: int | None = None
    user_task_timeout_ms: int | None = None
    user_task_managed_initial_warehouse_size: str | None = None
    serverless_task_min_statement_size: str | None = None
    serverless_task_max_statement_size: str | None = None


class SchemaSpec(DatabaseSpec, frozen=True, kw_only=True, omit_defaults=True):
    """What the user says of a schema: what is said of databases, and a little more."""

    managed_access: bool = False
    pipe_execution_paused: bool | None = None


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """A database as it is stored."""

    id: str
    name: str
    owner: str
    spec: DatabaseSpec
    created_on: datetime


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """A schema as it is stored. Its id is the engine's namespace."""

    id: str
    name: SchemaName
    owner: str
    spec: SchemaSpec
    created_on: datetime


class ReservedDatabase(Forbidden):
    """The database that every account has on its own was to be created or replaced."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Database '{name}' belongs to the system and cannot be created or replaced.")


class ReservedSchema(Forbidden):
    """The schema that every database has on its own was to be changed or dropped."""

    def __init__(self, name: SchemaName) -> None:
        super().__init__(f"Schema '{name}' belongs to the system and cannot be created, changed or dropped.")


_RANGES: Final[dict[str, Parameter]] = {
    "data_retention_time_in_days": Parameter(
        name="DATA_RETENTION_TIME_IN_DAYS",
        kind=Kind.NUMBER,
        default=1,
        minimum=0,
        maximum=90,
        description="Days for which what is dropped could be had back",
    ),
    "max_data_extension_time_in_days": Parameter(
        name="MAX_DATA_EXTENSION_TIME_IN_DAYS",
        kind=Kind.NUMBER,
        default=14,
        minimum=0,
        maximum=90,
        description="Days by which that may be extended for streams",
    ),
    "log_level": Parameter(
        name="LOG_LEVEL",
        kind=Kind.STRING,
        default="OFF",
        choices=LOG_LEVELS,
        description="The severity from which messages are logged",
    ),
    "trace_level": Parameter(
        name="TRACE_LEVEL",
        kind=Kind.STRING,
        default="OFF",
        choices=TRACE_LEVELS,
        description="Which trace events are recorded",
    ),
    **{
        name: TASK_PARAMETERS[name.upper()]
        for name in DatabaseSpec.__struct_fields__
        if name.upper() in TASK_PARAMETERS and name not in ("log_level", "trace_level")
    },
}

PARAMETERS: Final = {parameter.name: parameter for parameter in _RANGES.values()}
"""What databases and schemas set for what is in them, by name."""

Spec = TypeVar("Spec", bound=DatabaseSpec)


def checked(spec: Spec) -> Spec:
    """Return *spec* with its values in canonical spelling, or raise what is wrong with one."""
    read: dict[str, Value] = {}
    for name, parameter in _RANGES.items():
        value = getattr(spec, name)
        if value is not None:
            read[name] = read_value(parameter, value)
    return msgspec.structs.replace(spec, **read)


def altered(spec: Spec, settings: Mapping[str, Any], unset: Iterable[str], kind: str) -> Spec:
    """Return *spec* with properties of a *kind* of object set and unset by name, in any case.

    Raises UnknownParameter for what is no property, and InvalidRequest for values of a
    wrong type or outside their range.
    """
    return checked(with_properties(spec, settings, unset, kind=kind, fixed="kind"))
