"""Misfires: instants at which a root was due and nothing began, and what is made up for of them."""

import enum
from datetime import datetime
from typing import Final

import msgspec

from clockmill.core.names import SchemaName


class Misfire(enum.StrEnum):
    """What becomes of fires that nobody was there for, or that an earlier run was in the way of."""

    SKIP = "skip"
    """They are passed over, as the service does."""
    LAST = "last"
    """The last of them is made up for as soon as it can be."""
    ALL = "all"
    """Each of them is made up for, one after the other where runs may not overlap."""


class SkipReason(enum.StrEnum):
    """Why a fire began no run. The texts are stored."""

    OVERLAP = "OVERLAP"
    """An earlier run of the graph was not done, and the overlap policy keeps runs apart."""
    BEHIND = "BEHIND"
    """The server ran, but came too late: it was busy, or its store could not be written."""
    DOWNTIME = "DOWNTIME"
    """No server ran."""
    LIMIT = "MISFIRE_LIMIT"
    """All are made up for, but only so many may wait, and these were the oldest."""
    SUSPENDED = "SUSPENDED"
    """Its root was suspended or dropped when it was due already and nothing had begun."""


class Misfires(msgspec.Struct, frozen=True, kw_only=True):
    """What is made up for: *limit* is how many fires of a root may wait if all of them are."""

    policy: Misfire = Misfire.SKIP
    limit: int = 100

    @property
    def kept(self) -> int:
        """How many fires of a root are made up for at most: the latest ones."""
        match self.policy:
            case Misfire.SKIP:
                return 0
            case Misfire.LAST:
                return 1
            case Misfire.ALL:
                return self.limit

    def reason(self, cause: SkipReason) -> SkipReason:
        """Return why fires are passed over that are too many to be made up for after *cause*."""
        return SkipReason.LIMIT if self.policy is Misfire.ALL else cause


NO_MISFIRES: Final = Misfires()
"""Nothing is made up for."""


class SkippedFires(msgspec.Struct, frozen=True, kw_only=True):
    """Fires of a root in a row, from *first* to *last*, that began no run for one reason.

    There are *fires* of them, and none between the two that began one.
    """

    root_id: str
    root_name: str
    home: SchemaName
    first: datetime
    last: datetime
    fires: int
    reason: SkipReason
