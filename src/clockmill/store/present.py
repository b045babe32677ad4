"""The instant by which leases are judged: everybody's who looks at the same store."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, cast, func, select

from clockmill.store.columns import Instant
from clockmill.store.database import Transaction

_MICROSECONDS: Final = 1_000_000
_CLOCK: Final = select(
    cast(func.extract("epoch", func.clock_timestamp()) * _MICROSECONDS, BigInteger).cast(Instant)
)


def present(tx: Transaction, clock_now: datetime) -> datetime:
    """Return the instant that it is: the database server's, where nodes with clocks of their own share it.

    Else it is *clock_now*, of the one process there is.
    """
    if tx.dialect.name != "postgresql":
        return clock_now
    return tx.execute(_CLOCK).scalar_one()
