"""Tasks made and changed by SQL: what is kept, what is refused, in which words and which order."""

from datetime import UTC, datetime

import pytest
from tests.session.house import House

from clockmill.core.errors import ClockmillError
from clockmill.core.names import QualifiedName
from clockmill.core.task import CreateMode, TaskSpec


@pytest.fixture
def roots(house: House) -> House:
    """The house with roots R1 and R2, and C1 after R1."""
    for name in ("r1", "r2"):
        house.run(f"create task {name} schedule = '60 MINUTE' as select 1")
    house.run("create task c1 after r1 as select 1")
    return house


def refusal(house: House, sql: str) -> str:
    """Return what *sql* is refused with, without the words that begin every such message."""
    with pytest.raises(ClockmillError) as caught:
        house.run(sql)
    return caught.value.message.removeprefix("SQL compilation error:\n")


def code(house: House, sql: str) -> str:
    with pytest.raises(ClockmillError) as caught:
        house.run(sql)
    return caught.value.code


def answer(house: House, sql: str) -> object:
    return house.rows(sql)[0][0]


def cell(house: House, task: str, column: str) -> object:
    (row,) = house.shown(f"show tasks like '{task}'")
    return row[column]


def tags_of(house: House, task: str) -> dict[str, str]:
    tags = house.door.services.tags.get_tags(house.caller, "TASK", QualifiedName("D", "S", task))
    return {each.tag.name: each.value for each in tags}


def parameter(house: House, task: str, key: str) -> tuple[object, object]:
    """Return the value of a parameter of *task*, and where it is set."""
    (row,) = house.shown(f"show parameters like '{key}' in task {task}")
    return row["value"], row["level"]


# --- making ------------------------------------------------------------------------------------


def test_a_task_reads_back_as_it_was_written(house: House) -> None:
    made = house.run(
        """create task t warehouse = compute_wh schedule = '5 minutes ' comment = 'it''s'
           config = $${"env": "prod",  "n": 1}$$ overlap_policy = allow_all_overlap
           when system$stream_has_data('s') as insert into x select 1;"""
    )

    assert made.result.rows[0][0] == "Task T successfully created."
    (row,) = house.shown("show tasks")
    assert (row["warehouse"], row["schedule"], row["comment"]) == ("COMPUTE_WH", "5 minutes ", "it's")
    assert row["config"] == '{"env": "prod",  "n": 1}'
    assert (row["overlap_policy"], row["allow_overlapping_execution"]) == ("ALLOW_ALL_OVERLAP", "false")
    assert (row["condition"], row["definition"]) == ("system$stream_has_data('s')", "insert into x select 1")
    assert (row["state"], row["owner"], row["predecessors"]) == ("suspended", "ACCOUNTADMIN", "[]")
    assert house.shown("describe task t") == [row]


def test_a_statement_and_the_service_make_the_same_task(house: House) -> None:
    """REST asks the service; what SQL makes must be no other thing."""
    house.given_task("R", schedule="60 MINUTES")
    spec = TaskSpec(
        definition="select 1",
        warehouse="COMPUTE_WH",
        comment="c",
        predecessors=("R",),
        condition="1=1",
        session_parameters={"TIMEZONE": "UTC", "QUERY_TAG": "q"},
        user_task_timeout_ms=1000,
        suspend_task_after_num_failures=3,
        error_integration="E",
        success_integration="S",
        execute_as_user="ADMIN",
        log_level="INFO",
    )
    house.tasks.create_task(house.caller, QualifiedName("D", "S", "A"), spec, CreateMode.ERROR_IF_EXISTS)
    house.run(
        """create task b warehouse = compute_wh comment = 'c' after r execute as user admin timezone = 'UTC'
           query_tag = 'q' user_task_timeout_ms = 1000 suspend_task_after_num_failures = 3
           error_integration = e success_integration = 's' log_level = 'INFO' when 1=1 as select 1"""
    )

    made = [house.tasks.fetch_task(house.caller, QualifiedName("D", "S", name)).spec for name in "AB"]
    assert made[0] == made[1]


