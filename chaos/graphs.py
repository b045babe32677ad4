"""The graphs of the load: what their tasks do, and so what their history has to look like.

Every body that writes leaves a row that names the run group and itself, so that what was really
done can be counted afterwards and compared with what the history says.
"""

import enum
import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from chaos.client import TASKS, Client

_GROUP: Final = "SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_GRAPH_RUN_GROUP_ID')"


class Effect(enum.Enum):
    """What a body leaves behind."""

    ONCE = "a row, in one transaction"
    PARTS = "two rows, in two transactions"
    NOTHING = "no row"
    FAILURE = "no row: it fails, always"


class TaskPlan(NamedTuple):
    name: str
    after: tuple[str, ...]
    definition: str
    effect: Effect


class GraphPlan(NamedTuple):
    """A graph; *tasks* begin with the root. *every_s* is None for one that clients start."""

    tasks: tuple[TaskPlan, ...]
    finalizer: TaskPlan | None = None
    every_s: int | None = None
    retries: int = 0

    @property
    def root(self) -> str:
        return self.tasks[0].name

    @property
    def members(self) -> Iterator[TaskPlan]:
        yield from self.tasks
        if self.finalizer:
            yield self.finalizer

    def task(self, name: str) -> TaskPlan:
        return next(task for task in self.members if task.name == name)


def _once(name: str, *after: str, value: str = "NULL", wait_s: float = 0) -> TaskPlan:
    source = f" FROM (SELECT SYSTEM$WAIT({wait_s}) AS waited)" if wait_s else ""
    text = f"INSERT INTO DONE SELECT {_GROUP}, '{name}', {value}{source}"
    return TaskPlan(name, after, text, Effect.ONCE)


def _parts(name: str, *after: str) -> TaskPlan:
    insert = f"INSERT INTO DONE SELECT {_GROUP}, '{name}', NULL;"
    text = f"BEGIN {insert} CALL SYSTEM$WAIT(0.2); {insert} END"
    return TaskPlan(name, after, text, Effect.PARTS)


def _chain() -> GraphPlan:
    tasks = [_once("CHAIN_0")]
    tasks += [_once(f"CHAIN_{n}", f"CHAIN_{n - 1}") for n in range(1, 8)]
    return GraphPlan(tuple(tasks), every_s=10)


def _diamond() -> GraphPlan:
    between = [_once(f"DIAMOND_{n}", "DIAMOND") for n in range(6)]
    join = _once("DIAMOND_JOIN", *(task.name for task in between))
    last = _once("DIAMOND_LAST")
    return GraphPlan((_once("DIAMOND"), *between, join), finalizer=last)


def _slow() -> GraphPlan:
    """Bodies that last, so that most of what happens to a server happens in the middle of them."""
    tasks = [_once("SLOW")]
    tasks += [_once(f"SLOW_{n}", "SLOW", wait_s=0.7) for n in range(3)]
    last = _once("SLOW_LAST", wait_s=0.3)
    return GraphPlan((*tasks, _once("SLOW_JOIN", "SLOW_0", "SLOW_1", "SLOW_2")), finalizer=last)


def _values() -> GraphPlan:
    """What a task returns must outlive the server that ran it."""
    said = TaskPlan("SAID", (), "CALL SYSTEM$SET_RETURN_VALUE('the word')", Effect.NOTHING)
    pause = TaskPlan("PAUSE", ("SAID",), "CALL SYSTEM$WAIT(0.5)", Effect.NOTHING)
    heard = _once("HEARD", "SAID", "PAUSE", value="SYSTEM$GET_PREDECESSOR_RETURN_VALUE('SAID')")
    return GraphPlan((said, pause, heard), every_s=10)


def _elsewhere() -> GraphPlan:
    """Bodies that need no engine, so that any node may run them."""
    tasks = [TaskPlan("FREE_0", (), "CALL SYSTEM$WAIT(0.1)", Effect.NOTHING)]
    tasks += [
        TaskPlan(f"FREE_{n}", (f"FREE_{n - 1}",), "CALL SYSTEM$WAIT(0.4)", Effect.NOTHING)
        for n in range(1, 5)
    ]
    last = TaskPlan("FREE_LAST", (), "CALL SYSTEM$SET_RETURN_VALUE('over')", Effect.NOTHING)
    return GraphPlan(tuple(tasks), finalizer=last, every_s=10)


def _failing() -> GraphPlan:
    fails = TaskPlan("FAILS", ("TRIES",), "SELECT TO_NUMBER('no number')", Effect.FAILURE)
    tasks = (_once("TRIES"), fails, _once("NEVER", "FAILS"))
    return GraphPlan(tasks, finalizer=_once("FAILS_LAST"), every_s=10, retries=1)


def _uncertain() -> GraphPlan:
    return GraphPlan((_parts("PARTS"), _parts("PARTS_1", "PARTS"), _parts("PARTS_2", "PARTS")))


GRAPHS: Final = (_chain(), _diamond(), _slow(), _values(), _elsewhere(), _failing(), _uncertain())

STREAM_TASK: Final = "TAKE_IN"
"""The root that a stream starts; it moves what clients write into SOURCE on to SINK."""


def deploy(client: Client, *, apart_s: float) -> None:
    """Make the tables and the tasks, and start the graphs.

    The fires of one root and the next are *apart_s*, lest one blow falls on all of them.
    """
    client.sql("CREATE TABLE DONE (RUN_GROUP VARCHAR, TASK VARCHAR, VALUE VARCHAR)")
    client.sql("CREATE TABLE SOURCE (N NUMBER(38,0))")
    client.sql("CREATE TABLE SINK (N NUMBER(38,0))")
    client.sql("CREATE STREAM ARRIVALS ON TABLE SOURCE")
    client.sql(
        f"CREATE TASK {STREAM_TASK} WAREHOUSE = COMPUTE_WH "
        "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS = 10 SUSPEND_TASK_AFTER_NUM_FAILURES = 0 "
        "WHEN SYSTEM$STREAM_HAS_DATA('ARRIVALS') AS INSERT INTO SINK SELECT N FROM ARRIVALS"
    )
    for graph in GRAPHS:
        _create(client, graph)
    for root in [STREAM_TASK, *(graph.root for graph in GRAPHS if graph.every_s)]:
        client.send("POST", f"{TASKS}/{root}:resume")
        time.sleep(apart_s)


def _create(client: Client, graph: GraphPlan) -> None:
    for task in graph.members:
        client.send("POST", TASKS, _properties(graph, task))
    for task in graph.members:
        if task.name != graph.root:
            client.send("POST", f"{TASKS}/{task.name}:resume")


def _properties(graph: GraphPlan, task: TaskPlan) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": task.name,
        "warehouse": "COMPUTE_WH",
        "definition": task.definition,
        "predecessors": list(task.after),
    }
    if task == graph.finalizer:
        body["finalize"] = graph.root
    if task.name == graph.root:
        body["suspend_task_after_num_failures"] = 0
        body["task_auto_retry_attempts"] = graph.retries
        if graph.every_s:
            seconds = {"schedule_type": "MINUTES_TYPE", "minutes": 0, "seconds": graph.every_s}
            body["schedule"] = seconds
    return body
