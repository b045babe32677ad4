"""Firing: what a root that is due begins, and when it is due again."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

from clockmill.core.config import merge_texts
from clockmill.core.graph import Graph
from clockmill.core.rules import is_triggered
from clockmill.core.run import GraphRun, NewGraphRun, Origin, run_id
from clockmill.core.schedule import Every, parse_schedule
from clockmill.core.task import OverlapPolicy
from clockmill.core.trigger import next_check

_GROUP_SPACE: Final = uuid.UUID("7a5f0c1e-0b57-4f9f-9a53-6d1f6a9b9c02").bytes
"""The name space of the group ids of scheduled runs."""

_schedule_of = lru_cache(maxsize=4096)(parse_schedule)


class DueRoot(msgspec.Struct, frozen=True, kw_only=True):
    """A root whose time has come. *base* is what an interval counts from."""

    root_id: str
    version: int
    due_at: datetime
    base: datetime


class Fire(msgspec.Struct, frozen=True, kw_only=True):
    """What a due root begins, if no other run is in its way, and when it is due next.

    A root that *awaits_data* is due earlier as soon as its streams have some.
    """

    due: DueRoot
    run: NewGraphRun
    next_fire_at: datetime | None
    awaits_data: bool = False


def plan_fire(graph: Graph, due: DueRoot, now: datetime) -> Fire:
    """Return the run that *due* begins.

    However late it is, it is due next after *now*: what was missed is not made up for.
    """
    if is_triggered(graph.root_task.spec):
        return _plan_triggered(graph, due, now)
    following = next_fire(graph, due.base, due.due_at)
    behind = following is not None and following <= now
    return Fire(
        due=due,
        next_fire_at=next_fire(graph, due.base, now) if behind else following,
        run=_first_attempt(graph, due, Origin.SCHEDULE, overlap_policy(graph), following),
    )


def _plan_triggered(graph: Graph, due: DueRoot, now: datetime) -> Fire:
    """Return the run of a root that a stream starts: one at a time, whatever its overlap policy."""
    return Fire(
        due=due,
        next_fire_at=next_check(due.due_at, now),
        awaits_data=True,
        run=_first_attempt(graph, due, Origin.TRIGGER, OverlapPolicy.NO_OVERLAP, None),
    )


def _first_attempt(
    graph: Graph, due: DueRoot, origin: Origin, policy: OverlapPolicy, following: datetime | None
) -> NewGraphRun:
    return NewGraphRun(
        group_id=scheduled_group_id(due.root_id, due.due_at),
        attempt=1,
        root_id=due.root_id,
        root_name=graph.root,
        home=graph.home,
        version=due.version,
        origin=origin,
        overlap_policy=policy,
        scheduled_at=due.due_at,
        original_scheduled_at=due.due_at,
        next_scheduled_at=following,
        config=merge_texts(graph.root_task.spec.config, None),
    )


def due_after_restart(graph: Graph, due: DueRoot, now: datetime) -> datetime | None:
    """Return when a root is due that was due while nobody fired: what was missed is not made up for.

    A root that a stream starts is due when it looks at its streams by itself, or (for whoever looks
    at them now) when they have data.
    """
    if is_triggered(graph.root_task.spec):
        return next_check(now, now)
    return next_fire(graph, due.base, now)


def repeat_run(run: GraphRun, origin: Origin, now: datetime) -> NewGraphRun:
    """Return the next attempt of *run*, which has ended: the same version, configuration and group."""
    return NewGraphRun(
        group_id=run.group_id,
        attempt=run.attempt + 1,
        root_id=run.root_id,
        root_name=run.root_name,
        home=run.home,
        version=run.version,
        origin=origin,
        overlap_policy=run.overlap_policy,
        scheduled_at=now,
        original_scheduled_at=run.original_scheduled_at,
        next_scheduled_at=run.next_scheduled_at,
        config=run.config,
        last_success_group_id=run.last_success_group_id,
        last_success_scheduled_at=run.last_success_scheduled_at,
        scheduled_by=run.scheduled_by,
    )


def next_fire(graph: Graph, base: datetime, after: datetime) -> datetime | None:
    """Return when the root of *graph* is due after *after*; None if it has no schedule."""
    text = graph.root_task.spec.schedule
    if text is None:
        return None
    schedule = _schedule_of(text)
    return schedule.next_after(after, base) if isinstance(schedule, Every) else _next_of_cron(text, after)


@lru_cache(maxsize=4096)
def _next_of_cron(text: str, after: datetime) -> datetime:
    """Return when a cron schedule is due next.

    Roots with the same expression are due together, by the thousand: it is worked out once.
    """
    return _schedule_of(text).next_after(after, after)


def scheduled_origin(graph: Graph) -> Origin:
    """Return what a run of *graph* comes from when its root is due."""
    return Origin.TRIGGER if is_triggered(graph.root_task.spec) else Origin.SCHEDULE


def overlap_policy(graph: Graph) -> OverlapPolicy:
    """Return the policy of the root, by default that runs never overlap."""
    return graph.root_task.spec.overlap_policy or OverlapPolicy.NO_OVERLAP


def may_begin(policy: OverlapPolicy, earlier_roots_ended: Iterable[bool]) -> bool:
    """Say whether a run may begin beside earlier ones, given of each whether its root has ended."""
    match policy:
        case OverlapPolicy.NO_OVERLAP:
            return not any(True for _ in earlier_roots_ended)
        case OverlapPolicy.ALLOW_CHILD_OVERLAP:
            return all(earlier_roots_ended)
        case OverlapPolicy.ALLOW_ALL_OVERLAP:
            return True


def scheduled_group_id(root_id: str, due_at: datetime) -> str:
    """Return the group id of the run that *root_id* begins at *due_at*.

    It is derived, so that the run that is only planned is known by the id it will have.
    """
    # uuid.uuid5 spelled out: it works out the name space's bytes each time.
    digest = hashlib.sha1(_GROUP_SPACE + f"{root_id} {run_id(due_at)}".encode(), usedforsecurity=False)
    return str(uuid.UUID(bytes=digest.digest()[:16], version=5))
