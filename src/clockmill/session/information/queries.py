"""The rows of the functions and views that tell of statements."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from clockmill.core.errors import InvalidIdentifier
from clockmill.core.identity import ACCOUNTADMIN, PUBLIC
from clockmill.core.names import SchemaName, fold
from clockmill.service.history import BACK
from clockmill.session.execution import Execution
from clockmill.session.faults import InvalidArgument
from clockmill.session.information.shapes import Bounds, Function, Given, Row, number_of, parameters, shape
from clockmill.session.information.tasks import check_range, limit_of, number_of_code
from clockmill.session.masking import mask
from clockmill.session.running import RunningStatement
from clockmill.store.queries import QueryRow, QuerySearch

_USAGE_BACK: Final = timedelta(days=365)
_UNBOUNDED: Final = 1_000_000_000
_NOT_ENDED: Final = datetime(1970, 1, 1, tzinfo=UTC)

_TIMES: Final = (
    "compilation_time:number execution_time:number queued_provisioning_time:number queued_repair_time:number "
    "queued_overload_time:number transaction_blocked_time:number outbound_data_transfer_cloud "
    "outbound_data_transfer_region outbound_data_transfer_bytes:number inbound_data_transfer_cloud "
    "inbound_data_transfer_region inbound_data_transfer_bytes:number"
)
_EXTERNAL: Final = (
    "external_function_total_invocations:number external_function_total_sent_rows:number "
    "external_function_total_received_rows:number external_function_total_sent_bytes:number "
    "external_function_total_received_bytes:number"
)
_HASHES: Final = (
    "query_hash query_hash_version:number query_parameterized_hash query_parameterized_hash_version:number"
)
_ACCELERATION: Final = (
    "query_acceleration_bytes_scanned:number query_acceleration_partitions_scanned:number "
    "query_acceleration_upper_limit_scale_factor:number"
)
_WHERE: Final = (
    "warehouse_size warehouse_type cluster_number:number query_tag execution_status error_code:number "
    "error_message start_time:when end_time:when total_elapsed_time:number bytes_scanned:number"
)
_COLUMNS: Final = shape(
    "query_id query_text database_name schema_name query_type session_id:number authn_event_id:number "
    "user_name user_type user_database_name user_schema_name role_name warehouse_name "
    f"{_WHERE} rows_produced:number {_TIMES} list_external_file_time:number "
    f"credits_used_cloud_services:real release_version {_EXTERNAL} is_client_generated_statement:flag "
    f"{_HASHES} transaction_id:number {_ACCELERATION} bytes_written_to_result:number "
    "rows_written_to_result:number rows_inserted:number query_retry_time:number query_retry_cause "
    "fault_handling_time:number bind_values:array agent_type"
)
USAGE: Final = shape(
    "query_id query_text database_id:number database_name schema_id:number schema_name query_type "
    "session_id:number authn_event_id:number user_name role_name warehouse_id:number warehouse_name "
    f"{_WHERE} percentage_scanned_from_cache:real bytes_written:number bytes_written_to_result:number "
    "bytes_read_from_result:number rows_produced:number rows_inserted:number rows_updated:number "
    "rows_deleted:number rows_unloaded:number bytes_deleted:number partitions_scanned:number "
    "partitions_total:number bytes_spilled_to_local_storage:number bytes_spilled_to_remote_storage:number "
    f"bytes_sent_over_the_network:number {_TIMES} list_external_files_time:number "
    f"credits_used_cloud_services:real release_version {_EXTERNAL} query_load_percent:number "
    f"is_client_generated_statement:flag {_ACCELERATION} transaction_id:number "
    f"child_queries_wait_time:number role_type {_HASHES} secondary_role_stats "
    "rows_written_to_result:number query_retry_time:number query_retry_cause fault_handling_time:number "
    "user_type user_database_name user_database_id user_schema_name user_schema_id bind_values:array "
    "agent_type"
)


# --- the functions -----------------------------------------------------------------------------


def _history(run: Execution, given: Given) -> Iterable[Row]:
    return _asked(run, given, "QUERY_HISTORY")


def _by_session(run: Execution, given: Given) -> Iterable[Row]:
    session_id = given.get("SESSION_ID", run.state.session_id)
    return _asked(run, given, "QUERY_HISTORY_BY_SESSION", session_id=-1 if session_id is None else session_id)


def _by_user(run: Execution, given: Given) -> Iterable[Row]:
    user = _name(given["USER_NAME"]) if "USER_NAME" in given else run.state.user
    return _asked(run, given, "QUERY_HISTORY_BY_USER", user=user)


def _by_warehouse(run: Execution, given: Given) -> Iterable[Row]:
    named = given.get("WAREHOUSE_NAME")
    warehouse = run.state.context.warehouse if named is None else _name(named)
    if warehouse is None:
        raise InvalidArgument("QUERY_HISTORY_BY_WAREHOUSE", "the session has no warehouse: name one.")
    return _asked(run, given, "QUERY_HISTORY_BY_WAREHOUSE", warehouse=warehouse)


def _name(text: str) -> str:
    try:
        return fold(text)
    except InvalidIdentifier:
        return text


def _asked(run: Execution, given: Given, function: str, **which: Any) -> list[Row]:
    start, end = given.get("END_TIME_RANGE_START"), given.get("END_TIME_RANGE_END")
    check_range(run, function, start, end)
    limit = limit_of(given, function, 100)
    asked = QuerySearch(since=start or run.now - BACK, until=end, limit=limit, **which, **_visible(run))
    running = _running(run, asked) if end is None else []
    rows = [*running, *(_shown(run, each) for each in run.services.log.search(asked))]
    return rows[:limit]


def _visible(run: Execution) -> dict[str, Any]:
    """Return whose statements the caller may see: the caller's own, and those in the caller's roles."""
    caller = run.caller
    if caller.role == ACCOUNTADMIN:
        return {}
    return {"seen_by": caller.user, "seen_roles": caller.roles - {PUBLIC}}


def every_query(run: Execution, _: str | None) -> Iterable[Row]:
    """What has ended, a year back."""
    return queries_within(run, Bounds(()))


def queries_within(run: Execution, bounds: Bounds) -> Iterable[Row]:
    """What has ended, a year back, as far as *bounds* let it be wanted."""
    # Nothing ends before it begins.
    least = [bounds.least(column) for column in ("START_TIME", "END_TIME")]
    asked = QuerySearch(
        since=max([run.now - _USAGE_BACK, *(each for each in least if each is not None)]),
        until=bounds.most("END_TIME"),
        user=bounds.equal("USER_NAME"),
        warehouse=bounds.equal("WAREHOUSE_NAME"),
        limit=_UNBOUNDED,
        **_visible(run),
    )
    for each in run.services.log.search(asked):
        row = _shown(run, each)
        yield {
            **row,
            "EXECUTION_STATUS": "SUCCESS" if each.error_code is None else "FAIL",
            "DATABASE_ID": None if each.database is None else number_of(each.database),
            "SCHEMA_ID": _schema_id(each),
            "WAREHOUSE_ID": None if each.warehouse is None else number_of(each.warehouse),
            "ROLE_TYPE": "ROLE",
            "ROWS_INSERTED": row["ROWS_PRODUCED"] if each.kind == "INSERT" else 0,
            "ROWS_UPDATED": row["ROWS_PRODUCED"] if each.kind == "UPDATE" else 0,
            "ROWS_DELETED": row["ROWS_PRODUCED"] if each.kind == "DELETE" else 0,
        }


def _running(run: Execution, asked: QuerySearch) -> list[Row]:
    """Return what runs now, the asking statement too."""
    wanted = {"user": asked.user, "session_id": asked.session_id, "warehouse": asked.warehouse}
    return [
        _under_way(each)
        for each in run.services.running.now()
        if all(value in {None, getattr(each, name)} for name, value in wanted.items())
        and (asked.seen_by in {None, each.user} or each.role in asked.seen_roles)
    ]


def _schema_id(query: QueryRow) -> int | None:
    if query.database is None or query.schema is None:
        return None
    return number_of(str(SchemaName(query.database, query.schema)))


# --- rows --------------------------------------------------------------------------------------


def _shown(run: Execution, query: QueryRow) -> dict[str, Any]:
    elapsed = (query.completed_at - query.started_at) // timedelta(milliseconds=1)
    return {
        "QUERY_ID": query.id,
        "QUERY_TEXT": query.text,
        "DATABASE_NAME": query.database,
        "SCHEMA_NAME": query.schema,
        "QUERY_TYPE": query.kind or "UNKNOWN",
        "SESSION_ID": query.session_id,
        "USER_NAME": query.user_name,
        "ROLE_NAME": query.role,
        "WAREHOUSE_NAME": query.warehouse,
        "WAREHOUSE_TYPE": None if query.warehouse is None else "STANDARD",
        "CLUSTER_NUMBER": None if query.warehouse is None else 1,
        "QUERY_TAG": query.tag or "",
        "EXECUTION_STATUS": query.state,
        "ERROR_CODE": number_of_code(query.error_code),
        "ERROR_MESSAGE": query.error_message,
        "START_TIME": query.started_at,
        "END_TIME": query.completed_at,
        "TOTAL_ELAPSED_TIME": elapsed,
        "ROWS_PRODUCED": query.rows,
        "EXECUTION_TIME": elapsed,
        "IS_CLIENT_GENERATED_STATEMENT": False,
        "RELEASE_VERSION": run.services.version,
        **_MEANINGLESS,
    }


def _under_way(statement: RunningStatement) -> Row:
    return {
        "QUERY_ID": statement.query_id,
        "QUERY_TEXT": mask(statement.text),
        "DATABASE_NAME": statement.database,
        "SCHEMA_NAME": statement.schema,
        "QUERY_TYPE": "UNKNOWN",
        "SESSION_ID": statement.session_id,
        "USER_NAME": statement.user,
        "ROLE_NAME": statement.role,
        "WAREHOUSE_NAME": statement.warehouse,
        "QUERY_TAG": statement.tag or "",
        "EXECUTION_STATUS": "RUNNING",
        "START_TIME": statement.started_at,
        "END_TIME": _NOT_ENDED,
        "IS_CLIENT_GENERATED_STATEMENT": False,
    }


_MEANINGLESS: Final = dict.fromkeys(
    (
        *("BYTES_SCANNED", "COMPILATION_TIME", "QUEUED_PROVISIONING_TIME", "QUEUED_REPAIR_TIME"),
        *("QUEUED_OVERLOAD_TIME", "TRANSACTION_BLOCKED_TIME", "CREDITS_USED_CLOUD_SERVICES"),
        "TRANSACTION_ID",
    ),
    0,
)
"""What is not measured here, or costs nothing."""

_ENDING: Final = "end_time_range_start:when end_time_range_end:when result_limit:number"
_CLIENTS: Final = "include_client_generated_statement:flag"

FUNCTIONS: Final = {
    "QUERY_HISTORY": Function(parameters(f"{_ENDING} {_CLIENTS}"), _COLUMNS, _history),
    "QUERY_HISTORY_BY_SESSION": Function(
        parameters(f"session_id:number {_ENDING} {_CLIENTS}"), _COLUMNS, _by_session
    ),
    "QUERY_HISTORY_BY_USER": Function(parameters(f"user_name {_ENDING} {_CLIENTS}"), _COLUMNS, _by_user),
    "QUERY_HISTORY_BY_WAREHOUSE": Function(
        parameters(f"warehouse_name {_ENDING} {_CLIENTS}"), _COLUMNS, _by_warehouse
    ),
}
