"""Graph runs on the wire, where they are called task runs."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from clockmill.api.rest.schemas.tasks import render_cached
from clockmill.service.history_rows import GraphRunRow


class TaskRunOut(msgspec.Struct, frozen=True, kw_only=True):
    """A graph run as answered. The last four properties are not in the official description."""

    root_task_name: str
    database_name: str
    schema_name: str
    state: str
    first_error_task_name: str | None
    first_error_code: int | None
    first_error_message: str | None
    scheduled_time: datetime
    query_start_time: datetime | None
    next_scheduled_time: datetime
    completed_time: datetime | None
    root_task_id: str
    graph_version: int
    run_id: int
    attempt_number: int
    scheduled_from: str
    graph_run_group_id: str
    config: msgspec.Raw


def runs_out(rows: Iterable[GraphRunRow]) -> list[TaskRunOut]:
    """Return *rows* as they are answered."""
    return [_run_out(row) for row in rows]


def _run_out(row: GraphRunRow) -> TaskRunOut:
    return TaskRunOut(
        root_task_name=render_cached(row.root_task_name),
        database_name=render_cached(row.database_name),
        schema_name=render_cached(row.schema_name),
        state=str(row.state),
        first_error_task_name=row.first_error_task_name and render_cached(row.first_error_task_name),
        first_error_code=_number(row.first_error_code),
        first_error_message=row.first_error_message,
        scheduled_time=row.scheduled_time,
        query_start_time=row.query_start_time,
        # A manual run of a root without a schedule has no next one, but clients refuse null here.
        next_scheduled_time=row.next_scheduled_time or row.scheduled_time,
        completed_time=row.completed_time,
        root_task_id=row.root_task_id,
        graph_version=row.graph_version,
        run_id=row.run_id,
        attempt_number=row.attempt_number,
        scheduled_from=row.scheduled_from,
        graph_run_group_id=row.graph_run_group_id,
        config=msgspec.Raw((row.config or "null").encode()),
    )


def _number(code: str | int | None) -> int | None:
    """Return an error code as clients parse it: without the zeros that some begin with."""
    if code is None or isinstance(code, int):
        return code
    return int(code) if code.removeprefix("-").isdigit() else None
