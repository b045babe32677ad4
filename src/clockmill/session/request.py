"""What is asked: a request, and each statement that is carried out for it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clockmill.core.cancel import CancelToken
from clockmill.engine.completion import Completion
from clockmill.engine.protocol import Binding
from clockmill.session.engine_link import Link
from clockmill.session.slots import SlotHolder
from clockmill.session.state import SessionState

Bindings = Mapping[str, Binding] | Sequence[Mapping[str, Binding]]
"""Bind values by position; or, for array binding, a list of them with one entry for each row."""


class Request:
    """A request of a client or a task: its settings, its values, and how it is stopped."""

    def __init__(
        self,
        *,
        settings: Mapping[str, Any],
        bindings: Bindings,
        describe_only: bool,
        cancel: CancelToken,
        detached: bool,
        slot: SlotHolder | None,
        completion: Completion | None = None,
    ) -> None:
        self.settings = settings
        self.bindings = bindings
        self.describe_only = describe_only
        self.cancel = cancel
        self.detached = detached
        self.slot = slot
        self.completion = completion
        """The marker that a task's body leaves; None for what is not marked."""
        self.limit_s: float | None = None
        """The time limit of the statement under way, in seconds; None for the default or a task's."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """One statement to carry out: its text and id, for which request, in which session, and how."""

    sql: str
    query_id: str
    request: Request
    state: SessionState
    link: Link
    cancel: CancelToken
    slot: SlotHolder
    depth: int = 0
    """How many statements it is within."""
    outputs: dict[str, Binding] | None = None
    """In a script: takes the values for its variables, by bind value, that a CALL hands back."""
    only_reads: bool = False
    """True where a query reads what the statement gives, and so nothing may be changed."""
