"""Triggers: a root without a schedule whose WHEN asks streams begins when one of them has data."""

from datetime import datetime, timedelta
from typing import Final

from clockmill.core.condition import parse_condition
from clockmill.core.errors import InvalidIdentifier
from clockmill.core.names import QualifiedName, SchemaName, qualify
from clockmill.core.rules import is_triggered
from clockmill.core.task import TaskSpec

CHECK_EVERY: Final = timedelta(hours=12)
"""A root that nothing has triggered looks at its streams nevertheless, lest they go stale."""

DEFAULT_INTERVAL: Final = timedelta(seconds=30)
"""Between the scheduled times of two runs at the least, where the task says nothing else."""


def trigger_streams(spec: TaskSpec, home: SchemaName) -> frozenset[QualifiedName]:
    """Return the streams that start a task in *home*; none for one that no stream starts."""
    if spec.condition is None or not is_triggered(spec):
        return frozenset()
    found = set()
    for text in parse_condition(spec.condition).streams:
        try:
            found.add(qualify(text, home))
        except InvalidIdentifier:
            continue  # No stream has such a name. The run that asks it fails, and says so.
    return frozenset(found)


def trigger_at(spec: TaskSpec, base: datetime, now: datetime) -> datetime:
    """Return when a task begins whose streams have data at *now*.

    *base* is when its last run was scheduled: the next is so many seconds later at the earliest,
    but never later than it would look at its streams by itself.
    """
    seconds = spec.user_task_minimum_trigger_interval_in_seconds
    interval = DEFAULT_INTERVAL if seconds is None else timedelta(seconds=seconds)
    return max(now, base + min(interval, CHECK_EVERY))


def next_check(base: datetime, now: datetime) -> datetime:
    """Return when a task looks at its streams by itself, if its last run was scheduled at *base*."""
    due = base + CHECK_EVERY
    return due if due > now else now + CHECK_EVERY
