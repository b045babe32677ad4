"""Whose a graph run is: how an owner lets go of runs, and how another takes them up.

A run that executes without an owner was let go. Whoever lets go moves the epoch on, so that
nothing the old owner still writes changes anything.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import and_, bindparam, exists, literal, select, text, update

from clockmill.core.node import NodeState
from clockmill.core.run import GraphRun, GraphRunState, TaskRun
from clockmill.store.database import Transaction
from clockmill.store.placements import placed
from clockmill.store.run_rows import TASK_EXECUTES, read_graph_run, read_task_run
from clockmill.store.runs import RunLost, list_lost
from clockmill.store.tables import graph_runs, nodes, task_runs

# Written out, because SQLite uses a partial index only if the condition reads like the index's.
_EXECUTES: Final = text("graph_runs.state = 'EXECUTING'")
_IS_HELD: Final = and_(
    graph_runs.c.id == bindparam("b_id"),
    graph_runs.c.epoch == bindparam("b_epoch"),
    graph_runs.c.state == literal(GraphRunState.EXECUTING.value),
)

# --- letting go ----------------------------------------------------------------------------------

_LET_GO: Final = update(graph_runs).where(_EXECUTES).values(owner_node=None, epoch=graph_runs.c.epoch + 1)
_LET_GO_OF_NODE: Final = _LET_GO.where(graph_runs.c.owner_node == bindparam("node"))
_LET_ALL_GO: Final = _LET_GO.where(graph_runs.c.owner_node.is_not(None))


def let_go_of_node(tx: Transaction, node: str) -> int:
    """Let go of every run that *node* owns; return how many there were."""
    return tx.execute(_LET_GO_OF_NODE, {"node": node}).rowcount


_LET_GO_OF_STRANGERS: Final = _LET_ALL_GO.where(
    graph_runs.c.owner_node.not_in(
        select(nodes.c.name).where(nodes.c.state != literal(NodeState.STOPPED.value))
    )
)


def let_go_of_strangers(tx: Transaction) -> int:
    """Let go of runs whose owner is no node that may be at work, as in a copy of a store; return how many."""
    return tx.execute(_LET_GO_OF_STRANGERS).rowcount


def let_all_go(tx: Transaction) -> int:
    """Let go of every run that anybody owns; return how many. For a start that nobody else runs beside."""
    return tx.execute(_LET_ALL_GO).rowcount


_HAND_OVER: Final = update(graph_runs).where(_IS_HELD).values(owner_node=None, epoch=graph_runs.c.epoch + 1)
_NOT_BEGUN: Final = (
    update(task_runs)
    .where(
        task_runs.c.graph_run_id == bindparam("b_run"),
        task_runs.c.task_id == bindparam("b_task"),
        TASK_EXECUTES,
    )
    .values(executions=0)
)


def hand_over(tx: Transaction, held: Sequence[GraphRun], unbegun: Iterable[tuple[int, str]]) -> None:
    """Let go of runs that are still held; *unbegun* are those of their tasks whose bodies were not begun.

    One that is lost meanwhile is left alone.
    """
    kept = {
        run.id for run in held if tx.execute(_HAND_OVER, {"b_id": run.id, "b_epoch": run.epoch}).rowcount == 1
    }
    rows = [{"b_run": run_id, "b_task": task_id} for run_id, task_id in unbegun if run_id in kept]
    if rows:
        tx.execute(_NOT_BEGUN, rows)


# --- taking up -----------------------------------------------------------------------------------

_ADOPTABLE: Final = (
    select(graph_runs)
    .where(_EXECUTES, graph_runs.c.owner_node.is_(None))
    .order_by(graph_runs.c.id)
    .limit(bindparam("n"))
)
_ADOPT: Final = (
    update(graph_runs)
    .where(graph_runs.c.id == bindparam("b_id"), graph_runs.c.epoch == bindparam("b_epoch"))
    .values(owner_node=bindparam("new_owner"), epoch=bindparam("new_epoch"))
)


def has_adoptable_runs(tx: Transaction, placements: Collection[str] | None = None) -> bool:
    """Say whether any run was let go that one of *placements* will do for."""
    return tx.execute(placed(tx, _ADOPTABLE, placements), {"n": 1}).first() is not None


def adopt_graph_runs(
    tx: Transaction, node: str, limit: int, placements: Collection[str] | None = None
) -> list[GraphRun]:
    """Give to *node* up to *limit* runs that were let go, oldest first, each with a new epoch.

    It takes those that one of its *placements* will do for (None: all).
    """
    found = tx.execute(placed(tx, _ADOPTABLE, placements), {"n": limit}).mappings()
    adopted = [
        msgspec.structs.replace(run, owner_node=node, epoch=run.epoch + 1)
        for run in map(read_graph_run, found)
    ]
    if adopted:
        tx.execute(_ADOPT, [_adopt_row(run) for run in adopted])
    return adopted


def _adopt_row(run: GraphRun) -> dict[str, Any]:
    return {
        "b_id": run.id,
        "b_epoch": run.epoch - 1,
        "new_owner": run.owner_node,
        "new_epoch": run.epoch,
    }


_TASK_RUNS: Final = (
    select(task_runs)
    .where(task_runs.c.graph_run_id.in_(bindparam("ids", expanding=True)))
    .order_by(task_runs.c.completed_at, task_runs.c.id)
)


_BEGUN: Final = (
    update(task_runs)
    .where(
        task_runs.c.graph_run_id.in_(bindparam("ids", expanding=True)),
        task_runs.c.executions == literal(0),
        TASK_EXECUTES,
    )
    .values(executions=1)
)


def note_begun(tx: Transaction, adopted: Sequence[GraphRun]) -> set[int]:
    """Record that what was handed over without having begun may begin from now on.

    Returns the ids of runs that are lost already.
    """
    lost = list_lost(tx, adopted)
    tx.execute(_BEGUN, {"ids": [run.id for run in adopted if run.id not in lost]})
    return lost


def list_task_runs(tx: Transaction, graph_run_ids: Iterable[int]) -> dict[int, list[TaskRun]]:
    """Return by graph run what its tasks have come to, those that have ended in the order of their ends."""
    found: defaultdict[int, list[TaskRun]] = defaultdict(list)
    for row in tx.execute(_TASK_RUNS, {"ids": list(graph_run_ids)}).mappings():
        found[row["graph_run_id"]].append(read_task_run(row))
    return found


_RUN_AGAIN: Final = (
    update(task_runs)
    .where(
        task_runs.c.graph_run_id == bindparam("b_run"),
        task_runs.c.task_id == bindparam("b_task"),
        TASK_EXECUTES,
        exists().where(_IS_HELD),
    )
    .values(query_id=bindparam("new_query"), executions=task_runs.c.executions + 1)
)


def run_task_again(tx: Transaction, graph_run_id: int, epoch: int, task_id: str, query_id: str) -> None:
    """Record that the body of a task that executes is begun once more, as *query_id*, or raise RunLost."""
    values = {
        "b_id": graph_run_id,
        "b_run": graph_run_id,
        "b_epoch": epoch,
        "b_task": task_id,
        "new_query": query_id,
    }
    if tx.execute(_RUN_AGAIN, values).rowcount != 1:
        raise RunLost(graph_run_id)
