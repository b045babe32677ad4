"""Settings: read once, from a file, then the environment, then flags; the later one wins.

Lower layers never see this module: the composition root hands them plain values.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from clockmill.core.errors import ClockmillError

ENVIRONMENT_PREFIX: Final = "CLOCKMILL_"

_SECRET: Final = frozenset({"admin_password", "store"})
"""Settings whose values are never shown: there may be a password in them."""


class BadSetting(ClockmillError):
    """A setting that does not exist, or has a value that it cannot have."""


def _doc(text: str, **limits: Any) -> Meta:
    return Meta(description=text, **limits)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting there is. Times are seconds unless the name says otherwise."""

    data_dir: Annotated[str, _doc("Folder that holds all state; made at the first start.")] = "clockmill-data"
    store: Annotated[
        str | None, _doc("URL of the PostgreSQL that nodes share, `postgresql://…`; else a file in data_dir.")
    ] = None
    host: Annotated[str, _doc("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, _doc("Port to listen on; 0 picks a free one.", ge=0, le=65535)] = 8700
    account: Annotated[str, _doc("Name of the account, set at the first start.")] = "CLOCKMILL"
    admin_password: Annotated[
        str | None, _doc("Password of ADMIN at the first start; generated and shown once if unset.")
    ] = None
    allowed_hosts: Annotated[
        tuple[str, ...],
        _doc("Host names that requests may name besides the listening address; `*` allows any."),
    ] = ()
    insecure_listen: Annotated[
        bool, _doc("Allow listening beyond loopback without TLS (behind a proxy that has it).")
    ] = False
    tls_certificate: Annotated[str | None, _doc("PEM file with the server's certificate chain.")] = None
    tls_key: Annotated[str | None, _doc("PEM file with the certificate's private key.")] = None

    node: Annotated[
        str | None,
        _doc(
            "Name of this server among those that share a store: small letters, digits and `._-`; "
            "unset: the machine's."
        ),
    ] = None
    lease: Annotated[
        float,
        _doc(
            "How long a node may be silent before others that share its store take its runs.", ge=1, le=3600
        ),
    ] = 10.0
    advertise: Annotated[
        str | None,
        _doc("URL under which other nodes reach this one, such as `http://10.0.0.7:8700`; unset: its own."),
    ] = None

    sync_wait: Annotated[
        float, _doc("How long a REST request is waited for before it is answered 202; 0: never.", ge=0)
    ] = 45.0
    page_size: Annotated[int, _doc("Rows in one page of a REST listing.", ge=1)] = 1000
    max_body_bytes: Annotated[int, _doc("Largest request body, counted after decompression.", ge=1024)] = (
        16 * 1024 * 1024
    )
    body_timeout: Annotated[float, _doc("How long a request's body may take to arrive.", gt=0)] = 30.0
    requests_per_minute: Annotated[
        int, _doc("REST requests a user may make in a minute; 0: no limit.", ge=0)
    ] = 0
    result_lifetime: Annotated[float, _doc("How long results of deferred requests are kept.", gt=0)] = 3600.0

    session_lifetime: Annotated[float, _doc("Life of a session token; use renews it.", ge=1)] = 4 * 3600.0
    master_lifetime: Annotated[float, _doc("Life of the token that renews a session.", ge=1)] = (
        7 * 24 * 3600.0
    )

    engine_memory: Annotated[
        str,
        _doc(
            "Memory the embedded engine may use, such as `512MB` or `4GiB`.",
            pattern=r"^[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B$",
        ),
    ] = "2GB"
    engine_threads: Annotated[int, _doc("Threads of the embedded engine; 0: one a core.", ge=0)] = 0
    system_slots: Annotated[
        int, _doc("Statements at once for tasks and sessions without a warehouse.", ge=1)
    ] = 4
    transaction_timeout: Annotated[
        float, _doc("How long an explicit transaction may stay idle while it holds locks.", gt=0)
    ] = 300.0

    complete_graphs_minutes: Annotated[
        int, _doc("How far back complete-graphs looks; the store keeps more.", ge=1)
    ] = 60
    misfire: Annotated[
        Literal["skip", "last", "all"],
        _doc("Which fires are made up for that a downtime or a long run has missed: `skip` is none."),
    ] = "skip"
    misfire_limit: Annotated[
        int, _doc("How many missed fires of a root may wait with `misfire` `all`: the latest.", ge=1)
    ] = 100
    completion_marker: Annotated[
        bool,
        _doc("Whether a task's body leaves a marker with its data, so that no crash makes it done twice."),
    ] = True
    interrupted: Annotated[
        Literal["fail", "rerun"],
        _doc(
            "What becomes of a body that may have done a part when its node ended: `fail` (a failure of "
            "ours, open to a retry), `rerun` (it is run again from its beginning)."
        ),
    ] = "fail"
    history_days: Annotated[float, _doc("How long what has ended stays on record; 0: for ever.", ge=0)] = (
        365.0
    )
    history_limit: Annotated[
        int, _doc("How many graph runs, statements and skipped fires stay on record each; 0: all.", ge=0)
    ] = 0
    stop_grace: Annotated[float, _doc("How long running statements may go on after SIGTERM.", ge=0)] = 10.0
    upgrade: Annotated[bool, _doc("Upgrade an older data folder at start instead of refusing it.")] = False
    log_level: Annotated[str, _doc("DEBUG, INFO, WARNING or ERROR.")] = "INFO"

    def __post_init__(self) -> None:
        if self.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise BadSetting(f"log_level is {self.log_level!r}; it can be DEBUG, INFO, WARNING or ERROR.")
        if self.store is not None and not self.store.startswith(("postgresql://", "postgres://")):
            # Without what it is: a password may be in it.
            raise BadSetting("store is a URL such as postgresql://user@host:5432/database, or unset.")
        if self.advertise is not None and not _is_address(self.advertise):
            raise BadSetting(
                f"advertise is {self.advertise!r}; it is where other nodes reach this one, such as "
                "http://10.0.0.7:8700, and nothing after that."
            )
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise BadSetting("tls_certificate and tls_key go together: set both or neither.")
        if not self.has_tls and not self.insecure_listen and not is_loopback(self.host):
            raise BadSetting(
                f"host is {self.host!r}, which others can reach, and there is no TLS: passwords and tokens "
                "would travel in the clear. Set tls_certificate and tls_key, or, behind a proxy that "
                "speaks TLS, insecure_listen = true (--insecure-listen)."
            )

    @property
    def has_tls(self) -> bool:
        return self.tls_certificate is not None

    @property
    def data_path(self) -> Path:
        return Path(self.data_dir).expanduser()


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach *host*."""
    return host in {"localhost", "::1"} or host.startswith("127.")


def _is_address(text: str) -> bool:
    """Say whether *text* is a URL of a server, with a port that can be one or none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_bare = parts.path in {"", "/"} and not parts.query and parts.username is None
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0 and is_bare


def load_settings(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings of *file*, overlaid by *environment*, overlaid by *flags* that are not None."""
    values: dict[str, Any] = {}
    if file is not None:
        values |= _from_file(file)
    values |= _from_environment(environment)
    values |= {name: value for name, value in (flags or {}).items() if value is not None}
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise BadSetting(_explain(error, values)) from error


def _explain(error: msgspec.ValidationError, values: Mapping[str, Any]) -> str:
    what, _, where = str(error).partition(" - at `$.")
    name = where.rstrip("`")
    if name == "engine_memory":
        what = "a number and a unit is expected, such as 512MB or 4GiB"
    if not name:
        return f"Settings: {what}. docs/reference/settings.md lists them."
    what = what[:1].lower() + what[1:]
    if name in _SECRET:
        return f"Setting {name} cannot be used: {what}."
    return f"Setting {name} is {values.get(name)!r}: {what}."


def _from_file(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except FileNotFoundError as error:
        raise BadSetting(f"The configuration file {file} does not exist.") from error
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadSetting(f"The configuration file {file} cannot be read: {error}.") from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    known = get_type_hints(Settings)
    return {
        name: _split(text) if name == "allowed_hosts" else text
        for name in known
        if (text := environment.get(ENVIRONMENT_PREFIX + name.upper())) is not None
    }


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
