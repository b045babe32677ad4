"""With what a node takes graph runs, those that are queued and those that were let go."""

from collections.abc import Callable, Collection

import msgspec

from clockmill.clock import Clock
from clockmill.runner.conditions import Conditions
from clockmill.runner.execution import Execution
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.live import LiveRun
from clockmill.store.database import Store


class Means(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The collaborators of whoever takes runs for *node* into *owned*, while it *may_take* any.

    It takes those that one of *placements* will do for (None: all), and *execution* goes on with them.
    """

    store: Store
    clock: Clock
    graphs: GraphCache
    conditions: Conditions
    execution: Execution
    owned: dict[int, LiveRun]
    node: str
    placements: Collection[str] | None
    may_take: Callable[[], bool]
