"""The history of tasks as SQL sees it: functions that are tables, and views that do not lag."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.runner.run_world import RunWorld
from tests.session.house import House

from clockmill.core.errors import ClockmillError, Unsupported
from clockmill.store.database import Store

HISTORY = (
    "QUERY_ID NAME DATABASE_NAME SCHEMA_NAME QUERY_TEXT CONDITION_TEXT STATE ERROR_CODE ERROR_MESSAGE "
    "SCHEDULED_TIME QUERY_START_TIME NEXT_SCHEDULED_TIME COMPLETED_TIME ROOT_TASK_ID GRAPH_VERSION RUN_ID "
    "RETURN_VALUE SCHEDULED_FROM ATTEMPT_NUMBER CONFIG QUERY_HASH QUERY_HASH_VERSION "
    "QUERY_PARAMETERIZED_HASH QUERY_PARAMETERIZED_HASH_VERSION GRAPH_RUN_GROUP_ID BACKFILL_INFO "
    "SPCS_JOB_ID SCHEDULED_BY_USER"
)
GRAPHS = (
    "ROOT_TASK_NAME DATABASE_NAME SCHEMA_NAME STATE FIRST_ERROR_TASK_NAME FIRST_ERROR_CODE "
    "FIRST_ERROR_MESSAGE SCHEDULED_TIME QUERY_START_TIME NEXT_SCHEDULED_TIME COMPLETED_TIME ROOT_TASK_ID "
    "GRAPH_VERSION RUN_ID ATTEMPT_NUMBER SCHEDULED_FROM CONFIG GRAPH_RUN_GROUP_ID BACKFILL_INFO "
    "SCHEDULED_BY_USER"
)


class TaskHouse(House):
    """A door and a runner over one store, at a time that moves by hand. Tasks are in DB.S."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.world = RunWorld(store)
        super().__init__(store, folder, self.world.clock)
        self.run("use schema db.s")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TaskHouse]:
    with Store.temporary() as store:
        built = TaskHouse(store, tmp_path)
        yield built
        built.close()


def test_runs_that_ended_and_runs_to_come_are_rows(house: TaskHouse) -> None:
    world = house.world
    world.create("R", schedule="10 MINUTES", comment="root")
    world.create("A", "R")
    world.resume("A")
    world.bodies.fails("A")
    world.run("R")
    world.resume("R")

    rows = house.rows(
        "select name, state, error_code, error_message, scheduled_from, attempt_number, query_text, "
        "query_id is null from table(information_schema.task_history()) order by scheduled_time, name"
    )

    assert rows == [
        ("A", "FAILED", 100038, "boom", "EXECUTE TASK", 1, "select 1", False),
        ("R", "SUCCEEDED", None, None, "EXECUTE TASK", 1, "select 1", False),
        ("R", "SCHEDULED", None, None, "SCHEDULE", 1, "select 1", True),
    ]


def test_the_columns_are_the_services(house: TaskHouse) -> None:
    def columns(call: str) -> str:
        found = house.run(f"select * from table(information_schema.{call})").result.columns
        return " ".join(column.name for column in found)

    assert columns("task_history()") == HISTORY
    assert columns("complete_task_graphs()") == GRAPHS
    assert columns("current_task_graphs()") == GRAPHS.replace(" COMPLETED_TIME", "")


def test_arguments_narrow_the_history(house: TaskHouse) -> None:
    world = house.world
    world.create("R")
    world.create("Q")
    world.run("R")
    world.clock.advance(minutes=90)
    world.bodies.fails("Q")
    world.run("Q")

    def names(arguments: str) -> list[str]:
        sql = f"select name from table(db.information_schema.task_history({arguments}))"
        return [name for (name,) in house.rows(sql)]

    assert names("") == ["Q", "R"]
    assert names("task_name => 'r'") == ["R"]
    assert names("scheduled_time_range_start => dateadd('hour', -1, current_timestamp())") == ["Q"]
    assert names("scheduled_time_range_end => dateadd(hour, -1, current_timestamp())") == ["R"]
    assert names("error_only => true") == ["Q"]
    assert names("result_limit => 1") == ["Q"]
    assert names("database_name => 'DB', schema_name => 'NOPE'") == []
    house.run("desc task q")
    house.run('set root = (select "id" from table(result_scan(last_query_id())))')
    assert names("root_task_id => $root") == ["Q"]


