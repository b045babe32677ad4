"""Sessions side by side: nobody's work is lost."""

from collections.abc import Callable
from functools import partial

import pytest
from tests.engine.sessions import Background, Client, Waited

from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.core.errors import StatementCancelled, StatementFault
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.engine.duckdb.faults import TransactionLost
from clockmill.engine.duckdb.locks import Deadlock

Connect = Callable[[], Client]


def test_a_delete_and_an_update_of_one_row_follow_one_another(connect: Connect) -> None:
    """DuckDB lets both commit and loses the update."""
    one, other = connect(), connect()
    one.run("create table t (id int, v int)")
    one.run("insert into t values (1, 0)")
    other.waiting = Waited()

    one.run("begin")
    one.run("delete from t where id = 1")
    update = Background(lambda: other.run("update t set v = 5 where id = 1"))
    assert other.waiting.begun.wait(10)
    one.run("commit")

    assert update.join().affected == 0
    assert one.rows("select * from t") == []


def test_two_writers_of_one_table_both_count(connect: Connect) -> None:
    clients = [connect() for _ in range(4)]
    clients[0].run("create table t (v int)")
    clients[0].run("insert into t values (0)")

    def add(client: Client) -> None:
        for _ in range(10):
            client.run("update t set v = v + 1")

    for work in [Background(lambda client=client: add(client)) for client in clients]:  # type: ignore[misc]
        work.join()

    assert clients[0].value("select v from t") == 40


def test_plain_inserts_do_not_wait_for_each_other(connect: Connect) -> None:
    one, other = connect(), connect()
    one.run("create table t (v int)")
    one.run("begin")
    one.run("insert into t values (1)")

    assert other.run("insert into t values (2)").affected == 1

    one.run("commit")
    assert one.rows("select v from t order by v") == [(1,), (2,)]


def test_a_deadlock_ends_with_an_error_for_one(connect: Connect) -> None:
    one, other = connect(), connect()
    for table in ("a", "b"):
        one.run(f"create table {table} (v int)")
        one.run(f"insert into {table} values (1)")
    one.waiting = Waited()
    one.run("begin")
    other.run("begin")
    one.run("update a set v = 2")
    other.run("update b set v = 2")
    waiting = Background(lambda: one.run("update b set v = 3"))
    assert one.waiting.begun.wait(10)

    with pytest.raises(Deadlock):
        other.run("update a set v = 3")
    other.run("rollback")

    waiting.join()
    one.run("commit")
    assert one.rows("select a.v, b.v from a, b") == [(2, 3)]


def test_a_transaction_writes_tables_of_two_databases(connect: Connect) -> None:
    one, other = connect(), connect()
    one.run("create table db.public.a (v int)")
    one.run("create table other.s.b (v int)")
    one.run("begin")
    one.run("insert into db.public.a values (1)")
    one.run("insert into other.s.b values (2)")

    assert other.value("select count(*) from db.public.a") == 0
    one.run("commit")

    assert other.rows("select a.v, b.v from db.public.a, other.s.b") == [(1, 2)]


def test_a_rollback_undoes_both_databases(client: Client) -> None:
    client.run("create table db.public.a (v int)")
    client.run("create table other.s.b (v int)")
    client.run("begin")
    client.run("insert into db.public.a values (1)")
    client.run("insert into other.s.b values (2)")

    client.run("rollback")

    assert client.rows("select * from db.public.a union all select * from other.s.b") == []


def test_a_failed_statement_keeps_the_transactions_earlier_work(client: Client) -> None:
    """DuckDB ends a transaction at an error; the language does not."""
    client.run("create table t (v int not null)")
    client.run("begin")
    client.run("insert into t values (1)")
    with pytest.raises(StatementFault):
        client.run("insert into t values (null)")
    with pytest.raises(StatementFault):
        client.run("insert into t select 1 / 0")
    client.run("insert into t values (2)")

    client.run("commit")

    assert client.rows("select v from t order by v") == [(1,), (2,)]


def test_work_that_cannot_be_repeated_is_never_lost_silently(client: Client) -> None:
    client.run("create table t (v float)")
    client.run("begin")
    client.run("insert into t select random()")
    with pytest.raises(StatementFault):
        client.run("insert into t select 1 / 0")

    with pytest.raises(TransactionLost):
        client.run("insert into t values (2)")
    with pytest.raises(TransactionLost):
        client.run("commit")

    assert client.session.in_transaction is False
    assert client.rows("select * from t") == []


def test_a_transaction_reads_what_is_committed_by_each_statement(connect: Connect) -> None:
    one, other = connect(), connect()
    one.run("create table t (v int)")
    one.run("create table u (v int)")
    one.run("begin")
    one.run("insert into u values (1)")
    assert one.value("select count(*) from t") == 0

    other.run("insert into t values (7)")

    assert one.rows("select t.v, u.v from t, u") == [(7, 1)]
    one.run("commit")


