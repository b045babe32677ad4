"""Scripts as they lie in files: comments of every kind, line ends, letters, length."""

import pytest
from tests.session.house import House

from clockmill.core.errors import Unsupported

_SCRIPT = """\ufeff-- a script; with a semicolon in a comment
// and slashes; here
use role sysadmin; use database d;
use schema s;
create or replace table "Größe" (id int autoincrement, "naïve; name" varchar default 'l''été') /* block; */;
insert into "Größe" ("naïve; name") values ('❄ -- no comment'), ($$it's; // text$$);;

set wanted = 1;
create or replace procedure count_all(least int)
returns varchar
language sql
as
declare
  n int; -- how many; so far
begin
  // slashes in a body
  select count(*) into :n from "Größe" where id > :least; /* not;
     finished */
  return n || ' ❄';
end;
call count_all($wanted);
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_script_is_run_whole(house: House, line_end: str) -> None:
    answer = house.run(_SCRIPT.replace("\n", line_end), statement_count=0)

    assert len(answer.children) == 8
    assert house.rows('select * from d.s."Größe" order by 1') == [
        (1, "❄ -- no comment"),
        (2, "it's; // text"),
    ]
    assert house.rows("call count_all(0)") == [("2 ❄",)]


def test_one_statement_may_have_a_byte_order_mark(house: House) -> None:
    assert house.rows("\ufeff-- so\r\nselect 1") == [(1,)]


def test_a_script_of_thousands_of_statements_is_run(house: House) -> None:
    house.run("create table many (n int)")
    values = "".join(f", ({n})" for n in range(1, 5000))
    script = f"insert into many values (0){values};" + "set x = 1;" * 2000 + "select count(*) from many;"

    house.run(script, statement_count=0)

    assert house.rows("select count(*), max(n) from many") == [(5000, 4999)]


def test_a_script_stops_at_what_is_refused(house: House) -> None:
    """What stands before it is done, and the refusal says what to do."""
    with pytest.raises(Unsupported, match="leave the statement out"):
        house.run(
            "create task t1 schedule = '1 minute' as select 1;"
            "grant operate on task t1 to role sysadmin;"
            "alter task t1 resume;",
            statement_count=0,
        )

    assert [row["state"] for row in house.shown("show tasks")] == ["suspended"]
