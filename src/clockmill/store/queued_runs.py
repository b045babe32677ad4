"""Graph runs that wait for an owner: how they come to wait, and how a node takes them.

Statements are built once, and whatever a batch can do goes through executemany.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import (
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from clockmill.core.run import GraphRun, GraphRunState, NewGraphRun, Origin
from clockmill.core.task import OverlapPolicy
from clockmill.store.database import Transaction
from clockmill.store.placements import placed
from clockmill.store.run_rows import IS_OPEN, IS_QUEUED, new_graph_run_row, read_graph_run
from clockmill.store.tables import graph_runs, roots

_EXECUTING: Final = literal(GraphRunState.EXECUTING.value)
_ALL_OVERLAP: Final = literal(OverlapPolicy.ALLOW_ALL_OVERLAP.value)
_AUTOMATIC_RETRY: Final = literal(Origin.AUTOMATIC_RETRY.value)

_INSERT_GRAPH_RUN: Final = insert(graph_runs).values(state=GraphRunState.QUEUED.value, epoch=0)


def insert_graph_runs(tx: Transaction, runs: Sequence[NewGraphRun]) -> None:
    """Store *runs*, each to wait for an owner."""
    if runs:
        tx.execute(_INSERT_GRAPH_RUN, [new_graph_run_row(run) for run in runs])


_INSERT_FIRE: Final = {
    kind.__name__.rpartition(".")[2]: kind.insert(graph_runs)
    .values(state=GraphRunState.QUEUED.value, epoch=0)
    .on_conflict_do_nothing()
    for kind in (sqlite, postgresql)
}


def insert_fires(tx: Transaction, runs: Sequence[NewGraphRun]) -> None:
    """Store scheduled *runs*; one that is there already, fired by somebody else, is left alone."""
    if runs:
        tx.execute(_INSERT_FIRE[tx.dialect.name], [new_graph_run_row(run) for run in runs])


_IS_SCHEDULED: Final = and_(graph_runs.c.origin == literal(Origin.SCHEDULE.value), graph_runs.c.attempt == 1)
_WAITING_FIRES: Final = (
    select(graph_runs.c.id, graph_runs.c.root_id, graph_runs.c.scheduled_at)
    .where(
        IS_OPEN,
        graph_runs.c.state == literal(GraphRunState.QUEUED.value),
        graph_runs.c.root_id.in_(bindparam("ids", expanding=True)),
        _IS_SCHEDULED,
    )
    .order_by(graph_runs.c.root_id, graph_runs.c.scheduled_at)
)


class WaitingFire(NamedTuple):
    """A scheduled run that waits for an owner, and has never begun."""

    run_id: int
    root_id: str
    due_at: datetime


def list_waiting_fires(tx: Transaction, root_ids: Iterable[str]) -> list[WaitingFire]:
    """Return the scheduled runs of roots that wait, those of one root oldest first."""
    return [WaitingFire(*row) for row in tx.execute(_WAITING_FIRES, {"ids": sorted(root_ids)})]


_DELETE_WAITING: Final = delete(graph_runs).where(
    graph_runs.c.id == bindparam("b_id"), graph_runs.c.state == literal(GraphRunState.QUEUED.value)
)


def delete_waiting_fires(tx: Transaction, waiting: Iterable[WaitingFire]) -> None:
    """Forget runs that :func:`list_waiting_fires` has just found."""
    rows = [{"b_id": fire.run_id} for fire in waiting]
    if rows:
        tx.execute(_DELETE_WAITING, rows)


_FIRED: Final = select(graph_runs.c.root_id, graph_runs.c.scheduled_at).where(
    graph_runs.c.root_id.in_(bindparam("ids", expanding=True)),
    graph_runs.c.scheduled_at.in_(bindparam("instants", expanding=True)),
    _IS_SCHEDULED,
)


def list_fired(tx: Transaction, fires: Iterable[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
    """Return those of *fires*, a root and an instant each, that have begun a run already."""
    wanted = set(fires)
    if not wanted:
        return set()
    ids, instants = zip(*wanted, strict=True)
    rows = tx.execute(_FIRED, {"ids": sorted(set(ids)), "instants": sorted(set(instants))})
    return {(row[0], row[1]) for row in rows} & wanted


def _claimable() -> Select[Any]:
    other = graph_runs.alias("other")
    in_the_way = exists().where(
        text("other.state IN ('QUEUED', 'EXECUTING')"),
        other.c.root_id == graph_runs.c.root_id,
        or_(
            other.c.state == _EXECUTING,
            and_(other.c.origin == _AUTOMATIC_RETRY, graph_runs.c.origin != _AUTOMATIC_RETRY),
        ),
        or_(
            graph_runs.c.overlap_policy == literal(OverlapPolicy.NO_OVERLAP.value),
            and_(
                graph_runs.c.overlap_policy == literal(OverlapPolicy.ALLOW_CHILD_OVERLAP.value),
                other.c.root_ended_at.is_(None),
            ),
        ),
    )
    return (
        select(
            graph_runs,
            roots.c.last_success_group_id.label("known_group_id"),
            roots.c.last_success_scheduled_at.label("known_scheduled_at"),
        )
        .outerjoin(roots, roots.c.task_id == graph_runs.c.root_id)
        # The policy by itself first: runs that nothing can be in the way of may be many of one root.
        .where(IS_QUEUED, or_(graph_runs.c.overlap_policy == _ALL_OVERLAP, ~in_the_way))
        .order_by(graph_runs.c.id)
        .limit(bindparam("n"))
    )


_CLAIMABLE: Final = _claimable()


def list_claimable_runs(
    tx: Transaction, limit: int, placements: Collection[str] | None = None
) -> list[GraphRun]:
    """Return up to *limit* queued runs, oldest first, that no other run stands in the way of.

    They can run where there is one of *placements* (None: everywhere).

    One that executes does, as the policy has it; so does an automatic retry that waits, because it
    belongs to the attempt that has just failed and comes before whatever waited for that to end.
    Two of them may still be in each other's way: see :func:`clockmill.core.fire.may_begin`. A
    first attempt comes with what its root knows now of its last success, as claiming will fix it.
    """
    rows = tx.execute(placed(tx, _CLAIMABLE, placements), {"n": limit}).mappings()
    return [_read_claimable(row) for row in rows]


def _read_claimable(row: RowMapping) -> GraphRun:
    run = read_graph_run(row)
    if run.attempt > 1:
        return run
    return msgspec.structs.replace(
        run,
        last_success_group_id=row["known_group_id"],
        last_success_scheduled_at=row["known_scheduled_at"],
    )


_CLAIM: Final = (
    update(graph_runs)
    .where(graph_runs.c.id == bindparam("b_id"), graph_runs.c.state == literal(GraphRunState.QUEUED.value))
    .values(
        state=_EXECUTING,
        owner_node=bindparam("node"),
        epoch=bindparam("new_epoch"),
        started_at=bindparam("now"),
        last_success_group_id=bindparam("success_group"),
        last_success_scheduled_at=bindparam("success_at"),
    )
)


def claim_graph_runs(
    tx: Transaction, node: str, claimable: Iterable[GraphRun], now: datetime
) -> list[GraphRun]:
    """Give to *node* what :func:`list_claimable_runs` has just found, and return it as it is then."""
    claimed = [
        msgspec.structs.replace(
            run, state=GraphRunState.EXECUTING, owner_node=node, epoch=run.epoch + 1, started_at=now
        )
        for run in claimable
    ]
    if claimed:
        tx.execute(_CLAIM, [_claim_row(run) for run in claimed])
    return claimed


def _claim_row(run: GraphRun) -> dict[str, Any]:
    return {
        "b_id": run.id,
        "node": run.owner_node,
        "new_epoch": run.epoch,
        "now": run.started_at,
        "success_group": run.last_success_group_id,
        "success_at": run.last_success_scheduled_at,
    }


_DELETE_QUEUED: Final = delete(graph_runs).where(
    IS_QUEUED,
    graph_runs.c.root_id == bindparam("b_root"),
    graph_runs.c.origin == literal(Origin.EXECUTE_TASK.value),
)


def delete_queued_runs(tx: Transaction, root_id: str) -> int:
    """Forget the manual runs of *root_id* that have not begun; return how many there were."""
    return tx.execute(_DELETE_QUEUED, {"b_root": root_id}).rowcount


_QUEUED_OF: Final = (
    select(literal(1))
    .select_from(graph_runs)
    .where(
        IS_OPEN, graph_runs.c.root_id == bindparam("root"), graph_runs.c.state == GraphRunState.QUEUED.value
    )
    .limit(1)
)


def has_queued_run(tx: Transaction, root_id: str) -> bool:
    """Say whether a run of *root_id* waits for an owner."""
    return tx.execute(_QUEUED_OF, {"root": root_id}).first() is not None


_ANY_QUEUED: Final = select(literal(1)).select_from(graph_runs).where(IS_QUEUED).limit(1)


def has_queued_runs(tx: Transaction, placements: Collection[str] | None = None) -> bool:
    """Say whether any run waits for an owner that has one of *placements* (None: everything)."""
    return tx.execute(placed(tx, _ANY_QUEUED, placements)).first() is not None


_OPEN_NEEDS: Final = (
    select(graph_runs.c.id, graph_runs.c.root_id, graph_runs.c.version, graph_runs.c.needs)
    .where(IS_OPEN)
    .order_by(graph_runs.c.id)
)
_SET_NEEDS: Final = (
    update(graph_runs).where(graph_runs.c.id == bindparam("b_id")).values(needs=bindparam("new_needs"))
)


class OpenNeeds(NamedTuple):
    """A run that has not ended, and what its next owner has to have."""

    id: int
    root_id: str
    version: int
    needs: str | None


def list_open_needs(tx: Transaction) -> list[OpenNeeds]:
    """Return what each run needs that has not ended, oldest first."""
    return [OpenNeeds(*row) for row in tx.execute(_OPEN_NEEDS)]


def set_needs(tx: Transaction, run_id: int, needs: str | None) -> None:
    """Let a run need something else of its next owner."""
    tx.execute(_SET_NEEDS, {"b_id": run_id, "new_needs": needs})
