"""Arguments that a procedure hands back: OUT."""

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError, SyntaxFault, Unsupported

DIVIDE = (
    "create procedure divide(x number, y number, whole out number, rest output number) returns varchar "
    "as begin whole := floor(x / y); rest := x - whole * y; return 'done'; end"
)


@pytest.fixture
def divide(house: House) -> House:
    house.run(DIVIDE)
    return house


def value(house: House, block: str) -> object:
    return house.rows(block)[0][0]


def test_the_variables_of_the_caller_get_what_the_arguments_have_become(divide: House) -> None:
    block = (
        "declare q number; r number; said varchar; begin "
        "call divide(17, 5, :q, :r) into :said; return q || ' ' || r || ' ' || said; end"
    )
    assert value(divide, block) == "3 2 done"


def test_they_are_given_by_name_too(divide: House) -> None:
    block = (
        "declare q number; r number; begin "
        "call divide(rest => :r, whole => :q, y => 5, x => 17); return q || ' ' || r; end"
    )
    assert value(divide, block) == "3 2"


def test_they_go_through_procedures_that_call_one_another(divide: House) -> None:
    divide.run(
        "create procedure halve(x number, half out number) returns varchar as "
        "declare rest number; begin call divide(:x, 2, :half, :rest); end"
    )
    assert value(divide, "declare h number; begin call halve(9, :h); return h; end") == 4


def test_the_value_is_converted_to_the_type_of_the_variable(divide: House) -> None:
    block = "declare q varchar; r number; begin call divide(17, 5, :q, :r); return q || '!'; end"
    assert value(divide, block) == "3!"


def test_a_procedure_that_fails_hands_nothing_back(house: House) -> None:
    house.run("create procedure p(x out number) returns varchar as begin x := 5; select 1/0; end")
    block = "declare x number := 1; begin call p(:x); exception when other then return x; end"
    assert value(house, block) == 1


@pytest.mark.parametrize("argument", ["5", ":q + 1", "null"])
def test_only_a_variable_can_take_one(divide: House, argument: str) -> None:
    with pytest.raises(ClockmillError, match="The argument WHOLE of 'DIVIDE' is an output argument"):
        divide.run(f"declare q number; r number; begin call divide(1, 1, {argument}, :r); end")


def test_outside_a_script_there_is_no_variable(divide: House) -> None:
    with pytest.raises(ClockmillError, match="output argument"):
        divide.run("call divide(1, 1, 2, 3)")


def test_what_execute_immediate_is_given_is_no_variable(divide: House) -> None:
    block = "declare q number; begin execute immediate 'call divide(1, 1, ?, ?)' using (q, q); end"
    with pytest.raises(ClockmillError, match="output argument"):
        divide.run(block)


def test_functions_and_defaults_have_none(house: House) -> None:
    with pytest.raises(Unsupported, match="output argument X of a FUNCTION"):
        house.run("create function f(x out number) returns number as 'x'")
    with pytest.raises(SyntaxFault):
        house.run("create procedure p(x out number default 1) returns number as begin return 1; end")


def test_a_start_of_the_server_keeps_them(divide: House) -> None:
    """They are part of what the store has of a procedure."""
    session = divide.new_door().session(divide.sign_in().session)
    session.execute("use d.s")
    block = "declare q number; r number; begin call divide(17, 5, :q, :r); return r; end"
    assert session.execute(block).result.rows == [(2,)]
