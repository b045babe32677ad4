"""What is planned for a root: its schedule, and from when it counts."""

from datetime import datetime

import msgspec

from clockmill.core.caller import Caller
from clockmill.core.errors import InvalidRequest
from clockmill.core.names import QualifiedName
from clockmill.service.access import Action, authorize
from clockmill.service.task_changes import require_task
from clockmill.store import versions
from clockmill.store.database import Store


class HasNoSchedule(InvalidRequest):
    """A task that no schedule starts is asked when it is due."""

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(
            f"Task {task} has no schedule. It runs when it is executed, when its predecessors are done, or "
            "when one of its streams has data."
        )


class RootSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """The schedule of a root as it is written; intervals count from *base*, or None if it is suspended."""

    text: str
    base: datetime | None


def find_schedule(store: Store, caller: Caller, name: QualifiedName) -> RootSchedule:
    """Return the schedule of the root *name*; raises NotFound, or HasNoSchedule."""
    authorize(caller, Action.SEE)
    with store.read() as tx:
        task = require_task(tx, name)
        if task.spec.schedule is None:
            raise HasNoSchedule(name)
        base = versions.find_schedule_base(tx, task.id) if task.is_started else None
    return RootSchedule(text=task.spec.schedule, base=base)
