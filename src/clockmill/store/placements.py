"""Which runs a node may own, and how many it does, asked of the store."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, func, or_, select, text

from clockmill.core.placement import pattern_of
from clockmill.store.database import Transaction
from clockmill.store.tables import graph_runs

# LIKE would not do: on SQLite it takes upper and lower case for the same.
_CONTAINS: Final = {"sqlite": func.instr, "postgresql": func.strpos}


def placed(tx: Transaction, query: Select[Any], tokens: Collection[str] | None) -> Select[Any]:
    """Return *query* for those graph runs alone that a node with *tokens* may own.

    None stands for a node that has everything, as where there is only one. *query* is one that is
    built once, and so is what comes of it.
    """
    return query if tokens is None else _narrowed(tx.dialect.name, query, frozenset(tokens))


@lru_cache(maxsize=64)
def _narrowed(dialect: str, query: Select[Any], tokens: frozenset[str]) -> Select[Any]:
    contains = _CONTAINS[dialect]
    met = (contains(graph_runs.c.needs, pattern_of(token)) > 0 for token in sorted(tokens))
    return query.where(or_(graph_runs.c.needs.is_(None), *met))


# Written out, because SQLite uses a partial index only if the condition reads like the index's.
_OWNED: Final = (
    select(graph_runs.c.owner_node, func.count())
    .where(text("graph_runs.state = 'EXECUTING'"), graph_runs.c.owner_node.is_not(None))
    .group_by(graph_runs.c.owner_node)
)


def count_owned(tx: Transaction) -> dict[str, int]:
    """Return how many graph runs each node owns that owns any."""
    return {row[0]: row[1] for row in tx.execute(_OWNED)}
