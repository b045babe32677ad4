"""SQL through the connector: results, DML, DDL, transactions, bindings, errors, several statements."""

import datetime as dt
import decimal
import threading
import time

import snowflake.connector
from client import IS_OLD, connect, refused, run, scratch_schema, wait_until
from snowflake.connector import DictCursor
from snowflake.connector.errors import ProgrammingError

UTC = dt.UTC


def check_types(connection):
    sql = """
        select 42 as i, 1.50::number(10, 2) as d, 1.5::float as r, 'tëxt' as t, true as yes, false as no,
               '2024-02-29'::date as day, '01:01:01.123'::time as clock,
               '2024-02-29 12:30:00.5'::timestamp_ntz as ntz,
               '2024-02-29 12:30:00 +05:30'::timestamp_tz as tz,
               to_binary('00ab', 'hex') as bin, parse_json('{"a":[1,2]}') as v, null as nothing
    """
    with connection.cursor() as cursor:
        (row,) = cursor.execute(sql).fetchall()
        columns = [column.name for column in cursor.description]
    assert columns == ["I", "D", "R", "T", "YES", "NO", "DAY", "CLOCK", "NTZ", "TZ", "BIN", "V", "NOTHING"]
    india = dt.timezone(dt.timedelta(hours=5, minutes=30))
    assert row[:6] == (42, decimal.Decimal("1.50"), 1.5, "tëxt", True, False), row
    assert row[6:9] == (
        dt.date(2024, 2, 29),
        dt.time(1, 1, 1, 123000),
        dt.datetime(2024, 2, 29, 12, 30, 0, 500000),
    ), row
    assert row[9] == dt.datetime(2024, 2, 29, 12, 30, tzinfo=india), row
    assert row[9].utcoffset() == dt.timedelta(minutes=330)
    assert bytes(row[10]) == b"\x00\xab", row
    assert row[11].replace(" ", "").replace("\n", "") == '{"a":[1,2]}', row
    assert row[12] is None


def check_results(connection):
    with connection.cursor() as cursor:
        cursor.execute("select seq4() as n from table(generator(rowcount => 5000))")
        assert cursor.rowcount == 5000
        assert [each[0] for each in cursor.fetchmany(3)] == [0, 1, 2]
        assert len(cursor.fetchall()) == 4997
        cursor.execute("select 1 as a where false")
        assert cursor.fetchall() == []
        assert cursor.fetchone() is None
    with connection.cursor(DictCursor) as cursor:
        assert cursor.execute("select 1 as a, 'x' as \"b\"").fetchall() == [{"A": 1, "b": "x"}]
        described = cursor.describe("select 1::number(5,2) as d, 'x' as t")
        assert next((column.name, column.precision, column.scale) for column in described) == ("D", 5, 2)


def check_dml(connection):
    def count(sql):
        with connection.cursor() as cursor:
            return cursor.execute(sql).rowcount

    run(connection, "create or replace table t (id number, name varchar(20))")
    assert count("insert into t values (1, 'a'), (2, 'b'), (3, 'c')") == 3
    assert count("update t set name = 'z' where id > 1") == 2
    assert count("delete from t where id = 3") == 1
    assert (
        count(
            "merge into t using (select 1 as id union all select 9) s on t.id = s.id "
            "when matched then update set name = 'm' "
            "when not matched then insert (id, name) values (s.id, 'n')"
        )
        == 2
    )
    assert run(connection, "select * from t order by id") == [(1, "m"), (2, "z"), (9, "n")]
    run(connection, "create view upper_names as select upper(name) as name from t")
    assert run(connection, "select count(*) from upper_names") == [(3,)]
    ((answer,),) = run(connection, "create or replace table u as select * from t")
    assert "U" in answer
    assert "success" in answer


def check_transactions(connection):
    run(connection, "create or replace table ledger (n number)")
    run(connection, "begin")
    run(connection, "insert into ledger values (1)")
    run(connection, "rollback")
    assert run(connection, "select * from ledger") == []
    connection.autocommit(False)
    run(connection, "insert into ledger values (2)")
    connection.commit()
    run(connection, "insert into ledger values (3)")
    connection.rollback()
    connection.autocommit(True)
    assert run(connection, "select * from ledger") == [(2,)]


def check_bindings(connection):
    run(connection, "create or replace table bound (n number, t text, at timestamp_ntz, ok boolean)")
    at = dt.datetime(2024, 1, 1, 12, 0, 0, 250000)
    with connection.cursor() as cursor:
        cursor.execute("insert into bound values (?, ?, ?, ?)", (1, "it's", at, True))
        cursor.executemany(
            "insert into bound values (?, ?, ?, ?)", [(2, "b", at, False), (3, None, None, None)]
        )
        assert cursor.rowcount == 2, cursor.rowcount
        cursor.executemany("update bound set t = ? where n = ?", [("x", 2), ("y", 3)])
        found = cursor.execute("select * from bound where n >= ? order by n", (1,)).fetchall()
    assert found == [(1, "it's", at, True), (2, "x", at, False), (3, "y", None, None)], found
    assert run(connection, "select ?::date, ?", (dt.date(2024, 1, 1), decimal.Decimal("1.25"))) == [
        (dt.date(2024, 1, 1), decimal.Decimal("1.25"))
    ]


