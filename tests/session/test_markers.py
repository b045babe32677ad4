"""Bodies of tasks leave markers: what an interrupted one is recognised by, and why none is done twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from tests.engine.sessions import Background, Waited
from tests.session.house import House

from clockmill.core.body import BodyOutcome, BodyRequest, Recall, Remains
from clockmill.core.cancel import CancelToken
from clockmill.session.bodies import DoorBodies

ONE_TRANSACTION = [
    "insert into t values (1)",
    "update t set a = a + 1",
    "delete from t",
    "merge into t using (select 7 as a) s on t.a = s.a when not matched then insert values (s.a)",
    "truncate table t",
    "create table made as select 1 as a",
    "create or replace table t (b int)",
    "alter table t add column b int",
    "drop table t",
    "create view made as select a from t",
    "create stream made on table t",
    "begin let n := 1; insert into t values (:n); return 'rows: ' || n; end",
    "begin begin transaction; insert into t values (1); update t set a = 2; commit; return 'done'; end",
    "begin if (exists (select 1 from t)) then insert into t values (1); end if; end",
    "begin insert into t values (1); insert into t values (2); end",
    "execute immediate 'insert into t values (1)'",
    "call p()",
]
NO_MARKER_NEEDED = [
    "select count(*) from t",
    "call system$set_return_value('x')",
    "show tables",
    "set x = (select max(a) from t)",
    "this is no sql",
]
TASK_STATEMENTS = ["alter task other suspend", "execute task other", "create schema made"]


@pytest.fixture
def bodies(house: House) -> Iterator[DoorBodies]:
    """A node's bodies, over a table T with one row and a procedure P that writes it twice."""
    house.run("create table t (a int)")
    house.run("insert into t values (0)")
    house.run(
        "create procedure p() returns varchar as "
        "$$ begin insert into t values (1); update t set a = a + 1; return 'p'; end $$"
    )
    house.given_task("OTHER")
    with _started(house) as started:
        yield started


@contextmanager
def _started(house: House, **options: Any) -> Iterator[DoorBodies]:
    started = DoorBodies(house.door.services, **options)
    yield started
    started.close()


def _run(bodies: DoorBodies, body: BodyRequest) -> BodyOutcome:
    return bodies.run(body, None, CancelToken())


@pytest.mark.parametrize("definition", ONE_TRANSACTION)
def test_what_has_run_to_its_end_is_recognised_as_done(
    house: House, bodies: DoorBodies, definition: str
) -> None:
    body = house.body(definition)

    assert bodies.recall(body).remains is Remains.NOTHING
    outcome = _run(bodies, body)

    assert outcome.succeeded, outcome.error_message
    assert bodies.recall(body) == Recall(remains=Remains.COMPLETE, outcome=BodyOutcome())


@pytest.mark.parametrize("definition", ONE_TRANSACTION)
def test_what_is_done_is_not_done_again(house: House, bodies: DoorBodies, definition: str) -> None:
    """Its node seemed dead, and was not: both have begun it, and the first has committed."""
    body = house.body(definition)
    _run(bodies, body)
    before = _everything(house)

    outcome = _run(bodies, body)

    assert outcome.succeeded, outcome.error_message
    assert _everything(house) == before


def _everything(house: House) -> list[Any]:
    names = [name for (name,) in house.rows("select table_name from information_schema.tables")]
    return [
        (name, house.rows(f"select * from {name} order by 1")) for name in sorted(names) if name in "TMADE"
    ]


@pytest.mark.parametrize("definition", NO_MARKER_NEEDED)
def test_what_changes_nothing_leaves_nothing_and_is_run_again(
    house: House, bodies: DoorBodies, definition: str
) -> None:
    body = house.body(definition)

    _run(bodies, body)

    assert bodies.recall(body).remains is Remains.NOTHING
    assert bodies.remembered() == set()


@pytest.mark.parametrize("definition", TASK_STATEMENTS)
def test_of_what_the_engine_does_not_hold_nothing_can_be_told(
    house: House, bodies: DoorBodies, definition: str
) -> None:
    body = house.body(definition)

    _run(bodies, body)

    assert bodies.recall(body).remains is Remains.UNKNOWN
    assert bodies.remembered() == set()