def test_a_function_of_a_user_asks_for_the_history_by_its_arguments(house: TaskHouse) -> None:
    """A finalizer sums a graph's run up with one: it is made before there is anything to tell."""
    house.world.create("R")
    house.world.run("R")
    house.run(
        "create function summary(task varchar, since timestamp_ltz) returns varchar as $$ "
        "(select array_agg(object_construct('task', name, 'state', state)) from ("
        "select name, state from table(db.information_schema.task_history("
        "task_name => lower(task), scheduled_time_range_start => since)) "
        "order by scheduled_time))::varchar $$"
    )
    house.run(
        "create function states(task varchar) returns table (state varchar) as "
        "'select state from table(information_schema.task_history(task_name => task))'"
    )
    house.run(
        "create function last_state(t varchar) returns varchar as 'select max(state) from table(states(t))'"
    )

    since = "dateadd('hour', -1, current_timestamp())"
    assert house.rows(f"select summary('R', {since})") == [('[{"state":"SUCCEEDED","task":"R"}]',)]
    assert house.rows("select * from table(states('r' || ''))") == [("SUCCEEDED",)]
    assert house.rows("select last_state((select 'r'))") == [("SUCCEEDED",)]
    with pytest.raises(Unsupported, match="arguments that differ by row"):
        house.rows("select last_state(x || '') from values ('r'), ('q') as t(x)")


@pytest.mark.parametrize("name", ["nope", "a.b.c.d", "no such"])
def test_dependents_are_asked_of_a_task(house: TaskHouse, name: str) -> None:
    with pytest.raises(ClockmillError) as caught:
        house.run(f"select * from table(information_schema.task_dependents('{name}'))")
    assert caught.value.message == (
        f"Invalid value [{name}] for function 'TASK_DEPENDENTS_SCAN', parameter 1: must be a valid task name"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("result_limit => -1", "Invalid argument for function 'TASK_HISTORY'"),
        ("result_limit => 10001", "RESULT_LIMIT exceeds maximum allowable value"),
        ("schema_name => 'S'", "SCHEMA_NAME needs DATABASE_NAME"),
        ("scheduled_time_range_start => dateadd('day', -8, current_timestamp())", "within the last 7 days"),
    ],
)
def test_arguments_outside_their_range_are_refused(house: TaskHouse, arguments: str, message: str) -> None:
    with pytest.raises(ClockmillError, match=message):
        house.run(f"select * from table(information_schema.task_history({arguments}))")


def test_graphs_are_current_then_complete(house: TaskHouse) -> None:
    world = house.world
    world.create("R", config='{"a": 1}')
    world.execute("R")
    sql = "select root_task_name, state, config from table(information_schema.{}(root_task_name => 'r'))"
    assert house.rows(sql.format("current_task_graphs")) == [("R", "SCHEDULED", '{"a":1}')]
    world.settle()
    assert house.rows(sql.format("current_task_graphs")) == []
    assert house.rows(sql.format("complete_task_graphs")) == [("R", "SUCCEEDED", '{"a":1}')]


def test_dependents_come_after_what_they_depend_on(house: TaskHouse) -> None:
    world = house.world
    world.create("R")
    world.create("A", "R")
    world.create("B", "A")
    sql = "select name, predecessors from table(information_schema.task_dependents(task_name => 'DB.S.r'{}))"
    assert house.rows(sql.format("")) == [("R", "[]"), ("A", '[\n  "DB.S.R"\n]'), ("B", '[\n  "DB.S.A"\n]')]
    assert [name for name, _ in house.rows(sql.format(", recursive => false"))] == ["R", "A"]
    with pytest.raises(ClockmillError, match="TASK_NAME"):
        house.run("select * from table(information_schema.task_dependents())")


