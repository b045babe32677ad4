"""Writing the variables of a script as bind values, so that an engine can be asked."""

import re
from collections.abc import Callable
from typing import Final

from clockmill.core.errors import Unsupported
from clockmill.sql.scripting.ast import NameUse

_PLAIN: Final = re.compile(r"[A-Za-z_][\w$]*\Z")


def bind_key(parts: tuple[str, ...]) -> str:
    """Return the name of the bind value for a variable, or for a field of a row («R.C» is «R$C»)."""
    return "$".join(parts)


def bind_names(
    text: str, names: tuple[NameUse, ...], is_variable: Callable[[tuple[str, ...]], bool]
) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return *text* with each of *names* that is a variable as «:key», and what the keys stand for.

    Raises Unsupported for a variable whose quoted name could not stand after a colon.
    """
    pieces, keys, position = [], {}, 0
    for use in names:
        if not is_variable(use.parts):
            continue
        key = bind_key(use.parts)
        if not _PLAIN.match(key):
            raise Unsupported(f"variable with the quoted name {key}")
        pieces += [text[position : use.start], ":", key]
        position = use.end
        keys[key] = use.parts
    return "".join([*pieces, text[position:]]), keys
