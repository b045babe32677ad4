"""Exceptions: who takes them, what they tell, and what is told when nobody does."""

import json

import pytest
from tests.session.house import House
from tests.session.scripting.programs import refusal, returned


def test_an_exception_that_nobody_takes_says_what_it_is_and_where(house: House) -> None:
    """Lines and positions are counted in the text of the block, which begins after the dollars."""
    error = refusal(
        house,
        "execute immediate $$\n"
        "declare\n"
        "  my_exception exception (-20002, 'Raised.');\n"
        "begin\n"
        "  if (true) then\n"
        "    raise my_exception;\n"
        "  end if;\n"
        "end;\n"
        "$$",
    )

    assert (error.code, error.sqlstate) == ("-20002", "P0001")
    assert error.message == "Uncaught exception of type 'MY_EXCEPTION' on line 6 at position 4 : Raised."


def test_an_exception_without_number_and_message_has_the_least_number(house: House) -> None:
    error = refusal(house, "declare e exception; begin raise e; end")

    assert (error.code, error.sqlstate) == ("-20000", "P0001")
    assert error.message == "Uncaught exception of type 'E' on line 1 at position 27"


def test_a_failed_statement_keeps_its_code(house: House) -> None:
    error = refusal(house, "begin\n  select * from missing;\nend")

    assert (error.code, error.sqlstate) == ("002003", "42S02")
    assert error.message.startswith("Uncaught exception of type 'STATEMENT_ERROR' on line 2 at position 2 : ")


def test_a_failed_expression_is_placed_where_it_begins(house: House) -> None:
    error = refusal(house, "begin\n  let x := 1 / 0;\nend")

    assert (error.code, error.sqlstate) == ("100051", "22012")
    assert error.message == (
        "Uncaught exception of type 'EXPRESSION_ERROR' on line 2 at position 11 : Division by zero"
    )


@pytest.mark.parametrize(
    ("statement", "handler", "value"),
    [
        ("select 1 / 0;", "statement_error", "STATEMENT 100051"),
        ("let x := 1 / 0;", "expression_error", "EXPRESSION 100051"),
        ("raise a;", "a", "A -20001"),
        ("raise a;", "other", "OTHER -20001"),
        ("raise b;", "other", "OTHER -20002"),
        ("select 1 / 0;", "other", "OTHER 100051"),
    ],
)
def test_the_first_handler_that_names_an_exception_takes_it(
    house: House, statement: str, handler: str, value: str
) -> None:
    others = {
        "statement_error": "when statement_error then return 'STATEMENT ' || sqlcode;",
        "expression_error": "when expression_error then return 'EXPRESSION ' || sqlcode;",
        "a": "when a then return 'A ' || sqlcode;",
        "other": "when other then return 'OTHER ' || sqlcode;",
    }
    wanted = others[handler]
    block = f"""
        declare a exception (-20001, 'a'); b exception (-20002, 'b');
        begin {statement} exception {wanted} when other then return 'too late'; end"""

    assert returned(house, block) == value


def test_a_handler_learns_number_message_and_state(house: House) -> None:
    block = """
        declare e exception (-20003, 'told');
        begin raise e;
        exception when e then
          return object_construct('code', sqlcode, 'text', sqlerrm, 'state', sqlstate);
        end"""

    assert json.loads(returned(house, block)) == {"code": -20003, "text": "told", "state": "P0001"}


def test_a_handler_of_several_names_takes_each_of_them(house: House) -> None:
    block = """
        declare a exception (-20001, 'a'); b exception (-20002, 'b');
        begin raise b;
        exception when a or b then return 'one of both'; end"""

    assert returned(house, block) == "one of both"


def test_an_inner_exception_of_the_same_name_is_another(house: House) -> None:
    block = """
        declare e exception (-20001, 'outer');
        begin
          declare e exception (-20101, 'inner');
          begin raise e; end;
        exception
          when e then return 'the outer one';
          when other then return sqlerrm;
        end"""

    assert returned(house, block) == "inner"


def test_the_enclosing_block_takes_what_the_inner_one_does_not(house: House) -> None:
    block = """
        declare a exception (-20001, 'a'); b exception (-20002, 'b');
        begin
          begin raise a; exception when b then return 'wrong'; end;
          return 'wrong too';
        exception when a then return 'outer'; end"""

    assert returned(house, block) == "outer"


