"""Databases and schemas on the wire."""

from datetime import datetime
from typing import Any, Final

import msgspec

from clockmill.api.rest.schemas.decoding import decode, require
from clockmill.api.rest.schemas.tasks import render_cached
from clockmill.core.caller import Caller
from clockmill.core.catalog import Database, DatabaseSpec, Permanence, Schema, SchemaSpec
from clockmill.core.errors import InvalidRequest
from clockmill.core.names import fold

_DEFAULT_RETENTION_DAYS: Final = 1


class DatabaseIn(msgspec.Struct, frozen=True, kw_only=True):
    """A database as sent. What is read-only is not here, so it is ignored whatever it holds."""

    name: str | None = None
    kind: Permanence | None = None
    comment: str | None = None
    data_retention_time_in_days: int | None = None
    default_ddl_collation: str | None = None
    log_level: str | None = None
    max_data_extension_time_in_days: int | None = None
    suspend_task_after_num_failures: int | None = None
    trace_level: str | None = None
    user_task_managed_initial_warehouse_size: str | None = None
    user_task_timeout_ms: int | None = None
    serverless_task_min_statement_size: str | None = None
    serverless_task_max_statement_size: str | None = None

    @property
    def folded_name(self) -> str:
        return fold(require(self.name, "name"))


class SchemaIn(DatabaseIn, frozen=True, kw_only=True):
    """A schema as sent."""

    managed_access: bool | None = None
    pipe_execution_paused: bool | None = None


class _Out(msgspec.Struct, frozen=True, kw_only=True):
    """What databases and schemas have in common as answered."""

    created_on: datetime
    name: str
    kind: Permanence
    is_default: bool | None = None
    is_current: bool
    owner: str
    comment: str | None
    options: str = ""
    retention_time: int
    dropped_on: datetime | None = None
    budget: str | None = None
    owner_role_type: str = "ROLE"
    data_retention_time_in_days: int | None
    default_ddl_collation: str | None
    log_level: str | None
    max_data_extension_time_in_days: int | None
    suspend_task_after_num_failures: int | None
    trace_level: str | None
    user_task_managed_initial_warehouse_size: str | None
    user_task_timeout_ms: int | None
    serverless_task_min_statement_size: str | None
    serverless_task_max_statement_size: str | None


class DatabaseOut(_Out, frozen=True, kw_only=True):
    """A database as answered."""

    origin: str | None = None


class SchemaOut(_Out, frozen=True, kw_only=True):
    """A schema as answered."""

    database_name: str
    managed_access: bool
    pipe_execution_paused: bool | None


_DATABASE: Final = msgspec.json.Decoder(DatabaseIn)
_SCHEMA: Final = msgspec.json.Decoder(SchemaIn)


def read_database(body: bytes) -> DatabaseIn:
    """Return the database in a request's *body*."""
    return decode(body, _DATABASE)


def read_schema(body: bytes) -> SchemaIn:
    """Return the schema in a request's *body*."""
    return decode(body, _SCHEMA)


def database_spec(given: DatabaseIn, kind: str | None) -> DatabaseSpec:
    """Return what *given* asks for; *kind* is that of the query, which the body's goes before."""
    return DatabaseSpec(**_settings(given, kind))


def schema_spec(given: SchemaIn, kind: str | None) -> SchemaSpec:
    """Return what *given* asks for; *kind* is that of the query, which the body's goes before."""
    return SchemaSpec(**_settings(given, kind))


def _settings(given: DatabaseIn, kind: str | None) -> dict[str, Any]:
    from_query = read_kind(kind)
    settings = {
        name: value
        for name in given.__struct_fields__
        if name != "name" and (value := getattr(given, name)) is not None
    }
    return settings if from_query is None else {"kind": from_query, **settings}


def read_kind(text: str | None) -> Permanence | None:
    """Return the kind that a query asks for, in any case; None or empty is no wish."""
    if not text:
        return None
    try:
        return Permanence(text.upper())
    except ValueError:
        raise InvalidRequest(f"Not a valid kind: {text}. Allowed values are: permanent,transient") from None


def database_out(database: Database, caller: Caller) -> DatabaseOut:
    """Return *database* as it is answered to *caller*."""
    is_current = caller.home is not None and caller.home.database == database.name
    return DatabaseOut(
        **_common(database.spec),
        created_on=database.created_on,
        name=render_cached(database.name),
        is_current=is_current,
        owner=render_cached(database.owner),
    )


def schema_out(schema: Schema, caller: Caller) -> SchemaOut:
    """Return *schema* as it is answered to *caller*."""
    return SchemaOut(
        **_common(schema.spec),
        created_on=schema.created_on,
        name=render_cached(schema.name.schema),
        is_current=caller.home == schema.name,
        owner=render_cached(schema.owner),
        database_name=render_cached(schema.name.database),
        managed_access=schema.spec.managed_access,
        pipe_execution_paused=schema.spec.pipe_execution_paused,
    )


def _common(spec: DatabaseSpec) -> dict[str, Any]:
    days = spec.data_retention_time_in_days
    shared = {name: getattr(spec, name) for name in DatabaseSpec.__struct_fields__}
    return {**shared, "retention_time": _DEFAULT_RETENTION_DAYS if days is None else days}
