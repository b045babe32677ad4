"""Ids of statements."""

import uuid


def new_query_id() -> str:
    """Return an id that nobody can guess."""
    return str(uuid.uuid4())
