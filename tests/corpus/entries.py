"""The entries of the corpus: statements with the results that the documentation leads one to expect.

A file is an area. It is made of blocks, parted by blank lines: a title after ``##``, the ``page:`` of the
documentation whose rule it shows, statements that end in ``;``, and after ``--`` what the last of them
gives: a row a line, cells parted by `` | ``; ``types:`` and ``columns:`` lines; or ``error:`` with a code, if
there is one, and a part of the message. A ``;`` within a block of scripting ends no statement: the lines of
the block are indented, but for those that begin with DECLARE, BEGIN, EXCEPTION, END or ``$$``.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from clockmill.engine.duckdb.types import sql_name
from clockmill.engine.result import Result

CORPUS = Path(__file__).parent

_END_OF_STATEMENT = re.compile(r";[ ]*(?:\n(?![ ]|END\b|EXCEPTION\b|\$\$)|\Z)")
_ENDS_IN_DECLARATIONS = re.compile(r"^DECLARE\n(?!.*^BEGIN\n)", flags=re.MULTILINE | re.DOTALL)


class Entry(msgspec.Struct, frozen=True):
    """A block of the corpus."""

    title: str
    page: str
    """Where on docs.snowflake.com/en/ the rule is that the block shows."""
    statements: list[str]
    expected: list[str]

    @property
    def error(self) -> tuple[str, str] | None:
        """The code and a part of the message, where the last statement is refused."""
        if not self.expected[:1] or not self.expected[0].startswith("error:"):
            return None
        said = self.expected[0].removeprefix("error:").strip()
        code, _, text = said.partition(" ")
        return (code, text) if code.lstrip("-").isdecimal() else ("", said)


def areas() -> Iterator[tuple[str, list[Entry]]]:
    """Yield each area with its entries."""
    for path in sorted(CORPUS.glob("*.sql")):
        yield path.stem, read_entries(path)


def read_entries(path: Path) -> list[Entry]:
    """Return the blocks of the file *path*."""
    blocks = re.split(r"^## ", path.read_text(), flags=re.MULTILINE)
    return [_entry(block) for block in blocks[1:]]


def _entry(block: str) -> Entry:
    title, _, rest = block.partition("\n")
    page = ""
    if rest.startswith("page:"):
        line, _, rest = rest.partition("\n")
        page = line.removeprefix("page:").strip()
    sql, _, expected = rest.partition("\n--\n")
    return Entry(
        title.strip(), page, _statements(sql), [line for line in expected.splitlines() if line.strip()]
    )


def _statements(sql: str) -> list[str]:
    statements: list[str] = []
    for text in filter(None, map(str.strip, _END_OF_STATEMENT.split(sql))):
        if statements and _ENDS_IN_DECLARATIONS.search(statements[-1]):
            statements[-1] += f";\n{text}"
        else:
            statements.append(text)
    return statements


def lines_of(result: Result, expected: list[str]) -> list[str]:
    """Return *result* as the lines of an entry: with types and names where *expected* has them."""
    lines = [" | ".join(_shown(cell) for cell in row) for row in result.rows]
    if any(line.startswith("types:") for line in expected):
        lines.append("types: " + ", ".join(sql_name(c.type) for c in result.columns))
    if any(line.startswith("columns:") for line in expected):
        lines.append("columns: " + " | ".join(c.name for c in result.columns))
    return lines


def _shown(cell: Any) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, bool):
        return str(cell).lower()
    return " ".join(str(cell).split())
