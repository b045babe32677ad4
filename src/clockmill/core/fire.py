"""Firing: what a root that is due begins, and when it is due again."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from clockmill.core.config import merge_texts
from clockmill.core.graph import Graph
from clockmill.core.misfire import NO_MISFIRES, Misfires, SkippedFires, SkipReason
from clockmill.core.rules import is_triggered
from clockmill.core.run import GraphRun, NewGraphRun, Origin, run_id
from clockmill.core.schedule import Every, Schedule, latest_fires, parse_schedule
from clockmill.core.task import OverlapPolicy
from clockmill.core.trigger import next_check

_GROUP_SPACE: Final = uuid.UUID("7a5f0c1e-0b57-4f9f-9a53-6d1f6a9b9c02").bytes
"""The name space of the group ids of scheduled runs."""

_INSTANT: Final = timedelta(microseconds=1)

_schedule_of = lru_cache(maxsize=4096)(parse_schedule)


class DueRoot(msgspec.Struct, frozen=True, kw_only=True):
    """A root whose time has come. *base* is what an interval counts from."""

    root_id: str
    version: int
    due_at: datetime
    base: datetime


class Fire(msgspec.Struct, frozen=True, kw_only=True):
    """What a due root begins, if no other run is in its way, and when it is due next.

    *skipped* are fires that came later than the first of *runs*, or before all of them, and begin
    nothing. A root that *awaits_data* is due earlier as soon as its streams have some.
    """

    due: DueRoot
    graph: Graph
    runs: tuple[NewGraphRun, ...]
    next_fire_at: datetime | None
    skipped: SkippedFires | None = None
    awaits_data: bool = False


def plan_fire(graph: Graph, due: DueRoot, now: datetime, misfires: Misfires = NO_MISFIRES) -> Fire:
    """Return what *due* begins at *now*, when the server has been running all along.

    However late it is, it is due next after *now*. What it is behind with is not made up for unless
    *misfires* says so, but for the fire that it is about to begin.
    """
    if is_triggered(graph.root_task.spec):
        return _plan_triggered(graph, due, now)
    following = next_fire(graph, due.base, due.due_at)
    if following is None or following > now:
        return Fire(due=due, graph=graph, next_fire_at=following, runs=(_scheduled(graph, due, due.due_at),))
    if misfires.kept == 0:
        return Fire(
            due=due,
            graph=graph,
            next_fire_at=next_fire(graph, due.base, now),
            runs=(_scheduled(graph, due, due.due_at),),
            skipped=skip_fires(graph, due, following, now, SkipReason.BEHIND),
        )
    return _plan_missed(graph, due, now, misfires, SkipReason.BEHIND)


def plan_after_downtime(graph: Graph, due: DueRoot, now: datetime, misfires: Misfires = NO_MISFIRES) -> Fire:
    """Return what *due* begins that was due while no server ran: what *misfires* makes up for.

    A root that a stream starts is due when it looks at its streams by itself, or (for whoever looks
    at them now) when they have data.
    """
    if is_triggered(graph.root_task.spec):
        return Fire(due=due, graph=graph, runs=(), next_fire_at=next_check(now, now), awaits_data=True)
    return _plan_missed(graph, due, now, misfires, SkipReason.DOWNTIME)


def _plan_missed(graph: Graph, due: DueRoot, now: datetime, misfires: Misfires, cause: SkipReason) -> Fire:
    """Begin the latest of the fires from the one that is due up to *now*, and skip the others."""
    text = graph.root_task.spec.schedule or ""
    kept = _latest_fires(text, due.base, due.due_at - _INSTANT, now, misfires.kept)
    skipped = None
    if not kept:
        skipped = skip_fires(graph, due, due.due_at, now, misfires.reason(cause))
    elif kept[0] > due.due_at:
        skipped = skip_fires(graph, due, due.due_at, kept[0] - _INSTANT, misfires.reason(cause))
    return Fire(
        due=due,
        graph=graph,
        next_fire_at=next_fire(graph, due.base, now),
        runs=tuple(_scheduled(graph, due, at) for at in kept),
        skipped=skipped,
    )


def _plan_triggered(graph: Graph, due: DueRoot, now: datetime) -> Fire:
    """Return the run of a root that a stream starts: one at a time, whatever its overlap policy."""
    return Fire(
        due=due,
        graph=graph,
        next_fire_at=next_check(due.due_at, now),
        awaits_data=True,
        runs=(_first_attempt(graph, due, due.due_at, OverlapPolicy.NO_OVERLAP),),
    )


def _scheduled(graph: Graph, due: DueRoot, at: datetime) -> NewGraphRun:
    following = next_fire(graph, due.base, at)
    return _first_attempt(graph, due, at, overlap_policy(graph), following=following)


def _first_attempt(
    graph: Graph, due: DueRoot, at: datetime, policy: OverlapPolicy, *, following: datetime | None = None
) -> NewGraphRun:
    return NewGraphRun(
        group_id=scheduled_group_id(due.root_id, at),
        attempt=1,
        root_id=due.root_id,
        root_name=graph.root,
        home=graph.home,
        version=due.version,
        origin=scheduled_origin(graph),
        overlap_policy=policy,
        scheduled_at=at,
        original_scheduled_at=at,
        next_scheduled_at=following,
        config=merge_texts(graph.root_task.spec.config, None),
    )


def skip_fires(
    graph: Graph, due: DueRoot, first: datetime, until: datetime, reason: SkipReason
) -> SkippedFires:
    """Return the record that passes over the fires of a scheduled root from *first* on, up to *until*."""
    count, last = _count_fires(graph.root_task.spec.schedule or "", due.base, first, until)
    return SkippedFires(
        root_id=due.root_id,
        root_name=graph.root,
        home=graph.home,
        first=first,
        last=last,
        fires=count,
        reason=reason,
    )


def skip_fire(graph: Graph, root_id: str, at: datetime, reason: SkipReason) -> SkippedFires:
    """Return the record that passes over one fire, be it of an earlier schedule of the root."""
    return SkippedFires(
        root_id=root_id, root_name=graph.root, home=graph.home, first=at, last=at, fires=1, reason=reason
    )


def join_skipped(
    graph: Graph, base: datetime, earlier: SkippedFires, later: SkippedFires
) -> SkippedFires | None:
    """Return both as one record, or None if they are not in a row or differ in their reasons.

    *base* is when the root was resumed: what was due before may have had another schedule. A clock
    that was behind may have resumed it, so that this does not show in the order of the instants alone.
    """
    is_fire = earlier.first > base and next_fire(graph, base, earlier.first - _INSTANT) == earlier.first
    in_a_row = is_fire and next_fire(graph, base, earlier.last) == later.first
    if earlier.reason is not later.reason or not in_a_row:
        return None
    return msgspec.structs.replace(earlier, last=later.last, fires=earlier.fires + later.fires)


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
        needs=run.needs,
    )


def next_fire(graph: Graph, base: datetime, after: datetime) -> datetime | None:
    """Return when the root of *graph* is due after *after*; None if it has no schedule."""
    text = graph.root_task.spec.schedule
    if text is None:
        return None
    schedule = _schedule_of(text)
    return schedule.next_after(after, base) if isinstance(schedule, Every) else _next_of_cron(text, after)


def _count_fires(text: str, base: datetime, first: datetime, until: datetime) -> tuple[int, datetime]:
    """Return how many fires there are from *first* on up to *until*, and the last of them."""
    schedule = _schedule_of(text)
    if isinstance(schedule, Every):
        return _count(schedule, base, first, until)
    return _count_of_cron(text, first, until)


def _count(schedule: Schedule, base: datetime, first: datetime, until: datetime) -> tuple[int, datetime]:
    count = schedule.count(first - _INSTANT, until, base)
    return count, latest_fires(schedule, base, first - _INSTANT, until, 1)[0]


def _latest_fires(
    text: str, base: datetime, after: datetime, until: datetime, at_most: int
) -> Sequence[datetime]:
    schedule = _schedule_of(text)
    if isinstance(schedule, Every):
        return latest_fires(schedule, base, after, until, at_most)
    return _latest_of_cron(text, after, until, at_most)


# What roots with the same expression have missed in a downtime is worked out once, as what is next.


@lru_cache(maxsize=64)
def _latest_of_cron(text: str, after: datetime, until: datetime, at_most: int) -> Sequence[datetime]:
    return tuple(latest_fires(_schedule_of(text), after, after, until, at_most))


@lru_cache(maxsize=4096)
def _count_of_cron(text: str, first: datetime, until: datetime) -> tuple[int, datetime]:
    """Count the fires of a cron schedule: after a downtime, of one expression for many roots."""
    return _count(_schedule_of(text), first, first, until)


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
