"""Scripts as bodies of tasks."""

import threading

import pytest
from tests.session.house import House

from clockmill.core.body import BodyOutcome, Slot
from clockmill.core.cancel import CancelReason, CancelToken
from clockmill.session.bodies import DoorBodies


@pytest.fixture
def table(house: House) -> House:
    house.run("create table t (n int, v varchar)")
    return house


def test_a_block_is_run_as_the_body_of_a_task(table: House) -> None:
    outcome = table.run_body("""
        declare n int default 0;
        begin
          for i in 1 to 3 do insert into t (n) values (:i); n := n + sqlrowcount; end for;
          insert into t (n, v) values (:n, current_role());
        end""")

    assert outcome.succeeded
    assert table.rows("select n, v from t order by n, v") == [
        (1, None),
        (2, None),
        (3, "SYSADMIN"),
        (3, None),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "execute immediate $$ begin insert into t (n) values (1); end; $$",
        "begin insert into t (n) values (1); end;",
    ],
)
def test_a_body_may_be_written_in_every_way(table: House, body: str) -> None:
    assert table.run_body(body).succeeded
    assert table.rows("select n from t") == [(1,)]


def test_a_block_asks_about_its_run_and_sets_its_return_value(table: House) -> None:
    outcome = table.run_body(
        """
        declare said varchar;
        begin
          let mode varchar := system$get_task_graph_config('mode');
          let before varchar := (select system$get_predecessor_return_value('FIRST'));
          said := mode || ' after ' || before;
          call system$set_return_value(:said);
          insert into t (v) values (system$current_user_task_name());
        end""",
        predecessors=("FIRST",),
        return_values={"FIRST": "one"},
        graph={"config": '{"mode":"full"}'},
    )

    assert outcome.error_message is None
    assert outcome.return_value == "full after one"
    assert table.rows("select v from t") == [("D.S.T1",)]


def test_what_a_body_returns_is_not_its_return_value(table: House) -> None:
    assert table.run_body("begin return 'something'; end").return_value is None


def test_a_body_that_fails_says_what_nobody_took(table: House) -> None:
    outcome = table.run_body("begin\n  select * from missing;\nend")

    assert outcome.error_code == "002003"
    assert outcome.error_message is not None
    assert outcome.error_message.startswith(
        "Uncaught exception of type 'STATEMENT_ERROR' on line 2 at position 2 : "
    )


def test_a_body_that_raises_fails_with_the_number_of_its_exception(table: House) -> None:
    outcome = table.run_body("declare e exception (-20007, 'too late'); begin raise e; end")

    assert outcome.error_code == "-20007"
    assert outcome.error_message == "Uncaught exception of type 'E' on line 1 at position 48 : too late"


def test_a_body_scans_the_results_of_its_own_statements(table: House) -> None:
    outcome = table.run_body("""
        begin
          select 5 as five;
          insert into t (n) select five from table(result_scan(last_query_id()));
        end""")

    assert outcome.error_message is None
    assert table.rows("select n from t") == [(5,)]


def test_the_next_body_finds_nothing_of_a_block(table: House) -> None:
    table.run_body("begin create temporary table tt (n int); set v = 1; begin transaction; end")

    assert not table.run_body("select * from tt").succeeded
    assert table.run_body("begin insert into t (n) values (1); end").succeeded


def test_a_body_is_stopped_at_its_time_limit_in_a_loop_that_asks_no_engine(table: House) -> None:
    cancel = CancelToken()
    outcomes: list[BodyOutcome] = []
    thread = threading.Thread(
        target=lambda: outcomes.append(
            table.run_body("begin loop null; end loop; end", cancel=cancel, timeout_s=3.0)
        )
    )
    thread.start()
    cancel.cancel(CancelReason.TIMEOUT)
    thread.join(20)

    assert not thread.is_alive()
    assert outcomes[0].error_code == "000630"
    assert "timeout of 3 second(s)" in str(outcomes[0].error_message)


@pytest.mark.parametrize(
    ("definition", "needs"),
    [
        ("begin insert into t values (1); end", True),
        ("declare x int; begin x := 1; end", True),
        ("execute immediate 'select 1'", True),
        ("begin", False),
        ("begin if end", False),
    ],
)
def test_a_block_takes_a_slot(table: House, definition: str, needs: bool) -> None:
    assert DoorBodies(table.door.services).needs_slot(definition) is needs


def test_a_body_with_its_slot_asks_for_no_other(table: House) -> None:
    table.run("create warehouse one max_concurrency_level = 1")
    table.run("use warehouse compute_wh")
    taken: list[Slot] = []
    table.slots.request("ONE", taken.append)

    outcome = table.run_body(
        "begin insert into t (n) values (1); execute immediate 'select 1'; end",
        slot=taken[0],
        warehouse="ONE",
    )

    assert outcome.succeeded
    assert table.slots.in_use("ONE") == 1
    taken[0].release()
