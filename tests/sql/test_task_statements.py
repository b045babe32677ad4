"""Task statements as they are read: clauses in any order, texts as written, names in every form."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockmill.core.errors import ClockmillError, SyntaxFault, Unsupported
from clockmill.core.task import CreateMode
from clockmill.sql.classify import needs_slot, read_statement
from clockmill.sql.parser import Bound, Reference, VariableValue
from clockmill.sql.statement import Statement
from clockmill.sql.task import AlterTask, CreateTask, ExecuteTask, SwitchTask, TaskAlteration
from clockmill.sql.task_clauses import TaskClauses


def _name(*parts: str) -> Reference:
    return Reference(parts)


def _created(text: str) -> CreateTask:
    statement = read_statement(text)
    assert isinstance(statement, CreateTask)
    return statement


def _clauses(clauses: str) -> TaskClauses:
    return _created(f"create task t {clauses} as select 1").clauses


def _altered(text: str) -> TaskAlteration:
    statement = read_statement(f"alter task t {text}")
    assert isinstance(statement, AlterTask)
    return statement.alteration


def test_every_clause_is_read_wherever_it_stands() -> None:
    statement = _created(
        """
        create or replace task d.s."my task"
          execute as user bob
          when system$stream_has_data('s') and cast('1' as int) = 1
          after a, 'b', d.s."c"
          schedule = '5 MINUTES', timezone = 'UTC', user_task_timeout_ms = 1000
          with tag (t = 'v', d.s.u = 'w')
          warehouse = wh
          config = $${"a": "it's"}$$
          finalize = 'r1'
        as insert into t values ('x;y')
        """
    )

    assert (statement.name, statement.mode) == (_name("D", "S", "my task"), CreateMode.OR_REPLACE)
    assert statement.clauses == TaskClauses(
        settings={
            "SCHEDULE": "5 MINUTES",
            "TIMEZONE": "UTC",
            "USER_TASK_TIMEOUT_MS": 1000,
            "WAREHOUSE": _name("WH"),
            "CONFIG": '{"a": "it\'s"}',
            "FINALIZE": _name("R1"),
        },
        tags=((_name("T"), "v"), (_name("D", "S", "U"), "w")),
        after=(_name("A"), _name("B"), _name("D", "S", "c")),
        execute_as=_name("BOB"),
        condition="system$stream_has_data('s') and cast('1' as int) = 1",
        body="insert into t values ('x;y')",
    )


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("create task t as select 1", "select 1"),
        ("create task t as select 1 ; ;", "select 1"),
        ("create task t as\n  select 1 -- why\n", "select 1 -- why"),
        ("create task t as /* why */ select 1; -- not this", "/* why */ select 1"),
        ("create task t as begin select 1; select 2; end;", "begin select 1; select 2; end"),
        ("create task t as call p('a''b')", "call p('a''b')"),
        (
            "create task t as execute immediate $$begin return 1; end$$",
            "execute immediate $$begin return 1; end$$",
        ),
        ("create task t as create table x as select 1 as a", "create table x as select 1 as a"),
    ],
)
def test_the_body_is_the_rest_as_it_is_written(text: str, body: str) -> None:
    assert _created(text).clauses.body == body


@pytest.mark.parametrize(
    ("clause", "name", "value"),
    [
        ("warehouse = 'my_wh'", "WAREHOUSE", _name("MY_WH")),
        ('warehouse = "my_wh"', "WAREHOUSE", _name("my_wh")),
        ("warehouse = identifier($w)", "WAREHOUSE", Reference(variable="W")),
        ("warehouse = $w", "WAREHOUSE", VariableValue("W")),
        ("schedule = ?", "SCHEDULE", Bound("1")),
        ("schedule = :when_due", "SCHEDULE", Bound("when_due")),
        ("query_tag = abc", "QUERY_TAG", "ABC"),
        ("autocommit = true", "AUTOCOMMIT", True),
        ("week_start = -1", "WEEK_START", -1),
    ],
)
def test_a_property_is_set_to_a_value_a_name_or_a_stand_in(clause: str, name: str, value: object) -> None:
    assert _clauses(clause).settings == {name: value}


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("create task t as select 1", CreateMode.ERROR_IF_EXISTS),
        ("create task if not exists t as select 1", CreateMode.IF_NOT_EXISTS),
        ("create or alter task t as select 1", None),
    ],
)
def test_the_opening_says_what_happens_to_a_task_that_is_there(text: str, mode: CreateMode | None) -> None:
    assert _created(text).mode is mode


def test_grants_that_are_to_be_copied_are_none() -> None:
    assert _clauses("copy grants comment = 'c'").settings == {"COMMENT": "c"}
    assert _created("create task t clone u copy grants").source == _name("U")


def test_a_clone_names_its_source_and_may_say_more() -> None:
    statement = _created("create or replace task t clone d.s.u comment = 'c'")
    assert statement.source == _name("D", "S", "U")
    assert statement.clauses == TaskClauses(settings={"COMMENT": "c"})


@pytest.mark.parametrize(
    ("text", "alteration"),
    [
        ("add after a, d.s.b", TaskAlteration(clauses=TaskClauses(after=(_name("A"), _name("D", "S", "B"))))),
        ("remove after 'a'", TaskAlteration(removed=(_name("A"),))),
        ("set finalize = r", TaskAlteration(clauses=TaskClauses(settings={"FINALIZE": _name("R")}))),
        (
            "set comment = 'x' execute as user u, query_tag = 'q'",
            TaskAlteration(
                clauses=TaskClauses(settings={"COMMENT": "x", "QUERY_TAG": "q"}, execute_as=_name("U"))
            ),
        ),
        (
            "unset schedule, finalize execute as user",
            TaskAlteration(unset=("SCHEDULE", "FINALIZE", "EXECUTE AS USER")),
        ),
        ("modify as select 2;", TaskAlteration(clauses=TaskClauses(body="select 2"))),
        ("modify when 1=1;", TaskAlteration(clauses=TaskClauses(condition="1=1"))),
        ("remove when", TaskAlteration(removes_condition=True)),
    ],
)
def test_each_form_of_alter_task(text: str, alteration: TaskAlteration) -> None:
    assert _altered(text) == alteration


def test_a_comment_on_a_task_is_its_property() -> None:
    statement = read_statement("comment if exists on task t is 'c'")
    expected = TaskAlteration(clauses=TaskClauses(settings={"COMMENT": "c"}))
    assert statement == AlterTask(name=_name("T"), if_exists=True, alteration=expected)


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("alter task if exists t resume", SwitchTask(name=_name("T"), if_exists=True, resume=True)),
        (
            "execute task t retry graph run group 'g'",
            ExecuteTask(name=_name("T"), retry_group="g"),
        ),
    ],
)
def test_switching_and_executing(text: str, statement: Statement) -> None:
    assert read_statement(text) == statement


@pytest.mark.parametrize(
    ("text", "construct"),
    [
        ("create task t with contact (support = c) as select 1", "CREATE TASK … WITH CONTACT"),
        ("create or alter task t with tag (a = 'b') as select 1", "CREATE OR ALTER TASK … WITH TAG"),
        ("create or alter task t clone u", "CREATE OR ALTER TASK … CLONE"),
        ("alter task t set contact support = c", "ALTER TASK … SET CONTACT"),
        ("alter task t unset contact support", "ALTER TASK … UNSET CONTACT"),
        ("alter task t unset dcm project", "ALTER TASK … UNSET DCM PROJECT"),
        ("alter task t rename to u", "ALTER TASK … RENAME"),
        ("comment on role r is 'x'", "COMMENT ON ROLE"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(text: str, construct: str) -> None:
    with pytest.raises(Unsupported) as caught:
        read_statement(text)
    assert caught.value.construct == construct


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("create task t query_tag='a' query_tag='b' as select 1", "duplicate property 'query_tag';"),
        ("alter task t unset QUERY_TAG, QUERY_TAG", "duplicate property 'QUERY_TAG';"),
        ("create or replace task if not exists t as select 1", "unexpected 'if'"),
        ("create task t", "unexpected '<EOF>'"),
        ("create task t schedule = '1 m' as", "unexpected '<EOF>'"),
        ("create task t schedule '1 m' as select 1", "unexpected ''1 m''"),
        ("create task t after 5 as select 1", "unexpected '5'"),
        ("create task t when as select 1", "unexpected 'as'"),
        ("alter task t set", "unexpected '<EOF>'"),
        ("alter task t add after", "unexpected '<EOF>'"),
        ("execute task t retry graph run group", "unexpected '<EOF>'"),
        ("create task t as\n  selec 1", "syntax error line 2 at position 2 unexpected 'selec'"),
        (
            "alter task t modify as $$select 1$$",
            "at position 23 unexpected '$$select 1$$'",
        ),
    ],
)
def test_what_is_no_task_statement_is_a_syntax_error(text: str, message: str) -> None:
    with pytest.raises(SyntaxFault) as caught:
        read_statement(text)
    assert message in caught.value.message


def test_a_property_spelled_otherwise_is_no_repetition_and_the_last_counts() -> None:
    """A live account compares them as they are spelled."""
    assert _clauses("QUERY_TAG = 'a' query_tag = 'b'").settings == {"QUERY_TAG": "b"}


def test_a_body_that_cannot_run_here_is_for_its_run_to_say() -> None:
    assert _created("create task t as grant role a to user b").clauses.body == "grant role a to user b"
    body = "call system$set_return_value('a' || 'b')"
    assert _created(f"create task t as {body}").clauses.body == body


@pytest.mark.parametrize("text", ["create task t as select 1", "alter task t set comment = 'x'"])
def test_task_statements_take_no_slot(text: str) -> None:
    assert not needs_slot(read_statement(text))


_WORDS = (
    "create or replace alter task if not exists t clone u with tag contact ( ) , . ; = after when as set "
    "unset add remove modify finalize execute user schedule config query_tag 'x' $$y$$ $v ? : 5 - null true "
    "begin end declare select comment on is retry graph run group last using copy grants identifier ::"
)


@given(
    st.lists(st.sampled_from(_WORDS.split()), max_size=14),
    st.sampled_from(["create task t", "alter task t", "execute task"]),
)
def test_whatever_follows_is_read_or_refused_in_our_words(words: list[str], opening: str) -> None:
    with contextlib.suppress(ClockmillError):
        read_statement(f"{opening} {' '.join(words)}")
