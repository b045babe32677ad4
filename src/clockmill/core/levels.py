"""What a graph inherits: parameters that its schema or database sets, and it does not."""

from typing import Final

import msgspec

from clockmill.core.catalog import DatabaseSpec, SchemaSpec
from clockmill.core.task import Task

_INHERITED: Final = ("user_task_timeout_ms", "suspend_task_after_num_failures")


def inherit(task: Task, database: DatabaseSpec, schema: SchemaSpec) -> Task:
    """Return *task* with what it leaves unset taken from its schema, or else from its database.

    Children are returned as they are: they follow their root.
    """
    if task.spec.is_child:
        return task
    found = {}
    for name in _INHERITED:
        levels = (getattr(level, name) for level in (task.spec, schema, database))
        found[name] = next((value for value in levels if value is not None), None)
    spec = msgspec.structs.replace(task.spec, **found)
    return task if spec == task.spec else msgspec.structs.replace(task, spec=spec)
