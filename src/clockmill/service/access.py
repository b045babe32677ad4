"""Who may do what: the one place that decides."""

import enum
from typing import Final

from clockmill.core.caller import Caller
from clockmill.core.errors import InsufficientPrivileges
from clockmill.core.identity import ACCOUNTADMIN, PUBLIC


class Action(enum.Enum):
    """What somebody wants to do with an object."""

    SEE = "know that it exists, and what it is"
    USE = "work with it or in it"
    CREATE = "make something in it"
    OPERATE = "resume, suspend, execute, cancel"
    CHANGE = "alter, replace, tag or drop it"
    ADMINISTER = "change who may come in, and what they may do"


_OF_THE_OWNER: Final = {Action.OPERATE, Action.CHANGE}


def authorize(
    caller: Caller, action: Action, *, owner: str | None = None, kind: str = "object", name: object = ""
) -> None:
    """Return if *caller* may do *action* to the object that role *owner* owns; else raise.

    Raises :class:`InsufficientPrivileges`, which names the object as *kind* and *name*. Today
    everybody sees, uses and creates; what changes an object takes its owner or ACCOUNTADMIN.
    """
    if not _is_allowed(caller.role, action, owner):
        raise InsufficientPrivileges(kind, name)


def _is_allowed(role: str, action: Action, owner: str | None) -> bool:
    if role == ACCOUNTADMIN:
        return True
    if action is Action.ADMINISTER:
        return False
    return action not in _OF_THE_OWNER or owner in {None, role, PUBLIC}
