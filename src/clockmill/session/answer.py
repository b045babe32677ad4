"""What a request for statements gets back."""

from collections.abc import Mapping
from typing import Any

import msgspec

from clockmill.engine.result import Result, StatementType


class Child(msgspec.Struct, frozen=True):
    """One statement of several; its result is kept under its own id."""

    query_id: str
    statement_type: StatementType


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A result, and the session as it stands afterwards.

    *changed_parameters* holds the session parameters that the statement set, with their values.
    """

    query_id: str
    result: Result
    children: tuple[Child, ...] = ()
    database: str | None
    schema: str | None
    warehouse: str | None
    role: str
    changed_parameters: Mapping[str, Any]
    parameters: Mapping[str, Any]
    """Every session parameter with the value that holds."""
