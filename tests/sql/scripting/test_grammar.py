"""Any script of the grammar is read as what it says, by all who read scripts."""

from hypothesis import given, settings
from tests.sql.scripting.grammar import BLOCKS, Script, shape

from clockmill.core.body_text import check_definition
from clockmill.sql.classify import read_statement
from clockmill.sql.scripting.parser import parse_block
from clockmill.sql.scripting.statement import ScriptBlock
from clockmill.sql.split import split_statements


@settings(max_examples=150, deadline=None)
@given(BLOCKS)
def test_a_script_has_the_shape_that_it_was_written_in(script: Script) -> None:
    text, written = script

    assert shape(parse_block(text)) == written


@settings(max_examples=60, deadline=None)
@given(BLOCKS, BLOCKS)
def test_a_script_is_one_statement_wherever_it_stands(one: Script, other: Script) -> None:
    """Who parts statements and who reads them must agree on where a block ends."""
    text = f"select 1; {one[0]} ; create task t as {other[0]};\n{other[0]}"

    assert split_statements(text) == ["select 1", one[0], f"create task t as {other[0]}", other[0]]


@settings(max_examples=60, deadline=None)
@given(BLOCKS)
def test_a_script_may_be_a_statement_and_the_body_of_a_task(script: Script) -> None:
    check_definition(script[0])

    assert isinstance(read_statement(script[0]), ScriptBlock)