def test_a_block_is_a_body_whoever_splits_the_text(house: House) -> None:
    body = "begin\n  insert into t values (1);\n  return 'done';\nend"
    house.run(f"create task t as {body};")
    house.run(f"create task u as {body}; select 1;", statement_count=0)

    assert cell(house, "T", "definition") == cell(house, "U", "definition") == body


def test_create_says_what_became_of_a_name_that_is_taken(house: House) -> None:
    house.run("create task t as select 1")
    first = cell(house, "T", "id")

    assert refusal(house, "create task t as select 2") == "Object 'T' already exists."
    assert code(house, "create task t as select 2") == "002002"
    assert (
        answer(house, "create task if not exists t as select 2") == "T already exists, statement succeeded."
    )
    assert (cell(house, "T", "definition"), cell(house, "T", "id")) == ("select 1", first)
    assert answer(house, "create or replace task t as select 3") == "Task T successfully created."
    assert cell(house, "T", "definition") == "select 3"
    assert cell(house, "T", "id") != first


def test_create_or_alter_resets_what_it_leaves_out_and_keeps_the_rest(house: House) -> None:
    house.run("create tag cost")
    house.run(
        "create task t schedule = '5 M' comment = 'c' query_tag = 'q' with tag (cost = '1') as select 1"
    )
    before = house.shown("show tasks")[0]

    assert answer(house, "create or alter task t schedule = '6 M' as select 2") == (
        "Statement executed successfully."
    )

    after = house.shown("show tasks")[0]
    assert (after["id"], after["created_on"]) == (before["id"], before["created_on"])
    assert (after["schedule"], after["comment"], after["definition"]) == ("6 M", "", "select 2")
    assert parameter(house, "t", "QUERY_TAG") == ("", "")
    assert tags_of(house, "T") == {"COST": "1"}
    assert answer(house, "create or alter task u as select 1") == "Task U successfully created."


def test_tags_are_set_with_the_task_or_nothing_is_made(house: House) -> None:
    assert "Tag 'D.S.NOPE' does not exist" in refusal(
        house, "create task t with tag (nope = '1') as select 1"
    )
    assert house.shown("show tasks") == []

    house.run("create tag cost")
    house.run("create task t with tag (cost = '1') as select 1")
    assert tags_of(house, "T") == {"COST": "1"}


def test_names_come_from_variables_and_bind_values_too(house: House) -> None:
    house.run("set (n, w, s) = ('t1', 'compute_wh', '7 M')")
    house.run("create task identifier($n) warehouse = $w schedule = $s as select 1")
    house.run("create task identifier('d.s.\"t 2\"') after identifier($n) as select 1")

    assert (cell(house, "T1", "warehouse"), cell(house, "T1", "schedule")) == ("COMPUTE_WH", "7 M")
    assert cell(house, "t 2", "predecessors") == '[\n  "D.S.T1"\n]'


def test_a_task_of_another_schema_is_made_by_its_full_name(house: House) -> None:
    house.run("create schema d.s2")
    house.run("use schema d.s")
    house.run("create task s2.r as select 1")
    house.run("create task d.s2.c after r as select 1")

    (row,) = house.shown("show tasks like 'c' in schema d.s2")
    assert row["predecessors"] == '[\n  "D.S2.R"\n]'


# --- cloning -----------------------------------------------------------------------------------


def test_a_clone_is_a_suspended_task_of_its_own(roots: House) -> None:
    roots.run("create tag cost")
    roots.run("alter task c1 set comment = 'c', query_tag = 'q'")
    roots.run("alter task c1 set tag cost = '1'")
    roots.run("alter task c1 resume")

    assert answer(roots, "create task c2 clone c1") == "Task C2 successfully created."

    (clone,) = roots.shown("show tasks like 'c2'")
    assert (clone["state"], clone["comment"], clone["predecessors"]) == ("suspended", "c", '[\n  "D.S.R1"\n]')
    assert parameter(roots, "c2", "QUERY_TAG") == ("q", "TASK")
    assert clone["id"] != cell(roots, "C1", "id")
    assert tags_of(roots, "C2") == {"COST": "1"}


