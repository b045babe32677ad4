"""From the clauses of a task statement to what the service is asked: names and values looked up."""

from typing import Any

from clockmill.core.names import QualifiedName, render
from clockmill.core.parameter_list import Kind
from clockmill.core.parameters import InvalidParameterValue
from clockmill.core.task_change import FINALIZE, NamedTask, TaskChange
from clockmill.session.execution import Execution
from clockmill.sql.parser import Reference, read_name
from clockmill.sql.task import TaskAlteration
from clockmill.sql.task_clauses import NAMES, Setting, TaskClauses


def wanted_of(run: Execution, task: QualifiedName, clauses: TaskClauses) -> TaskChange:
    """Return what *clauses* say of the task *task*."""
    return altered_of(run, task, TaskAlteration(clauses=clauses))


def altered_of(run: Execution, task: QualifiedName, alteration: TaskAlteration) -> TaskChange:
    """Return what ALTER TASK changes of the task *task*."""
    clauses = alteration.clauses
    settings = {name: _value(run, name, setting) for name, setting in clauses.settings.items()}
    finalized = settings.pop(FINALIZE) if FINALIZE in settings else None
    return TaskChange(
        settings=settings,
        unset=alteration.unset,
        definition=clauses.body,
        condition=clauses.condition,
        removes_condition=alteration.removes_condition,
        execute_as_user=None if clauses.execute_as is None else run.plain_name(clauses.execute_as),
        added=tuple(_named(task, run.parts(each)) for each in clauses.after),
        removed=tuple(_named(task, run.parts(each)) for each in alteration.removed),
        finalize=None if finalized is None else _named(task, finalized),
    )


def _value(run: Execution, name: str, setting: Setting) -> Any:
    """Return what *setting* stands for; for a task to finalize, the parts of its name."""
    if isinstance(setting, Reference):
        parts = run.parts(setting)
    else:
        value = run.value(setting)
        if name not in NAMES:
            return value
        if not isinstance(value, str):
            raise InvalidParameterValue(name, value, Kind.STRING)
        parts = read_name(value).parts
    return parts if name == FINALIZE else parts[-1]


def _named(task: QualifiedName, parts: tuple[str, ...]) -> NamedTask:
    """Return the task that *parts* name. What they leave out is that of *task*: graphs are in one schema."""
    home = (task.database, task.schema)[: 3 - len(parts)]
    return NamedTask(QualifiedName(*home, *parts), ".".join(map(render, parts)))
