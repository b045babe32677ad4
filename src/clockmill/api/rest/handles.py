"""Handles of results that are fetched later. They say which node keeps the result."""

import re
import secrets
import uuid
from typing import Final

_HANDLE: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[0-9]\Z")
_NODE: Final = slice(32, 36)
"""Where the number of the node stands. What is left is still more than anybody guesses."""


def new_handle(number: int | None) -> str:
    """Return a handle of the node *number*; None is the only one there is."""
    text = f"{uuid.uuid4()}{secrets.randbelow(10)}"
    return text if number is None else f"{text[: _NODE.start]}{number:04x}{text[_NODE.stop :]}"


def is_handle(text: str) -> bool:
    """Say whether *text* has the form of a handle."""
    return _HANDLE.match(text) is not None


def number_of(text: str) -> int | None:
    """Return the number of the node that keeps the result; None for what is no handle."""
    return int(text[_NODE], 16) if is_handle(text) else None
