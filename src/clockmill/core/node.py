"""A node: one running server process, and what it says of itself to the others."""

import enum
import re
from datetime import datetime
from typing import Final

import msgspec

from clockmill.core.errors import InvalidRequest

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


ONLY_NODE: Final = "local"
"""The name of a node whose store is its own, whatever the machine is called today."""


class NodeState(enum.StrEnum):
    """What a node takes up: everything, nothing new, nothing at all."""

    ACTIVE = "ACTIVE"
    DRAINING = "DRAINING"
    STOPPED = "STOPPED"


class NewNode(msgspec.Struct, frozen=True, kw_only=True):
    """A node as it announces itself. *incarnation* is its process, *home* its data folder.

    *address* is where the other nodes reach it, None as long as it does not listen.
    """

    name: str
    home: str
    version: str
    incarnation: str = ""
    address: str | None = None


class Node(NewNode, frozen=True, kw_only=True):
    """A node as the store knows it. *number* stays with the name."""

    number: int
    state: NodeState
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


class NodeIsRunning(InvalidRequest):
    """A process that may be at work has the name already."""

    def __init__(self, node: Node) -> None:
        where = f" at {node.address}" if node.address else ""
        super().__init__(
            f"Node '{node.name}' is running{where}, or was until a moment ago. Give this one a name of its "
            "own with --node, or stop that one first; if it has crashed, try again in a few seconds."
        )


class UnknownNode(InvalidRequest):
    """There is no node of that name at work."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No node '{name}' is at work: 'clockmill node list' shows those that are.")


def check_node_name(text: str) -> str:
    """Return *text* if it can be the name of a node, or raise :class:`BadNodeName`."""
    if _NAME.fullmatch(text) is None:
        raise BadNodeName(text)
    return text
