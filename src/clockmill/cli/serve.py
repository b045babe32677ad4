"""``clockmill serve``: a flag for every setting, made from the settings themselves."""

import inspect
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_type_hints

import msgspec
from cyclopts import Parameter

from clockmill.config import Settings, load_settings
from clockmill.server import serve as run_server

_WITHOUT_FLAG: Final = frozenset({"admin_password"})
"""Anybody on the machine can read a command line: a secret comes in a file or the environment."""


def serve(
    *, config: Annotated[Path | None, Parameter(help="TOML file with settings.")] = None, **flags: Any
) -> None:
    """Start a server and run it until Ctrl-C or SIGTERM.

    Settings come from the file that --config names, then from the environment (CLOCKMILL_PORT and
    so on), then from flags; the later one wins. Times are seconds. The password of ADMIN at the
    first start can be set by CLOCKMILL_ADMIN_PASSWORD; else one is made up and shown once.
    """
    run_server(load_settings(file=config, flags=flags))


def _signature() -> inspect.Signature:
    config = inspect.signature(serve).parameters["config"]
    fields = [each for each in msgspec.structs.fields(Settings) if each.name not in _WITHOUT_FLAG]
    return inspect.Signature([config, *map(_flag, fields)], return_annotation=None)


def _flag(field: msgspec.structs.FieldInfo) -> inspect.Parameter:
    """Return the flag of a setting. It is unset unless given: its default is the settings' own."""
    kind, meta = get_args(get_type_hints(Settings, include_extras=True)[field.name])
    default = "" if field.default in {None, (), False} else f" [default: {field.default}]"
    help_ = Parameter(help=f"{meta.description}{default}", negative=None if kind is bool else ())
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, help_],
    )


# The command line reads what a command takes from its signature, which functions may carry untyped.
serve.__signature__ = _signature()  # type: ignore[attr-defined]
