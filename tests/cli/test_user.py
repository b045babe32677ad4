"""``clockmill user``."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.commands import ADMIN_PASSWORD, Commands
from tests.service.doorway import public_pem

from clockmill.clock import SystemClock
from clockmill.core.errors import ClockmillError
from clockmill.core.identity import BadKey, BadPassword, NoSuchRole, NoSuchUser, RoleNotGranted, UserExists
from clockmill.core.signin import Login, Password, SessionGone, UserDisabled, WrongPassword
from clockmill.service.signin import Signin
from clockmill.store.data_dir import DataDir, NoDataDir
from clockmill.store.database import Store


class Server:
    """The sign-in of a server that runs on the folder meanwhile."""

    def __init__(self, store: Store) -> None:
        self.signin = Signin(store=store, clock=SystemClock())

    def sign_in(self, user: str, password: str = ADMIN_PASSWORD) -> Login:
        return self.signin.login(Password(user, password), address="127.0.0.1")


@pytest.fixture
def server(data_dir: Path) -> Iterator[Server]:
    with DataDir.claim(data_dir) as folder, Store.open(folder.store_file) as store:
        yield Server(store)


def test_an_added_user_can_sign_in_at_once(commands: Commands, server: Server) -> None:
    said = commands.run("user", "add", "ann", "--role", "sysadmin", "--password-stdin", typed="a long one\n")

    assert said == "User ANN was added, with the role(s) PUBLIC, SYSADMIN.\n"
    session = server.sign_in("ann", "a long one").session
    assert (session.user, session.role, session.warehouse) == ("ANN", "SYSADMIN", "COMPUTE_WH")


def test_a_generated_password_is_shown_once_and_works(commands: Commands, server: Server) -> None:
    said = commands.run("user", "add", "ann", "--generate")
    shown = said.splitlines()[-1].removeprefix("Password (shown only now): ")
    assert server.sign_in("ann", shown).session.user == "ANN"
    assert shown not in commands.run("user", "list")


def test_a_user_may_be_added_without_a_password(commands: Commands, server: Server) -> None:
    commands.run("user", "add", '"Ann Other"', "--no-password", "--comment", "reads only")
    listed = commands.run("user", "list")
    assert "Ann Other" in listed
    assert "tokens only" in listed
    assert "reads only" in listed


def test_a_password_is_asked_for_only_at_a_terminal(commands: Commands) -> None:
    with pytest.raises(ClockmillError, match="--password-stdin or --generate"):
        commands.run("user", "add", "ann")


def test_two_ways_to_a_password_are_refused(commands: Commands) -> None:
    with pytest.raises(ClockmillError, match="only one of"):
        commands.run("user", "add", "ann", "--generate", "--no-password")
    with pytest.raises(ClockmillError, match="only one of"):
        commands.run("user", "password", "admin", "--generate", "--password-stdin")


def test_a_password_that_is_typed_is_asked_for_twice(
    commands: Commands, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["a long one", "a lang one", "a long one", "a long one"])
    monkeypatch.setattr("clockmill.cli.user.getpass.getpass", lambda _: next(answers))
    monkeypatch.setattr("clockmill.cli.user._is_terminal", lambda: True)
    with pytest.raises(ClockmillError, match="differ"):
        commands.run("user", "password", "admin")
    commands.run("user", "password", "admin")
    assert server.sign_in("admin", "a long one").session.user == "ADMIN"


def test_the_list_shows_roles_states_and_ways_to_sign_in(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(public_pem("one"))
    commands.run("user", "key", "admin", "--public-key", str(tmp_path / "key.pub"), "--slot", "2")
    commands.run("user", "disable", "admin")
    head, admin = commands.run("user", "list").splitlines()
    assert head.split() == ["NAME", "STATE", "ROLES", "DEFAULT", "ROLE", "SIGNS", "IN", "WITH", "COMMENT"]
    for part in ("ADMIN", "disabled", "ACCOUNTADMIN,PUBLIC,SYSADMIN", "password, key 2 (SHA256:"):
        assert part in admin


def test_disabling_ends_the_session_on_a_running_server(commands: Commands, server: Server) -> None:
    login = server.sign_in("admin")
    server.signin.session(login.token)

    assert commands.run("user", "disable", "admin") == "User ADMIN is disabled.\n"

    with pytest.raises(SessionGone):
        server.signin.session(login.token)
    with pytest.raises(UserDisabled):
        server.sign_in("admin")
    assert commands.run("user", "enable", "admin") == "User ADMIN is enabled.\n"
    server.sign_in("admin")


def test_a_new_password_replaces_the_old_one(commands: Commands, server: Server) -> None:
    commands.run("user", "password", "admin", "--password-stdin", typed="another one\n")
    server.sign_in("admin", "another one")
    with pytest.raises(WrongPassword):
        server.sign_in("admin")


def test_a_bad_password_changes_nothing(commands: Commands, server: Server) -> None:
    with pytest.raises(BadPassword):
        commands.run("user", "password", "admin", "--password-stdin", typed="short\n")
    server.sign_in("admin")


def test_a_key_is_set_and_removed(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(public_pem("one"))
    said = commands.run("user", "key", "admin", "--public-key", str(tmp_path / "key.pub"))
    assert said.startswith("Key 1 of user ADMIN: SHA256:")
    assert commands.run("user", "key", "admin", "--remove") == "User ADMIN has no key 1 any more.\n"


def test_a_key_takes_a_file_or_a_removal_and_a_slot_that_exists(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_bytes(b"\xff\xfe no key")
    with pytest.raises(ClockmillError, match="either --public-key FILE or --remove"):
        commands.run("user", "key", "admin")
    with pytest.raises(ClockmillError, match="slots 1 and 2"):
        commands.run("user", "key", "admin", "--remove", "--slot", "3")
    with pytest.raises(BadKey):
        commands.run("user", "key", "admin", "--public-key", str(tmp_path / "key.pub"))


def test_roles_are_granted_and_revoked(commands: Commands) -> None:
    with pytest.raises(NoSuchRole):
        commands.run("user", "grant-role", "admin", "auditor")
    said = commands.run("user", "grant-role", "admin", "auditor", "--create")
    assert said == "Role AUDITOR was granted to user ADMIN.\n"
    said = commands.run("user", "grant-role", "admin", "auditor", "--revoke")
    assert said == "Role AUDITOR was revoked from user ADMIN.\n"
    with pytest.raises(RoleNotGranted):
        commands.run("user", "grant-role", "admin", "auditor", "--revoke")
    with pytest.raises(ClockmillError, match="only one of"):
        commands.run("user", "grant-role", "admin", "auditor", "--revoke", "--create")


def test_names_that_exist_already_or_not_at_all_are_told(commands: Commands) -> None:
    with pytest.raises(UserExists):
        commands.run("user", "add", "admin", "--no-password")
    with pytest.raises(NoSuchUser):
        commands.run("user", "disable", "nobody")
    with pytest.raises(ClockmillError, match="'my user' is not a name"):
        commands.run("user", "disable", "my user")


def test_a_folder_without_data_is_told_with_what_to_do(commands: Commands, tmp_path: Path) -> None:
    with pytest.raises(NoDataDir, match="clockmill serve --data-dir"):
        commands.run("user", "list", "--data-dir", str(tmp_path))


def test_a_first_start_that_was_not_finished_is_told(commands: Commands, tmp_path: Path) -> None:
    Store.open(tmp_path / "clockmill.db").close()
    with pytest.raises(ClockmillError, match="was not finished"):
        commands.run("user", "list", "--data-dir", str(tmp_path))
