"""Every task operation of the REST client, and its asynchronous form."""

import json
from datetime import timedelta

from client import IS_OLD, refused, run, scratch_tasks, wait_until
from snowflake.core import CreateMode
from snowflake.core.exceptions import APIError, ConflictError, NotFoundError
from snowflake.core.task import Cron, Task


def check_create(schema):
    tasks = schema.tasks
    created = tasks.create(
        Task(
            name="load",
            definition="insert into done select 'load'",
            warehouse="compute_wh",
            schedule=Cron("0 3 * * *", "Europe/Berlin"),
            comment="nightly",
            config={"path": "/in", "limit": 7, "dry": False, "rate": 0.5},
            session_parameters={"TIMEZONE": "UTC", "QUERY_TAG": "nightly"},
            user_task_timeout_ms=60_000,
            suspend_task_after_num_failures=3,
            task_auto_retry_attempts=1,
            allow_overlapping_execution=True,
        )
    )
    fetched = created.fetch()
    assert (fetched.name, fetched.database_name, fetched.schema_name) == (
        "LOAD",
        schema.database.name,
        "WORK",
    )
    assert fetched.definition == "insert into done select 'load'"
    assert fetched.schedule == Cron("0 3 * * *", "Europe/Berlin")
    assert fetched.config == {"path": "/in", "limit": 7, "dry": False, "rate": 0.5}
    assert fetched.session_parameters["QUERY_TAG"] == "nightly"
    assert (fetched.warehouse, fetched.comment, fetched.state) == ("COMPUTE_WH", "nightly", "suspended")
    assert (fetched.user_task_timeout_ms, fetched.suspend_task_after_num_failures) == (60_000, 3)
    assert fetched.allow_overlapping_execution is True
    assert fetched.owner == "ACCOUNTADMIN"
    assert fetched.created_on.tzinfo is not None
    return created


def check_modes(schema):
    tasks = schema.tasks
    with refused(ConflictError, status=409):
        tasks.create(Task(name="LOAD", definition="select 2"))
    tasks.create(Task(name="load", definition="select 2"), mode=CreateMode.if_not_exists)
    assert tasks["load"].fetch().definition != "select 2"
    tasks.create_async(Task(name="other", definition="select 1")).result()
    tasks.create(Task(name="other", definition="select 2"), mode=CreateMode.or_replace)
    assert tasks["other"].fetch_async().result().definition == "select 2"
    with refused(APIError, status=400):
        tasks.create(Task(name="broken", definition="select 'open"))
    with refused(NotFoundError, status=404):
        tasks["nowhere"].fetch()


def check_alter(schema):
    load = schema.tasks["load"]
    before = load.fetch()
    before.comment = "hourly"
    before.schedule = timedelta(minutes=90)
    load.create_or_alter(before)
    after = load.fetch()
    assert (after.comment, after.schedule, after.id) == ("hourly", timedelta(minutes=90), before.id)
    assert after.created_on == before.created_on

    load.create_or_alter_async(
        Task(name="load", definition="insert into done select 'load'", schedule=timedelta(hours=2))
    ).result()
    assert load.fetch().comment is None
    if not IS_OLD:
        schema.tasks["other"].create_or_alter(
            Task(name="other", definition="select 2", schedule=timedelta(minutes=10, seconds=30))
        )
        assert schema.tasks["other"].fetch().schedule == timedelta(minutes=10, seconds=30)


def check_list(schema):
    tasks = schema.tasks
    tasks.create(Task(name='"lower case"', definition="select 1"))
    tasks.create(Task(name="child", definition="insert into done select 'child'", predecessors=["load"]))

    def listed(**filters):
        return [each.name for each in tasks.iter(**filters)]

    assert listed() == ["CHILD", "LOAD", "OTHER", '"lower case"']
    assert "CHILD" not in listed(root_only=True)
    assert listed(like="lo%") == ["LOAD", '"lower case"']
    assert listed(starts_with="LO") == ["LOAD"]
    assert listed(limit=2) == ["CHILD", "LOAD"]
    assert listed(limit=2, from_name="LOAD") == ["OTHER", '"lower case"']
    assert [each.name for each in tasks.iter_async(like="other").result()] == ["OTHER"]
    assert tasks["child"].fetch().predecessors == [f"{schema.database.name}.WORK.LOAD"] or tasks[
        "child"
    ].fetch().predecessors == ["LOAD"]


