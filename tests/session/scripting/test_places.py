"""Errors that an engine finds in a piece of a script name their place in the script."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError


def refused(house: House, script: str) -> ClockmillError:
    with pytest.raises(ClockmillError) as refusal:
        house.run(script)
    return refusal.value


@pytest.mark.parametrize(
    ("script", "place", "word"),
    [
        ("begin\n  select 1\n  select 2;\nend", "line 3 at position 2", "select"),
        ("begin\n  let x := 1\n  return x;\nend", "line 3 at position 9", "x"),
        ("begin\n  let x := select 1;\nend", "line 2 at position 11", "select"),
        ("begin\n  let a := 1; let bb := 2;\n  return a + bb bb 3;\nend", "line 3 at position 19", "3"),
        (
            "begin\n  let a := 1;\n  insert into t select :a a b from t;\nend",
            "line 3 at position 28",
            "b",
        ),
    ],
)
def test_a_syntax_error_is_told_as_one_of_the_script(
    house: House, script: str, place: str, word: str
) -> None:
    error = refused(house, script)

    assert error.message == f"SQL compilation error:\nsyntax error {place} unexpected '{word}'."
    assert (error.code, error.sqlstate) == ("001003", "42000")


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("begin\n  let x := nosuch + 1;\nend", "line 2 at position 11"),
        ("begin\n  let x := 1;\n  return x + x * nosuch;\nend", "line 3 at position 17"),
        ("begin\n  if (nosuch = 1) then null; end if;\nend", "line 2 at position 6"),
        ("begin\n  for i in 1 to\n nosuch do null; end for;\nend", "line 3 at position 1"),
        ("begin\n  return upper(nosuch);\nend", "line 2 at position 15"),
    ],
)
def test_a_name_that_is_nobodys_is_told_as_one_of_the_script(house: House, script: str, place: str) -> None:
    error = refused(house, script)

    assert error.message == f"SQL compilation error: error {place}\ninvalid identifier 'NOSUCH'"
    assert error.code == "000904"


def test_no_handler_takes_what_makes_a_script_none(house: House) -> None:
    for wrong in ("select 1 select 2;", "return nosuch;"):
        error = refused(house, f"begin {wrong} exception when other then return 'taken'; end")
        assert "Uncaught" not in error.message


def test_columns_that_are_not_there_are_errors_of_their_statement(house: House) -> None:
    house.run("create table t (a int)")
    for wrong in ("select nosuch from t;", "let x := (select nosuch from t);"):
        assert "Uncaught exception" in refused(house, f"begin {wrong} end").message
        assert house.rows(f"begin {wrong} exception when other then return 1; end") == [(1,)]


def test_a_text_that_is_executed_keeps_its_own_places(house: House) -> None:
    script = "begin\n\n  execute immediate 'select 1 1';\nend"
    error = refused(house, script)
    assert error.message.startswith("Uncaught exception of type 'STATEMENT_ERROR' on line 3 at position 2 : ")
    assert "syntax error line 1 at position 9" in error.message


def test_the_body_of_a_procedure_keeps_its_own_places(house: House) -> None:
    house.run("create procedure p() returns int as begin\n\n\n select 1 select 2; end")
    for script in ("call p()", "begin call p(); end"):
        assert "syntax error line 4 at position 10 unexpected 'select'" in refused(house, script).message