def test_an_update_in_a_transaction_sees_what_others_committed(connect: Connect) -> None:
    one, other = connect(), connect()
    one.run("create table t (v int)")
    one.run("create table u (v int)")
    one.run("insert into t values (1)")
    one.run("begin")
    one.run("insert into u values (1)")
    other.run("update t set v = v + 10")

    one.run("update t set v = v + 1")
    one.run("commit")

    assert one.value("select v from t") == 12


def test_ddl_commits_the_open_transaction(connect: Connect) -> None:
    one, other = connect(), connect()
    one.run("create table t (v int)")
    one.run("begin")
    one.run("insert into t values (1)")

    one.run("create table u (v int)")

    assert one.session.in_transaction is False
    assert other.value("select count(*) from t") == 1


def test_closing_a_session_rolls_back_and_frees_its_locks(connect: Connect) -> None:
    one, other = connect(), connect()
    one.run("create table t (v int)")
    one.run("insert into t values (1)")
    one.run("begin")
    one.run("update t set v = 2")

    one.session.close()

    assert other.run("update t set v = v + 10").affected == 1
    assert other.value("select v from t") == 11


def test_a_statement_that_waits_for_a_table_can_be_cancelled(connect: Connect) -> None:
    one, other = connect(), connect()
    one.run("create table t (v int)")
    one.run("insert into t values (1)")
    one.run("begin")
    one.run("update t set v = 2")
    other.waiting = Waited()
    waiting = Background(lambda: other.run("update t set v = 3"))
    assert other.waiting.begun.wait(10)

    other.cancel.cancel(CancelReason.USER)

    with pytest.raises(StatementCancelled):
        waiting.join()
    assert other.waiting.ended.is_set()


def test_a_running_statement_is_stopped_in_the_engine(connect: Connect) -> None:
    client = connect()
    slow = (
        "select count(*) from table(generator(rowcount => 100000)) a, table(generator(rowcount => 100000)) b"
    )
    running = Background(lambda: client.run(f"{slow} where random() > 2"))

    client.cancel.cancel(CancelReason.TIMEOUT)

    with pytest.raises(StatementCancelled):
        running.join()
    client.cancel = CancelToken()
    assert client.value("select 1") == 1


def test_a_cancelled_statement_keeps_the_transactions_earlier_work(connect: Connect) -> None:
    client = connect()
    client.run("create table t (v int)")
    client.run("begin")
    client.run("insert into t values (1)")
    slow = (
        "select count(*) from table(generator(rowcount => 100000)) a, table(generator(rowcount => 100000)) b"
    )
    running = Background(lambda: client.run(f"insert into t {slow} where random() > 2"))
    client.cancel.cancel(CancelReason.USER)
    with pytest.raises(StatementCancelled):
        running.join()
    client.cancel = CancelToken()

    client.run("commit")

    assert client.rows("select v from t") == [(1,)]


def test_a_table_made_by_another_session_is_seen_at_once(connect: Connect) -> None:
    """Translations are cached by text: they must not outlive the tables they speak of."""
    one, other = connect(), connect()
    one.run("create table t (a int)")
    other.run("insert into t values (1)")
    assert other.rows("select * from t") == [(1,)]

    one.run("create or replace table t (b varchar, c int)")

    assert [c.name for c in other.run("select * from t").columns] == ["B", "C"]
    other.run("insert into t values ('x', 2)")


def test_a_dropped_namespace_is_gone_with_all_in_it(client: Client, engine: DuckDBEngine) -> None:
    client.run("create table t (a int)")
    assert engine.namespaces() == {"ns_db_public"}

    engine.drop_namespace("ns_db_public")

    assert engine.namespaces() == set()
    assert engine.list_objects("ns_db_public") == []
    client.run("create table t (b int)")


_ADD_ONE = {
    "update": "update n set v = v + 1",
    "update from": "update n set v = n.v + s.one from one s where s.k = n.k",
    "merge": "merge into n using one on n.k = one.k when matched then update set v = n.v + 1",
    "overwrite": "insert overwrite into n select k, v + 1 from n",
    "replace": "create or replace table n as select k, (v + 1)::int as v from n",
}
_OTHERS = {
    "delete": "delete from n where k = 77",
    "insert": "insert into n values (77, 0)",
    "alter": "alter table n set comment = 'x'",
}


@pytest.mark.parametrize("other", [*_ADD_ONE, *_OTHERS])
@pytest.mark.parametrize("verb", _ADD_ONE)
def test_no_pair_of_writers_loses_an_update(connect: Connect, verb: str, other: str) -> None:
    first = connect()
    first.run("create table one (k int, one int)")
    first.run("insert into one values (1, 1)")
    first.run("create table n (k int, v int)")
    first.run("insert into n values (1, 0)")
    statements = {**_ADD_ONE, **_OTHERS}

    def often(statement: str) -> None:
        client = connect()
        for _ in range(8):
            client.run(statement)

    writers = [Background(partial(often, statements[name])) for name in (verb, other)]
    for writer in writers:
        writer.join()

    assert first.value("select v from n where k = 1") == 8 * (1 + (other in _ADD_ONE))
