"""The rows of the functions and views that tell of tasks and their runs."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import msgspec

from clockmill.core.errors import InvalidIdentifier, InvalidRequest, NotFound
from clockmill.core.names import SchemaName, fold
from clockmill.core.task import OverlapPolicy, Task
from clockmill.service.history import BACK
from clockmill.session.execution import Execution
from clockmill.session.faults import InvalidArgument
from clockmill.session.information.shapes import Bounds, Function, Given, Row, number_of, parameters, shape
from clockmill.sql.parser import read_name
from clockmill.store.versions import KeptVersion

MOST_ROWS: Final = 10_000
"""RESULT_LIMIT can be no more."""
_USAGE_BACK: Final = timedelta(days=365)
_ERRORS: Final = frozenset({"FAILED", "FAILED_AND_AUTO_SUSPENDED", "CANCELLED"})

_RUN: Final = (
    "root_task_id graph_version:number run_id:number return_value scheduled_from attempt_number:number "
    "config query_hash query_hash_version:number query_parameterized_hash "
    "query_parameterized_hash_version:number graph_run_group_id backfill_info:object spcs_job_id:number"
)
_HISTORY: Final = shape(
    "query_id name database_name schema_name query_text condition_text state error_code:number error_message "
    f"scheduled_time:when query_start_time:when next_scheduled_time:when completed_time:when {_RUN} "
    "scheduled_by_user"
)
HISTORY_USAGE: Final = shape(
    "name query_text condition_text schema_name task_schema_id:number database_name task_database_id:number "
    "scheduled_time:when completed_time:when state return_value query_id query_start_time:when error_code "
    "error_message graph_version:number run_id:number root_task_id scheduled_from attempt_number:number "
    "instance_id:number config query_hash query_hash_version:number query_parameterized_hash "
    "query_parameterized_hash_version:number graph_run_group_id backfill_info:object spcs_job_id:number"
)
_FIRST: Final = (
    "root_task_name database_name schema_name state first_error_task_name first_error_code:number "
    "first_error_message scheduled_time:when query_start_time:when next_scheduled_time:when"
)
_LAST: Final = (
    "root_task_id graph_version:number run_id:number attempt_number:number scheduled_from config "
    "graph_run_group_id backfill_info:object scheduled_by_user"
)
_CURRENT_GRAPHS: Final = shape(f"{_FIRST} {_LAST}")
_COMPLETE_GRAPHS: Final = shape(f"{_FIRST} completed_time:when {_LAST}")
COMPLETE_GRAPHS_USAGE: Final = shape(
    "root_task_name database_name schema_name state scheduled_from first_error_task_name "
    "first_error_code:number first_error_message scheduled_time:when query_start_time:when "
    "next_scheduled_time:when completed_time:when root_task_id graph_version:number run_id:number "
    "attempt_number:number config graph_run_group_id backfill_info:object"
)

VERSIONS_USAGE: Final = shape(
    "root_task_id graph_version:number graph_version_created_on:when name id database_id:number "
    "database_name schema_id:number schema_name owner comment warehouse_name schedule predecessors:array "
    "state definition condition_text allow_overlapping_execution:flag error_integration "
    "last_committed_on:when last_suspended_on:when target_completion_interval scheduling_mode "
    "graph_version_created_by_user"
)


def limit_of(given: Given, function: str, default: int) -> int:
    """Return RESULT_LIMIT, or raise for one that is not in its range. A live account takes 0."""
    limit: int = given.get("RESULT_LIMIT", default)
    if limit > MOST_ROWS:
        raise InvalidRequest(
            f"Value for parameter RESULT_LIMIT exceeds maximum allowable value ({MOST_ROWS:,}).",
            sqlstate="22023",
        )
    if limit < 0:
        raise InvalidArgument(function, "RESULT_LIMIT cannot be negative.")
    return limit


def check_range(run: Execution, function: str, start: datetime | None, end: datetime | None) -> None:
    """Raise InvalidArgument for a range of time that does not lie within the last seven days."""
    earliest = run.now - BACK
    if (start is not None and start < earliest) or (end is not None and end < earliest):
        raise InvalidArgument(function, "the range of time must lie within the last 7 days.")


def shown(row: msgspec.Struct) -> dict[str, Any]:
    """Return a row of the history by column name; codes of errors as numbers."""
    found = dict(zip(_upper(type(row)), msgspec.structs.astuple(row), strict=True))
    for name in ("ERROR_CODE", "FIRST_ERROR_CODE"):
        if name in found:
            found[name] = number_of_code(found[name])
    return found


@cache
def _upper(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(name.upper() for name in kind.__struct_fields__)


def number_of_code(code: str | None) -> int | None:
    """Return the number of an error, a text everywhere else; that of a declared exception is negative."""
    return int(code) if code is not None and code.removeprefix("-").isdigit() else None


def _task_history(run: Execution, given: Given) -> Iterable[Row]:
    function = "TASK_HISTORY"
    start, end = given.get("SCHEDULED_TIME_RANGE_START"), given.get("SCHEDULED_TIME_RANGE_END")
    check_range(run, function, start, end)
    if "SCHEMA_NAME" in given and "DATABASE_NAME" not in given:
        raise InvalidArgument(function, "SCHEMA_NAME needs DATABASE_NAME.")
    rows = run.services.history.task_history(
        run.caller,
        since=start,
        until=end,
        task_name=_name(given, "TASK_NAME"),
        database=_name(given, "DATABASE_NAME"),
        schema=_name(given, "SCHEMA_NAME"),
        root_id=given.get("ROOT_TASK_ID"),
        error_only=bool(given.get("ERROR_ONLY")),
        limit=limit_of(given, function, 100),
    )
    return [shown(row) for row in rows]


def _name(given: Given, argument: str) -> str | None:
    """Return the name that an argument holds, read as an identifier where it can be one."""
    text = given.get(argument)
    try:
        return None if text is None else fold(text)
    except InvalidIdentifier:
        return str(text)


def every_task_run(run: Execution, _: str | None) -> Iterable[Row]:
    """What has ended, a year back."""
    return task_runs_within(run, Bounds(()))


def task_runs_within(run: Execution, bounds: Bounds) -> Iterable[Row]:
    """What has ended, a year back, as far as *bounds* let it be wanted."""
    rows = run.services.history.ended_tasks(
        run.caller,
        since=_since(run, bounds, "SCHEDULED_TIME"),
        until=bounds.most("SCHEDULED_TIME"),
        task_name=bounds.equal("NAME"),
        database=bounds.equal("DATABASE_NAME"),
        schema=bounds.equal("SCHEMA_NAME"),
        root_id=bounds.equal("ROOT_TASK_ID"),
        error_only=bounds.equal("STATE") in _ERRORS,
    )
    for row in rows:
        yield {
            **shown(row),
            "ERROR_CODE": row.error_code,
            "TASK_DATABASE_ID": number_of(row.database_name),
            "TASK_SCHEMA_ID": number_of(str(SchemaName(row.database_name, row.schema_name))),
        }


def _since(run: Execution, bounds: Bounds, *columns: str) -> datetime:
    """Return the instant a year back, or the latest that one of *columns* is at least to have."""
    wanted = [bounds.least(column) for column in columns]
    return max([run.now - _USAGE_BACK, *(each for each in wanted if each is not None)])


def _current_graphs(run: Execution, given: Given) -> Iterable[Row]:
    limit = limit_of(given, "CURRENT_TASK_GRAPHS", 1000)
    rows = run.services.history.current_graphs(run.caller, _name(given, "ROOT_TASK_NAME"), limit=limit)
    return [shown(row) for row in rows]


def _complete_graphs(run: Execution, given: Given) -> Iterable[Row]:
    rows = run.services.history.complete_graphs(
        run.caller,
        _name(given, "ROOT_TASK_NAME"),
        limit=limit_of(given, "COMPLETE_TASK_GRAPHS", 1000),
        error_only=bool(given.get("ERROR_ONLY")),
    )
    return [shown(row) for row in rows]


def every_complete_graph(run: Execution, _: str | None) -> Iterable[Row]:
    """What has ended, a year back."""
    return complete_graphs_within(run, Bounds(()))


def complete_graphs_within(run: Execution, bounds: Bounds) -> Iterable[Row]:
    """What has ended, a year back, as far as *bounds* let it be wanted."""
    rows = run.services.history.complete_graphs(
        run.caller,
        bounds.equal("ROOT_TASK_NAME"),
        limit=None,
        # Nothing ends before it was to begin.
        since=_since(run, bounds, "SCHEDULED_TIME", "COMPLETED_TIME"),
        error_only=bounds.equal("STATE") in _ERRORS,
    )
    return map(shown, rows)


# --- skipped fires -----------------------------------------------------------------------------


def _skipped_fires(run: Execution, given: Given) -> Iterable[Row]:
    """What the service has no table for: the instants at which a started root was due and did not run."""
    found = run.services.history.skipped_fires(
        run.caller,
        since=given.get("SCHEDULED_TIME_RANGE_START"),
        until=given.get("SCHEDULED_TIME_RANGE_END"),
        root_name=_name(given, "ROOT_TASK_NAME"),
        limit=limit_of(given, "SKIPPED_FIRES", 1000),
    )
    for skipped, recorded_at in found:
        yield {
            "ROOT_TASK_NAME": skipped.root_name,
            "DATABASE_NAME": skipped.home.database,
            "SCHEMA_NAME": skipped.home.schema,
            "FIRST_SCHEDULED_TIME": skipped.first,
            "LAST_SCHEDULED_TIME": skipped.last,
            "FIRES": skipped.fires,
            "REASON": skipped.reason.value,
            "RECORDED_TIME": recorded_at,
            "ROOT_TASK_ID": skipped.root_id,
        }


# --- dependents --------------------------------------------------------------------------------


def _dependents(run: Execution, given: Given) -> Iterable[Row]:
    if "TASK_NAME" not in given:
        raise InvalidArgument("TASK_DEPENDENTS", "TASK_NAME is needed.")
    text, tasks = given["TASK_NAME"], run.services.tasks
    try:
        name = run.object_name(read_name(text))
        found = tasks.list_dependents(run.caller, name, recursive=bool(given.get("RECURSIVE", True)))
    except (InvalidIdentifier, NotFound):
        raise InvalidRequest(
            f"Invalid value [{text}] for function 'TASK_DEPENDENTS_SCAN', parameter 1: "
            "must be a valid task name",
            sqlstate="22023",
        ) from None
    return [_dependent(task) for task in found]


def _dependent(task: Task) -> Row:
    spec, name = task.spec, task.name
    return {
        "CREATED_ON": task.created_on,
        "NAME": name.name,
        "DATABASE_NAME": name.database,
        "SCHEMA_NAME": name.schema,
        "OWNER": task.owner,
        "COMMENT": spec.comment,
        "WAREHOUSE": spec.warehouse,
        "SCHEDULE": spec.schedule,
        "PREDECESSORS": json.dumps([str(name.parent.object(each)) for each in spec.predecessors], indent=2),
        "STATE": task.state.value,
        "DEFINITION": spec.definition,
        "CONDITION": spec.condition,
    }


# --- versions ----------------------------------------------------------------------------------


def every_version(run: Execution, _: str | None) -> Iterable[Row]:
    """The tasks of each version of each graph, as they were when it was cut."""
    for version in run.services.history.versions(run.caller):
        for name in version.graph.members:
            yield _in_version(version, version.graph.task(name))


def _in_version(version: KeptVersion, task: Task) -> Row:
    spec, name = task.spec, task.name
    is_root = name.name == version.graph.root
    return {
        **_dependent(task),
        "ROOT_TASK_ID": version.root_id,
        "GRAPH_VERSION": version.number,
        "GRAPH_VERSION_CREATED_ON": version.created_on,
        "GRAPH_VERSION_CREATED_BY_USER": version.created_by,
        "ID": task.id,
        "DATABASE_ID": number_of(name.database),
        "SCHEMA_ID": number_of(str(name.parent)),
        "WAREHOUSE_NAME": spec.warehouse,
        "STATE": None if is_root else task.state.value,
        "CONDITION_TEXT": spec.condition,
        "ALLOW_OVERLAPPING_EXECUTION": spec.overlap_policy not in _NO_OVERLAP if is_root else None,
        "ERROR_INTEGRATION": spec.error_integration,
        "LAST_COMMITTED_ON": version.created_on,
        "LAST_SUSPENDED_ON": task.last_suspended_on,
        "TARGET_COMPLETION_INTERVAL": spec.target_completion_interval,
        "SCHEDULING_MODE": "UNKNOWN",
    }


_NO_OVERLAP: Final = (None, OverlapPolicy.NO_OVERLAP)

FUNCTIONS: Final = {
    "TASK_HISTORY": Function(
        parameters(
            "scheduled_time_range_start:when scheduled_time_range_end:when result_limit:number task_name "
            "database_name schema_name error_only:flag root_task_id"
        ),
        _HISTORY,
        _task_history,
    ),
    "CURRENT_TASK_GRAPHS": Function(
        parameters("result_limit:number root_task_name"), _CURRENT_GRAPHS, _current_graphs
    ),
    "COMPLETE_TASK_GRAPHS": Function(
        parameters("result_limit:number root_task_name error_only:flag"), _COMPLETE_GRAPHS, _complete_graphs
    ),
    "SKIPPED_FIRES": Function(
        parameters(
            "scheduled_time_range_start:when scheduled_time_range_end:when result_limit:number root_task_name"
        ),
        shape(
            "root_task_name database_name schema_name first_scheduled_time:when last_scheduled_time:when "
            "fires:number reason recorded_time:when root_task_id"
        ),
        _skipped_fires,
    ),
    "TASK_DEPENDENTS": Function(
        parameters("task_name recursive:flag"),
        shape(
            "created_on:when name database_name schema_name owner comment warehouse schedule predecessors "
            "state definition condition"
        ),
        _dependents,
    ),
}
