"""Which runs a node may own, asked of the store."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, true

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
