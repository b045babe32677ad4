"""What the task operations do: read the request, call the use case, say what came of it."""

from typing import Final

from clockmill.api.errors import InvalidEntity, ListingTooLong
from clockmill.api.rest.operation import Request
from clockmill.api.rest.schemas import runs as runs_wire
from clockmill.api.rest.schemas import tags as tags_wire
from clockmill.api.rest.schemas import tasks as wire
from clockmill.api.services import Services
from clockmill.core.names import render
from clockmill.core.tag import TagLevel

MAX_ROWS: Final = 10_000
"""Rows of the longest listing, as SHOW documents it."""


def list_tasks(services: Services, request: Request) -> list[wire.TaskOut]:
    tasks = services.tasks.list_tasks(
        request.caller,
        request.schema,
        root_only=request.query["rootOnly"],
        like=request.query["like"],
        starts_with=request.query["startsWith"],
        limit=request.query["showLimit"] or MAX_ROWS + 1,
        from_name=request.query["fromName"],
    )
    if len(tasks) > MAX_ROWS:
        raise ListingTooLong(MAX_ROWS)
    return wire.tasks_out(tasks)


def create_task(services: Services, request: Request) -> str:
    task = wire.read_task(request.body)
    name = request.schema.object(wire.task_name(task))
    return services.tasks.create_task(
        request.caller, name, wire.task_spec(task, name), request.query["createMode"]
    )


def create_or_alter_task(services: Services, request: Request) -> str:
    task = wire.read_task(request.body)
    if wire.task_name(task) != request.names["name"]:
        raise InvalidEntity(
            f"The body names task {render(wire.task_name(task))} "
            f"but the path names {render(request.names['name'])}."
        )
    return services.tasks.create_or_alter_task(
        request.caller, request.task, wire.task_spec(task, request.task)
    )


def fetch_task(services: Services, request: Request) -> wire.TaskOut:
    return wire.task_out(services.tasks.fetch_task(request.caller, request.task))


def delete_task(services: Services, request: Request) -> str:
    return services.tasks.drop_task(request.caller, request.task, if_exists=request.query["ifExists"])


def execute_task(services: Services, request: Request) -> str:
    return services.runs.execute_task(request.caller, request.task, retry_last=request.query["retryLast"])


def resume_task(services: Services, request: Request) -> str:
    return services.tasks.resume_task(request.caller, request.task)


def suspend_task(services: Services, request: Request) -> str:
    return services.tasks.suspend_task(request.caller, request.task)


def fetch_dependents(services: Services, request: Request) -> list[wire.TaskOut]:
    tasks = services.tasks.list_dependents(request.caller, request.task, recursive=request.query["recursive"])
    return wire.tasks_out(tasks)


def current_graphs(services: Services, request: Request) -> list[runs_wire.TaskRunOut]:
    rows = services.history.current_graphs(request.caller, request.task, limit=request.query["resultLimit"])
    return runs_wire.runs_out(rows)


def complete_graphs(services: Services, request: Request) -> list[runs_wire.TaskRunOut]:
    rows = services.history.complete_graphs(
        request.caller,
        request.task,
        limit=request.query["resultLimit"],
        error_only=bool(request.query["errorOnly"]),
    )
    return runs_wire.runs_out(rows)


def set_tags(services: Services, request: Request) -> str:
    assignments = tags_wire.read_assignments(request.body, request.schema)
    return services.tags.set_tags(
        request.caller, TagLevel.TASK, request.task, assignments, if_exists=request.query["ifExists"]
    )


def unset_tags(services: Services, request: Request) -> str:
    names = tags_wire.read_references(request.body, request.schema)
    return services.tags.unset_tags(
        request.caller, TagLevel.TASK, request.task, names, if_exists=request.query["ifExists"]
    )


def get_tags(services: Services, request: Request) -> list[tags_wire.TagAssignmentOut]:
    assignments = services.tags.get_tags(
        request.caller, TagLevel.TASK, request.task, with_lineage=request.query["withLineage"]
    )
    return tags_wire.assignments_out(assignments)
