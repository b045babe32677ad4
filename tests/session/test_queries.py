"""Requests that are waited for, repeated, fetched later, and given up."""

from collections.abc import Iterator

import msgspec
import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError, StatementCancelled, Unavailable
from clockmill.session.queries import Queries, QueryRequest, RunningQuery
from clockmill.session.results import ResultGone

LONG = "call system$wait(600)"


@pytest.fixture
def queries(house: House) -> Iterator[Queries]:
    found = Queries(house.clock)
    yield found
    found.close()


def _done(queries: Queries, query: RunningQuery) -> RunningQuery:
    assert queries.wait(query, 20)
    return query


def test_a_request_runs_and_gives_its_answer(house: House, queries: Queries) -> None:
    query = _done(queries, queries.submit(house.session, QueryRequest(sql="select 1 as a")))

    answer = query.outcome()
    assert query.status == "SUCCESS"
    assert answer.query_id == query.id
    assert [tuple(row) for row in answer.result.rows] == [(1,)]


def test_a_failed_request_gives_its_error(house: House, queries: Queries) -> None:
    query = _done(queries, queries.submit(house.session, QueryRequest(sql="select * from missing")))
    assert query.status == "FAILED_WITH_ERROR"
    with pytest.raises(ClockmillError, match="does not exist"):
        query.outcome()


def test_a_repeated_request_is_the_same_query(house: House, queries: Queries) -> None:
    """Clients repeat what they got no answer to; the rows must not be inserted twice."""
    house.run("create table t (a int)")
    request = QueryRequest(sql="insert into t values (1)", request_id="r1")
    first = queries.submit(house.session, request)
    second = queries.submit(house.session, request)

    assert first is second
    _done(queries, first)
    assert queries.submit(house.session, request) is first
    assert house.rows("select count(*) from t") == [(1,)]


def test_request_ids_of_two_sessions_do_not_meet(house: House, queries: Queries) -> None:
    request = QueryRequest(sql="select 1", request_id="r1")
    other = house.another_session()
    assert queries.submit(house.session, request) is not queries.submit(other, request)


def test_a_query_is_found_by_its_maker_alone(house: House, queries: Queries) -> None:
    query = _done(queries, queries.submit(house.session, QueryRequest(sql="select 1")))
    caller = house.caller

    assert queries.get(query.id, caller) is query
    for other in (
        msgspec.structs.replace(caller, user="EVE"),
        msgspec.structs.replace(caller, role="SYSADMIN"),
    ):
        with pytest.raises(ResultGone):
            queries.get(query.id, other)


@pytest.mark.parametrize("by", ["query_id", "request_id"])
def test_a_query_is_aborted_at_once(house: House, queries: Queries, by: str) -> None:
    query = queries.submit(house.session, QueryRequest(sql=LONG, request_id="r1", is_async=True))
    named = {"query_id": query.id} if by == "query_id" else {"request_id": "r1"}

    assert not queries.abort(msgspec.structs.replace(house.caller, user="EVE"), **named)
    assert queries.abort(house.caller, **named)
    assert _done(queries, query).status == "ABORTED"
    with pytest.raises(StatementCancelled):
        query.outcome()
    assert not queries.abort(house.caller, **named)


def test_a_session_cancels_its_own_queries_by_sql(house: House, queries: Queries) -> None:
    """Snowpark does so when it closes."""
    query = queries.submit(house.session, QueryRequest(sql=LONG, is_async=True))
    session_id = house.session.state.session_id
    while not query.is_done and house.rows(f"select system$cancel_all_queries({session_id})") == [
        ("0 queries cancelled.",)
    ]:
        pass
    assert _done(queries, query).status == "ABORTED"


def test_one_query_is_cancelled_by_its_id(house: House, queries: Queries) -> None:
    query = queries.submit(house.session, QueryRequest(sql=LONG, is_async=True))
    while not query.is_done:
        try:
            house.run(f"select system$cancel_query('{query.id}')")
        except ClockmillError:
            continue
    assert query.status == "ABORTED"


def test_a_session_goes_on_while_its_async_query_runs(house: House, queries: Queries) -> None:
    house.run("create table t (a int)")
    query = queries.submit(house.session, QueryRequest(sql=LONG, is_async=True))
    assert house.rows("select count(*) from t") == [(0,)]
    assert not query.is_done


def test_closing_cancels_what_runs_and_takes_nothing_more(house: House) -> None:
    queries = Queries(house.clock)
    query = queries.submit(house.session, QueryRequest(sql=LONG))
    queries.close()

    assert query.error is not None
    assert query.error.code == "000603"
    with pytest.raises(Unavailable):
        queries.submit(house.session, QueryRequest(sql="select 1"))
