"""SHOW, DESCRIBE and COMMENT: what each form says."""

import pytest

from clockmill.core.errors import SyntaxFault, Unsupported
from clockmill.sql.catalog import ChangeObject, ObjectKind
from clockmill.sql.classify import read_statement
from clockmill.sql.functions import FunctionCall
from clockmill.sql.parser import Bound, Reference, VariableValue
from clockmill.sql.show import Describe, DescribeResult, Scope, Show, Subject
from clockmill.sql.statement import EngineStatement, Statement, Verb


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("show tables history", Show(subject=Subject.TABLES, history=True)),
        (
            "show terse schemas history like 'a%'",
            Show(subject=Subject.SCHEMAS, terse=True, history=True, like="a%"),
        ),
        (
            "show primary keys in table t",
            Show(subject=Subject.PRIMARY_KEYS, scope=Scope.TABLE, scope_name=Reference(("T",))),
        ),
        ("show /* c */ unique keys in schema", Show(subject=Subject.UNIQUE_KEYS, scope=Scope.SCHEMA)),
        ("show users", Show(subject=Subject.USERS)),
        ("describe sequence a.q", Describe(kind="SEQUENCE", name=Reference(("A", "Q")))),
        ("desc result 'x'", DescribeResult(query="x")),
        ("desc result $v", DescribeResult(query=VariableValue("V"))),
        ("desc result ?", DescribeResult(query=Bound("1"))),
        (
            "describe result last_query_id(-2)",
            DescribeResult(query=FunctionCall("LAST_QUERY_ID", (-2,), "LAST_QUERY_ID(-2)")),
        ),
        (
            "comment if exists on schema s is 'it''s'",
            ChangeObject(
                kind=ObjectKind.SCHEMA, name=Reference(("S",)), if_exists=True, settings={"COMMENT": "it's"}
            ),
        ),
        ("comment on column t.a is 'x'", EngineStatement(kind=Verb.ALTER)),
    ],
)
def test_each_form_is_read(text: str, statement: Statement) -> None:
    assert read_statement(text) == statement


@pytest.mark.parametrize("text", ["desc result", "comment on schema s 'x'", "show tables history history"])
def test_what_is_no_statement_is_a_syntax_error(text: str) -> None:
    with pytest.raises(SyntaxFault):
        read_statement(text)


@pytest.mark.parametrize(
    ("text", "construct"),
    [
        ("show grants", "SHOW GRANTS"),
        ("comment on pipe p is 'x'", "COMMENT ON PIPE"),
        ("explain select 1", "EXPLAIN"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(text: str, construct: str) -> None:
    with pytest.raises(Unsupported) as caught:
        read_statement(text)
    assert caught.value.construct == construct
