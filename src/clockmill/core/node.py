"""A node: one running server process, and what it says of itself to the others."""

import enum
import re
from datetime import datetime
from typing import Final

import msgspec

from clockmill.core.errors import InvalidRequest, NotFound

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


ONLY_NODE: Final = "local"
"""The name of a node whose store is its own, whatever the machine is called today."""


class NodeState(enum.StrEnum):
    """What a node takes up: everything, nothing new, nothing at all."""

    ACTIVE = "ACTIVE"
    DRAINING = "DRAINING"
    STOPPED = "STOPPED"


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A node as the store knows it. *number* stays with the name; *incarnation* is its process.

    *address* is where the other nodes reach it, None as long as it does not listen.
    """

    name: str
    number: int
    incarnation: str
    address: str | None
    state: NodeState
    version: str
    started_on: datetime
    lease_until: datetime

    def is_alive(self, now: datetime) -> bool:
        """Say whether its lease lasts at *now*: it may be at work."""
        return self.state is not NodeState.STOPPED and self.lease_until > now


class BadNodeName(InvalidRequest):
    """A name that no node can have."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"'{text}' cannot be the name of a node: take small letters, digits, '.', '_' and '-', "
            "63 characters at most."
        )


class UnknownNode(NotFound):
    """There is no node of that name."""

    def __init__(self, name: str) -> None:
        super().__init__("Node", name)
        self.message = f"There is no node '{name}': 'clockmill node list' shows those that there are."


def check_node_name(text: str) -> str:
    """Return *text* if it can be the name of a node, or raise :class:`BadNodeName`."""
    if _NAME.fullmatch(text) is None:
        raise BadNodeName(text)
    return text
