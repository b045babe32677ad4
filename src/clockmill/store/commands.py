"""What somebody asks of the owner of a graph run, who alone may change it."""

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from clockmill.store.database import Transaction
from clockmill.store.tables import commands, graph_runs


class CancelCommand(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants a task of a graph run to be stopped."""

    graph_run_id: int
    task_id: str


_INSERT: Final = insert(commands)


def insert_cancel(tx: Transaction, command: CancelCommand, now: datetime) -> None:
    """Ask whoever owns the run."""
    tx.execute(
        _INSERT,
        {
            "graph_run_id": command.graph_run_id,
            "kind": "CANCEL",
            "task_id": command.task_id,
            "created_on": now,
        },
    )


_OF_NODE: Final = (
    select(commands.c.id, commands.c.graph_run_id, commands.c.task_id)
    .join(graph_runs, graph_runs.c.id == commands.c.graph_run_id)
    .where(graph_runs.c.owner_node == bindparam("node"))
    .order_by(commands.c.id)
)
_ANY_OF_NODE: Final = _OF_NODE.limit(1)


def has_commands(tx: Transaction, node: str) -> bool:
    """Say whether *node* is asked for anything."""
    return tx.execute(_ANY_OF_NODE, {"node": node}).first() is not None


_DELETE: Final = delete(commands).where(commands.c.id == bindparam("b_id"))


def take_commands(tx: Transaction, node: str) -> list[CancelCommand]:
    """Return, and forget, what *node* is asked for."""
    rows = tx.execute(_OF_NODE, {"node": node}).all()
    if rows:
        tx.execute(_DELETE, [{"b_id": row[0]} for row in rows])
    return [CancelCommand(graph_run_id=row[1], task_id=row[2]) for row in rows]
