"""Taking away what is no longer kept of the history, in bounded batches."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, ColumnElement, Table, and_, bindparam, delete, exists, func, or_, select

from clockmill.core.run import GraphRunState
from clockmill.store.database import Transaction
from clockmill.store.fires import VersionKey
from clockmill.store.tables import (
    commands,
    graph_runs,
    graph_versions,
    queries,
    roots,
    sessions,
    skipped_fires,
    task_runs,
)

# --- kinds of rows that stand alone --------------------------------------------------------------


class Kind(NamedTuple):
    """A table of what has ended, its key, and when a row did."""

    table: Table
    key: Column[Any]
    ended: Column[datetime]


RUNS: Final = Kind(graph_runs, graph_runs.c.id, graph_runs.c.completed_at)
STATEMENTS: Final = Kind(queries, queries.c.id, queries.c.completed_at)
SKIPPED: Final = Kind(skipped_fires, skipped_fires.c.id, skipped_fires.c.recorded_at)
SESSIONS: Final = Kind(sessions, sessions.c.id, sessions.c.master_expires_on)


def find_oldest_of_most(tx: Transaction, kind: Kind, most: int) -> datetime | None:
    """Return when the latest row ended that is one more than *most*; None if there are not so many."""
    query = select(kind.ended).where(kind.ended.is_not(None)).order_by(kind.ended.desc()).limit(1)
    return tx.execute(query.offset(most)).scalar()


def delete_ended(tx: Transaction, kind: Kind, cutoff: datetime, limit: int) -> int:
    """Take away up to *limit* rows that ended at *cutoff* or earlier; return how many."""
    old = select(kind.key).where(kind.ended <= cutoff).order_by(kind.ended).limit(limit)
    keys = list(tx.execute(old).scalars())
    if keys:
        tx.execute(delete(kind.table).where(kind.key.in_(keys)))
    return len(keys)


# --- graph runs ----------------------------------------------------------------------------------


class Place(NamedTuple):
    """A closed run, by when it ended: where a look through all of them has come to."""

    ended_at: datetime
    run_id: int


_CLOSED: Final = (
    select(graph_runs.c.completed_at, graph_runs.c.id, graph_runs.c.group_id)
    .where(
        graph_runs.c.completed_at.between(bindparam("at"), bindparam("cutoff")),
        or_(graph_runs.c.completed_at > bindparam("at"), graph_runs.c.id > bindparam("id")),
    )
    .order_by(graph_runs.c.completed_at, graph_runs.c.id)
    .limit(bindparam("n"))
)


def list_closed_groups(
    tx: Transaction, cutoff: datetime, after: Place, limit: int
) -> list[tuple[Place, str]]:
    """Return up to *limit* runs that ended by *cutoff*, first ended first, each with its group."""
    rows = tx.execute(_CLOSED, {"cutoff": cutoff, "at": after.ended_at, "id": after.run_id, "n": limit})
    return [(Place(row[0], row[1]), row[2]) for row in rows]


_CAN_BE_RETRIED: Final = graph_runs.c.state.in_([GraphRunState.FAILED.value, GraphRunState.CANCELLED.value])
_later = graph_runs.alias("later")
_IS_LAST: Final = ~exists().where(
    _later.c.group_id == graph_runs.c.group_id, _later.c.attempt > graph_runs.c.attempt
)


def _reasons_to_stay() -> ColumnElement[bool]:
    return or_(
        graph_runs.c.completed_at.is_(None),
        graph_runs.c.completed_at > bindparam("cutoff"),
        and_(_CAN_BE_RETRIED, graph_runs.c.original_scheduled_at > bindparam("retried_since"), _IS_LAST),
    )


_KEPT_GROUPS: Final = (
    select(graph_runs.c.group_id)
    .where(graph_runs.c.group_id.in_(bindparam("groups", expanding=True)), _reasons_to_stay())
    .distinct()
)
_RUNS_OF: Final = (
    select(graph_runs.c.id, graph_runs.c.group_id, func.count(task_runs.c.id))
    .outerjoin(task_runs, task_runs.c.graph_run_id == graph_runs.c.id)
    .where(graph_runs.c.group_id.in_(bindparam("groups", expanding=True)))
    .group_by(graph_runs.c.id, graph_runs.c.group_id)
)


class GroupSize(NamedTuple):
    """The graph runs of a group, and how many rows they and their task runs are."""

    run_ids: list[int]
    rows: int


def list_prunable_groups(
    tx: Transaction, groups: Collection[str], cutoff: datetime, retried_since: datetime
) -> dict[str, GroupSize]:
    """Return those of *groups* whose every attempt ended by *cutoff*, and that cannot be retried.

    What failed can be retried if it was first due later than *retried_since*.
    """
    values = {"groups": list(groups), "cutoff": cutoff, "retried_since": retried_since}
    kept = set(tx.execute(_KEPT_GROUPS, values).scalars())
    found: dict[str, GroupSize] = {}
    wanted = [group for group in groups if group not in kept]
    for run_id, group, tasks in tx.execute(_RUNS_OF, {"groups": wanted}):
        size = found.get(group, GroupSize([], 0))
        found[group] = GroupSize([*size.run_ids, run_id], size.rows + 1 + tasks)
    return found


_DELETE_RUNS: Final = tuple(
    delete(table).where(column.in_(bindparam("ids", expanding=True)))
    for table, column in (
        (task_runs, task_runs.c.graph_run_id),
        (commands, commands.c.graph_run_id),
        (graph_runs, graph_runs.c.id),
    )
)


def delete_runs(tx: Transaction, run_ids: Sequence[int]) -> None:
    """Take away graph runs and their task runs."""
    for statement in _DELETE_RUNS:
        tx.execute(statement, {"ids": run_ids})


# --- graph versions ------------------------------------------------------------------------------

_newer = graph_versions.alias("newer")
_CURRENT: Final = exists().where(
    roots.c.task_id == graph_versions.c.root_id, roots.c.graph_version == graph_versions.c.version
)
_REPLACED: Final = exists().where(
    _newer.c.root_id == graph_versions.c.root_id,
    _newer.c.version > graph_versions.c.version,
    _newer.c.created_on <= bindparam("cutoff"),
)
_IS_GONE: Final = ~exists().where(roots.c.task_id == graph_versions.c.root_id)
_HAS_RUNS: Final = exists().where(
    graph_runs.c.root_id == graph_versions.c.root_id, graph_runs.c.version == graph_versions.c.version
)
_UNUSED: Final = (
    select(graph_versions.c.root_id, graph_versions.c.version)
    .where(
        graph_versions.c.created_on <= bindparam("cutoff"),
        or_(_REPLACED, _IS_GONE),
        ~_CURRENT,
        ~_HAS_RUNS,
    )
    .limit(bindparam("n"))
)


def list_unused_versions(tx: Transaction, cutoff: datetime, limit: int) -> list[VersionKey]:
    """Return up to *limit* graph versions that were replaced by *cutoff* and that no run is of.

    They stay unused: a new run is of the current version, or of that of a run there is.
    """
    return [(row[0], row[1]) for row in tx.execute(_UNUSED, {"cutoff": cutoff, "n": limit})]


_DELETE_VERSION: Final = delete(graph_versions).where(
    graph_versions.c.root_id == bindparam("b_root"), graph_versions.c.version == bindparam("b_version")
)


def delete_versions(tx: Transaction, keys: Iterable[VersionKey]) -> None:
    """Take away graph versions."""
    rows = [{"b_root": root_id, "b_version": version} for root_id, version in keys]
    if rows:
        tx.execute(_DELETE_VERSION, rows)