@pytest.mark.parametrize(
    ("definition", "part"),
    [
        ("begin insert into t values (1); select 1 / 0; end", "a statement of several"),
        ("begin begin transaction; insert into t values (1); commit; select 1 / 0; end", "a transaction"),
        ("begin alter task other suspend; select 1 / 0; end", "a task statement"),
        ("begin call system$cancel_query('x'); select 1 / 0; end", "a function that acts"),
        ("begin create schema made; select 1 / 0; end", "a statement about the catalog"),
    ],
)
def test_a_script_that_has_done_a_part_is_known_to_have(
    house: House, bodies: DoorBodies, definition: str, part: str
) -> None:
    body = house.body(definition)

    assert not _run(bodies, body).succeeded
    assert bodies.recall(body).remains is Remains.UNKNOWN, part


def test_a_script_that_has_committed_nothing_may_begin_again(house: House, bodies: DoorBodies) -> None:
    body = house.body("begin begin transaction; insert into t values (1); select 1 / 0; commit; end")

    assert not _run(bodies, body).succeeded
    assert bodies.recall(body).remains is Remains.NOTHING


@pytest.mark.parametrize(
    "definition",
    [
        "insert into t select length(system$set_return_value('kept'))",
        "begin call system$set_return_value('kept'); insert into t values (1); end",
        "begin insert into t values (1); call system$set_return_value('kept'); end",
        "begin begin transaction; insert into t values(1); call system$set_return_value('kept'); commit; end",
    ],
)
def test_the_return_value_is_kept_with_the_marker(house: House, bodies: DoorBodies, definition: str) -> None:
    body = house.body(definition)
    first = _run(bodies, body)

    assert first.return_value == "kept"
    assert bodies.recall(body).outcome == BodyOutcome(return_value="kept")
    assert _run(bodies, body).return_value == "kept"


def test_two_executions_at_once_commit_once(house: House, bodies: DoorBodies) -> None:
    """The second waits for the table, and finds what the first has left when it gets it."""
    holder = house.another_session("begin", "update t set a = 5")
    waited = [Waited(), Waited()]
    body = house.body("update t set a = a + 10")
    slots = [_TellingSlot(each) for each in waited]
    running = [Background(partial(bodies.run, body, slot, CancelToken())) for slot in slots]
    for each in waited:
        assert each.begun.wait(20)
    holder.execute("commit")

    assert all(each.join().succeeded for each in running)
    assert house.rows("select a from t") == [(15,)]


class _TellingSlot:
    """A slot that is given back when its statement begins to wait for a table."""

    def __init__(self, waited: Waited) -> None:
        self._waited = waited

    def release(self) -> None:
        self._waited.begin()


def test_a_handler_does_not_go_on_where_another_execution_has_committed(
    house: House, bodies: DoorBodies
) -> None:
    body = house.body(
        "begin begin insert into t values (1); exception when other then null; end; "
        "insert into t values (2); end"
    )
    _run(bodies, body)
    rows = house.rows("select a from t order by a")

    assert _run(bodies, body).succeeded
    assert house.rows("select a from t order by a") == rows


def test_a_part_that_another_execution_has_done_is_a_failure_of_ours(
    house: House, bodies: DoorBodies
) -> None:
    body = house.body("begin insert into t values (1); select 1 / 0; end")
    _run(bodies, body)

    outcome = _run(bodies, body)

    assert outcome.is_system_error
    assert house.rows("select count(*) from t") == [(2,)]


def test_after_a_part_it_begins_anew_for_whoever_asked_first(house: House, bodies: DoorBodies) -> None:
    body = house.body("begin insert into t values (1); select 1 / (select max(a) - 1 from t); end")
    _run(bodies, body)
    house.run("update t set a = 9")

    assert bodies.recall(body).remains is Remains.UNKNOWN
    assert _run(bodies, body).succeeded
    assert bodies.recall(body).remains is Remains.COMPLETE
    assert house.rows("select count(*) from t") == [(3,)]