def test_a_clone_may_differ_in_what_is_said_after_it(roots: House) -> None:
    roots.run("create or replace task r2 clone r1 schedule = '7 M' comment = 'other'")
    assert (cell(roots, "R2", "schedule"), cell(roots, "R2", "comment")) == ("7 M", "other")


def test_a_clone_leaves_behind_what_ties_it_to_another_graph(roots: House) -> None:
    """A root has one finalizer, and a graph is of one schema and one owner."""
    roots.run("create task f1 finalize = r1 as select 1")
    roots.run("create task f2 clone f1")
    roots.run("create schema d.s2")
    roots.run("create task d.s2.c clone d.s.c1")
    roots.run("use schema d.s")
    roots.run("use role sysadmin")
    roots.run("create task d.s.c3 clone d.s.c1")

    assert cell(roots, "F2", "task_relations") == '{"Predecessors":[]}'
    relations = roots.shown("show tasks like 'c%' in account")
    assert {(row["schema_name"], row["name"]): row["predecessors"] for row in relations} == {
        ("S", "C1"): '[\n  "D.S.R1"\n]',
        ("S", "C3"): "[]",
        ("S2", "C"): "[]",
    }


def test_only_a_task_can_be_cloned(roots: House) -> None:
    assert "Task 'D.S.NOPE' does not exist" in refusal(roots, "create task x clone nope")
    assert refusal(roots, "create task r2 clone r1") == "Object 'R2' already exists."


# --- the two steps of checking -------------------------------------------------------------------


@pytest.mark.parametrize(
    "clauses",
    [
        "config = 'bad'",
        "schedule = 'bad'",
        "after no_such_task",
        "finalize = no_such_task",
        "timezone = 'Not/AZone'",
        "overlap_policy = bogus",
        "log_level = 'BOGUS'",
        "after d.nowhere.t",
    ],
)
def test_if_not_exists_weighs_only_the_statement_itself(roots: House, clauses: str) -> None:
    roots.run(f"create task if not exists r1 {clauses} as select 2")
    assert cell(roots, "R1", "definition") == "select 1"


@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        ("query_tag = 5", "invalid value [5] for parameter 'QUERY_TAG'"),
        ("comment = 5", "invalid value [5] for parameter 'COMMENT'"),
        ("finalize = 5", "invalid value [5] for parameter 'FINALIZE'"),
        ("user_task_timeout_ms = '5000'", "invalid value ['5000'] for parameter 'USER_TASK_TIMEOUT_MS'"),
        ("not_a_param = 1", "invalid property 'NOT_A_PARAM' for 'TASK'"),
        ("query_tag = 'a' query_tag = 'b'", "duplicate property 'query_tag';"),
        ("warehouse = no_such_wh", "Nonexistent warehouse NO_SUCH_WH was specified."),
        ('warehouse = "no such"', 'Nonexistent warehouse "no such" was specified.'),
        ("execute as user nobody", "User 'NOBODY' does not exist or not authorized."),
    ],
)
def test_what_is_wrong_with_the_statement_itself_is_always_refused(
    roots: House, clauses: str, message: str
) -> None:
    assert refusal(roots, f"create task if not exists r1 {clauses} as select 2") == message
    assert refusal(roots, f"create task x {clauses} as select 2") == message


_CONFIG = "Invalid config. Must be a string representation of a valid JSON Object."
_SCHEDULE = "Invalid schedule was specified. Please refer to the docs on what constitutes a valid schedule."