def check_dependents(schema):
    load = schema.tasks["load"]
    schema.tasks.create(Task(name="grandchild", definition="select 1", predecessors=["child"]))
    assert [each.name for each in load.fetch_task_dependents()] == ["LOAD", "CHILD", "GRANDCHILD"]
    if not IS_OLD:
        direct = [each.name for each in load.fetch_task_dependents(recursive=False)]
        assert direct == ["LOAD", "CHILD"], direct
    assert len(load.fetch_task_dependents_async().result()) == 3


def check_states(schema):
    load, child = schema.tasks["load"], schema.tasks["child"]
    child.resume()
    schema.tasks["grandchild"].resume_async().result()
    load.resume()
    load.resume()
    assert load.fetch().state == "started"
    with refused(APIError, status=400):
        schema.tasks.create(Task(name="late", definition="select 1", predecessors=["load"]))
    planned = list(load.get_current_graphs())
    assert [each.state for each in planned] == ["SCHEDULED"]
    assert planned[0].root_task_name == "LOAD"
    load.suspend()
    load.suspend_async().result()
    assert load.fetch().state == "suspended"


def check_runs(connection, schema):
    load = schema.tasks["load"]
    load.execute()
    finished = wait_until(lambda: list(load.get_complete_graphs(error_only=False)), "the run of LOAD")
    assert [each.state for each in finished] == ["SUCCEEDED"]
    assert finished[0].scheduled_time.tzinfo is not None
    assert finished[0].query_start_time <= finished[0].completed_time
    assert sorted(run(connection, "select * from done")) == [("child",), ("load",)]
    assert list(load.get_complete_graphs()) == []
    with refused(APIError, status=400):
        load.execute(retry_last=True)

    load.execute_async().result()
    wait_until(lambda: len(load.get_complete_graphs_async(error_only=False).result()) == 2, "the second run")
    assert list(load.get_current_graphs_async().result()) == []

    run(connection, "create table target (n number)")
    schema.tasks.create(Task(name="fails", definition="insert into target select 1 / n from divisor"))
    run(connection, "create table divisor as select 0 as n")
    fails = schema.tasks["fails"]
    fails.execute()
    failed = wait_until(lambda: list(fails.get_complete_graphs()), "the failing run")[0]
    assert (failed.state, failed.first_error_code) == ("FAILED", 100051)
    assert "FAILS" in failed.first_error_task_name
    run(connection, "update divisor set n = 2")
    fails.execute(retry_last=True)
    states = wait_until(
        lambda: [
            each.state for each in fails.get_complete_graphs(error_only=False) if each.state != "FAILED"
        ],
        "the retry",
    )
    assert states == ["SUCCEEDED"]
    assert len(run(connection, "select * from target")) == 1


def check_tags(connection, schema):
    # Only the newer client has tags.
    from snowflake.core.tag import TagValue

    run(connection, "create tag cost allowed_values 'high', 'low'")
    run(connection, "create tag team")
    cost, team = schema.tags["COST"], schema.tags["TEAM"]
    load = schema.tasks["load"]
    load.set_tags({cost: TagValue("high"), team: TagValue("night")})
    assert {tag.name: str(value.value) for tag, value in load.get_tags().items()} == {
        "COST": "high",
        "TEAM": "night",
    }
    load.unset_tags({team})
    assert [tag.name for tag in load.get_tags(with_lineage=True)] == ["COST"]
    load.set_tags_async({team: TagValue("day")}).result()
    load.unset_tags_async({cost}).result()
    assert [tag.name for tag in load.get_tags_async().result()] == ["TEAM"]
    with refused(NotFoundError, status=404):
        load.set_tags({schema.tags["nowhere"]: TagValue("x")})
    with refused(APIError, status=400):
        load.set_tags({cost: TagValue("middling")})
    schema.tasks["nowhere"].set_tags({cost: TagValue("low")}, if_exists=True)


def check_drop(schema):
    tasks = schema.tasks
    tasks["grandchild"].drop()
    tasks["child"].drop_async().result()
    with refused(NotFoundError, status=404):
        tasks["child"].drop()
    tasks["child"].drop(if_exists=True)
    assert json.loads(tasks["load"].fetch().task_relations or "{}").get("Predecessors", []) == []
    tasks['"lower case"'].drop()
    with refused(NotFoundError, status=404):
        tasks['"lower case"'].fetch()


def main():
    with scratch_tasks() as (connection, schema):
        run(connection, "create table done (step text)")
        check_create(schema)
        check_modes(schema)
        check_alter(schema)
        check_list(schema)
        check_dependents(schema)
        check_states(schema)
        check_runs(connection, schema)
        if hasattr(schema.tasks["load"], "set_tags"):
            check_tags(connection, schema)
        check_drop(schema)


main()
