"""A definition is refused only for what is surely unfinished."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockmill.core.body_text import check_definition
from clockmill.core.task_errors import UnfinishedDefinition


@pytest.mark.parametrize("text", ["", "  \n\t", "-- nothing", "/* nothing */ ; ;", "// nothing", ";"])
def test_a_definition_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(UnfinishedDefinition, match="cannot be empty"):
        check_definition(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("select 'a", "The string that begins here"),
        (r"select 'a\'", "The string that begins here"),
        ("select 'it''s", "The string that begins here"),
        ('select "a', "The quoted identifier that begins here"),
        ("select 1 /* a", "The comment that begins here"),
        ("select $$a", "The string that begins here"),
        ("call p($$ ' $)", "The string that begins here"),
    ],
)
def test_a_string_or_comment_that_is_not_closed_is_refused(text: str, hint: str) -> None:
    with pytest.raises(UnfinishedDefinition, match=hint):
        check_definition(text)


@pytest.mark.parametrize(
    "text",
    [
        "begin select 1;",
        "BEGIN\n  INSERT INTO t VALUES (1);\n",
        "begin begin select 1; end;",
        "declare x int;",
        "declare x int; begin let y := 1;",
        "begin if (a) then select 1; end;",
        "begin for i in 1 to 3 do select 1; end;",
        "begin while (a) do select 1; end while;",
        "begin loop select 1; end loop;",
        "begin case (a) when 1 then select 1; end case;",
        "begin select case when a then 1 from t; end",
        "begin repeat select 1; until (a) end;",
        "-- first\nbegin /* end */ select 'end';",
    ],
)
def test_a_block_that_is_not_closed_is_refused(text: str) -> None:
    with pytest.raises(UnfinishedDefinition, match="A block that begins with"):
        check_definition(text)


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        "  select 1 ;  -- done",
        "select 'it''s', '\\'', \"a\"\"b\", $$ ' \" -- $$",
        "select '/*', '--', $$*/$$ -- it's",
        "select 1 // it's",
        "select a.end, begin from t",
        "nonsense that no engine knows",
        "insert into t select 1; select 2",
        "begin",
        "begin;",
        "begin transaction; insert into t values (1); commit",
        "begin work",
        "begin name t1",
        "begin select 1; end",
        "begin select 1; end;",
        "BEGIN\n let x := 1;\n IF (x = 1) THEN RETURN 1; ELSEIF (x = 2) THEN RETURN 2; END IF;\nEND",
        "declare x int default 1; begin return x; end",
        "declare c cursor for select 1; begin for r in c do return 1; end for; end",
        "begin for i in 1 to 3 loop select 1; end loop; end",
        "begin while (a) do select 1; end while; end",
        "begin while (a) loop select 1; end loop; end",
        "begin repeat select 1; until (a) end repeat; end",
        "begin loop break; end loop; end",
        "begin case (a) when 1 then select 1; else select 2; end case; end",
        "begin case (a) when 1 then begin select 1; end; end; end",
        "begin select case when a then repeat('x', 2) else 1 end; end",
        "begin drop table if exists t; create table if not exists t (a int); end",
        "begin begin transaction; insert into t values (1); commit; end",
        "begin select 1; exception when other then begin select 2; end; end",
        "begin if (a) then begin select 1; end; else if (b) then select 2; end if; end if; end",
        "begin select repeat('a', 3); end",
        "execute immediate $$ begin select 1; $$",
        "create procedure p() returns int language sql as begin return 1; end",
        "begin end if; end loop; end",
        "begin select t.end, t.if from t; end",
    ],
)
def test_everything_else_is_taken(text: str) -> None:
    check_definition(text)


@given(st.text(alphabet="ab'\"$-/*\\ \n;"))
def test_no_text_breaks_the_scanner(text: str) -> None:
    """A definition comes from anybody, so it is taken or refused, and nothing else."""
    with contextlib.suppress(UnfinishedDefinition):
        check_definition(text)


WORDS = "begin end if for while loop repeat case declare then else do as ; . ( ) x transaction"


@given(st.lists(st.sampled_from(WORDS.split())))
def test_no_block_breaks_the_scanner(words: list[str]) -> None:
    with contextlib.suppress(UnfinishedDefinition):
        check_definition(" ".join(words))


def test_the_error_says_where() -> None:
    with pytest.raises(UnfinishedDefinition, match="line 2 at position 7 unexpected '<EOF>'"):
        check_definition("select 1,\n       'a")