def check_context(connection, database):
    assert (connection.database, connection.schema) == (database, "WORK")
    run(connection, "create schema elsewhere")
    run(connection, "use schema elsewhere")
    assert connection.schema == "ELSEWHERE"
    run(connection, 'use schema "WORK"')
    run(connection, "use warehouse compute_wh")
    assert connection.warehouse == "COMPUTE_WH"
    run(connection, "use role sysadmin")
    assert connection.role == "SYSADMIN"
    run(connection, "use role accountadmin")
    run(connection, "set answer = 42")
    assert run(connection, "select $answer, current_database(), current_schema()") == [(42, database, "WORK")]
    run(connection, "alter session set timezone = 'America/New_York'")
    ((local,),) = run(connection, "select to_timestamp_ltz('2024-01-01 12:00:00 +00:00')")
    assert local == dt.datetime(2024, 1, 1, 12, tzinfo=UTC)
    assert local.utcoffset() == dt.timedelta(hours=-5), local
    assert database in [row[1] for row in run(connection, f"show databases like '{database}'")]
    assert len(run(connection, "show warehouses like 'compute_wh'")) == 1


def check_errors(connection):
    with refused(ProgrammingError, errno=2003, sqlstate="42S02", text="NOWHERE"):
        run(connection, "select * from nowhere")
    with refused(ProgrammingError, errno=1003, sqlstate="42000"):
        run(connection, "selec 1")
    with refused(ProgrammingError, errno=100051, sqlstate="22012"):
        run(connection, "select 1 / 0")
    with refused(ProgrammingError):
        run(connection, "copy into t from '/etc/passwd'")
    assert run(connection, "select 1") == [(1,)]


def check_several(connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "create or replace table m (n number); insert into m values (1), (2); select * from m",
            num_statements=3,
        )
        answers = [cursor.fetchall()]
        while cursor.nextset():
            answers.append(cursor.fetchall())
    assert len(answers) == 3, answers
    assert answers[1] == [(2,)], answers
    assert sorted(answers[2]) == [(1,), (2,)], answers
    with refused(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("select 1; select 2", num_statements=3)
    with refused(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("select 1; select 2")
    several = "select 1; -- a comment\nselect 2; -- and another"
    results = [cursor.fetchall() for cursor in connection.execute_string(several)]
    assert results == [[(1,)], [(2,)]]


def check_async(connection):
    with connection.cursor() as cursor:
        cursor.execute_async("select 7 as n, system$wait(1)")
        query_id = cursor.sfqid
        assert connection.is_still_running(connection.get_query_status(query_id))
        cursor.get_results_from_sfqid(query_id)
        assert cursor.fetchall()[0][0] == 7
        assert not connection.is_still_running(connection.get_query_status_throw_if_error(query_id))
        cursor.execute_async("select 1 / 0")
        failed = cursor.sfqid
        wait_until(
            lambda: not connection.is_still_running(connection.get_query_status(failed)), "the failing query"
        )
        assert connection.is_an_error(connection.get_query_status(failed))
        with refused(ProgrammingError):
            connection.get_query_status_throw_if_error(failed)


def check_cancel(connection):
    if IS_OLD:
        # The newer client takes the argument and does nothing with it.
        started = time.monotonic()
        with refused(ProgrammingError, errno=604), connection.cursor() as cursor:
            cursor.execute("select system$wait(60)", timeout=1)
        assert time.monotonic() - started < 10

    with connection.cursor() as cursor:
        cursor.execute_async("select system$wait(60)")
        query_id = cursor.sfqid
        assert cursor.abort_query(query_id)
        wait_until(
            lambda: not connection.is_still_running(connection.get_query_status(query_id)),
            "the aborted query",
        )
        assert connection.is_an_error(connection.get_query_status(query_id))

    run(connection, "alter session set statement_timeout_in_seconds = 1")
    with refused(ProgrammingError, errno=630):
        run(connection, "select system$wait(60)")
    run(connection, "alter session unset statement_timeout_in_seconds")


def check_parallel(database):
    """A burst of statements on one connection, as ``*_async`` methods and thread pools make it."""
    failures = []
    with connect(database=database, schema="work") as connection:

        def work(number):
            try:
                assert run(connection, f"select {number}") == [(number,)]
            except Exception as error:  # noqa: BLE001 - told after the threads are joined
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failures, failures


def main():
    snowflake.connector.paramstyle = "qmark"
    with connect(warehouse="compute_wh") as connection, scratch_schema(connection) as database:
        check_types(connection)
        check_results(connection)
        check_dml(connection)
        check_transactions(connection)
        check_bindings(connection)
        check_errors(connection)
        check_several(connection)
        check_async(connection)
        check_cancel(connection)
        check_parallel(database)
        check_context(connection, database)


main()
