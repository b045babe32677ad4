"""Which runs a node may own, and how many it does, asked of the store."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select, text, true

from clockmill.core.placement import pattern_of
from clockmill.store.database import Transaction
from clockmill.store.tables import graph_runs

# LIKE would not do: on SQLite it takes upper and lower case for the same.
_CONTAINS: Final = {"sqlite": func.instr, "postgresql": func.strpos}


def is_placed(tx: Transaction, tokens: Collection[str] | None) -> ColumnElement[Any]:
    """Return the condition that a graph run may be owned by a node that has *tokens*.

    None stands for a node that has everything, as where there is only one.
    """
    if tokens is None:
        return true()
    contains = _CONTAINS[tx.dialect.name]
    met = (contains(graph_runs.c.needs, pattern_of(token)) > 0 for token in sorted(tokens))
    return or_(graph_runs.c.needs.is_(None), *met)


# Written out, because SQLite uses a partial index only if the condition reads like the index's.
_OWNED: Final = (
    select(graph_runs.c.owner_node, func.count())
    .where(text("graph_runs.state = 'EXECUTING'"), graph_runs.c.owner_node.is_not(None))
    .group_by(graph_runs.c.owner_node)
)


def count_owned(tx: Transaction) -> dict[str, int]:
    """Return how many graph runs each node owns that owns any."""
    return {row[0]: row[1] for row in tx.execute(_OWNED)}
