"""``clockmill demo``: a server with a task graph on real data."""

import csv
import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from clockmill.cli.demo_client import DemoClient, DemoFailed, batches, wait_for
from clockmill.compose import Instance
from clockmill.config import Settings, load_settings
from clockmill.core.caller import SYSTEM_USER, Caller
from clockmill.core.identity import ACCOUNTADMIN
from clockmill.server import serve, welcome
from clockmill.service.history import HistoryService
from clockmill.service.history_rows import TaskRunRow

_SELF: Final = Caller(user=SYSTEM_USER, role=ACCOUNTADMIN, roles=frozenset({ACCOUNTADMIN}))


def demo(
    *,
    once: Annotated[
        bool, Parameter(help="End after the first run; status 0 only if it ended as expected.", negative=())
    ] = False,
    port: Annotated[int | None, Parameter(help="Port to listen on (8700; with --once a free one).")] = None,
) -> None:
    """Start a server in a folder of its own, deploy a task graph on real data, and show its runs.

    The graph summarizes daily weather of Seattle, a month a minute. One of its tasks fails on
    purpose, so that you see what an error looks like.
    """
    with tempfile.TemporaryDirectory(prefix="clockmill-demo-") as folder:
        settings = load_settings(
            flags={"data_dir": folder, "port": _port(port, once), "log_level": "WARNING"}
        )
        tour = _Tour(settings, once=once)
        serve(settings, on_ready=tour.begin)
    if tour.failure is not None:
        raise tour.failure


def _port(port: int | None, once: bool) -> int | None:
    return 0 if once and port is None else port


class _Tour:
    """What the demo does once its server listens, in a thread beside it."""

    def __init__(self, settings: Settings, *, once: bool) -> None:
        self._settings = settings
        self._once = once
        self._example = example_folder()
        self.failure: Exception | None = DemoFailed("The demo was interrupted.") if once else None

    def begin(self, instance: Instance, address: str) -> None:
        _say(welcome(instance, address))
        threading.Thread(target=self._run, args=(instance, address), name="demo", daemon=True).start()

    def _run(self, instance: Instance, address: str) -> None:
        password = self._settings.admin_password or instance.new_password or ""
        try:
            self._show(DemoClient(address, user="ADMIN", password=password), instance.history)
            self.failure = None
        except Exception as error:  # noqa: BLE001 - told to the person, and the status says it
            self.failure = error
            _say(f"The demo failed: {error}")
        if self._once or self.failure is not None:
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            _say("The graph runs again every minute. Point your own client here; Ctrl-C stops the server.")

    def _show(self, client: DemoClient, history: HistoryService) -> None:
        graph = json.loads((self._example / "graph.json").read_text())
        tasks = deploy(client, graph, self._example)
        root = graph["tasks"][0]["name"]
        _say(
            f"\nDeployed {len(graph['tasks'])} tasks to {graph['database']}.{graph['schema']}; "
            f"executing {root} …"
        )
        client.post(f"{tasks}/{root}:execute")
        [run] = wait_for(lambda: client.get(f"{tasks}/{root}/complete-graphs"))
        # What each task did is not part of the Task API; until it can be asked in SQL, the server tells.
        task_runs = [
            row for row in history.task_history(_SELF, root_id=run["root_task_id"]) if row.completed_time
        ]
        _say("\n" + runs_table(task_runs))
        _say(f"\nThe graph run of {run['scheduled_time']} ended {run['state']}: one task fails on purpose.")
        reports = client.run_sql(f"SELECT line FROM {graph['database']}.{graph['schema']}.reports")
        _say(f"The finalizer reports: {reports[-1][0]}.")
        check(run, task_runs, graph["expected"])


def deploy(client: DemoClient, graph: dict[str, Any], folder: Path) -> str:
    """Create the example's tables and tasks, resume them, and return the path of its tasks."""
    database, schema = graph["database"], graph["schema"]
    client.post("/api/v2/databases", {"name": database})
    client.post(f"/api/v2/databases/{database}/schemas", {"name": schema})
    client.run_sql(f"USE SCHEMA {database}.{schema}")
    for statement in graph["tables"]:
        client.run_sql(statement)
    for batch in batches(_days(folder / "weather.csv"), 500):
        client.run_sql("INSERT INTO days VALUES " + ", ".join(batch))
    tasks = f"/api/v2/databases/{database}/schemas/{schema}/tasks"
    for task in graph["tasks"]:
        client.post(tasks, task)
    for task in reversed(graph["tasks"]):
        client.post(f"{tasks}/{task['name']}:resume")
    return tasks


def check(run: dict[str, Any], task_runs: list[TaskRunRow], expected: dict[str, Any]) -> None:
    """Raise unless *run* and its tasks ended as the example says."""
    for key in ("state", "first_error_task_name", "first_error_code"):
        if run[key] != expected[key]:
            raise DemoFailed(f"The graph run's {key} is {run[key]!r}, expected {expected[key]!r}.")
    succeeded = sorted(row.name for row in task_runs if row.state == "SUCCEEDED")
    if succeeded != sorted(expected["succeeded"]):
        raise DemoFailed(f"The tasks {succeeded} succeeded, expected {expected['succeeded']}.")


def runs_table(task_runs: list[TaskRunRow]) -> str:
    """Return a line for each task run, in the order in which they began."""
    rows = [("task", "state", "seconds", "error")]
    for row in sorted(task_runs, key=lambda row: row.query_start_time or row.scheduled_time):
        took = (row.completed_time or row.scheduled_time) - (row.query_start_time or row.scheduled_time)
        error = f"{row.error_code}: {row.error_message}" if row.error_code else ""
        rows.append((row.name, row.state, f"{took.total_seconds():.3f}", error))
    return "\n".join(
        f"  {name:18} {state:10} {took:>8}  {error}".rstrip() for name, state, took, error in rows
    )


def example_folder() -> Path:
    """Return where the example is: in the installed package, or in the checkout."""
    here = Path(__file__).resolve()
    candidates = [here.parents[1] / "examples", here.parents[3] / "examples"]
    return next(folder for folder in candidates if folder.is_dir()) / "seattle-weather"


def _days(file: Path) -> Iterator[str]:
    with file.open(newline="") as opened:
        for day in csv.DictReader(opened):
            date = day["date"].replace("/", "-")
            figures = ", ".join(day[name] for name in ("precipitation", "temp_max", "temp_min", "wind"))
            yield f"('{date}', {figures}, '{day['weather']}')"


def _say(text: str) -> None:
    print(text, file=sys.stdout, flush=True)
