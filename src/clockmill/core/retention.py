"""How long what has ended stays on record."""

from datetime import datetime, timedelta
from typing import Final

import msgspec


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of the history: nothing older than *age*, and the latest *most* of each kind.

    None is no limit. What is open stays, and what failed stays as long as it can be retried.
    """

    age: timedelta | None = None
    most: int | None = None

    @property
    def is_limited(self) -> bool:
        return self.age is not None or self.most is not None

    def cutoff(self, now: datetime, oldest_of_most: datetime | None) -> datetime | None:
        """Return up to when nothing is kept, or None if everything is.

        *oldest_of_most* is when the first ended that is one too many; None if there is none.
        """
        by_age = None if self.age is None else now - self.age
        return max(filter(None, (by_age, oldest_of_most)), default=None)


KEEP_ALL: Final = Retention()
