"""The log of a table's changes: what is in it, and what a statement that changes the table adds.

A tracked table has two columns of ours: the id of the row, and the number of the batch that wrote it
last. Its log holds an entry for each image of a row that a batch took away or made: the row as it
was before, as it is after an update, or as it was inserted. An entry's place in the log is four times
the number of its batch and what it is.
"""

# E501, S608: SQL of ours, made of names of ours.

import re
from typing import Final

from clockmill.engine.duckdb.names import PRIVATE, quote, quoted
from clockmill.engine.duckdb.objects import Object
from clockmill.engine.duckdb.translate.plan import Logs, Step
from clockmill.engine.duckdb.translate.unit import Parameter, Unit, stored_name
from clockmill.engine.duckdb.types import physical

# No name of a user is stored under these: after its last \x1f there are hexadecimal digits.
ROW: Final = quote("\x1frow")
BATCH: Final = quote("\x1fbatch")
PLACE: Final = quote("\x1fplace")
MARK: Final = quote("\x1fmark")
"""The stream that an entry is for, where it is one of a stream's first rows; else NULL."""

BEFORE: Final = 0
AFTER: Final = 1
INSERTED: Final = 2
KINDS: Final = 4
"""How many places of the log a batch has."""


def log_name(tracking: str) -> str:
    """Return how SQL names the log *tracking*."""
    return f"{PRIVATE}.{quote('log_' + tracking)}"


def image(thing: Object, prefix: str = "") -> str:
    """Return the columns of *thing*'s rows as the log has them, after its own."""
    return ", ".join(prefix + name for name in (ROW, *(quoted(c.name) for c in thing.columns)))


def begin_tracking(thing: Object, tracking: str) -> list[Step]:
    """Return the steps that give a table its columns and its log."""
    table = stored_name(thing)
    columns = ", ".join(f"{quoted(c.name)} {physical(c.type)}" for c in thing.columns)
    return [
        Step(f"ALTER TABLE {table} ADD COLUMN {ROW} BIGINT DEFAULT nextval('{PRIVATE}.row_ids')"),
        Step(f"ALTER TABLE {table} ADD COLUMN {BATCH} BIGINT"),
        Step(
            f"CREATE TABLE {log_name(tracking)} ({PLACE} BIGINT, {MARK} VARCHAR, {ROW} BIGINT, {columns})",
        ),
    ]


def end_tracking(thing: Object) -> list[Step]:
    """Return the steps that take both away again."""
    assert thing.tracking is not None  # noqa: S101 - narrows
    table = stored_name(thing)
    return [
        Step(f"DROP TABLE {log_name(thing.tracking)}"),
        Step(f"ALTER TABLE {table} DROP COLUMN {ROW}"),
        Step(f"ALTER TABLE {table} DROP COLUMN {BATCH}"),
    ]


def alter_log(thing: Object, action: str) -> list[Step]:
    """Return the step that does to the log of *thing* what is done to the table, if it has one."""
    return [Step(f"ALTER TABLE {log_name(thing.tracking)} {action}")] if thing.tracking is not None else []


def fill_log(thing: Object, assignment: str) -> list[Step]:
    """Return the step that fills a new column in the log of *thing* as in the table, if it has one."""
    if thing.tracking is None:
        return []
    return [Step(f"UPDATE {log_name(thing.tracking)} {assignment}", (), True)]


def drop_log(thing: Object) -> list[Step]:
    """Return the step that drops the log of a table that is dropped, if it has one."""
    return [Step(f"DROP TABLE {log_name(thing.tracking)}")] if thing.tracking is not None else []


_ASIDE: Final = quote("merged")
_QUERY: Final = re.compile(r"\(.*\) AS (t\d+)", re.DOTALL)


