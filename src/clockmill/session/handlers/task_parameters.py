"""SHOW PARAMETERS IN TASK: what holds for a task's runs, and which level says so."""

from typing import Any, Final

from clockmill.core.parameters import SESSION_PARAMETERS, TASK_PARAMETERS
from clockmill.core.task import Task
from clockmill.engine.result import Result
from clockmill.session.execution import Execution
from clockmill.session.handlers.listing import columns, filtered, listing, word
from clockmill.sql.show import Show

PARAMETERS: Final = columns("key value default level description type")
_KNOWN: Final = {**SESSION_PARAMETERS, **TASK_PARAMETERS}


def show_task_parameters(run: Execution, statement: Show) -> Result:
    """List the parameters that a task can set; of a task, with what it or a level above sets."""
    levels: list[tuple[str, Any]] = []
    given: dict[str, Any] = {}
    if statement.scope_name is not None:
        task = run.services.tasks.fetch_task(run.caller, run.object_name(statement.scope_name))
        levels, given = _levels(run, task), task.spec.session_parameters
    rows = []
    for name in filtered(statement, sorted(_KNOWN), lambda each: each):
        parameter = _KNOWN[name]
        level, value = ("TASK", given[name]) if name in given else _set_at(levels, name)
        shown = parameter.default if value is None else value
        rows.append(
            (name, word(shown), word(parameter.default), level, parameter.description, parameter.kind.value)
        )
    return listing(PARAMETERS, rows)


def _levels(run: Execution, task: Task) -> list[tuple[str, Any]]:
    """Return what may set a parameter of *task*, the nearest first."""
    home = task.name.parent
    schema = run.services.catalog.fetch_schema(run.caller, home)
    database = run.services.catalog.fetch_database(run.caller, home.database)
    return [("TASK", task.spec), ("SCHEMA", schema.spec), ("DATABASE", database.spec)]


def _set_at(levels: list[tuple[str, Any]], name: str) -> tuple[str, Any]:
    """Return the nearest level that sets the parameter *name*, and its value."""
    for level, spec in levels:
        value = getattr(spec, name.lower(), None)
        if value is not None:
            return level, value
    return "", None
