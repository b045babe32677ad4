"""What graphs need of the node that runs them: read from their tasks, and from where warehouses may run."""

import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

from clockmill.core.errors import InvalidRequest
from clockmill.core.graph import Graph
from clockmill.core.placement import TaskNeeds, needs_of
from clockmill.core.task import Task
from clockmill.sql.classify import read_statement
from clockmill.sql.functions import CallFunctions
from clockmill.sql.statement import Statement
from clockmill.sql.task import AlterTask, CreateTask, ExecuteTask, SwitchTask
from clockmill.store import versions, warehouses
from clockmill.store.database import Transaction
from clockmill.store.fires import VersionKey

_WITHOUT_ENGINE: Final[frozenset[type[Statement]]] = frozenset(
    {ExecuteTask, CreateTask, AlterTask, SwitchTask}
)
"""Statements of ours that reach no engine. Whatever is not here is taken to need one."""

_ASKS_STREAMS: Final = "STREAM_HAS_DATA"
"""Part of the one function that conditions and calls ask the engine with."""

_MOST_KEPT: Final = 50_000
"""Graph versions whose demands are remembered: some hundred bytes each."""


class Demand(msgspec.Struct, frozen=True):
    """What a graph's tasks ask for: an engine or not, and the warehouses that they name."""

    engine: bool
    warehouses: frozenset[str]


class Placement:
    """Works out what runs need, and remembers of each graph version what its tasks ask for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._demands: dict[VersionKey, Demand] = {}

    def needs(self, key: VersionKey, graph: Graph, placed: Mapping[str, frozenset[str]]) -> str | None:
        """Return what a run of *graph*, which is the version *key*, needs.

        *placed* holds, by name, the nodes of the warehouses that do not run on all.
        """
        demand = self._demands.get(key) or self._keep(key, demand_of(graph))
        tasks = [TaskNeeds(demand.engine)]
        tasks += [TaskNeeds(False, placed[name]) for name in demand.warehouses & placed.keys()]
        return needs_of(tasks)

    def needs_of_version(self, tx: Transaction, key: VersionKey) -> str | None:
        """Return what a run of the version *key* needs as warehouses are placed now."""
        placed = warehouses.list_placed(tx)
        demand = self._demands.get(key)
        if demand is not None and not placed:
            return needs_of([TaskNeeds(demand.engine)])
        graph = versions.load_version(tx, *key)
        return None if graph is None else self.needs(key, graph, placed)

    def _keep(self, key: VersionKey, demand: Demand) -> Demand:
        with self._lock:
            self._demands[key] = demand
            while len(self._demands) > _MOST_KEPT:
                del self._demands[next(iter(self._demands))]
        return demand


def demand_of(graph: Graph) -> Demand:
    """Return what the tasks of *graph* that a run may run ask for."""
    active = [task for task in graph.tasks if graph.is_active(task.name.name)]
    return Demand(
        engine=any(map(_needs_engine, active)),
        warehouses=frozenset(task.spec.warehouse for task in active if task.spec.warehouse is not None),
    )


def _needs_engine(task: Task) -> bool:
    condition = task.spec.condition
    if condition is not None and _ASKS_STREAMS in condition.upper():
        return True
    return body_needs_engine(task.spec.definition)


@lru_cache(maxsize=4096)
def body_needs_engine(definition: str) -> bool:
    """Say whether the body *definition* may reach an engine; one that cannot be read does not."""
    try:
        statement = read_statement(definition)
    except InvalidRequest:
        return False
    if isinstance(statement, CallFunctions):
        return any(_ASKS_STREAMS in call.name for call in statement.calls)
    return type(statement) not in _WITHOUT_ENGINE
