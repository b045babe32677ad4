"""The seam between the runner, which decides when a task's body runs, and what runs it."""

import enum
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

from clockmill.core.cancel import CancelToken
from clockmill.core.names import QualifiedName


class GraphRunContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a body may ask about the graph run it is part of (SYSTEM$TASK_RUNTIME_INFO)."""

    root: QualifiedName
    root_id: str
    group_id: str
    attempt: int
    original_scheduled_at: datetime
    last_successful_group_id: str | None
    last_successful_scheduled_at: datetime | None
    config: str | None
    """The merged configuration of this run as compact JSON, or None."""


class BodyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One body to run: a task of a graph version, in a graph run.

    *return_values* holds, by task name, the return values (or None where none was set) of the
    ancestors that the task may ask for; *predecessors* those of them that are enabled direct
    predecessors. *statement_timeout_s* is the time limit that the runner enforces by cancelling.
    """

    task: QualifiedName
    task_id: str
    owner: str
    definition: str
    warehouse: str | None
    session_parameters: Mapping[str, Any]
    execute_as_user: str | None
    query_id: str
    graph_run: GraphRunContext
    predecessors: tuple[str, ...]
    return_values: Mapping[str, str | None]
    timeout_s: float


class BodyOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a body ended. Without *error_code* it succeeded.

    *is_system_error* marks an end that is our doing, which does not count for suspension;
    *is_cancelled* one that somebody asked for.
    """

    return_value: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    is_system_error: bool = False
    is_cancelled: bool = False
    started_at: datetime | None = None
    """When its first statement reached the engine, for the lag figures."""

    @property
    def succeeded(self) -> bool:
        return self.error_code is None


class Slot(Protocol):
    """A place in a warehouse, held while a top-level statement runs."""

    def release(self) -> None:
        """Give the place to who waits next. Releasing twice is harmless."""
        ...


class Slots(Protocol):
    """The slots of all warehouses: first come, first served, each warehouse by itself."""

    def request(
        self, warehouse: str | None, granted: Callable[[Slot], None], *, urgent: bool = False
    ) -> Callable[[], None]:
        """Call *granted* with a slot of *warehouse* (None: the system's pool) once one is free.

        It may be called before this returns, or later in the thread of whoever released; it must
        be quick. *urgent* goes ahead of the rest (a session with an open transaction). Returns a
        function that withdraws the request (and does nothing once it was granted).
        """
        ...


class Remains(enum.Enum):
    """What is left of a body whose node ended, or lost its lease, while it ran."""

    COMPLETE = "all it does is committed"
    NOTHING = "nothing of it is committed, so it can be run again"
    UNKNOWN = "it may have done a part"


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a body that was interrupted. *outcome* is given if it is complete."""

    remains: Remains
    outcome: BodyOutcome | None = None


class BodyRunner(Protocol):
    """Runs task bodies. The composition root fills it with the SQL door."""

    def needs_slot(self, definition: str) -> bool:
        """Say whether *definition* is a top-level statement that takes a warehouse slot."""
        ...

    def run(self, body: BodyRequest, slot: Slot | None, cancel: CancelToken) -> BodyOutcome:
        """Run *body* to its end in the calling thread. Never raises: a failure is an outcome.

        *slot* is the caller's to release, though the body may have done so while it waited. A body
        that another execution of it has completed meanwhile ends as that one did.
        """
        ...

    def recall(self, body: BodyRequest) -> Recall:
        """Return what is known of *body*, which a node began that has ended since, or lost its lease."""
        ...

    def forget(self, runs: Collection[tuple[str, int]]) -> None:
        """Forget what is kept for :meth:`recall` of runs, by group id and attempt, that are closed.

        Cheap: it is done later, together with others.
        """
        ...


class StreamCheck(Protocol):
    """Answers SYSTEM$STREAM_HAS_DATA in conditions."""

    def has_data(self, stream: QualifiedName) -> bool:
        """Say whether *stream* has unconsumed changes, or raise NotFound."""
        ...