@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        ("config = abc", _CONFIG),
        ("config = '[1,2]'", _CONFIG),
        ("schedule = abc", _SCHEDULE),
        ("overlap_policy = bogus", "invalid value 'BOGUS' for property 'OVERLAP_POLICY'"),
        (
            "overlap_policy = 'allow_all_overlap'",
            "invalid value 'allow_all_overlap' for property 'OVERLAP_POLICY'",
        ),
        ("timezone = 'Not/AZone'", "invalid value [Not/AZone] for parameter 'TIMEZONE'"),
        (
            "autocommit = false",
            (
                "The parameter AUTOCOMMIT = false is not supported with Tasks. "
                "Remove the parameter and try again."
            ),
        ),
        (
            "search_path = '$current'",
            "The parameter SEARCH_PATH is not supported with Tasks. Remove the parameter and try again.",
        ),
        ("config = '{}' after r1", "Task D.S.X cannot both be a non-root task and have a config."),
        ("overlap_policy = no_overlap after r1", "Cannot set overlap policy on non-root task D.S.X."),
        (
            "allow_overlapping_execution = true after r1",
            "Cannot set allow_overlapping_execution on non-root task D.S.X.",
        ),
        ("schedule = '5 M' after r1", "Task X cannot have both a schedule and a predecessor."),
        ("after s2.r9", "Cannot have predecessor R9 from a different schema."),
        ("after s2.nope", "Invalid predecessor S2.NOPE was specified."),
        ("after s2.r9, nope", "Invalid predecessor NOPE was specified."),
        ('after "r1"', 'Invalid predecessor "r1" was specified.'),
        ("after x", "Task X cannot use itself as its predecessor."),
        ("finalize = s2.r9", "Cannot finalize graph S2.R9 in a different schema."),
        ("finalize = s2.nope", "Invalid finalized root task S2.NOPE was specified."),
        ('finalize = "r2"', 'Invalid finalized root task "r2" was specified.'),
        ("finalize = c1", "Task D.S.X cannot finalize a non-root task D.S.C1."),
        ("finalize = r1 schedule = '5 M'", "Task X cannot have a schedule and be a finalizer task."),
        ("finalize = r1 after r2", "Task D.S.X cannot have predecessors as a finalizer task."),
        ("finalize = x", "Task X cannot finalize itself."),
    ],
)
def test_a_task_that_cannot_be_is_not_made(roots: House, clauses: str, message: str) -> None:
    roots.run("create schema d.s2")
    roots.run("create task d.s2.r9 as select 1")
    roots.run("use schema d.s")
    assert refusal(roots, f"create task x {clauses} as select 1") == message
    assert roots.shown("show tasks like 'x'") == []


def test_a_refused_replacement_leaves_the_task_as_it_was(roots: House) -> None:
    before = roots.shown("show tasks")
    for clauses in ("config = 'bad'", "schedule = 'bad'", "after nope", "after r1", "warehouse = nope"):
        refusal(roots, f"create or replace task r1 {clauses} as select 2")
    assert roots.shown("show tasks") == before


# --- altering ----------------------------------------------------------------------------------


def test_properties_are_set_and_unset(house: House) -> None:
    house.run("create task t schedule = '60 M' as select 1")
    house.run("alter task t set comment = 'c' warehouse = compute_wh, user_task_timeout_ms = 5000")
    assert (cell(house, "T", "comment"), cell(house, "T", "warehouse")) == ("c", "COMPUTE_WH")
    assert parameter(house, "t", "USER_TASK_TIMEOUT_MS") == ("5000", "TASK")

    house.run("alter task t unset comment, warehouse, user_task_timeout_ms, schedule")
    assert (cell(house, "T", "comment"), cell(house, "T", "warehouse")) == ("", None)
    assert parameter(house, "t", "USER_TASK_TIMEOUT_MS") == ("3600000", "")
    assert cell(house, "T", "schedule") is None


def test_session_parameters_and_levels_are_set_at_the_task(house: House) -> None:
    house.run(
        "create task t timestamp_input_format = 'YYYY-MM-DD', query_tag = 'qt' log_level = 'info' as select 1"
    )
    assert parameter(house, "t", "QUERY_TAG") == ("qt", "TASK")
    assert parameter(house, "t", "TIMESTAMP_INPUT_FORMAT") == ("YYYY-MM-DD", "TASK")
    assert parameter(house, "t", "LOG_LEVEL") == ("info", "TASK")
    assert parameter(house, "t", "TIME_INPUT_FORMAT")[1] == ""

    house.run("alter task t set query_tag = 'q1', trace_level = 'ALWAYS'")
    assert parameter(house, "t", "QUERY_TAG") == ("q1", "TASK")
    assert parameter(house, "t", "TRACE_LEVEL") == ("ALWAYS", "TASK")
    house.run("alter task t unset query_tag, timestamp_input_format, log_level")
    assert parameter(house, "t", "QUERY_TAG")[1] == ""
    assert parameter(house, "t", "LOG_LEVEL") == ("OFF", "")


