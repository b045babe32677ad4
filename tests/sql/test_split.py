"""Several statements in one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockmill.core.errors import SyntaxFault
from clockmill.sql.split import count_statements, require_complete, split_statements


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("select 1", ["select 1"]),
        ("select 1;", ["select 1"]),
        (";; select 1 ;; select 2 ;", ["select 1", "select 2"]),
        ("select ';' ; select $$;$$", ["select ';'", "select $$;$$"]),
        ("-- a;b\nselect 1 /* ; */; -- end", ["select 1"]),
        ("begin; insert into t values (1); commit;", ["begin", "insert into t values (1)", "commit"]),
        ("begin transaction; select case when 1=1 then 2 end; end", None),
        ("begin work; commit work", ["begin work", "commit work"]),
        ("select begin from t; select 2", ["select begin from t", "select 2"]),
        ("", []),
        (" ; -- nothing", []),
    ],
)
def test_statements_are_parted_at_semicolons_outside_everything(
    text: str, statements: list[str] | None
) -> None:
    if statements is None:
        assert split_statements(text)[:1] == ["begin transaction"]
    else:
        assert split_statements(text) == statements
        assert count_statements(text) == len(statements)


@pytest.mark.parametrize(
    "block",
    [
        "begin let x := 1; return x; end",
        "declare x int; y int; begin x := 1; if (x = 1) then return 1; else return 2; end if; end",
        "begin for i in 1 to 3 do insert into t values (:i); end for; end",
        "begin for i in 1 to 3 loop insert into t values (:i); end loop; end",
        "begin while (x < 3) do x := x + 1; end while; end",
        "begin repeat x := 1; until (x > 2) end repeat; end",
        "begin case (x) when 1 then return 1; else return 2; end case; end",
        "begin select case when a then 1 else 2 end from t; end",
        "begin begin select 1; end; end",
        "begin drop table if exists t; end",
        "create procedure p() returns int as begin let x := 1; return x; end",
        "create or replace task t schedule = '1 m' as declare x int; begin x := 1; end",
        "alter task t modify as begin select 1; select case when a then 1 end; end",
        "with p as procedure () returns int as begin return 1; end call p()",
    ],
)
def test_a_block_is_one_statement(block: str) -> None:
    """The semicolons in it are its own."""
    assert split_statements(f"{block}; select 9") == [block, "select 9"]


@pytest.mark.parametrize(
    "text",
    ["", "  ", "-- only this", ";", "select 'x", "begin select 1;", "declare x int;", "begin if (x) then y;"],
)
def test_an_unfinished_or_empty_text_is_refused(text: str) -> None:
    with pytest.raises(SyntaxFault):
        require_complete(text)


@given(
    st.lists(st.sampled_from(["select 1", ";", "begin", "end", "declare", "case", "if", "'", "loop", "x"]))
)
def test_splitting_any_text_ends_in_statements_or_our_own_error(words: list[str]) -> None:
    text = " ".join(words)
    try:
        found = split_statements(text)
    except SyntaxFault:
        return
    assert all(statement.strip() for statement in found)
    assert count_statements(text) == len(found)
