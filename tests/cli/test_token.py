"""``clockmill token``."""

from pathlib import Path

import pytest
from tests.cli.commands import Commands

from clockmill.clock import SystemClock
from clockmill.core.errors import InvalidRequest
from clockmill.core.identity import NoSuchToken, RoleNotGranted
from clockmill.core.signin import InvalidAccessToken
from clockmill.service.signin import Signin
from clockmill.store.data_dir import DataDir
from clockmill.store.database import Store


def test_a_token_works_until_it_is_revoked_on_a_running_server(commands: Commands, data_dir: Path) -> None:
    with Store.open(DataDir(data_dir, None).store_file) as store:
        signin = Signin(store=store, clock=SystemClock())
        head, secret = commands.run("token", "create", "ci", "--role", "sysadmin").splitlines()
        assert head.startswith("Token CI of user ADMIN, until ")
        assert signin.bearer(secret, None, "").roles == frozenset({"SYSADMIN"})

        assert commands.run("token", "revoke", "ci") == "Token CI of user ADMIN is revoked.\n"

        with pytest.raises(InvalidAccessToken):
            signin.bearer(secret, None, "")


def test_the_name_of_a_token_may_be_a_flag(commands: Commands) -> None:
    """The README says it so."""
    commands.run("token", "create", "--user", "ADMIN", "--name", "laptop", "--quiet")
    assert "LAPTOP" in commands.run("token", "list")
    assert "revoked" in commands.run("token", "revoke", "--name", "laptop")


def test_a_script_gets_the_token_alone(commands: Commands, data_dir: Path) -> None:
    secret = commands.run("token", "create", "ci", "-q")
    with Store.open(DataDir(data_dir, None).store_file) as store:
        signin = Signin(store=store, clock=SystemClock())
        assert signin.bearer(secret.removesuffix("\n"), None, "").user == "ADMIN"


def test_the_list_has_states_but_no_secrets(commands: Commands) -> None:
    secret = commands.run("token", "create", "ci", "-q").strip()
    commands.run("token", "create", "old", "-q")
    commands.run("token", "revoke", "old")
    listed = commands.run("token", "list", "--user", "admin")
    assert secret not in listed
    assert [line.split()[:4] for line in listed.splitlines()[1:]] == [
        ["ADMIN", "CI", "valid", "(any)"],
        ["ADMIN", "OLD", "revoked", "(any)"],
    ]
    assert commands.run("token", "list") == listed


def test_mistakes_are_told(commands: Commands) -> None:
    with pytest.raises(InvalidRequest, match="1 to 365"):
        commands.run("token", "create", "ci", "--days", "400")
    with pytest.raises(RoleNotGranted):
        commands.run("token", "create", "ci", "--role", "auditor")
    with pytest.raises(NoSuchToken):
        commands.run("token", "revoke", "ci")
