"""``clockmill token``: programmatic access tokens."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from clockmill.cli.data_folder import (
    DEFAULT_DATA_DIR,
    OPERATOR,
    DataDirFlag,
    folded,
    open_identities,
    table,
)
from clockmill.clock import SystemClock
from clockmill.core.identity import TokenInfo

app = App(
    name="token",
    help="Manage access tokens, with which programs sign in as a user.\n\n"
    "REST takes one as 'Authorization: Bearer TOKEN', the connectors as the password. "
    "A revocation holds from the next request, also on a running server.",
)

UserFlag = Annotated[str, Parameter(name="--user", help="Whose token it is.")]
TokenName = Annotated[str, Parameter(name="--name", help="Name of the token, unique for its user.")]


@app.command
def create(
    name: TokenName,
    *,
    user: UserFlag = "ADMIN",
    days: Annotated[int, Parameter(help="How long it opens anything, 1 to 365.")] = 90,
    role: Annotated[
        str | None, Parameter(help="Restrict it to one of the user's roles; else all of them.")
    ] = None,
    quiet: Annotated[
        bool, Parameter(name=["--quiet", "-q"], negative=(), help="Print the token alone, for scripts.")
    ] = False,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """Make an access token and show it, this once: it is kept nowhere."""
    with open_identities(data_dir) as identities:
        token, secret = identities.create_token(
            OPERATOR, folded(user), folded(name), days=days, role=folded(role) if role else None
        )
    if quiet:
        print(secret)
        return
    print(f"Token {token.name} of user {token.user}, until {_day(token.expires_on)} (shown only now):")
    print(secret)


@app.command(name="list")
def list_(
    *,
    user: Annotated[str | None, Parameter(name="--user", help="Only tokens of this user.")] = None,
    data_dir: DataDirFlag = DEFAULT_DATA_DIR,
) -> None:
    """List access tokens, without their secrets."""
    with open_identities(data_dir) as identities:
        tokens = identities.list_tokens(OPERATOR, folded(user) if user else None)
    now = SystemClock().now()
    head = ("USER", "NAME", "STATE", "ROLE", "CREATED", "EXPIRES")
    print(table(head, [_row(token, now) for token in tokens]))


def _row(token: TokenInfo, now: datetime) -> tuple[str, ...]:
    state = "valid" if token.is_valid(now) else "revoked" if token.revoked_on else "expired"
    return (
        token.user,
        token.name,
        state,
        token.role_restriction or "(any)",
        _day(token.created_on),
        _day(token.expires_on),
    )


def _day(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


@app.command
def revoke(name: TokenName, *, user: UserFlag = "ADMIN", data_dir: DataDirFlag = DEFAULT_DATA_DIR) -> None:
    """Make an access token open nothing any more, and end the sessions it has opened."""
    owner, token = folded(user), folded(name)
    with open_identities(data_dir) as identities:
        identities.revoke_token(OPERATOR, owner, token)
    print(f"Token {token} of user {owner} is revoked.")
