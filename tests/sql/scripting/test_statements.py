"""Blocks and EXECUTE IMMEDIATE among the other statements."""

import pytest

from clockmill.core.errors import ClockmillError, SyntaxFault
from clockmill.sql.classify import needs_slot, read_statement, takes_slot
from clockmill.sql.scripting.statement import ImmediateStatement, ScriptBlock
from clockmill.sql.statement import TransactionStatement


@pytest.mark.parametrize(
    "text", ["begin let x := 1; end", "declare x int; begin return x; end;", "BEGIN name := 1; END"]
)
def test_a_block_is_one_statement_that_takes_a_slot(text: str) -> None:
    statement = read_statement(text)

    assert isinstance(statement, ScriptBlock)
    assert needs_slot(statement)


@pytest.mark.parametrize(
    "text", ["begin", "begin;", "begin transaction", "begin work", "begin name t", "start transaction"]
)
def test_a_transaction_is_no_block(text: str) -> None:
    assert isinstance(read_statement(text), TransactionStatement)


@pytest.mark.parametrize("text", ["execute immediate $$begin null; end$$", "execute immediate $v using (1);"])
def test_execute_immediate_is_a_statement(text: str) -> None:
    assert isinstance(read_statement(text), ImmediateStatement)


def test_a_mistake_in_a_block_is_placed_in_the_text_around_it() -> None:
    with pytest.raises(SyntaxFault, match="line 3 at position 8 unexpected '5'"):
        read_statement("-- a comment\nbegin\n  let x 5;\nend")


@pytest.mark.parametrize(
    "text", ["begin let x number(50) := 1; end", "begin let x geography := 1; end", "begin x"]
)
def test_a_block_that_cannot_be_read_takes_no_slot(text: str) -> None:
    """A body is asked this before it runs; what is wrong with it, its run must say."""
    with pytest.raises(ClockmillError):
        read_statement(text)

    assert not takes_slot(text)
