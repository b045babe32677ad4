"""What graphs need of a node, read from their tasks."""

import pytest

from clockmill.service.placement import body_needs_engine


@pytest.mark.parametrize(
    "body",
    [
        "EXECUTE TASK t",
        "ALTER TASK t SUSPEND",
        "CREATE TASK t AS SELECT 1",
        "CALL SYSTEM$WAIT(1)",
        "SELECT SYSTEM$SET_RETURN_VALUE('x')",
        "this is no statement",
    ],
)
def test_statements_of_ours_need_no_engine(body: str) -> None:
    assert not body_needs_engine(body)


@pytest.mark.parametrize(
    "body",
    [
        "SELECT 1",
        "INSERT INTO t VALUES (1)",
        "CREATE TABLE t (a INT)",
        "CREATE SCHEMA s",
        "CALL p()",
        "SELECT SYSTEM$STREAM_HAS_DATA('s')",
        "BEGIN EXECUTE TASK t; RETURN 1; END",
        "EXECUTE IMMEDIATE 'SELECT 1'",
    ],
)
def test_whatever_may_reach_an_engine_needs_it(body: str) -> None:
    assert body_needs_engine(body)
