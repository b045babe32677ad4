"""The types of columns, which have to mean the same on SQLite and PostgreSQL.

Instants are microseconds since 1970 UTC in a BIGINT, because both databases then compare and
index them alike and exactly; :class:`Instant` turns them into aware datetimes and back.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, to the microsecond."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + value * _MICROSECOND


class _AnyText(TypeDecorator[str]):
    """Text for PostgreSQL, which has no U+0000: results and messages of statements may hold it."""

    impl = Text(collation="C")
    cache_ok = True

    # No character is assigned to it, and none ever will be.
    _NUL = "\U0010ffff"

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return value.replace("\0", self._NUL) if value is not None and "\0" in value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return value.replace(self._NUL, "\0") if value is not None and self._NUL in value else value


WORDS = Text().with_variant(_AnyText(), "postgresql")
"""Text that is compared and ordered by its code points, on both databases and in every locale."""

ROW_ID = BigInteger().with_variant(Integer, "sqlite")
"""A key that counts up by itself: SQLite gives one only to a column declared INTEGER."""
