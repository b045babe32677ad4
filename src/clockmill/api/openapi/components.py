"""The objects of the API, described.

Every property that may be left out may also be null, in requests and in answers. A property
without a default of its own in the description has the default of the statement's reference.
"""

from typing import Final

from clockmill.api.openapi.properties import (
    Schema,
    always,
    flag,
    identifier,
    instant,
    mapping,
    number,
    read_only,
    sent,
    text,
)

TASK_RUN: Final[Schema] = {
    "type": "object",
    "description": "One run of a graph, named after its root.",
    "properties": {
        "root_task_name": sent(text("The graph's root.")),
        "database_name": sent(text("The root's database.")),
        "schema_name": sent(text("The root's schema.")),
        "state": sent(
            text(
                "Where the run is.",
                enum=["SCHEDULED", "EXECUTING", "SUCCEEDED", "FAILED", "CANCELLED", "SKIPPED"],
            )
        ),
        "first_error_task_name": read_only(text("The task that failed first.")),
        "first_error_code": read_only(number("The code of that failure.")),
        "first_error_message": read_only(text("What that failure said.")),
        "scheduled_time": sent(instant("When the run was or is due.")),
        "query_start_time": read_only(instant("When its root began.")),
        "next_scheduled_time": sent(
            instant("When the graph is due after this run; for a graph without a schedule, its own due time.")
        ),
        "completed_time": read_only(instant("When its last task ended.")),
        "root_task_id": sent(text("The root's id.")),
        "graph_version": sent(number("The version of the graph that is run.")),
        "run_id": sent(number("The due time of the first attempt in milliseconds since 1970.")),
        "attempt_number": sent(number("1, and more for each retry.")),
        "scheduled_from": sent(text("What caused the run: SCHEDULE, EXECUTE TASK, a retry.")),
        "graph_run_group_id": sent(text("What a run and its retries have in common.")),
        "config": read_only(mapping("The configuration that the run was given.")),
    },
    "required": [
        "root_task_name",
        "database_name",
        "schema_name",
        "state",
        "scheduled_time",
        "next_scheduled_time",
        "root_task_id",
        "graph_version",
        "run_id",
    ],
}

TASK: Final[Schema] = {
    "type": "object",
    "description": "SQL that runs on a schedule, after other tasks, or when asked to.",
    "properties": {
        "name": always(identifier("The task's name.")),
        "warehouse": identifier("Where its statements run; without one, in the system's pool."),
        "schedule": {
            "allOf": [{"$ref": "#/components/schemas/TaskSchedule"}],
            "nullable": True,
            "description": "When a root runs.",
        },
        "comment": text("Free text."),
        "finalize": text("The root that this task finalizes."),
        "task_auto_retry_attempts": number(
            "How often a failed graph is retried by itself. Roots only.", minimum=0, maximum=30
        ),
        "config": mapping("What the graph's tasks can read as their configuration. Roots only."),
        "session_parameters": mapping("Parameters of the session that the definition runs in."),
        "definition": {"type": "string", "description": "The SQL that is run."},
        "predecessors": {
            "type": "array",
            "items": {"type": "string"},
            "nullable": True,
            "description": "The tasks that this one waits for. A single name may stand for an array of one.",
        },
        "task_relations": read_only(text("Predecessors and finalizer, as JSON text.")),
        "user_task_managed_initial_warehouse_size": text("Size for the first runs without a warehouse."),
        "target_completion_interval": {
            "allOf": [{"$ref": "#/components/schemas/MinutesSchedule"}],
            "nullable": True,
            "description": "How soon a run without a warehouse should be done.",
        },
        "serverless_task_min_statement_size": text("Smallest size without a warehouse."),
        "serverless_task_max_statement_size": text("Largest size without a warehouse."),
        "user_task_timeout_ms": number("Time limit of a run; on a root, of the graph's run. Milliseconds."),
        "suspend_task_after_num_failures": number("Failed runs in a row that suspend a root; 0 is never."),
        "condition": text("What must be true for a run not to be skipped. A boolean is taken as text."),
        "allow_overlapping_execution": flag("The earlier form of overlap_policy."),
        "error_integration": text("Who is told of failures. Kept, not acted on."),
        "success_integration": text("Who is told of success. Kept, not acted on."),
        "overlap_policy": text(
            "What happens when a graph is due while it still runs. Roots only.",
            enum=["NO_OVERLAP", "ALLOW_CHILD_OVERLAP", "ALLOW_ALL_OVERLAP", None],
        ),
        "execute_as_user": text("The user that the definition runs as."),
        "created_on": read_only(instant("When the task was made.")),
        "id": read_only(text("The task's id; replacing the task gives it another.")),
        "owner": read_only(text("The role that owns the task.")),
        "owner_role_type": read_only(text("What kind of role that is.")),
        "state": read_only(text("Whether the task may run.", enum=["started", "suspended", None])),
        "last_committed_on": read_only(instant("When a version of the graph was last cut.")),
        "last_suspended_on": read_only(instant("When the task was last suspended.")),
        "database_name": read_only(text("The task's database.")),
        "schema_name": read_only(text("The task's schema.")),
    },
    "required": ["name", "definition"],
}