def test_statements_beside_each_other_share_a_marker(house: House, bodies: DoorBodies) -> None:
    body = house.body(
        "begin async (insert into t values (1)); async (insert into t values (2)); "
        "async (insert into t values (3)); await all; end"
    )

    outcome = _run(bodies, body)

    assert outcome.succeeded, outcome.error_message
    assert house.rows("select count(*) from t") == [(4,)]
    assert bodies.recall(body).remains is Remains.COMPLETE


def test_a_transaction_beside_an_open_one_shares_its_marker(house: House, bodies: DoorBodies) -> None:
    house.run(
        "create procedure apart() returns varchar as "
        "$$ begin begin transaction; insert into u values (1); commit; return 'done'; end $$"
    )
    house.run("create table u (a int)")
    body = house.body("begin begin transaction; insert into t values (1); call apart(); commit; end")

    outcome = _run(bodies, body)

    assert outcome.succeeded, outcome.error_message
    assert house.rows("select (select count(*) from t), (select count(*) from u)") == [(2, 1)]


def test_each_attempt_has_a_marker_of_its_own(house: House, bodies: DoorBodies) -> None:
    first = house.body("insert into t values (1)", task_id="x")
    second = house.body("insert into t values (1)", task_id="x", graph={"attempt": 2})
    for body in (first, second):
        assert _run(bodies, body).succeeded

    assert house.rows("select count(*) from t") == [(3,)]
    assert bodies.remembered() == {("group-id", 1), ("group-id", 2)}


# --- the setting ---------------------------------------------------------------------------------


def test_without_markers_nothing_can_be_told(house: House) -> None:
    house.run("create table t (a int)")
    body = house.body("insert into t values (1)")
    with _started(house, leaves_markers=False) as unmarked:
        assert _run(unmarked, body).succeeded
        assert unmarked.recall(body).remains is Remains.UNKNOWN
        assert unmarked.recall(house.body("select 1")).remains is Remains.NOTHING

    with _started(house) as marked:
        assert marked.recall(body).remains is Remains.UNKNOWN, "it ran before bodies were marked"


def test_what_was_due_before_bodies_were_marked_cannot_be_told(house: House, bodies: DoorBodies) -> None:
    """A server that was killed and then upgraded must not take what it left for not begun."""
    due = house.clock.now() - timedelta(hours=1)
    body = house.body("insert into t values (1)", graph={"original_scheduled_at": due})

    assert bodies.recall(body).remains is Remains.UNKNOWN


def test_a_marker_is_found_after_markers_were_switched_off(house: House, bodies: DoorBodies) -> None:
    body = house.body("insert into t values (1)")
    _run(bodies, body)

    with _started(house, leaves_markers=False) as unmarked:
        assert unmarked.recall(body).remains is Remains.COMPLETE


# --- forgetting ----------------------------------------------------------------------------------


def test_markers_of_closed_runs_are_taken_away(house: House, bodies: DoorBodies) -> None:
    for group in ("a", "b"):
        _run(bodies, house.body("insert into t values (1)", graph={"group_id": group}))

    bodies.forget([("a", 1), ("unknown", 1)])
    bodies.prune()

    assert bodies.remembered() == {("b", 1)}


def test_the_marker_of_a_closed_run_stays_while_a_body_of_it_goes_on(
    house: House, bodies: DoorBodies
) -> None:
    """That body is a dead owner's; without the marker it would commit what another has done already."""
    holder = house.another_session("begin", "update t set a = 5")
    waited = Waited()
    body = house.body("insert into t2 select a from t where a = 5")
    late = house.body("update t set a = a + 10", task_id=body.task_id)
    running = Background(lambda: bodies.run(late, _TellingSlot(waited), CancelToken()))
    assert waited.begun.wait(20)
    house.run("create table t2 (a int)")
    _run(bodies, body)

    bodies.forget([("group-id", 1)])
    bodies.prune()
    assert bodies.remembered() == {("group-id", 1)}

    holder.execute("commit")
    assert running.join().succeeded
    assert house.rows("select a from t") == [(5,)]
    bodies.prune()
    assert bodies.remembered() == set()
