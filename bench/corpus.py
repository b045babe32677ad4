"""The corpus of statements through the door, counted by area."""

from collections.abc import Iterator
from pathlib import Path

from tests.engine.test_corpus import CORPUS, Case, lines_of, read_cases

from bench.door import open_session
from clockmill.core.errors import ClockmillError
from clockmill.session.session import Session


def count_by_area(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Yield each area with how many of its cases give what they should, and how many there are."""
    with open_session(folder / "corpus") as session:
        for path in sorted(CORPUS.glob("*.sql")):
            cases = read_cases(path)
            yield path.stem, sum(_holds(session, case) for case in cases), len(cases)


def _holds(session: Session, case: Case) -> bool:
    session.execute("CREATE OR REPLACE SCHEMA corpus")
    try:
        for text in case.statements[:-1]:
            session.execute(text)
        result = session.execute(case.statements[-1]).result
    except ClockmillError as error:
        code, _, text = case.expected[0].removeprefix("error:").strip().partition(" ")
        return error.code == code and text in str(error)
    return lines_of(result, case.expected) == case.expected
