"""A task graph deployed, run, looked at and dropped by the client's own graph API.

The graph branches and joins, has a finalizer, and one task that fails until its table is mended.
"""

import os
import warnings
from datetime import timedelta

from client import refused, run, scratch_tasks, wait_until
from snowflake.core import CreateMode
from snowflake.core.exceptions import ConflictError, NotFoundError
from snowflake.core.task.dagv1 import DAG, DAGOperation, DAGTask

IS_BRIEF = os.environ.get("CLOCKMILL_BRIEF") == "1"
"""Only once through: where every call costs a second, because its answer is deferred."""


def diamond(schedule=None):
    """START -> LEFT, RIGHT -> JOIN, with a SWEEP at the end whatever happens."""
    with DAG("diamond", warehouse="compute_wh", schedule=schedule, comment="a diamond") as dag:
        start = DAGTask("start", definition="insert into trail select 'start'")
        left = DAGTask("left", definition="insert into trail select 'left'")
        right = DAGTask("right", definition="insert into trail select 'right ' || 1 / n from divisor")
        join = DAGTask("join", definition="insert into trail select 'join'")
        start >> [left, right]
        join << [left, right]
        DAGTask("sweep", definition="insert into trail select 'sweep'", is_finalizer=True)
    return dag


def trail(connection):
    return sorted(step.split()[0] for (step,) in run(connection, "select step from trail"))


def finished(operation, dag, count):
    """Wait for *count* finished runs; return their states, newest first."""

    def runs():
        complete = operation.get_complete_dag_runs(dag, error_only=False)
        return complete if len(complete) >= count else None

    return [each.state for each in wait_until(runs, f"{count} finished runs")]


def check_deployed(schema, *, state):
    expected = {
        "DIAMOND": set(),
        "DIAMOND$START": {"DIAMOND"},
        "DIAMOND$LEFT": {"DIAMOND$START"},
        "DIAMOND$RIGHT": {"DIAMOND$START"},
        "DIAMOND$JOIN": {"DIAMOND$LEFT", "DIAMOND$RIGHT"},
        "DIAMOND$SWEEP": set(),
    }
    tasks = {task.name: task for task in schema.tasks.iter()}
    assert tasks.keys() == expected.keys(), tasks.keys()
    for name, predecessors in expected.items():
        assert {each.split(".")[-1] for each in tasks[name].predecessors or []} == predecessors, name
    assert tasks["DIAMOND"].state == state
    assert {task.state for name, task in tasks.items() if name != "DIAMOND"} == {"started"}


def check_run(connection, operation, dag):
    """The first run fails in RIGHT, so JOIN never starts, and SWEEP does; a retry does the rest."""
    operation.run(dag)
    assert finished(operation, dag, 1) == ["FAILED"]
    assert trail(connection) == ["left", "start", "sweep"]
    failed = operation.get_complete_dag_runs(dag)[0]
    assert failed.first_error_task_name.endswith("DIAMOND$RIGHT")
    assert failed.first_error_message
    assert failed.dag_name == "DIAMOND"

    if IS_BRIEF:
        return
    run(connection, "update divisor set n = 1")
    operation.run(dag, retry_last=True)
    states = wait_until(
        lambda: (
            [each.state for each in operation.get_complete_dag_runs(dag, error_only=False)][:1]
            == ["SUCCEEDED"]
        ),
        "the retried run",
    )
    assert states
    assert trail(connection) == ["join", "left", "right", "start", "sweep", "sweep"]
    assert operation.get_current_dag_runs(dag) == []


def check_modes(schema, operation):
    with refused(ConflictError, status=409):
        operation.deploy(diamond())
    with refused(ConflictError, status=409):
        operation.deploy(diamond(), mode=CreateMode.if_not_exists)

    operation.drop("diamond", drop_finalizer=True)
    operation.deploy(diamond(), mode=CreateMode.if_not_exists)
    check_deployed(schema, state="suspended")
    # Replacing leaves the old finalizer standing while the root it finalizes is dropped.
    operation.deploy(diamond(schedule=timedelta(hours=1)), mode=CreateMode.or_replace)
    check_deployed(schema, state="started")
    assert operation.iter_dags(like="dia%") == ["DIAMOND"]
    planned = operation.get_current_dag_runs("diamond")
    assert [each.state for each in planned] == ["SCHEDULED"]


def main():
    warnings.simplefilter("ignore")
    with scratch_tasks() as (connection, schema):
        run(connection, "create table trail (step text)")
        run(connection, "create table divisor as select 0 as n")
        operation, dag = DAGOperation(schema), diamond()
        operation.deploy(dag)
        check_deployed(schema, state="suspended")
        check_run(connection, operation, dag)
        if not IS_BRIEF:
            check_modes(schema, operation)
        operation.drop("diamond", drop_finalizer=True)
        assert list(schema.tasks.iter()) == []
        if not IS_BRIEF:
            operation.drop("diamond", drop_finalizer=True)
            with refused(NotFoundError, status=404):
                operation.run("diamond")


main()
