"""``clockmill user``: who may sign in."""

import getpass
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.types import ExistingFile

from clockmill.cli.data_folder import (
    DEFAULT_DATA_DIR,
    OPERATOR,
    DataDirFlag,
    folded,
    open_identities,
    table,
)
from clockmill.core.errors import ClockmillError
from clockmill.core.identity import PUBLIC, User
from clockmill.service.identity import DEFAULT_WAREHOUSE
from clockmill.service.passwords import new_password

app = App(
    name="user",
    help="Manage who may sign in: users, their passwords, keys and roles.\n\n"
    "A change holds from the next request, also on a running server.",
)

Name = Annotated[str, Parameter(help="Name of the user; case does not matter unless quoted.")]
PasswordStdin = Annotated[
    bool,
    Parameter(
        name="--password-stdin", negative=(), help="Read the password from standard input, for scripts."
    ),
]
Generate = Annotated[
    bool, Parameter(name="--generate", negative=(), help="Make a password and show it once.")
]


@app.command
def add(
    name: Name,
    /,
    *,
    role: Annotated[
        list[str] | None,
        Parameter(name="--role", negative=(), help="A role to grant; repeatable. The first is the default."),
    ] = None,
    warehouse: Annotated[
        str, Parameter(help="The warehouse that sessions of the user begin with.")
    ] = DEFAULT_WAREHOUSE,
    comment: Annotated[str | None, Parameter(help="A note that 'user list' shows.")] = None,
    password_stdin: PasswordStdin = False,
    generate: Generate = False,
    no_password: Annotated[
        bool,
        Parameter(name="--no-password", negative=(), help="Only keys or tokens shall open the door."),
    ] = False,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Add a user. Asks for a password unless told where it comes from.

    Every user has the role PUBLIC; roles given here must exist ('user grant-role' makes new ones).
    """
    if password_stdin + generate + no_password > 1:
        raise ClockmillError("Give only one of --password-stdin, --generate and --no-password.")
    user = folded(name)
    roles = [folded(text) for text in role or ()]
    with open_identities(data_dir) as identities:
        password = None if no_password else _password(user, password_stdin, generate)
        identities.create_user(
            OPERATOR,
            user,
            password=password,
            roles=frozenset(roles),
            default_role=roles[0] if roles else None,
            default_warehouse=folded(warehouse),
            comment=comment,
        )
    print(f"User {user} was added, with the role(s) {', '.join(sorted({*roles, PUBLIC}))}.")
    if generate:
        print(f"Password (shown only now): {password}")


@app.command(name="list")
def list_(*, data_dir: DataDirFlag = DEFAULT_DATA_DIR) -> None:
    """List all users: their roles, how they may sign in, and who is disabled."""
    with open_identities(data_dir) as identities:
        users = identities.list_users(OPERATOR)
    head = ("NAME", "STATE", "ROLES", "DEFAULT ROLE", "SIGNS IN WITH", "COMMENT")
    print(table(head, [_row(user) for user in users]))


def _row(user: User) -> tuple[str, ...]:
    ways = ["password"] if user.has_password else []
    ways += [f"key {slot} ({fingerprint})" for slot, fingerprint in sorted(user.key_fingerprints.items())]
    return (
        user.name,
        "disabled" if user.is_disabled else "enabled",
        ",".join(sorted(user.roles)),
        user.default_role or PUBLIC,
        ", ".join(ways) or "tokens only",
        user.comment or "",
    )


@app.command
def disable(name: Name, /, *, data_dir: DataDirFlag = DEFAULT_DATA_DIR) -> None:
    """Shut a user out: every session ends, and no password, key or token opens the door."""
    user = folded(name)
    with open_identities(data_dir) as identities:
        identities.set_disabled(OPERATOR, user, True)
    print(f"User {user} is disabled.")


@app.command
def enable(name: Name, /, *, data_dir: DataDirFlag = DEFAULT_DATA_DIR) -> None:
    """Let a disabled user in again."""
    user = folded(name)
    with open_identities(data_dir) as identities:
        identities.set_disabled(OPERATOR, user, False)
    print(f"User {user} is enabled.")


@app.command
def password(
    name: Name,
    /,
    *,
    password_stdin: PasswordStdin = False,
    generate: Generate = False,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Set a user's password, and end the user's sessions. Asks for it unless told otherwise."""
    if password_stdin and generate:
        raise ClockmillError("Give only one of --password-stdin and --generate.")
    user = folded(name)
    with open_identities(data_dir) as identities:
        new = _password(user, password_stdin, generate)
        identities.set_password(OPERATOR, user, new)
    print(f"User {user} has a new password.")
    if generate:
        print(f"Password (shown only now): {new}")


@app.command
def key(
    name: Name,
    /,
    *,
    public_key: Annotated[
        ExistingFile | None, Parameter(help="File with an RSA public key in PEM ('openssl rsa -pubout').")
    ] = None,
    remove: Annotated[bool, Parameter(negative=(), help="Take the key away instead.")] = False,
    slot: Annotated[int, Parameter(help="1 or 2: two keys let a new one come before the old one goes.")] = 1,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Set or remove a public key, with which a user signs in by key pair (JWT)."""
    if (public_key is None) != remove:
        raise ClockmillError("Give either --public-key FILE or --remove.")
    if slot not in {1, 2}:
        raise ClockmillError(f"A user has the key slots 1 and 2; there is no slot {slot}.")
    user = folded(name)
    with open_identities(data_dir) as identities:
        pem = None if public_key is None else Path(public_key).read_text(encoding="utf-8", errors="replace")
        fingerprint = identities.set_key(OPERATOR, user, pem, slot=slot)
    if fingerprint is None:
        print(f"User {user} has no key {slot} any more.")
    else:
        print(f"Key {slot} of user {user}: {fingerprint}")


@app.command(name="grant-role")
def grant_role(
    name: Name,
    role: Annotated[str, Parameter(help="Name of the role.")],
    /,
    *,
    create: Annotated[bool, Parameter(negative=(), help="Make the role if there is none.")] = False,
    revoke: Annotated[bool, Parameter(negative=(), help="Take the role away instead.")] = False,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Let a user act in a role, or, with --revoke, no longer."""
    if create and revoke:
        raise ClockmillError("Give only one of --create and --revoke.")
    user, granted = folded(name), folded(role)
    with open_identities(data_dir) as identities:
        if revoke:
            identities.revoke_role(OPERATOR, user, granted)
        else:
            if create:
                identities.create_role(OPERATOR, granted)
            identities.grant_role(OPERATOR, user, granted)
    print(f"Role {granted} was {'revoked from' if revoke else 'granted to'} user {user}.")


def _password(user: str, from_stdin: bool, generate: bool) -> str:
    if generate:
        return new_password()
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not _is_terminal():
        raise ClockmillError(
            "There is no terminal to ask for a password: use --password-stdin or --generate."
        )
    first = getpass.getpass(f"New password for {user}: ")
    if getpass.getpass("The same again: ") != first:
        raise ClockmillError("The two passwords differ. Nothing was changed.")
    return first


def _is_terminal() -> bool:
    return sys.stdin.isatty()
