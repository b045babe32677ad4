"""The sentences that answer a statement which has done something, alike for all kinds of objects."""

from typing import Final

DONE: Final = "Statement executed successfully."


def created(kind: str, name: str) -> str:
    return f"{kind} {name} successfully created."


def already_there(name: str) -> str:
    """Return what CREATE ... IF NOT EXISTS answers about a name that is taken."""
    return f"{name} already exists, statement succeeded."


def dropped(name: str) -> str:
    return f"{name} successfully dropped."


def already_dropped(name: str) -> str:
    """Return what DROP ... IF EXISTS answers about a name that nothing has."""
    return f"Drop statement executed successfully ({name} already dropped)."
