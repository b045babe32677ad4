"""DuckDB's errors in the language's terms: mapped here, once, where they enter."""

# ruff: noqa: E501
# E501: generated SQL is not broken at will.

import logging
import re
from pathlib import Path
from typing import Final

import duckdb

from clockmill.core.errors import ClockmillError, InternalFault, StatementFault, Unavailable, Unsupported

log = logging.getLogger(__name__)

MARK: Final = "~fault~"
"""Begins the text of errors that our own generated SQL raises."""


class ObjectMissing(StatementFault):
    """A table, view or sequence that is not there."""

    code, sqlstate = "002003", "42S02"

    def __init__(self, name: object, kind: str = "Object") -> None:
        super().__init__(f"SQL compilation error:\n{kind} '{name}' does not exist or not authorized.")


class CompilationFault(StatementFault):
    """A statement that cannot mean anything: names, numbers of arguments, types."""

    code, sqlstate = "000904", "42000"

    def __init__(self, text: str, at: tuple[int, int] | None = None, **figures: str) -> None:
        where = f" error line {at[0]} at position {at[1]}" if at else ""
        super().__init__(f"SQL compilation error:{where}\n{text}", **figures)


class TransactionLost(StatementFault):
    """The earlier work of a transaction could not be kept; it has been rolled back."""

    code, sqlstate = "100183", "40000"


class LockTimeout(StatementFault):
    code, sqlstate = "000625", "57014"


class Conflict(Exception):
    """Another transaction changed the same rows or tables: to be tried again."""


def raise_in_sql(code: str, sqlstate: str, text: str) -> str:
    """Return a SQL expression that fails with this error. *text* is the inside of a SQL string."""
    return f"error('{MARK}{code}~{sqlstate}~{text}')"


class EngineUnwritable(Unavailable):
    """The disk refuses what a statement writes: it is full, or must not be written to."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The engine's file cannot be written right now ({reason}). Nothing was changed; try again."
        )


class EngineLost(Unavailable):
    """DuckDB has given up the file until it is opened anew. What it did last may be there or not."""

    def __init__(self) -> None:
        super().__init__(
            "The engine has stopped after an error of the disk, until the server opens its file anew; what "
            "this statement changed may be there or not."
        )


class EngineUnopened(ClockmillError):
    """The engine's file cannot be opened, or what every start writes there cannot be written."""

    def __init__(self, path: str | Path, error: duckdb.Error) -> None:
        reason = str(error).splitlines()[0].rpartition("Error: ")[2]
        super().__init__(
            f"The engine's file {path} cannot be used: {reason}. Nothing in it was changed; "
            "start the server again once that is mended."
        )


_DISK: Final = re.compile(
    r"(?:Could not|Cannot|Failed to) \w+ (?:to |all \w+ to )?file.*: "
    r"(No space left on device|Disk quota exceeded|File too large|Read-only file system|Input/output error)"
)
_MARKED: Final = re.compile(rf"{MARK}(\w+)~(\w+)~(.*)", re.DOTALL)
_QUOTED_SQL: Final = re.compile(r"\n+LINE \d+: ")
_Rule = tuple[re.Pattern[str], str, str, str]
_RULES: Final[tuple[_Rule, ...]] = tuple(
    (re.compile(pattern, re.DOTALL), code, sqlstate, text)
    for pattern, code, sqlstate, text in (
        (r"Division by zero", "100051", "22012", "Division by zero"),
        (
            r"Could not convert string [\"'](\s*[+-]?\d+(?:\.\d*)?\s*)[\"'] to DECIMAL\((\d+),(\d+)\)",
            "100046",
            "22003",
            "Number out of representable range: type FIXED({1},{2}), value {0}",
        ),
        (
            r"Could not convert string [\"'](.*)[\"'] to (?:DECIMAL|INT|DOUBLE|FLOAT|BIGINT|HUGEINT|TINYINT|SMALLINT)",
            "100038",
            "22018",
            "Numeric value '{0}' is not recognized",
        ),
        (
            r"Could not convert string '(.*)' to BOOL",
            "100037",
            "22018",
            "Boolean value '{0}' is not recognized",
        ),
        (
            r"invalid timestamp field format: \"(.*?)\"",
            "100035",
            "22007",
            "Timestamp '{0}' is not recognized",
        ),
        (
            r"timestamp field value out of range: \"(.*?)\"",
            "100035",
            "22007",
            "Timestamp '{0}' is not recognized",
        ),
        (
            r"(?:invalid date field format|date field value out of range): \"(.*?)\"",
            "100040",
            "22007",
            "Date '{0}' is not recognized",
        ),
        (
            r"(?:invalid time field format|time field value out of range): \"(.*?)\"",
            "100108",
            "22007",
            "Time '{0}' is not recognized",
        ),
        (
            r"Could not parse string \"(.*?)\" according to format",
            "100035",
            "22007",
            "Can't parse '{0}' as timestamp with this format",
        ),
        (
            r"Could not cast value (\S+?) to DECIMAL\((\d+),(\d+)\)",
            "100046",
            "22003",
            "Number out of representable range: type FIXED({1},{2}), value {0}",
        ),
        (
            r"Casting value \"(\S+?)\" to type DECIMAL\((\d+),(\d+)\) failed: value is out of range",
            "100046",
            "22003",
            "Number out of representable range: type FIXED({1},{2}), value {0}",
        ),
        (
            r"Failed to cast decimal value (\S+) to type|Type \S+ with value (\S+) can't be cast",
            "100132",
            "22003",
            "Numeric value is out of range",
        ),
        (r"Overflow|out of range|is out of the range", "100132", "22003", "Numeric value is out of range"),
        (r"NOT NULL constraint failed", "100072", "22000", "NULL result in a non-nullable column"),
        (
            r"More than one row returned by a subquery",
            "090150",
            "22000",
            "Single-row subquery returns more than one row.",
        ),
        (
            r"MERGE INTO command cannot affect the same target row",
            "100090",
            "42P18",
            "Duplicate row detected during DML action",
        ),
        (r"Malformed JSON.*Input: (.*)", "100069", "22P02", "Error parsing JSON: {0}"),
        (
            (
                r"[Ii]nvalid (?:regular expression|perl operator|escape sequence|character class)|trailing \\ at end|"
                r"(?:missing|unexpected) [\])]|no argument for repetition|bad repetition operator"
            ),
            "100048",
            "2201B",
            "Invalid regular expression",
        ),
        (
            r"column \"?(.*?)\"? must appear in the GROUP BY clause",
            "000979",
            "42601",
            "SQL compilation error:\n[{0}] is not a valid group by expression",
        ),
        (
            r"(?:WHERE|GROUP BY|JOIN|RETURNING|HAVING)[^.]*cannot contain (?:aggregates|window)",
            "002094",
            "42601",
            "SQL compilation error:\nInvalid aggregate or window function in this clause",
        ),
        (
            r"In a DISTINCT aggregate, ORDER BY expressions must appear",
            "001013",
            "42601",
            "SQL compilation error:\nthe expression is not a valid order by expression",
        ),
        (r"nextval: reached (?:maximum|minimum) value", "100141", "22003", "Sequence has no more values"),
    )
)