def test_account_usage_has_what_ended_long_ago_and_nothing_to_come(house: TaskHouse) -> None:
    world = house.world
    world.create("R", schedule="1440 MINUTES")
    world.run("R")
    world.resume("R")
    world.clock.move_to(world.clock.now() + timedelta(days=30))
    assert house.rows("select name, state from snowflake.account_usage.task_history") == [("R", "SUCCEEDED")]
    assert house.rows("select root_task_name, state from snowflake.account_usage.complete_task_graphs") == [
        ("R", "SUCCEEDED")
    ]
    assert house.rows("select * from table(information_schema.complete_task_graphs())") == []


def test_versions_show_the_tasks_of_each(house: TaskHouse) -> None:
    world = house.world
    world.create("R", schedule="10 MINUTES")
    world.create("A", "R")
    world.resume("A", "R")
    world.suspend("R")
    world.alter("A", "R", definition="select 2")
    world.resume("A", "R")
    assert house.rows(
        "select graph_version, name, definition, predecessors, state "
        "from snowflake.account_usage.task_versions order by graph_version, name desc"
    ) == [
        (1, "R", "select 1", "[]", None),
        (1, "A", "select 1", '[\n  "DB.S.R"\n]', "started"),
        (2, "R", "select 1", "[]", None),
        (2, "A", "select 2", '[\n  "DB.S.R"\n]', "started"),
    ]


def test_a_history_can_be_joined_and_kept(house: TaskHouse) -> None:
    world = house.world
    world.create("R", comment="mine")
    world.run("R")
    house.run("create table kept as select * from table(information_schema.task_history())")
    house.run("insert into kept select * from table(information_schema.task_history(result_limit => 1))")
    assert house.rows("select count(*), min(typeof(scheduled_time::variant)) from kept")[0][0] == 2
    assert house.rows(
        "select h.name, d.comment from table(information_schema.task_history()) h "
        "join table(information_schema.task_dependents('R')) d on d.name = h.name "
        "where h.query_id is not null"
    ) == [("R", "mine")]


def test_a_body_reads_the_history_as_its_owner(house: TaskHouse) -> None:
    house.world.create("R")
    house.world.run("R")
    house.run("use database d")
    house.run("use schema s")
    outcome = house.run_body(
        "create table kept as select name from table(information_schema.task_history()) "
        "union all select schema_name from information_schema.schemata where schema_name = 'S'"
    )
    assert outcome.error_message is None
    assert house.rows("select * from d.s.kept order by 1") == [("R",), ("S",)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name = 'R'", ["R", "R"]),
        ("'R' = name and state = 'SUCCEEDED'", ["R"]),
        ("name = 'R' or name = 'Q'", ["Q", "R", "R"]),
        ("(state = 'FAILED') and not name = 'Q'", ["R"]),
        ("scheduled_time > dateadd('minute', -1, current_timestamp())", ["R"]),
        ("scheduled_time <= dateadd('minute', -1, current_timestamp())", ["Q", "R"]),
        ("scheduled_time between dateadd(hour, -1, current_timestamp()) and current_timestamp()", ["R"]),
        ("current_timestamp() < scheduled_time", []),
        ("scheduled_time > '2020-01-01' and database_name = 'DB' and schema_name = 'S'", ["Q", "R", "R"]),
        (
            "root_task_id = (select max(root_task_id) from snowflake.account_usage.task_history where 1 = 0)",
            [],
        ),
        ("name = null", []),
        ("name = $wanted", ["Q"]),
    ],
)
def test_a_condition_sorts_out_what_the_view_then_need_not_give(
    house: TaskHouse, condition: str, expected: list[str]
) -> None:
    """A year's history is long: what WHERE asks for is asked of the store, and compared once more."""
    world = house.world
    world.create("R")
    world.create("Q")
    world.bodies.fails("Q")
    world.run("Q")
    world.bodies.fails("R")
    world.run("R")
    world.clock.advance(minutes=90)
    world.run("R")
    house.run("set wanted = 'Q'")

    rows = house.rows(f"select name from snowflake.account_usage.task_history h where {condition} order by 1")

    assert [name for (name,) in rows] == expected


