"""Bodies in processes that are killed at every step, and what the next process makes of them.

Run as a module with a folder and a body: prints, for each point at which it was
killed, what was recalled, and what the tables hold once it has been run again where that may be.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.session.house import House

from clockmill.core.body import BodyRequest, Remains
from clockmill.core.cancel import CancelToken
from clockmill.engine.duckdb.shared import Shared
from clockmill.session.bodies import DoorBodies
from clockmill.store.database import Store

BODIES: Final = (
    "create table made as select a from t",
    "insert into t select a from s",
    "begin begin transaction; insert into t values (1); update t set a = a + 1; commit; return 'x'; end",
    "call once()",
)
SCRIPTS: Final = (
    "begin insert into t values (1); insert into t values (2); return 'x'; end",
    "begin alter task other suspend; insert into t values (1); end",
)
_TASK: Final = "the-task"


class Deadly:
    """A connection of DuckDB whose process is killed before its n-th statement."""

    left = sys.maxsize

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def execute(self, *arguments: Any) -> Any:
        if not Deadly.left:
            os.kill(os.getpid(), signal.SIGKILL)
        Deadly.left -= 1
        return self._raw.execute(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


def main(folder: Path, definition: str) -> None:
    """Kill the body *definition* at every point, and print what came of it, a line each."""
    template = folder / "template"
    _in_child(lambda: _prepare(template))
    for point in range(100):
        place = folder / str(point)
        shutil.copytree(template, place)
        killed = _in_child(partial(_run_until, place, definition, point))
        _in_child(partial(_take_up, place, definition))
        if not killed:
            return


def _in_child(work: Callable[[], None]) -> bool:
    """Do *work* in a process of its own; say whether that was killed."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            sys.stdout.flush()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _prepare(folder: Path) -> None:
    folder.mkdir(parents=True)
    with Store.open(folder / "store.db") as store, closing(House(store, folder)) as house:
        house.run("create table t (a int)")
        house.run("insert into t values (0)")
        house.run("create stream s on table t")
        house.run("insert into t values (5)")
        house.run(
            "create procedure once() returns varchar language sql "
            "as 'begin insert into t values (1); return ''x''; end'"
        )
        house.given_task("OTHER")
        DoorBodies(house.door.services).close()  # from now on bodies are marked


def _body(house: House, definition: str) -> BodyRequest:
    return house.body(definition, task_id=_TASK, owner="ACCOUNTADMIN")


def _run_until(folder: Path, definition: str, point: int) -> None:
    connect = Shared.connect
    Shared.connect = lambda shared: Deadly(connect(shared))  # type: ignore[method-assign,assignment,return-value]
    with Store.open(folder / "store.db") as store:
        house = House(store, folder, is_new=False)
        bodies = DoorBodies(house.door.services)
        Deadly.left = point
        bodies.run(_body(house, definition), None, CancelToken())
        os._exit(0)  # its end is not on record


def _take_up(folder: Path, definition: str) -> None:
    with Store.open(folder / "store.db") as store, closing(House(store, folder, is_new=False)) as house:
        bodies = DoorBodies(house.door.services)
        body = _body(house, definition)
        recall = bodies.recall(body)
        if recall.remains is Remains.NOTHING:
            outcome = bodies.run(body, None, CancelToken())
            assert outcome.succeeded, outcome.error_message
        tables = [name for (name,) in house.rows("select table_name from information_schema.tables")]
        found = [house.rows(f"select a from {each} order by a") for each in ("T", "MADE") if each in tables]
        print(f"{recall.remains.name}\t{found}")
        bodies.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
