"""The whole server but its sockets, in process, at a time that moves by hand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.runner.run_world import PATIENCE_S

from clockmill.clock import VirtualClock
from clockmill.compose import Instance, open_instance
from clockmill.config import Settings
from clockmill.core.caller import Caller
from clockmill.session.session import Session
from clockmill.session.state import Context

ADMIN = Caller(user="ADMIN", role="ACCOUNTADMIN", roles=frozenset({"ACCOUNTADMIN", "SYSADMIN"}))
START = datetime(2026, 3, 1, 9, 3, tzinfo=UTC)


class Plant:
    """A server, and a session of ADMIN in it."""

    def __init__(self, folder: Path, clock: VirtualClock, **settings: Any) -> None:
        settings = {"data_dir": str(folder), "admin_password": "correct horse battery", **settings}
        self.clock = clock
        self.instance: Instance = open_instance(Settings(**settings), clock=clock)
        self.session: Session = self.instance.door.session_for_request(
            ADMIN, Context(role="ACCOUNTADMIN", database="CLOCKMILL", schema="PUBLIC"), {}
        )

    def run(self, *statements: str) -> list[Any]:
        for statement in statements:
            result = self.session.execute(statement).result
        return [tuple(row) for row in result.rows]

    def run_script(self, script: str) -> None:
        """Run all statements of *script*."""
        self.session.execute(script, statement_count=0)

    def step(self) -> None:
        """Do what is due, to its end."""
        for _ in range(3):
            self.instance.runner.scheduler.tick(self.clock.now())
            self.instance.runner.conductor.step(self.clock.now())
            assert self.instance.runner.wait_idle(PATIENCE_S)

    def close(self) -> None:
        self.session.close()
        self.instance.close()
