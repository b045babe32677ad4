"""The SQL API in process: the real services, sessions and engine over a store in memory."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from clockmill.api.app import create_app
from clockmill.api.authentication import Authenticator
from clockmill.api.services import Services
from clockmill.api.settings import ApiSettings
from clockmill.api.statements.calls import StatementCalls
from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.catalog import DatabaseSpec
from clockmill.core.routine import SQL
from clockmill.core.task import CreateMode
from clockmill.core.warehouse import WarehouseSpec
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.runner.slots import WarehouseSlots
from clockmill.service.catalog import CatalogService
from clockmill.service.history import HistoryService
from clockmill.service.identity import IdentityService
from clockmill.service.routines import RoutineService
from clockmill.service.runs import RunService
from clockmill.service.signin import Signin
from clockmill.service.tags import TagService
from clockmill.service.tasks import TaskService
from clockmill.service.warehouses import WarehouseService
from clockmill.session.door import Door
from clockmill.session.queries import Queries
from clockmill.session.sql_language import SqlLanguage
from clockmill.store.database import Store
from clockmill.wake import Wakeups

ADMIN = Caller(user="ADMIN", role="ACCOUNTADMIN", roles=frozenset({"ACCOUNTADMIN", "SYSADMIN"}))
PASSWORD = "correct horse battery"
STATEMENTS = "/api/v2/statements"


class SqlApi:
    """A server with the database DB and the warehouse COMPUTE_WH, and a client with a token of ADMIN."""

    def __init__(self, folder: Path, *, wait_s: float = 20.0, partition_bytes: int = 1_000_000) -> None:
        self.clock = VirtualClock(datetime(2026, 3, 1, 9, 3, tzinfo=UTC))
        self.store = Store.temporary()
        self.engine = DuckDBEngine(folder / "engine.duckdb", temp_dir=folder / "temp")
        kept: dict[str, Any] = {"store": self.store, "clock": self.clock}
        woken: dict[str, Any] = {**kept, "wakeups": Wakeups()}
        self.identities = IdentityService(**kept)
        self.signin = signin = Signin(**kept)
        shared: dict[str, Any] = {
            "catalog": CatalogService(**woken, drop_namespaces=lambda _: None),
            "warehouses": WarehouseService(**woken),
            "tags": TagService(**kept),
            "tasks": TaskService(**woken),
            "runs": RunService(**woken),
        }
        self.slots = WarehouseSlots(shared["warehouses"].slot_count)
        self.door = Door(
            engine=self.engine,
            slots=self.slots,
            signin=signin,
            routines=RoutineService(**woken),
            languages={SQL: SqlLanguage()},
            **shared,
            **kept,
        )
        self.queries = Queries(self.clock)
        self.identities.bootstrap(account_name="CLOCKMILL", admin_password=PASSWORD)
        shared["catalog"].create_database(ADMIN, "DB", DatabaseSpec(), CreateMode.ERROR_IF_EXISTS)
        shared["warehouses"].create_warehouse(
            ADMIN, "COMPUTE_WH", WarehouseSpec(), CreateMode.ERROR_IF_EXISTS
        )
        services = Services(
            authenticator=Authenticator(signin), clock=self.clock, history=HistoryService(**kept), **shared
        )
        self.statements = StatementCalls(
            door=self.door, queries=self.queries, wait_s=wait_s, partition_bytes=partition_bytes
        )
        settings = ApiSettings(allowed_hosts=("testserver",))
        self.app = create_app(services, settings, statements=self.statements)
        self.token = self.identities.create_token(ADMIN, "ADMIN", "tests")[1]
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://testserver")
        self.loop = asyncio.Runner()

    # --- what a client sends -------------------------------------------------------------------

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.loop.run(self.client.request(method, path, headers=headers, **options))

    def submit(self, sql: str, query: str = "", **body: Any) -> httpx.Response:
        """Submit *sql* in the database DB."""
        return self.send("POST", f"{STATEMENTS}{query}", json={"statement": sql, "database": "DB", **body})

    def at_once(self, times: int, sql: str, query: str) -> list[httpx.Response]:
        """Submit *sql* so many times at the same time."""

        async def together() -> list[httpx.Response]:
            body = {"statement": sql, "database": "DB"}
            headers = {"Authorization": f"Bearer {self.token}"}
            calls = (
                self.client.post(f"{STATEMENTS}{query}", json=body, headers=headers) for _ in range(times)
            )
            return await asyncio.gather(*calls)

        return self.loop.run(together())

    def run(self, sql: str, query: str = "", **body: Any) -> dict[str, Any]:
        """Submit *sql*, which must succeed, and return the body of the answer."""
        answer = self.submit(sql, query, **body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def rows(self, sql: str, query: str = "", **body: Any) -> list[list[str | None]]:
        found: list[list[str | None]] = self.run(sql, query, **body)["data"]
        return found

    def several(self, *statements: str, query: str = "", **body: Any) -> httpx.Response:
        count = {"MULTI_STATEMENT_COUNT": str(len(statements))}
        return self.submit("; ".join(statements), query, parameters=count, **body)

    def fetch(self, handle: str, query: str = "", **options: Any) -> httpx.Response:
        return self.send("GET", f"{STATEMENTS}/{handle}{query}", **options)

    def cancel(self, handle: str) -> httpx.Response:
        return self.send("POST", f"{STATEMENTS}/{handle}/cancel")

    def ended(self, handle: str) -> httpx.Response:
        """Return how a submitted statement ended, after waiting for that."""
        done = threading.Event()
        self.queries.get(handle, ADMIN).when_done(done.set)
        assert done.wait(20)
        return self.fetch(handle)

    def close(self) -> None:
        self.loop.run(self.client.aclose())
        self.app.close()
        self.loop.close()
        self.statements.close()
        self.queries.close()
        self.door.close()
        self.engine.close()
        self.store.close()


@pytest.fixture
def make_sql_api(tmp_path: Path) -> Iterator[Any]:
    """Makes servers with other settings than the usual ones."""
    made: list[SqlApi] = []

    def make(**settings: Any) -> SqlApi:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(SqlApi(folder, **settings))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture
def sql_api(make_sql_api: Any) -> SqlApi:
    server: SqlApi = make_sql_api()
    return server