def test_the_two_forms_of_overlap_are_one_setting(house: House) -> None:
    house.run("create task t schedule = '60 M' overlap_policy = Allow_Child_Overlap as select 1")
    assert cell(house, "T", "allow_overlapping_execution") == "true"
    house.run("alter task t unset overlap_policy")
    assert cell(house, "T", "overlap_policy") == "NO_OVERLAP"
    house.run("alter task t set allow_overlapping_execution = true")
    assert cell(house, "T", "overlap_policy") == "ALLOW_CHILD_OVERLAP"
    both = "alter task t set overlap_policy = no_overlap allow_overlapping_execution = true"
    assert refusal(house, both).startswith("Cannot specify ALLOW_OVERLAPPING_EXECUTION and OVERLAP_POLICY")
    house.run("alter task t unset allow_overlapping_execution")
    assert cell(house, "T", "overlap_policy") == "NO_OVERLAP"


def test_predecessors_are_added_and_removed_a_list_at_a_time(roots: House) -> None:
    roots.run("alter task c1 add after r2")
    roots.run("alter task c1 add after s.r2, 'r2'")
    assert cell(roots, "C1", "predecessors") == '[\n  "D.S.R1",\n  "D.S.R2"\n]'
    roots.run("alter task c1 remove after r1")
    assert cell(roots, "C1", "predecessors") == '[\n  "D.S.R2"\n]'
    assert cell(roots, "C1", "last_suspended_reason") is None
    roots.run("alter task c1 resume")
    roots.run("alter task c1 remove after r2")
    assert cell(roots, "C1", "task_relations") == '{"Predecessors":[]}'
    assert (cell(roots, "C1", "state"), cell(roots, "C1", "last_suspended_reason")) == (
        "suspended",
        "CHILD_BECAME_ROOT",
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("c1 add after nope", "Invalid predecessor NOPE was specified."),
        ("c1 add after c1", "Task C1 cannot use itself as its predecessor."),
        ("c1 remove after r2", "Task C1 does not have predecessor R2."),
        ("c1 remove after nope, r2", "Task C1 does not have predecessor R2."),
        ("c1 remove after r1, nope", "Invalid predecessor NOPE was specified."),
        ("r1 add after r2", "Task R1 cannot have both a schedule and a predecessor."),
        ("rq add after nope", "Invalid predecessor NOPE was specified."),
        ("rq add after r1", "Task D.S.RQ cannot both be a non-root task and have a config."),
        ("rq add after ff", "Task D.S.FF cannot have children as a finalizer task."),
        (
            "rf add after rf",
            (
                "This task has a finalizer and cannot be made a child task. "
                "Please remove the finalizer before adding a predecessor."
            ),
        ),
        ("x1 set finalize = x1", "Task X1 cannot finalize itself."),
        ("x1 set finalize = rf", "Finalize target RF already have finalizer."),
        ("r1 set finalize = r2", "Task D.S.R1 cannot have children as a finalizer task."),
        ("r2 set finalize = x1", "Task R2 cannot have a schedule and be a finalizer task."),
        ("r1 set finalize = c1", "Task D.S.R1 cannot finalize a non-root task D.S.C1."),
        ("c1 set finalize = r2", "Task D.S.C1 cannot have predecessors as a finalizer task."),
        ("c1 set finalize = c1", "Task D.S.C1 cannot finalize a non-root task D.S.C1."),
        ("ff set config = '{}'", "Task D.S.FF cannot both be a non-root task and have a config."),
        ("ff set schedule = '5 M'", "Task FF cannot have a schedule and be a finalizer task."),
        (
            "c1 set allow_overlapping_execution = true",
            "Cannot set allow_overlapping_execution on non-root task D.S.C1.",
        ),
        ("c1 set schedule = '5 M'", "Task C1 cannot have both a schedule and a predecessor."),
        ("r1 set config = 'bad'", _CONFIG),
        ("r1 unset not_a_param", "invalid property 'NOT_A_PARAM' for 'TASK'"),
        ("r1 set warehouse = nope", "Nonexistent warehouse NOPE was specified."),
        ("nope set comment = 'x'", "Task 'D.S.NOPE' does not exist or not authorized."),
    ],
)
def test_what_a_task_cannot_become_is_refused_and_nothing_changes(
    roots: House, change: str, message: str
) -> None:
    for made in ("rq config = '{}'", "rf", "ff finalize = rf", "x1"):
        roots.run(f"create task {made} as select 1")
    before = roots.shown("show tasks")
    assert refusal(roots, f"alter task {change}") == message
    assert roots.shown("show tasks") == before


