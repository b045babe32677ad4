"""The objects that tasks stand on, described."""

from typing import Final

from clockmill.api.openapi.properties import (
    Schema,
    always,
    flag,
    identifier,
    instant,
    number,
    read_only,
    text,
)

_INHERITED: Final[dict[str, Schema]] = {
    "data_retention_time_in_days": number("Kept, not acted on."),
    "default_ddl_collation": text("Kept, not acted on."),
    "log_level": text("Kept, not acted on."),
    "max_data_extension_time_in_days": number("Kept, not acted on."),
    "suspend_task_after_num_failures": number("Holds for graphs in it that do not set it themselves."),
    "trace_level": text("Kept, not acted on."),
    "user_task_managed_initial_warehouse_size": text("Kept, not acted on."),
    "user_task_timeout_ms": number("Holds for graphs in it that do not set it themselves. Milliseconds."),
    "serverless_task_min_statement_size": text("Kept, not acted on."),
    "serverless_task_max_statement_size": text("Kept, not acted on."),
}

_KEPT: Final[dict[str, Schema]] = {
    "is_default": read_only(flag("Whether it is the user's default.")),
    "is_current": read_only(flag("Whether it is the session's current one.")),
    "owner": read_only(text("The role that owns it.")),
    "options": read_only(text("Always empty.")),
    "retention_time": read_only(number("Days of history that are kept.")),
    "dropped_on": read_only(instant("Always null: what is dropped is gone.")),
    "budget": read_only(text("Always null.")),
    "owner_role_type": read_only(text("What kind of role the owner is.")),
}

_KIND: Final[Schema] = {
    "type": "string",
    "enum": ["PERMANENT", "TRANSIENT", None],
    "default": "PERMANENT",
    "nullable": True,
    "description": "Kept; both kinds are equally durable here.",
}

DATABASE: Final[Schema] = {
    "type": "object",
    "description": "A database.",
    "properties": {
        "created_on": read_only(instant("When it was made.")),
        "name": always(identifier("Its name.")),
        "kind": _KIND,
        **_KEPT,
        "origin": read_only(text("Always null: there are no shares.")),
        "comment": text("Free text."),
        **_INHERITED,
    },
    "required": ["name"],
}

SCHEMA: Final[Schema] = {
    "type": "object",
    "description": "A schema of a database.",
    "properties": {
        "created_on": read_only(instant("When it was made.")),
        "name": always(identifier("Its name.")),
        "kind": _KIND,
        **_KEPT,
        "database_name": read_only(text("Its database.")),
        "comment": text("Free text."),
        "managed_access": flag("Kept, not acted on.", default=False),
        "pipe_execution_paused": flag("Kept, not acted on."),
        **_INHERITED,
    },
    "required": ["name"],
}


def _word(about: str) -> Schema:
    """Return the schema of a flag that the API spells as text."""
    return text(about, enum=["true", "false", None])


def _count(about: str) -> Schema:
    return number(about, format="int32")


WAREHOUSE: Final[Schema] = {
    "type": "object",
    "description": "Where statements run, so many at once.",
    "properties": {
        "name": always(identifier("Its name.")),
        "warehouse_type": text("STANDARD or SNOWPARK-OPTIMIZED; kept, not acted on."),
        "warehouse_size": text("XSMALL to X6LARGE: how many statements run at once by default."),
        "wait_for_completion": _word("Accepted; a change of size holds at once."),
        "max_cluster_count": _count("Kept, not acted on."),
        "min_cluster_count": _count("Kept, not acted on."),
        "scaling_policy": text("STANDARD or ECONOMY; kept, not acted on."),
        "auto_suspend": _count("Seconds; kept, not acted on."),
        "auto_resume": _word("Kept, not acted on."),
        "initially_suspended": _word("Whether it begins suspended."),
        "resource_monitor": identifier("Kept, not acted on."),
        "comment": text("Free text."),
        "enable_query_acceleration": _word("Kept, not acted on."),
        "query_acceleration_max_scale_factor": _count("Kept, not acted on."),
        "max_concurrency_level": _count("How many statements run at once."),
        "statement_queued_timeout_in_seconds": _count("Kept, not acted on."),
        "statement_timeout_in_seconds": _count("Kept, not acted on."),
        "type": text("The earlier form of warehouse_type.", deprecated=True),
        "size": text("The earlier form of warehouse_size, spelled X-Small.", deprecated=True),
        "state": read_only(text("STARTED or SUSPENDED.")),
        "started_clusters": read_only(_count("1 while it is started.")),
        "running": read_only(_count("Statements that run now.")),
        "queued": read_only(_count("Statements that wait now.")),
        "is_default": read_only(flag("Whether it is the user's default.")),
        "is_current": read_only(flag("Whether it is the session's current one.")),
        "available": read_only(text("Always null.")),
        "provisioning": read_only(text("Always null.")),
        "quiescing": read_only(text("Always null.")),
        "other": read_only(text("Always null.")),
        "created_on": read_only(instant("When it was made.")),
        "resumed_on": read_only(instant("When it was last resumed.")),
        "updated_on": read_only(instant("When it was last changed.")),
        "owner": read_only(text("The role that owns it.")),
        "budget": read_only(text("Always null.")),
        "kind": read_only(text("Always null.", deprecated=True)),
        "owner_role_type": read_only(text("What kind of role the owner is.")),
        "warehouse_credit_limit": number("Kept, not acted on.", format="int64"),
        "target_statement_size": text("Kept, not acted on."),
    },
    "required": ["name"],
}
