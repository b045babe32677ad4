"""Any text is read or refused, in time that grows with its length, by errors of our own alone."""

import contextlib
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sql.scripting.grammar import BLOCKS

from clockmill.core.errors import ClockmillError, SyntaxFault
from clockmill.sql.scripting.parser import parse_block, parse_execute_immediate
from clockmill.sql.split import split_statements

_VOCABULARY: Final = """
    declare begin end exception when other then exit continue let if elseif else case for in reverse to do
    loop while repeat until break iterate return table raise open using fetch into close null async await
    all cancel execute immediate select call resultset cursor default as or and not is between cast x y "q"
    := ; ( ) [ ] { } , . : :: -> => ? * + - / % || = <> < 1 2.5 'a' $$b$$ $v -- /* */ number int varchar
    create task procedure transaction system$log é \u00b2 \x00
    """
_WORDS: Final = _VOCABULARY.split()

_SOUP = st.lists(st.sampled_from(_WORDS), max_size=60).map(" ".join)


@st.composite
def _mutants(draw: st.DrawFn) -> str:
    """Return a script of the grammar with pieces cut out, doubled, swapped or put in."""
    pieces = draw(BLOCKS)[0].split(" ")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(pieces)))
        match draw(st.integers(0, 3)):
            case 0:
                del pieces[at : at + draw(st.integers(1, 3))]
            case 1:
                pieces[at:at] = pieces[at : at + 5]
            case 2:
                pieces.insert(at, draw(st.sampled_from(_WORDS)))
            case _:
                pieces.insert(at, draw(st.text(max_size=4)))
    return " ".join(pieces)


def _read(text: str) -> None:
    for read in (parse_block, parse_execute_immediate, split_statements):
        with contextlib.suppress(ClockmillError):
            read(text)


@settings(max_examples=300, deadline=None)
@given(st.one_of(_SOUP, _SOUP.map(lambda soup: f"begin {soup} end"), st.text(max_size=60)))
def test_any_words_are_read_or_refused(text: str) -> None:
    _read(text)


@settings(max_examples=200, deadline=None)
@given(_mutants())
def test_any_damaged_script_is_read_or_refused(text: str) -> None:
    _read(text)


@settings(max_examples=100, deadline=None)
@given(_mutants())
def test_a_refusal_says_where(text: str) -> None:
    fault = _fault(text)

    assert fault is None or (" line " in fault.message and " position " in fault.message)


def _fault(text: str) -> SyntaxFault | None:
    try:
        parse_block(text)
    except SyntaxFault as fault:
        return fault
    except ClockmillError:
        return None
    return None


# --- size ------------------------------------------------------------------------------------

_HOSTILE: Final[dict[str, Callable[[int], str]]] = {
    "open parentheses": lambda n: "begin x := " + "(" * n,
    "closed parentheses": lambda n: "begin x := " + "(" * n + "1" + ")" * n + "; end",
    "blocks": lambda n: "begin " * n + "null; " + "end; " * n,
    "conditions": lambda n: "begin " + "if (a) then " * n + "null; " + "end if; " * n + "end",
    "loops": lambda n: "begin " + "loop " * n + "break; " + "end loop; " * n + "end",
    "jumps": lambda n: "begin loop " + "".join(f"break l{i}; " for i in range(n)) + "end loop; end",
    "statements": lambda n: "begin " + "insert into t values (:x); " * n + "end",
    "sums": lambda n: "begin x := 1" + " + a" * n + "; end",
    "negations": lambda n: "begin x := " + "not " * n + "a; end",
    "minus": lambda n: "begin x := " + "- " * n + "1; end",
    "cases": lambda n: "begin x := " + "case when a then " * n + "1" + " end" * n + "; end",
    "lambdas": lambda n: "begin x := f(" + "(" * n + "a" + ") -> 1" * n + "); end",
    "binds": lambda n: "begin select " + ", ".join([":x"] * n) + " into " + ", ".join([":y"] * n) + "; end",
    "handlers": lambda n: "begin null; exception " + "when other then null; " * n + "end",
    "queries": lambda n: "begin x := " + "(select " * n + "1" + ")" * n + "; end",
    "assigned queries": lambda n: "begin x := " + "(" * n + "select 1" + ")" * n + "; end",
    "bodies": lambda n: "begin " + "create task t as begin " * n + "null; " + "end; " * n + "end",
    "semicolons": lambda n: "begin " + ";" * n,
    "blocks in a row": lambda n: "begin null; end; " * n,
    "transactions": lambda n: "begin; " * n,
}


def _steps(text: str) -> int:
    """Return how many calls it takes to read *text*: a measure that no other load disturbs."""
    count = 0

    def count_call(_: FrameType, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(count_call)
    try:
        _read(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("pattern", _HOSTILE)
def test_reading_takes_time_in_proportion_to_length(pattern: str) -> None:
    write = _HOSTILE[pattern]
    parse_block("begin null; end")

    assert _steps(write(1200)) < 2.5 * _steps(write(600)) + 1000


@pytest.mark.parametrize("pattern", ["blocks", "conditions", "loops", "bodies"])
def test_what_is_nested_too_deeply_is_refused(pattern: str) -> None:
    parse_block(_HOSTILE[pattern](30).removesuffix("; "))

    with pytest.raises(SyntaxFault, match="nested deeper than"):
        parse_block(_HOSTILE[pattern](5000))