def test_a_finalizer_is_bound_and_freed(roots: House) -> None:
    roots.run("create task f as select 1")
    roots.run("alter task f set finalize = 'R1'")
    assert cell(roots, "F", "task_relations") == '{"FinalizedRootTask":"D.S.R1","Predecessors":[]}'
    roots.run("alter task f unset finalize")
    assert cell(roots, "F", "task_relations") == '{"Predecessors":[]}'
    assert cell(roots, "F", "last_suspended_reason") == "FINALIZER_BECAME_ROOT"


def test_what_a_task_runs_and_when_is_modified(house: House) -> None:
    house.run("create task t warehouse = compute_wh when 1=1 as select 1")
    house.run("alter task t modify as begin select 2; end;")
    house.run("alter task t modify when system$stream_has_data('s') and true")
    assert cell(house, "T", "definition") == "begin select 2; end"
    assert cell(house, "T", "condition") == "system$stream_has_data('s') and true"
    house.run("alter task t remove when")
    assert cell(house, "T", "condition") is None
    assert "Invalid expression for task condition" in refusal(house, "alter task t modify when rand() = 1")


def test_a_comment_is_put_on_a_task(house: House) -> None:
    house.run("create task t as select 1")
    house.run("comment on task t is 'c'")
    assert cell(house, "T", "comment") == "c"


@pytest.mark.parametrize(
    "statement",
    [
        "alter task {} set comment = 'x'",
        "alter task {} unset comment",
        "alter task {} resume",
        "alter task {} suspend",
        "alter task {} modify as select 2",
        "alter task {} add after r1",
    ],
)
def test_a_task_that_is_not_there_is_an_error_unless_that_is_said(house: House, statement: str) -> None:
    assert code(house, statement.format("nope")) == "002003"
    assert answer(house, statement.format("if exists nope")) == "Statement executed successfully."


@pytest.mark.parametrize(
    "statement",
    [
        "alter task {} set comment = 'x'",
        "alter task {} unset comment",
        "alter task {} modify as select 2",
        "alter task {} modify when 1=1",
        "create or replace task {} as select 2",
        "create or alter task {} as select 2",
    ],
)
@pytest.mark.parametrize("task", ["r1", "c1"])
def test_a_graph_is_changed_only_while_its_root_is_suspended(roots: House, statement: str, task: str) -> None:
    roots.run("alter task r1 resume")
    before = roots.shown("show tasks")
    expected = "Unable to update graph with root task D.S.R1 since that root task is not suspended."
    assert refusal(roots, statement.format(task)) == expected
    assert code(roots, statement.format(task)) == "091421"
    assert roots.shown("show tasks") == before


@pytest.mark.parametrize(
    "statement",
    [
        "alter task c1 resume",
        "alter task c1 add after r1",
        "alter task c1 remove after r1",
        "alter task r2 unset schedule, comment",
        "create task c2 after r1 as select 1",
        "create task f finalize = r1 as select 1",
        "create task c2 clone c1",
        "drop task r1",
        "drop task c1",
    ],
)
def test_what_else_a_started_root_forbids_and_what_not(roots: House, statement: str) -> None:
    roots.run("alter task r1 resume")
    if "r2" in statement:
        roots.run(statement)
    else:
        assert code(roots, statement) == "091421"


