"""Who is asking. Every use case takes a caller, and one function (service/access) decides."""

from typing import Final

import msgspec

from clockmill.core.names import SchemaName


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A user acting in one role.

    *roles* holds every role granted to the user, *role* the one in use. *warehouse* is what the
    request or session asks for, *home* where names without a database or schema are looked up.
    """

    user: str
    role: str
    roles: frozenset[str] = frozenset()
    warehouse: str | None = None
    home: SchemaName | None = None
    session_id: int | None = None


SYSTEM_USER: Final = "SYSTEM"
"""The user under whom task runs appear unless they execute as somebody."""