class Capture:
    """What a statement that changes the table *thing* does besides, so that its changes are logged.

    For a table without streams that is nothing.
    """

    def __init__(self, unit: Unit, thing: Object) -> None:
        self._unit = unit
        self._thing = thing
        self._tracking = thing.tracking
        self._batch = ""
        self._done: list[Step] = []
        if thing.tracking is not None:
            self._batch = unit.internal(Parameter("batch", thing.tracking), "BIGINT")

    @property
    def is_on(self) -> bool:
        return self._tracking is not None

    @property
    def stamp(self) -> dict[str, str]:
        """The cells (value by column) that every row that the statement writes gets besides."""
        return {BATCH: self._batch} if self.is_on else {}

    def before_all(self) -> list[Step]:
        """Log every row of the table as it is before the statement."""
        return [self._entries(BEFORE)] if self.is_on else []

    def before(self, stored: str, sources: str, condition: str) -> list[Step]:
        """Log, as they are before, the rows for which *condition* holds.

        The table is *stored* in it; *sources* are the others that it names, with a comma before.
        """
        if not self.is_on:
            return []
        if not sources:
            return [self._entries(BEFORE, stored, condition)]
        met = f"SELECT {stored}.{ROW} FROM {stored_name(self._thing)} AS {stored}{sources}{condition}"
        return [self._entries(BEFORE, self._unit.alias(), f" WHERE {ROW} IN ({met})")]

    def set_aside(self, source: str) -> tuple[list[Step], str]:
        """Return what keeps the rows of a query after USING, and how SQL names them then.

        It is looked at twice, and need not give the same rows each time: where it has a limit, say.
        """
        query = _QUERY.fullmatch(source)
        if not self.is_on or query is None:
            return [], source
        step = Step(f"CREATE OR REPLACE TEMP TABLE {_ASIDE} AS SELECT * FROM {source}", (), True)
        self._done = [Step(f"DROP TABLE temp.main.{_ASIDE}")]
        return [step], f"temp.main.{_ASIDE} AS {query[1]}"

    def logged_before(self, stored: str) -> str:
        """Return the condition that a row is one of those logged before: no other may be touched.

        A condition that depends on chance, or on which rows a query gives first, need not hold twice.
        """
        return f"{stored}.{ROW} IN ({self._rows_before})"

    def inserted(self) -> list[Step]:
        """Log the rows that the statement has inserted, where it did nothing but insert."""
        return [self._entries(INSERTED, where=self._written)] if self.is_on else []

    def updated(self, *, is_certain: bool) -> list[Step]:
        """Log the rows that the statement has updated, where it did nothing but update.

        *is_certain* says that these are exactly the rows that were logged before.
        """
        if not self.is_on:
            return []
        after = self._entries(AFTER, where=self._written)
        return [after] if is_certain else [after, self._strike()]

    def merged(self) -> list[Step]:
        """Log what a statement has made that may have inserted, updated and deleted."""
        if not self.is_on:
            return []
        return [
            self._entries(AFTER, where=f"{self._written} AND {ROW} IN ({self._rows_before})"),
            self._entries(INSERTED, where=f"{self._written} AND {ROW} NOT IN ({self._rows_before})"),
            self._strike(),
            *self._done,
        ]

    # -- how

    @property
    def _log(self) -> str:
        return log_name(self._tracking or "")

    @property
    def _rows_before(self) -> str:
        return f"SELECT {ROW} FROM {self._log} WHERE {PLACE} = {self._place(BEFORE)}"

    @property
    def _written(self) -> str:
        return f" WHERE {BATCH} = {self._batch}"

    def _place(self, kind: int) -> str:
        return f"({KINDS} * {self._batch} + {kind})"

    def _entries(self, kind: int, stored: str = "t", where: str = "") -> Step:
        source = f"{stored_name(self._thing)} AS {stored}"
        columns = image(self._thing, f"{stored}.")
        sql = f"INSERT INTO {self._log} SELECT {self._place(kind)}, NULL, {columns} FROM {source}{where}"
        return Step(
            sql, (), True, logs=self._tracking, logged=Logs.INSERTS if kind == INSERTED else Logs.CHANGES
        )

    def _strike(self) -> Step:
        """Strike the images of rows that are there as before: the statement has not touched them."""
        untouched = (
            f"SELECT {ROW} FROM {stored_name(self._thing)} WHERE {BATCH} IS DISTINCT FROM {self._batch}"
        )
        sql = f"DELETE FROM {self._log} WHERE {PLACE} = {self._place(BEFORE)} AND {ROW} IN ({untouched})"
        return Step(sql, (), True, logs=self._tracking, logged=Logs.STRUCK)