def test_a_started_root_can_be_resumed_suspended_and_tagged(roots: House) -> None:
    roots.run("create tag cost")
    for statement in ("alter task r1 resume", "alter task r1 set tag cost = '1'", "alter task r1 suspend"):
        roots.run(statement)
    assert cell(roots, "R1", "state") == "suspended"


def test_only_the_owner_changes_a_task(roots: House) -> None:
    roots.run("use role sysadmin")
    for statement in (
        "alter task r1 set comment = 'x'",
        "alter task r1 resume",
        "create or replace task r1 as select 2",
        "create or alter task r1 as select 2",
        "drop task r1",
        "execute task r1",
    ):
        assert code(roots, statement) == "003001"


# --- executing ---------------------------------------------------------------------------------


def test_executing_says_so_and_refuses_in_the_services_order(roots: House) -> None:
    assert answer(roots, "execute task r1") == "Task R1 is scheduled to run immediately."
    assert code(roots, "execute task c1 using config = 'bad'") == "091435"
    assert refusal(roots, "execute task r1 using config = 'bad'") == _CONFIG
    assert code(roots, "execute task r2 retry last") == "091457"
    assert refusal(roots, "execute task r1 retry graph run group 'nope'") == (
        "Cannot perform retry: Graph run group with ID nope not found."
    )


@pytest.mark.parametrize(
    "body",
    [
        "call system$set_return_value('a' || 'b')",
        "begin call system$set_return_value('a' || 'b'); end",
        "begin let x := 'a'; call system$set_return_value(:x || 'b'); end",
    ],
)
def test_a_return_value_that_is_no_literal_is_refused_when_the_task_runs(house: House, body: str) -> None:
    house.run(f"create or replace task t as {body}")
    outcome = house.run_body(body)
    assert "must be a literal or a bind variable" in (outcome.error_message or "")


def test_a_script_makes_tasks_too(house: House) -> None:
    house.run(
        """begin
             create task r schedule = '5 M' as begin select 1; select 2; end;
             create task c after r as select ';';
             let s := '7 M';
             alter task r set schedule = :s;
             alter task c resume;
           end"""
    )
    assert cell(house, "R", "definition") == "begin select 1; select 2; end"
    assert cell(house, "R", "schedule") == "7 M"
    assert (cell(house, "C", "definition"), cell(house, "C", "state")) == ("select ';'", "started")


# --- listing -----------------------------------------------------------------------------------


def test_the_command_lines_statements_are_answered(roots: House) -> None:
    """These are what the CLI sends for its object commands, word for word."""
    assert len(roots.shown("show tasks like '%%'")) == 3
    assert len(roots.shown("show tasks like '%%' in schema S limit 2")) == 2
    assert [row["name"] for row in roots.shown("show terse tasks like '%%' in database D")] == [
        "C1",
        "R1",
        "R2",
    ]
    assert roots.shown("describe task IDENTIFIER('D.S.C1')")[0]["name"] == "C1"
    assert answer(roots, "drop task IDENTIFIER('C1')") == "C1 successfully dropped."
    assert "already dropped" in str(answer(roots, "drop task if exists IDENTIFIER('C1')"))


def test_parameters_of_a_task_show_where_they_come_from(house: House) -> None:
    house.run("create task t user_task_timeout_ms = 5 as select 1")
    house.run("alter schema d.s set suspend_task_after_num_failures = 3")
    house.run("alter database d set suspend_task_after_num_failures = 4 user_task_timeout_ms = 6")

    assert parameter(house, "t", "USER_TASK_TIMEOUT_MS") == ("5", "TASK")
    assert parameter(house, "t", "SUSPEND_TASK_AFTER_NUM_FAILURES") == ("3", "SCHEMA")


def test_a_list_that_is_too_long_has_to_be_limited(house: House) -> None:
    assert "10000" in refusal(house, "show tasks limit 10001")


def test_the_time_of_a_suspension_is_shown(house: House) -> None:
    house.run("create task t as select 1")
    house.run("alter task t resume")
    house.run("alter task t suspend")
    shown = cell(house, "T", "last_suspended_on")
    assert isinstance(shown, datetime)
    assert shown <= datetime.now(UTC)