SCHEDULES: Final[dict[str, Schema]] = {
    "TaskSchedule": {
        "type": "object",
        "description": "When a root runs: CRON_TYPE or MINUTES_TYPE.",
        "properties": {"schedule_type": {"type": "string", "description": "Which of the two it is."}},
        "discriminator": {
            "propertyName": "schedule_type",
            "mapping": {"CRON_TYPE": "CronSchedule", "MINUTES_TYPE": "MinutesSchedule"},
        },
    },
    "CronSchedule": {
        "description": "At the times that a cron expression gives in a zone.",
        "allOf": [{"$ref": "#/components/schemas/TaskSchedule"}],
        "properties": {
            "cron_expr": {"type": "string", "description": "Minute, hour, day, month, weekday."},
            "timezone": {"type": "string", "description": "A name of the tz database."},
        },
        "required": ["cron_expr", "timezone"],
    },
    "MinutesSchedule": {
        "description": "Again and again after an interval of 10 seconds to 8 days.",
        "allOf": [{"$ref": "#/components/schemas/TaskSchedule"}],
        "properties": {
            "minutes": {"type": "integer", "description": "Whole minutes."},
            "seconds": number("Seconds beyond the whole minutes.", minimum=0, maximum=59),
        },
        "required": ["minutes"],
    },
}

TAGS: Final[dict[str, Schema]] = {
    "TagReference": {
        "type": "object",
        "description": "A tag.",
        "properties": {
            "tag_database": identifier("The tag's database; that of the tagged object if left out."),
            "tag_schema": identifier("The tag's schema; that of the tagged object if left out."),
            "tag_name": always(identifier("The tag's name.")),
        },
        "required": ["tag_name"],
    },
    "TagAssignment": {
        "description": "A tag and its value.",
        "allOf": [{"$ref": "#/components/schemas/TagReference"}],
        "properties": {
            "tag_value": {"type": "string", "description": "The value, of at most 256 characters."},
            "level": read_only(text("What kind of object it is set on.")),
        },
        "required": ["tag_value"],
    },
}

MESSAGES: Final[dict[str, Schema]] = {
    "ErrorResponse": {
        "type": "object",
        "description": "What was wrong, and what to do.",
        "properties": {
            "message": {"type": "string", "description": "What happened, for people."},
            "code": {"type": "string", "description": "What happened, for programs; may be empty."},
            "error_code": {"type": "string", "description": "The same as code."},
            "request_id": {"type": "string", "description": "The id of the request."},
        },
    },
    "SuccessResponse": {
        "type": "object",
        "description": "What was done.",
        "properties": {"status": {"type": "string", "description": "It in a sentence."}},
    },
    "SuccessAcceptedResponse": {
        "type": "object",
        "description": "Where the answer will be.",
        "properties": {
            "code": {"type": "string", "description": "Always 392604."},
            "message": {"type": "string", "description": "The same for people."},
            "resultHandler": {"type": "string", "description": "The handle of the result."},
            "result_handler": {"type": "string", "description": "The same in another spelling."},
        },
    },
}
