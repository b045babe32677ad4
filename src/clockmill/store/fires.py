"""Queries on roots that are due, and on what their runs have come to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, exists, func, literal, select, update

from clockmill.core import graph as graphs
from clockmill.core.fire import DueRoot, Fire
from clockmill.core.graph import Graph
from clockmill.core.task import TaskState
from clockmill.store.database import Transaction
from clockmill.store.run_rows import IS_OPEN
from clockmill.store.tables import graph_runs, graph_versions, roots, tasks

VersionKey = tuple[str, int]
"""The id of a root and the number of a version of its graph."""

_NEXT: Final = select(func.min(roots.c.next_fire_at))


def next_fire_at(tx: Transaction) -> datetime | None:
    """Return when the next root is due, or None if none ever is."""
    return tx.execute(_NEXT).scalar()


_DUE: Final = (
    select(roots.c.task_id, roots.c.graph_version, roots.c.next_fire_at, roots.c.schedule_base)
    .where(roots.c.next_fire_at <= bindparam("now"))
    .order_by(roots.c.next_fire_at, roots.c.task_id)
    .limit(bindparam("n"))
)


def list_due_roots(tx: Transaction, now: datetime, limit: int) -> list[DueRoot]:
    """Return up to *limit* roots that are due, those that have waited longest first."""
    return [
        DueRoot(root_id=row[0], version=row[1], due_at=row[2], base=row[3] or row[2])
        for row in tx.execute(_DUE, {"now": now, "n": limit})
    ]


_GRAPHS: Final = select(graph_versions.c.root_id, graph_versions.c.version, graph_versions.c.graph).where(
    graph_versions.c.root_id.in_(bindparam("ids", expanding=True)),
    graph_versions.c.version.in_(bindparam("versions", expanding=True)),
)


def load_graphs(tx: Transaction, keys: Iterable[VersionKey]) -> dict[VersionKey, Graph]:
    """Return those of the graph versions *keys* that are kept."""
    wanted = set(keys)
    if not wanted:
        return {}
    ids, versions = zip(*wanted, strict=True)
    # Every combination is asked for: a root has few versions, and a pair is no index key.
    rows = tx.execute(_GRAPHS, {"ids": sorted(set(ids)), "versions": sorted(set(versions))})
    return {(row[0], row[1]): graphs.decode(row[2]) for row in rows if (row[0], row[1]) in wanted}


_OPEN_RUNS: Final = select(graph_runs.c.root_id, graph_runs.c.root_ended_at).where(
    IS_OPEN, graph_runs.c.root_id.in_(bindparam("ids", expanding=True))
)


def list_open_runs(tx: Transaction, root_ids: Sequence[str]) -> dict[str, list[bool]]:
    """Return for each root that has open runs, of each of them whether its root task has ended."""
    found: defaultdict[str, list[bool]] = defaultdict(list)
    for root_id, root_ended_at in tx.execute(_OPEN_RUNS, {"ids": list(root_ids)}):
        found[root_id].append(root_ended_at is not None)
    return found


_MOVE: Final = (
    update(roots)
    .where(roots.c.task_id == bindparam("b_root"), roots.c.next_fire_at == bindparam("b_due"))
    .values(next_fire_at=bindparam("following"), awaits_data=bindparam("awaits"))
)


class Postponed(NamedTuple):
    """A root that was due, and when it is next; None is never."""

    due: DueRoot
    next_fire_at: datetime | None
    awaits_data: bool = False


def move_roots(tx: Transaction, moves: Iterable[Postponed | Fire]) -> None:
    """Let roots be due when they are next; one that was changed meanwhile stays as it is."""
    rows = [
        {
            "b_root": move.due.root_id,
            "b_due": move.due.due_at,
            "following": move.next_fire_at,
            "awaits": move.awaits_data,
        }
        for move in moves
    ]
    if rows:
        tx.execute(_MOVE, rows)


_KNOWN: Final = select(literal(1)).select_from(roots).where(roots.c.task_id == bindparam("root"))


def is_root_there(tx: Transaction, root_id: str) -> bool:
    """Say whether *root_id*, of which there have been runs, was neither dropped nor replaced."""
    return tx.execute(_KNOWN, {"root": root_id}).first() is not None


_IS_STARTED: Final = exists().where(
    tasks.c.id == bindparam("b_root"), tasks.c.state == literal(TaskState.STARTED.value)
)
_COUNT_FAILURE: Final = (
    update(roots)
    .where(roots.c.task_id == bindparam("b_root"), _IS_STARTED)
    .values(consecutive_failures=roots.c.consecutive_failures + 1)
    .returning(roots.c.consecutive_failures)
)


def count_failure(tx: Transaction, root_id: str) -> int:
    """Count one more failure in a row of a started root; return how many there are now.

    0 for a root that is suspended, or gone: there is nothing to suspend.
    """
    return tx.execute(_COUNT_FAILURE, {"b_root": root_id}).scalar() or 0


_COUNT_SUCCESS: Final = (
    update(roots)
    .where(roots.c.task_id == bindparam("b_root"))
    .values(
        consecutive_failures=0,
        last_success_group_id=bindparam("group_id"),
        last_success_scheduled_at=bindparam("scheduled_at"),
    )
)


def count_success(tx: Transaction, root_id: str, group_id: str, scheduled_at: datetime) -> None:
    """Note the success of a run that was first due at *scheduled_at*; failures count anew."""
    tx.execute(_COUNT_SUCCESS, {"b_root": root_id, "group_id": group_id, "scheduled_at": scheduled_at})
