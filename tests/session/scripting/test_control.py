"""IF, CASE and the loops."""

from typing import Any

import pytest
from tests.session.house import House
from tests.session.scripting.programs import returned


@pytest.mark.parametrize(
    ("condition", "is_taken"),
    [
        ("true", True),
        ("1 = 1", True),
        ("null", False),
        ("1", True),
        ("1.0", True),
        ("2", False),
        ("0", False),
        ("'true'", True),
        ("'TRUE'", True),
        ("'1'", True),
        ("'yes'", False),
        ("to_boolean('yes')", True),
        ("1.5 - 0.5", False),
        ("parse_json('true')", True),
    ],
)
def test_a_condition_is_taken_if_it_is_true_or_written_so(
    house: House, condition: str, is_taken: bool
) -> None:
    block = f"begin if ({condition}) then return 'taken'; else return 'not'; end if; end"

    assert returned(house, block) == ("taken" if is_taken else "not")


@pytest.mark.parametrize(
    ("block", "value"),
    [
        ("begin let x := 0; if (x < 0) then return 'n'; elseif (x = 0) then return 'z'; end if; end", "z"),
        ("begin case (2) when 1 then return 'a'; when 2 then return 'b'; end case; end", "b"),
        ("begin case when false then return 'a'; else return 'c'; end; end", "c"),
        ("begin case (null) when null then return 'a'; else return 'no'; end; end", "no"),
        ("begin case (9) when 1 then return 'a'; end case; return 'after'; end", "after"),
        ("begin let s := 0; for i in 1 to 4 do s := s + i; end for; return s; end", 10),
        ("begin let s := ''; for i in reverse 1 to 3 do s := s || i; end for; return s; end", "321"),
        ("begin let n := 0; for i in 3 to 1 do n := n + 1; end for; return n; end", 0),
        ("begin let n := 0; for i in reverse 3 to 1 do n := n + 1; end for; return n; end", 0),
        ("begin for i in 1 to 3 loop null; end loop; return 'done'; end", "done"),
        ("declare i int default -9; begin for i in 1 to 3 do null; end for; return i; end", -9),
        ("begin let n := 5; while (n > 0) do n := n - 2; end while; return n; end", -1),
        ("begin let n := 5; repeat n := n - 1; until (n = 0) end repeat; return n; end", 0),
        ("begin let n := 0; loop n := n + 1; if (n > 5) then break; end if; end loop; return n; end", 6),
        (
            """begin
                 let n := 0;
                 for i in 1 to 5 do if (i = 2) then continue; end if; n := n + i; end for;
                 return n;
               end""",
            13,
        ),
        (
            "begin let n := 0; repeat n := n + 1; continue; until (n >= 3) end repeat; return n; end",
            3,
        ),
        (
            """begin
                 let i := 0; let o := 0;
                 loop
                   loop if (i < 5) then i := i + 1; continue outer; else break outer; end if; end loop inner;
                   o := o + 1; break;
                 end loop outer;
                 return i || ' ' || o;
               end""",
            "5 0",
        ),
        ("begin begin return 'inner'; end; return 'outer'; end", "inner"),
        ("begin for i in 1 to 9 do for j in 1 to 9 do return i * 10 + j; end for; end for; end", 11),
    ],
)
def test_control_goes_where_the_script_says(house: House, block: str, value: Any) -> None:
    assert returned(house, block) == value


def test_what_a_turn_declares_is_gone_at_the_next(house: House) -> None:
    block = """
        begin
          let seen := '';
          for i in 1 to 3 do
            let x := i * i;
            seen := seen || x || ' ';
          end for;
          return seen;
        end"""

    assert returned(house, block) == "1 4 9 "


def test_the_bounds_of_a_loop_are_taken_once(house: House) -> None:
    block = "begin let n := 3; let t := 0; for i in 1 to n do n := 100; t := t + 1; end for; return t; end"

    assert returned(house, block) == 3


def test_ten_thousand_turns_are_a_matter_of_less_than_a_second(house: House) -> None:
    """The figure itself is in the bench; this is the bound that must never be left."""
    block = "begin let n := 0; for i in 1 to 10000 do n := n + i % 7; end for; return n; end"
    returned(house, block)

    started = house.clock.monotonic()
    assert returned(house, block) == sum(i % 7 for i in range(1, 10_001))
    assert house.clock.monotonic() - started < 1