def test_names_are_those_that_the_statement_gives(house: TaskHouse) -> None:
    """A condition on another column of that name says nothing of the view's."""
    house.world.create("R")
    house.world.run("R")
    view = "snowflake.account_usage.task_history"

    assert house.rows(f"select state as name from {view} where name = 'R'") == [("SUCCEEDED",)]
    assert house.rows(f"select count(*) from {view} as t(n) where n = 'R'") == [(1,)]
    assert house.rows(
        f"select column1 from values ('R'), ('X') as o(column1) "
        f"where exists (select 1 from {view} h where o.column1 = 'R' and h.name = 'R')"
    ) == [("R",)]
    assert house.rows(
        f"select g.state from snowflake.account_usage.complete_task_graphs g "
        f"left join {view} h on h.run_id = g.run_id and h.name = 'X' where g.root_task_name = 'R'"
    ) == [("SUCCEEDED",)]
    assert house.rows(f"select count(*) from {view} where completed_time >= scheduled_time") == [(1,)]


@pytest.mark.parametrize(
    ("joined", "expected"),
    [
        ("join {other} o on o.column1 = h.name where h.name = 'R'", [("R", "R")]),
        ("join {other} o on true where column1 = 'X' and h.name = 'R'", [("R", "X")]),
        (", {other} o where h.name = o.column1 and h.state = 'SUCCEEDED'", [("R", "R")]),
        ("left join {other} o on o.column1 = 'X' where h.name = 'R'", [("R", "X")]),
        ("right join {other} o on o.column1 = h.name where h.name is null", [(None, "X")]),
        ("full join {other} o on o.column1 = h.name where coalesce(h.name, 'X') = 'X'", [(None, "X")]),
    ],
)
def test_conditions_beside_other_tables_are_of_the_view_that_they_name(
    house: TaskHouse, joined: str, expected: list[tuple[str | None, str]]
) -> None:
    house.world.create("R")
    house.world.run("R")
    house.run("create table other as select column1 from values ('R'), ('X')")

    views = f"snowflake.account_usage.task_history h {joined.format(other='other')}"

    assert house.rows(f"select h.name, o.column1 from {views}") == expected


def test_the_number_of_an_exception_that_a_body_declares_is_negative(house: TaskHouse) -> None:
    house.world.create("R", schedule="10 MINUTES")
    house.world.bodies.fails("R", code="-20001")
    house.world.run("R")

    assert house.rows("select error_code from table(information_schema.task_history())") == [(-20001,)]


def test_fires_that_began_no_run_are_rows_of_their_own(house: TaskHouse) -> None:
    """TASK_HISTORY shows runs alone, as the service does; what was passed over is not lost all the same."""
    world = house.world
    world.create("R", schedule="10 MINUTES")
    world.create("Q", schedule="20 MINUTES")
    world.resume("R", "Q")
    world.clock.advance(minutes=45)
    world.crash()

    wanted = "root_task_name, fires, reason, timediff('minute', first_scheduled_time, last_scheduled_time)"
    rows = house.rows(f"select {wanted} from table(information_schema.skipped_fires()) order by 1")
    of_one = house.rows(
        "select database_name, schema_name, recorded_time is null, root_task_id is null "
        "from table(information_schema.skipped_fires(root_task_name => 'q', result_limit => 5))"
    )
    earlier = house.rows(
        f"select {wanted} from table(information_schema.skipped_fires(scheduled_time_range_end => "
        "'2026-03-01 09:14:00 +0000'::timestamp_tz))"
    )
    history = house.rows(
        "select count(*) from table(information_schema.task_history()) where state <> 'SCHEDULED'"
    )

    assert rows == [("Q", 2, "DOWNTIME", 20), ("R", 4, "DOWNTIME", 30)]
    assert of_one == [("DB", "S", False, False)]
    assert earlier == [("R", 4, "DOWNTIME", 30)]
    assert history == [(0,)]
