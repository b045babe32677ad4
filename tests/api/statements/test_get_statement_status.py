"""How a statement stands, and the partitions of its result."""

import json
import uuid
from typing import Any

from tests.api.statements.conftest import ADMIN, STATEMENTS, SqlApi

LARGE = "select seq4() as n, 'some text' as t from table(generator(rowcount => 500)) order by n"


def test_an_asynchronous_statement_is_fetched_when_it_is_done(sql_api: SqlApi) -> None:
    answer = sql_api.submit("select 7", "?async=true")

    told = answer.json()
    assert (answer.status_code, told["code"]) == (202, "333334")
    assert told["statementStatusUrl"] == f"{STATEMENTS}/{told['statementHandle']}"
    assert sql_api.ended(told["statementHandle"]).json()["data"] == [["7"]]


def test_a_statement_that_outlasts_the_wait_goes_on(make_sql_api: Any) -> None:
    sql_api: SqlApi = make_sql_api(wait_s=0)
    handle = sql_api.submit("select 7").json()["statementHandle"]

    assert sql_api.ended(handle).json()["data"] == [["7"]]


def test_a_large_result_comes_in_partitions_that_make_up_the_whole(make_sql_api: Any) -> None:
    sql_api: SqlApi = make_sql_api(partition_bytes=2_000)
    answer = sql_api.submit(LARGE)

    told = answer.json()
    info = told["resultSetMetaData"]["partitionInfo"]
    handle = told["statementHandle"]
    parts = [sql_api.fetch(handle, f"?partition={number}").json()["data"] for number in range(len(info))]
    assert len(info) > 2
    assert told["data"] == parts[0]
    assert [row for part in parts for row in part] == [[str(n), "some text"] for n in range(500)]
    assert [each["rowCount"] for each in info] == [len(part) for part in parts]
    sizes = [len(json.dumps(part, separators=(",", ":"))) for part in parts]
    assert [each["uncompressedSize"] for each in info] == sizes
    assert max(sizes) <= 2_000


def test_partitions_link_to_their_neighbours(make_sql_api: Any) -> None:
    sql_api: SqlApi = make_sql_api(partition_bytes=2_000)
    answer = sql_api.submit(LARGE)
    handle, last = (
        answer.json()["statementHandle"],
        len(answer.json()["resultSetMetaData"]["partitionInfo"]) - 1,
    )
    here = f"{STATEMENTS}/{handle}?partition="

    assert answer.headers["Link"] == (
        f'<{here}0>; rel="first",<{here}1>; rel="next",<{here}{last}>; rel="last"'
    )
    links = sql_api.fetch(handle, f"?partition={last}").links
    assert links.keys() == {"first", "prev", "last"}
    assert sql_api.send("GET", links["prev"]["url"]).status_code == 200


def test_a_small_result_has_one_partition_and_no_links(sql_api: SqlApi) -> None:
    answer = sql_api.submit("select 1 where false")

    assert answer.json()["resultSetMetaData"]["partitionInfo"] == [{"rowCount": 0, "uncompressedSize": 2}]
    assert "Link" not in answer.headers
    assert sql_api.fetch(answer.json()["statementHandle"], "?partition=1").status_code == 400


def test_later_partitions_are_zipped_for_who_takes_that(make_sql_api: Any) -> None:
    sql_api: SqlApi = make_sql_api(partition_bytes=2_000)
    handle = sql_api.run(LARGE)["statementHandle"]

    plain = sql_api.fetch(handle, "?partition=1", headers={"Accept-Encoding": "identity"})
    zipped = sql_api.fetch(handle, "?partition=1", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert plain.json() == zipped.json()


def test_an_unknown_handle_is_422_and_none_is_400(sql_api: SqlApi) -> None:
    answer = sql_api.fetch(str(uuid.uuid4()))

    assert (answer.status_code, answer.json()["code"]) == (422, "000709")
    assert sql_api.fetch("7").status_code == 400


def test_the_statement_of_another_user_is_unknown(sql_api: SqlApi) -> None:
    handle = sql_api.run("select 'secret'")["statementHandle"]
    parent = sql_api.several("select 1", "select 'secret'").json()
    sql_api.identities.create_user(
        ADMIN, "EVE", roles=frozenset({"ACCOUNTADMIN"}), default_role="ACCOUNTADMIN"
    )
    sql_api.token = sql_api.identities.create_token(ADMIN, "EVE", "eve")[1]

    for each in (handle, parent["statementHandle"], *parent["statementHandles"]):
        assert sql_api.fetch(each).status_code == 422
