"""The parameters that there are. How their values are read is in :mod:`clockmill.core.parameters`."""

import enum
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from clockmill.core.task import (
    DEFAULT_SUSPEND_AFTER,
    DEFAULT_TIMEOUT_MS,
    MAX_AUTO_RETRIES,
    MAX_TIMEOUT_MS,
)

Value = bool | int | str


class Kind(enum.StrEnum):
    """The kind of a parameter's values, as SHOW PARAMETERS names it."""

    BOOLEAN = "BOOLEAN"
    NUMBER = "NUMBER"
    STRING = "STRING"


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A setting: what it is called, which values it takes, and which it has when nobody sets it.

    Text is compared with *choices* in any case and kept as it is spelled there; *spellings* are
    others of the same, in upper case. *is_zone* asks for the name of a time zone.
    """

    name: str
    kind: Kind
    default: Value
    description: str
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    spellings: Mapping[str, str] = {}
    max_length: int = 16_777_216
    is_zone: bool = False


SIZES: Final = ("XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE", "XXLARGE")
"""The sizes a serverless task may be given, in ascending order."""

_OTHER_SIZES: Final = {
    "X-SMALL": "XSMALL",
    "X-LARGE": "XLARGE",
    "XX-LARGE": "XXLARGE",
    "2X-LARGE": "XXLARGE",
    "2XLARGE": "XXLARGE",
    "X2LARGE": "XXLARGE",
}
"""How else a size may be spelled, as for warehouses."""

LOG_LEVELS: Final = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF")
TRACE_LEVELS: Final = ("ALWAYS", "ON_EVENT", "PROPAGATE", "OFF")

_SECONDS_IN_A_WEEK: Final = 604_800


def _flag(name: str, default: bool, description: str) -> Parameter:
    return Parameter(name=name, kind=Kind.BOOLEAN, default=default, description=description)


def _number(name: str, default: int, low: int, high: int | None, description: str) -> Parameter:
    return Parameter(
        name=name, kind=Kind.NUMBER, default=default, minimum=low, maximum=high, description=description
    )


def _text(name: str, default: str, description: str, **limits: Any) -> Parameter:
    return Parameter(name=name, kind=Kind.STRING, default=default, description=description, **limits)


SESSION: Final[tuple[Parameter, ...]] = (
    _flag("ABORT_DETACHED_QUERY", False, "Whether statements end when their client goes away"),
    _flag("AUTOCOMMIT", True, "Whether each statement commits by itself"),
    _text(
        "BINARY_INPUT_FORMAT", "HEX", "How text becomes binary", choices=("HEX", "BASE64", "UTF8", "UTF-8")
    ),
    _text("BINARY_OUTPUT_FORMAT", "HEX", "How binary becomes text", choices=("HEX", "BASE64")),
    _number("CLIENT_MEMORY_LIMIT", 1536, 0, None, "Megabytes that a client uses for results"),
    _flag(
        "CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX",
        False,
        "Whether metadata calls stay in the session's schema",
    ),
    _number("CLIENT_PREFETCH_THREADS", 4, 1, 10, "Threads with which a client fetches results"),
    _number("CLIENT_RESULT_CHUNK_SIZE", 160, 48, 160, "Megabytes of a piece of a result"),
    _flag("CLIENT_RESULT_COLUMN_CASE_INSENSITIVE", False, "Whether clients find columns in any case"),
    _flag("CLIENT_SESSION_KEEP_ALIVE", False, "Whether the client keeps an idle session alive"),
    _number(
        "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", 3600, 900, 3600, "Seconds between signs of life"
    ),
    _number(
        "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", 0, 0, None, "Bound values from which a client uses a stage"
    ),
    _flag("CLIENT_TELEMETRY_ENABLED", False, "Whether the client sends telemetry"),
    _text(
        "CLIENT_TIMESTAMP_TYPE_MAPPING",
        "TIMESTAMP_LTZ",
        "The type of timestamps that a client binds",
        choices=("TIMESTAMP_LTZ", "TIMESTAMP_NTZ"),
    ),
    _text("DATE_INPUT_FORMAT", "AUTO", "How text is read as a date"),
    _text("DATE_OUTPUT_FORMAT", "YYYY-MM-DD", "How a date is written"),
    _flag("ERROR_ON_NONDETERMINISTIC_MERGE", True, "Whether MERGE refuses several matches for a row"),
    _flag("ERROR_ON_NONDETERMINISTIC_UPDATE", False, "Whether UPDATE refuses several matches for a row"),
    _text(
        "GEOGRAPHY_OUTPUT_FORMAT",
        "GeoJSON",
        "How geography values are written",
        choices=("GeoJSON", "WKT", "WKB", "EWKT", "EWKB"),
    ),
    _text(
        "GEOMETRY_OUTPUT_FORMAT",
        "GeoJSON",
        "How geometry values are written",
        choices=("GeoJSON", "WKT", "WKB", "EWKT", "EWKB"),
    ),
    _text(
        "JDBC_QUERY_RESULT_FORMAT",
        "JSON",
        "The form of results for JDBC",
        choices=("ARROW", "ARROW_FORCE", "JSON"),
    ),
    _flag("JDBC_TREAT_DECIMAL_AS_INT", True, "Whether JDBC shows whole decimals as integers"),
    _flag("JDBC_TREAT_TIMESTAMP_NTZ_AS_UTC", False, "Whether JDBC reads timestamps without zone as UTC"),
    _flag("JDBC_USE_SESSION_TIMEZONE", True, "Whether JDBC uses the session's zone"),
    _number("JSON_INDENT", 2, 0, 16, "Blanks by which JSON is indented in results"),
    _number("LOCK_TIMEOUT", 43_200, 0, None, "Seconds for which a statement waits for a lock"),
    _text("LOG_LEVEL", "OFF", "The severity from which messages are logged", choices=LOG_LEVELS),
    _number("MULTI_STATEMENT_COUNT", 1, 0, None, "Statements that one request may hold; 0 is any number"),
    _text(
        "ODBC_QUERY_RESULT_FORMAT",
        "JSON",
        "The form of results for ODBC",
        choices=("ARROW", "ARROW_FORCE", "JSON"),
    ),
    _text(
        "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT",
        "JSON",
        "The form of results for Python",
        choices=("ARROW", "ARROW_FORCE", "JSON"),
    ),
    _text("QUERY_TAG", "", "A mark on the session's statements in the query history", max_length=2000),
    _flag("QUOTED_IDENTIFIERS_IGNORE_CASE", False, "Whether quoted names are folded too"),
    _number("ROWS_PER_RESULTSET", 0, 0, None, "Rows that a result is cut at; 0 is all"),
    _text("SEARCH_PATH", "$current, $public", "Schemas in which bare names are looked up"),
    _number(
        "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", 0, 0, None, "Seconds a statement may wait for its warehouse"
    ),
    _number(
        "STATEMENT_TIMEOUT_IN_SECONDS",
        172_800,
        0,
        _SECONDS_IN_A_WEEK,
        "Seconds a statement may run; 0 is the maximum",
    ),
    _flag("STRICT_JSON_OUTPUT", False, "Whether JSON in results keeps strictly to the standard"),
    _flag("TIMESTAMP_DAY_IS_ALWAYS_24H", False, "Whether adding a day ignores changes of the clock"),
    _text("TIMESTAMP_INPUT_FORMAT", "AUTO", "How text is read as a timestamp"),
    _text("TIMESTAMP_LTZ_OUTPUT_FORMAT", "", "How timestamps in the local zone are written"),
    _text(
        "TIMESTAMP_NTZ_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3", "How timestamps without zone are written"
    ),
    _text("TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM", "How timestamps are written"),
    _text(
        "TIMESTAMP_TYPE_MAPPING",
        "TIMESTAMP_NTZ",
        "What TIMESTAMP means",
        choices=("TIMESTAMP_LTZ", "TIMESTAMP_NTZ", "TIMESTAMP_TZ"),
    ),
    _text("TIMESTAMP_TZ_OUTPUT_FORMAT", "", "How timestamps with zone are written"),
    _text("TIMEZONE", "America/Los_Angeles", "The session's time zone", is_zone=True),
    _text("TIME_INPUT_FORMAT", "AUTO", "How text is read as a time"),
    _text("TIME_OUTPUT_FORMAT", "HH24:MI:SS", "How a time is written"),
    _text("TRACE_LEVEL", "OFF", "Which trace events are recorded", choices=TRACE_LEVELS),
    _flag("TRANSACTION_ABORT_ON_ERROR", False, "Whether a failed statement ends its transaction"),
    _text(
        "TRANSACTION_DEFAULT_ISOLATION_LEVEL",
        "READ COMMITTED",
        "What transactions see of each other",
        choices=("READ COMMITTED",),
    ),
    _number("TWO_DIGIT_CENTURY_START", 1970, 1900, 2100, "The year from which two-digit years count"),
    _text("UNSUPPORTED_DDL_ACTION", "ignore", "What happens at unsupported DDL", choices=("ignore", "fail")),
    _flag("USE_CACHED_RESULT", True, "Whether a result may be given again"),
    _number("WEEK_OF_YEAR_POLICY", 0, 0, 1, "Whether the first week holds 1 January (1) or four days (0)"),
    _number("WEEK_START", 0, 0, 7, "The weekday on which weeks begin; 1 is Monday, 0 as ISO has it"),
)

TASK: Final[tuple[Parameter, ...]] = (
    _number(
        "USER_TASK_TIMEOUT_MS",
        DEFAULT_TIMEOUT_MS,
        0,
        MAX_TIMEOUT_MS,
        "Milliseconds a run may take; 0 is the maximum",
    ),
    _number(
        "SUSPEND_TASK_AFTER_NUM_FAILURES",
        DEFAULT_SUSPEND_AFTER,
        0,
        None,
        "Failures in a row after which a root is suspended; 0 is never",
    ),
    _number("TASK_AUTO_RETRY_ATTEMPTS", 0, 0, MAX_AUTO_RETRIES, "Times a failed graph run is tried again"),
    _number(
        "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS",
        30,
        10,
        _SECONDS_IN_A_WEEK,
        "Seconds at least between runs of a triggered task",
    ),
    _text(
        "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE",
        "MEDIUM",
        "The size of a serverless task's first run",
        choices=SIZES,
        spellings=_OTHER_SIZES,
    ),
    _text(
        "SERVERLESS_TASK_MIN_STATEMENT_SIZE",
        "XSMALL",
        "A serverless task's smallest size",
        choices=SIZES,
        spellings=_OTHER_SIZES,
    ),
    _text(
        "SERVERLESS_TASK_MAX_STATEMENT_SIZE",
        "XXLARGE",
        "A serverless task's largest size",
        choices=SIZES,
        spellings=_OTHER_SIZES,
    ),
    _text("LOG_LEVEL", "OFF", "The severity from which messages are logged", choices=LOG_LEVELS),
    _text("LOG_EVENT_LEVEL", "OFF", "The severity from which events are logged", choices=LOG_LEVELS),
    _text("TRACE_LEVEL", "OFF", "Which trace events are recorded", choices=TRACE_LEVELS),
)