def map_error(error: duckdb.Error) -> ClockmillError | Conflict:
    """Return what *error* is to the user, or Conflict where trying again may help."""
    # DuckDB quotes its SQL after the message: what stands there has not happened.
    text = _QUOTED_SQL.split(str(error), maxsplit=1)[0]
    marked = _MARKED.search(text)
    if marked:
        return StatementFault(marked[3], code=marked[1], sqlstate=marked[2])
    if isinstance(error, duckdb.FatalException):
        log.critical("the engine has stopped", extra={"text": text[:500]})
        return EngineLost()
    if disk := _DISK.search(text):
        log.error("engine not written", extra={"reason": disk[1]})
        return EngineUnwritable(disk[1])
    if isinstance(error, duckdb.CatalogException | duckdb.TransactionException):
        # What is not there was there at translation: somebody has dropped or changed it since.
        return Conflict(text)
    for pattern, code, sqlstate, message in _RULES:
        found = pattern.search(text)
        if found:
            return StatementFault(message.format(*found.groups()), code=code, sqlstate=sqlstate)
    return _map_by_class(error, text)


_VALUES: Final = re.compile(r"'[^']*'")
"""What DuckDB quotes may be values of users, which are not for the log."""


def _map_by_class(error: duckdb.Error, text: str) -> ClockmillError:
    """Return what the kind of *error* says. Its text speaks of our translation, and is for the log."""
    log.info(
        "statement refused by DuckDB",
        extra={"kind": type(error).__name__, "text": _VALUES.sub("'...'", text)[:500]},
    )
    if isinstance(error, duckdb.OutOfMemoryException):
        return StatementFault("The statement needs more memory than this server gives it.", code="300005")
    if isinstance(
        error, duckdb.ConversionException | duckdb.OutOfRangeException | duckdb.InvalidInputException
    ):
        return StatementFault(
            "A value in this statement is not what its function or type takes, or is out of its range.",
            code="100071",
            sqlstate="22000",
        )
    if "No function matches" in text or "Cannot compare values" in text or "Cannot mix values" in text:
        return CompilationFault(
            "Invalid argument types for a function or operator of this statement",
            code="001044",
            sqlstate="42P13",
        )
    if isinstance(error, duckdb.BinderException | duckdb.NotImplementedException):
        return Unsupported(f"this combination ({_construct(text)})")
    if isinstance(error, duckdb.ParserException | duckdb.SyntaxException):
        return Unsupported("this combination of clauses")
    return InternalFault()


_CONSTRUCTS: Final = (
    (r"correlated|lateral", "a correlated subquery in this place"),
    (r"window", "a window function in this place"),
    (r"[Ss]ubquer", "a subquery in this place"),
    (r"[Aa]ggregate", "an aggregate in this place"),
    (r"ORDER BY", "ORDER BY of this expression"),
    (r"[Rr]ecursive", "this recursive query"),
)


def _construct(text: str) -> str:
    return next((name for pattern, name in _CONSTRUCTS if re.search(pattern, text)), "clauses or types")
