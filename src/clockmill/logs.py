"""How log lines are written: an event, and its facts."""

import logging
import sys
from typing import Final

_LAYOUT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
_NO_FACTS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
"""What every record has, and what uvicorn adds for terminals."""


class FactsFormatter(logging.Formatter):
    """Writes the facts that were given as *extra* behind the event, as ``name=value``.

    Values are written as Python has them, so that none can begin a line of its own.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        facts = [f"{name}={value!r}" for name, value in vars(record).items() if name not in _NO_FACTS]
        return " ".join([super().formatMessage(record), *facts])


def begin_logging(level: str) -> None:
    """Write log lines of *level* and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FactsFormatter(_LAYOUT))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every plugin it finds
