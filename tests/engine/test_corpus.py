"""The corpus: statements with the results that the language's documentation leads one to expect.

A file of ``corpus/`` is made of blocks, parted by blank lines: a title after ``##``, the ``page:`` of the
documentation whose rule it shows, statements that end in ``;``, and after ``--`` what the last of them
gives: a row a line, cells parted by `` | ``; ``types:`` and ``columns:`` lines; or ``error:`` with a code
and a part of the message.
"""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.engine.sessions import Client

from clockmill.core.errors import ClockmillError
from clockmill.engine.duckdb.types import sql_name
from clockmill.engine.result import Result

CORPUS = Path(__file__).parent / "corpus"


class Case(msgspec.Struct):
    title: str
    page: str
    """Where on docs.snowflake.com/en/ the rule is that the block shows."""
    statements: list[str]
    expected: list[str]


def read_cases(path: Path) -> list[Case]:
    cases = []
    for block in re.split(r"^## ", path.read_text(), flags=re.MULTILINE)[1:]:
        title, _, rest = block.partition("\n")
        page = ""
        if rest.startswith("page:"):
            line, _, rest = rest.partition("\n")
            page = line.removeprefix("page:").strip()
        sql, _, expected = rest.partition("\n--\n")
        statements = [s.strip() for s in re.split(r";[ ]*(?:\n|$)", sql) if s.strip()]
        cases.append(Case(title.strip(), page, statements, [x for x in expected.splitlines() if x.strip()]))
    return cases


CASES = [
    pytest.param(case, id=f"{path.stem}: {case.title}")
    for path in sorted(CORPUS.glob("*.sql"))
    for case in read_cases(path)
]


def shown(cell: Any) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, bool):
        return str(cell).lower()
    return " ".join(str(cell).split())


def lines_of(result: Result, expected: list[str]) -> list[str]:
    lines = [" | ".join(shown(cell) for cell in row) for row in result.rows]
    if any(line.startswith("types:") for line in expected):
        lines.append("types: " + ", ".join(sql_name(c.type) for c in result.columns))
    if any(line.startswith("columns:") for line in expected):
        lines.append("columns: " + " | ".join(c.name for c in result.columns))
    return lines


@pytest.mark.parametrize("case", CASES)
def test_statements_give_what_the_language_says(client: Client, case: Case) -> None:
    for statement in case.statements[:-1]:
        client.run(statement)
    if case.expected[:1] and case.expected[0].startswith("error:"):
        with pytest.raises(ClockmillError) as refusal:
            client.run(case.statements[-1])
        code, _, text = case.expected[0].removeprefix("error:").strip().partition(" ")
        assert refusal.value.code == code
        assert text in str(refusal.value)
        return

    result = client.run(case.statements[-1])

    assert lines_of(result, case.expected) == case.expected


def test_every_block_names_the_page_whose_rule_it_shows() -> None:
    cases = [case for path in CORPUS.glob("*.sql") for case in read_cases(path)]
    assert [case.title for case in cases if not case.page] == []
