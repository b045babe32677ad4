"""Who may do what."""

import pytest

from clockmill.core.caller import Caller
from clockmill.core.errors import InsufficientPrivileges
from clockmill.service.access import Action, authorize


def may(role: str, action: Action, owner: str | None) -> bool:
    try:
        authorize(Caller(user="U", role=role), action, owner=owner, kind="task", name="T")
    except InsufficientPrivileges:
        return False
    return True


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("owner", [None, "SYSADMIN", "ACCOUNTADMIN"])
def test_accountadmin_may_do_everything(action: Action, owner: str | None) -> None:
    assert may("ACCOUNTADMIN", action, owner)


@pytest.mark.parametrize("action", [Action.SEE, Action.USE, Action.CREATE])
def test_everybody_may_see_use_and_create(action: Action) -> None:
    assert may("PUBLIC", action, "SYSADMIN")


@pytest.mark.parametrize("action", [Action.OPERATE, Action.CHANGE])
def test_changes_take_the_owner(action: Action) -> None:
    assert may("ANALYST", action, "ANALYST")
    assert not may("SYSADMIN", action, "ANALYST")


def test_what_public_owns_is_everybodys() -> None:
    assert may("ANALYST", Action.CHANGE, "PUBLIC")


def test_only_accountadmin_administers() -> None:
    assert not may("SYSADMIN", Action.ADMINISTER, None)


def test_a_refusal_names_the_object() -> None:
    with pytest.raises(InsufficientPrivileges, match=r"operate on task 'DB\.S\.T'"):
        authorize(Caller(user="U", role="R"), Action.CHANGE, owner="X", kind="task", name="DB.S.T")
