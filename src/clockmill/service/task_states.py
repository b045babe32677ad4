"""How tasks are resumed and suspended: each function is the work of one transaction."""

from datetime import datetime, timedelta
from typing import Final

from clockmill.core.caller import Caller
from clockmill.core.rules import is_triggered
from clockmill.core.schedule import parse_schedule
from clockmill.core.task import SuspendReason, Task
from clockmill.core.task_errors import TooManyStarted
from clockmill.core.trigger import trigger_streams
from clockmill.service.access import Action, authorize
from clockmill.service.task_changes import KIND, require_suspended_root
from clockmill.service.versions import cut_version
from clockmill.store import graphs, skipped_fires, tasks, versions
from clockmill.store.database import Transaction

_APART: Final = timedelta(milliseconds=1)
"""Two runs of a root are told apart by the milliseconds of their due times."""


def require_to_operate(caller: Caller, task: Task) -> None:
    """Raise unless *caller* may resume and suspend *task*."""
    authorize(caller, Action.OPERATE, owner=task.owner, kind=KIND, name=task.name.name)


def resume(tx: Transaction, task: Task, caller: Caller, now: datetime, max_started: int) -> None:
    """Let *task* run; if it is a root, on the version that its graph has now, from *now* on."""
    if task.spec.is_root:
        if not task.is_started:
            _require_room(tx, 1, max_started)
            _start_root(tx, task, caller, now)
        return
    require_suspended_root(tx, task.name, task.id)
    if not task.is_started:
        _require_room(tx, 1, max_started)
        tasks.start_tasks(tx, [task.id])


def resume_with_dependents(
    tx: Transaction, task: Task, caller: Caller, now: datetime, max_started: int
) -> None:
    """Let *task* and all that follows from it run: the others first, a root last."""
    members = graphs.load_graph_tasks(tx, task.name.parent, task.id)
    waiting = [member for member in members if not member.is_started]
    if not waiting:
        return
    for member in waiting:
        require_to_operate(caller, member)
    require_suspended_root(tx, task.name, task.id)
    _require_room(tx, len(waiting), max_started)
    tasks.start_tasks(tx, [member.id for member in waiting if member.id != task.id])
    if task.spec.is_root:
        _start_root(tx, task, caller, now)
    elif not task.is_started:
        tasks.start_tasks(tx, [task.id])


def suspend(tx: Transaction, task: Task, now: datetime) -> None:
    """Let *task* run no more; a root's next fire is cancelled. What runs goes on to its end."""
    if not task.spec.is_root:
        require_suspended_root(tx, task.name, task.id)
    if not task.is_started:
        return
    tasks.suspend_tasks(tx, [task.id], SuspendReason.USER_SUSPENDED, now)
    if task.spec.is_root:
        skipped_fires.record_suspended(tx, [task.id], now)
        versions.unplan_root(tx, task.id)


def _start_root(tx: Transaction, root: Task, caller: Caller, now: datetime) -> None:
    cut_version(tx, root, now, caller)
    tasks.start_tasks(tx, [root.id])
    streams = trigger_streams(root.spec, root.name.parent)
    versions.plan_root(tx, root.id, base=now, next_fire_at=_first_fire(tx, root, now), streams=streams)


def _first_fire(tx: Transaction, root: Task, now: datetime) -> datetime | None:
    """Return when a root that is resumed at *now* is due first.

    One that its streams start looks at them at once: they may have had data all along.
    """
    if root.spec.schedule is not None:
        return parse_schedule(root.spec.schedule).next_after(now, now)
    if not is_triggered(root.spec):
        return None
    last = versions.find_schedule_base(tx, root.id)
    return now if last is None else max(now, last + _APART)


def _require_room(tx: Transaction, wanted: int, max_started: int) -> None:
    if graphs.count_started(tx) + wanted > max_started:
        raise TooManyStarted(max_started)
