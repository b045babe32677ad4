"""SYSTEM$WAIT: letting time pass, until somebody wants an end."""

import threading
from collections.abc import Sequence
from typing import Any, Final

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import StatementCancelled
from clockmill.session.faults import InvalidArgument

_SECONDS: Final = {"DAYS": 86_400.0, "HOURS": 3_600.0, "MINUTES": 60.0, "SECONDS": 1.0, "MILLISECONDS": 0.001}
_LONGEST_S: Final = 7 * 86_400.0
"""A week: no statement may run for longer."""


def wait(arguments: Sequence[Any], cancel: CancelToken) -> str:
    """Wait for *arguments* (an amount, and a unit if not seconds) and say so.

    Raises StatementCancelled at once when *cancel* comes.
    """
    amount, unit = arguments[0], str(arguments[1] if len(arguments) > 1 else "SECONDS").upper()
    seconds = _seconds(amount, unit)
    woken = threading.Event()
    with cancel.interrupting(woken.set):
        woken.wait(seconds)
    if cancel.reason is not None:
        raise StatementCancelled
    return f"waited {amount} {unit.lower()}"


def _seconds(amount: Any, unit: str) -> float:
    if unit not in _SECONDS:
        raise InvalidArgument("SYSTEM$WAIT", f"'{unit}' is not one of {', '.join(_SECONDS)}.")
    try:
        seconds = float(amount) * _SECONDS[unit]
    except (TypeError, ValueError) as error:
        raise InvalidArgument("SYSTEM$WAIT", "the amount must be a number.") from error
    if not 0 <= seconds <= _LONGEST_S:
        raise InvalidArgument("SYSTEM$WAIT", "the amount must be between nothing and seven days.")
    return seconds