def test_a_handled_inner_block_is_left_and_the_outer_one_goes_on(house: House) -> None:
    block = """
        declare seen varchar default '';
        begin
          begin
            seen := seen || 'a';
            select 1 / 0;
            seen := seen || 'never';
          exception when other then seen := seen || 'b'; end;
          return seen || 'c';
        end"""

    assert returned(house, block) == "abc"


def test_declarations_are_not_under_the_blocks_own_handlers(house: House) -> None:
    error = refusal(
        house, "declare x int := 1 / 0; begin return x; exception when other then return 'no'; end"
    )

    assert "Division by zero" in error.message


def test_raise_alone_raises_the_same_again(house: House) -> None:
    house.run("create table log (line varchar)")
    block = """
        begin
          select * from missing;
        exception when other then
          let line := sqlcode || '!';
          insert into log values (:line);
          raise;
        end"""

    assert refusal(house, block).code == "002003"
    assert house.rows("select * from log") == [("2003!",)]


def test_raise_alone_outside_a_handler_is_an_error(house: House) -> None:
    assert "only in an exception handler" in refusal(house, "begin raise; end").message


def test_raising_what_is_no_exception_is_an_invalid_identifier(house: House) -> None:
    assert "invalid identifier 'NOBODY'" in refusal(house, "begin raise nobody; end").message


def test_the_error_variables_are_as_before_after_a_handler(house: House) -> None:
    block = """
        declare e exception (-20001, 'e');
        begin
          begin raise e; exception when e then null; end;
          return nvl(sqlerrm, 'nothing');
        end"""

    assert returned(house, block) == "nothing"


def test_a_handler_sees_what_is_declared_and_not_what_is_let(house: House) -> None:
    assert (
        returned(
            house,
            "declare x int default 1; begin x := 2; select 1 / 0; exception when other then return x; end",
        )
        == 2
    )
    error = refusal(house, "begin let y := 2; select 1 / 0; exception when other then return y; end")
    assert "invalid identifier 'Y'" in error.message


# --- handlers that go on ---------------------------------------------------------------------


def test_a_continue_handler_goes_on_behind_the_statement(house: House) -> None:
    block = """
        declare e exception (-20001, 'e'); n int default 0;
        begin
          if (true) then raise e; n := n + 100; end if;
          n := n + 10;
          return n;
        exception when e continue then n := n + 1; end"""

    assert returned(house, block) == 11


def test_a_continue_handler_goes_on_with_the_next_turn_of_a_loop(house: House) -> None:
    house.run("create table log (line varchar)")
    block = """
        declare x int default 0; turns int default 0;
        begin
          for i in 0 to 5 do x := 10 / i; turns := turns + 1; end for;
          return x || ' ' || turns;
        exception when expression_error continue then insert into log values (:sqlerrm); end"""

    assert returned(house, block) == "2 5"
    assert house.rows("select * from log") == [("Division by zero",)]


def test_a_failed_condition_of_a_loop_goes_on_behind_the_loop(house: House) -> None:
    block = """
        declare n int default 0;
        begin
          while (1 / n > 0) do n := n + 1; end while;
          return 'behind ' || n;
        exception when other continue then n := 5; end"""

    assert returned(house, block) == "behind 5"


def test_a_failed_return_goes_on_behind_it(house: House) -> None:
    block = "begin return 1 / 0; return 'behind'; exception when other continue then null; end"

    assert returned(house, block) == "behind"


def test_an_exit_handler_ends_the_block_from_within_a_loop(house: House) -> None:
    block = """
        declare n int default 0;
        begin
          begin
            for i in 1 to 5 do n := n + 1; select 1 / 0; end for;
          exception when other exit then n := n + 100; end;
          return n;
        end"""

    assert returned(house, block) == 101


def test_what_fails_in_a_handler_is_for_the_block_around(house: House) -> None:
    block = """
        declare a exception (-20001, 'a'); b exception (-20002, 'b');
        begin
          begin raise a; exception when a then raise b; when b then return 'own'; end;
        exception when b then return 'around'; end"""

    assert returned(house, block) == "around"


def test_a_block_within_execute_immediate_tells_its_own_place_too(house: House) -> None:
    error = refusal(house, "begin\n  execute immediate 'begin select * from missing; end';\nend")

    assert error.message.startswith(
        "Uncaught exception of type 'STATEMENT_ERROR' on line 2 at position 2 : "
        "Uncaught exception of type 'STATEMENT_ERROR' on line 1 at position 6 : "
    )
