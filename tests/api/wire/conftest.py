"""The connectors' calls in process: the real services, sessions and engine over a store in memory."""

import asyncio
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from clockmill.api.asgi.bodies import Bodies
from clockmill.api.asgi.request_id import RequestIds
from clockmill.api.authentication import Authenticator
from clockmill.api.wire.app import WireApp
from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.catalog import DatabaseSpec
from clockmill.core.routine import SQL
from clockmill.core.task import CreateMode
from clockmill.core.warehouse import WarehouseSpec
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.runner.slots import WarehouseSlots
from clockmill.service.catalog import CatalogService
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

ROOT = Caller(user="ADMIN", role="ACCOUNTADMIN", roles=frozenset({"ACCOUNTADMIN", "SYSADMIN"}))
PASSWORD = "correct horse battery"
MAX_BODY_BYTES = 100_000


class Wire:
    """A server with the database DB, and a connector that has signed in to it."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock(datetime(2026, 3, 1, 9, 3, tzinfo=UTC))
        self.store = Store.temporary()
        self.engine = DuckDBEngine(folder / "engine.duckdb", temp_dir=folder / "temp")
        kept: dict[str, Any] = {"store": self.store, "clock": self.clock}
        woken: dict[str, Any] = {**kept, "wakeups": Wakeups()}
        self.identities = IdentityService(**kept)
        self.signin = Signin(**kept, session_lifetime_s=3600)
        catalog = CatalogService(**woken, drop_namespaces=self._drop_namespaces)
        warehouses = WarehouseService(**woken)
        self.door = Door(
            engine=self.engine,
            slots=WarehouseSlots(warehouses.slot_count),
            signin=self.signin,
            catalog=catalog,
            warehouses=warehouses,
            tags=TagService(**kept),
            tasks=TaskService(**woken),
            runs=RunService(**woken),
            routines=RoutineService(**woken),
            languages={SQL: SqlLanguage()},
            **kept,
        )
        self.queries = Queries(self.clock)
        self.identities.bootstrap(account_name="CLOCKMILL", admin_password=PASSWORD)
        catalog.create_database(ROOT, "DB", DatabaseSpec(), CreateMode.ERROR_IF_EXISTS)
        warehouses.create_warehouse(ROOT, "COMPUTE_WH", WarehouseSpec(), CreateMode.ERROR_IF_EXISTS)
        self.app = WireApp(
            signin=self.signin,
            authenticator=Authenticator(self.signin),
            door=self.door,
            queries=self.queries,
            wait_s=0.2,
        )
        guarded = RequestIds(Bodies(self.app, limit=MAX_BODY_BYTES, timeout_s=5))
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(guarded), base_url="http://127.0.0.1", headers={"Accept": "*/*"}
        )
        self.loop = asyncio.Runner()
        self.token = ""

    def _drop_namespaces(self, namespaces: list[str]) -> None:
        for namespace in namespaces:
            self.engine.drop_namespace(namespace)

    # --- what a connector sends --------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> dict[str, Any]:
        """Make a call with the session's token, or *token*; return the envelope."""
        content = None if body is None else msgspec.json.encode(body)
        return self.send(method, path, content, token=token)

    def send(
        self, method: str, path: str, content: bytes | None, *, token: str | None = None, **headers: str
    ) -> dict[str, Any]:
        """Send bytes as they are; return the envelope, which always comes with status 200."""
        authorization = f'Snowflake Token="{self.token if token is None else token}"'
        response = self.loop.run(
            self.client.request(
                method, path, content=content, headers={"Authorization": authorization, **headers}
            )
        )
        assert response.status_code == 200, response.text
        envelope: dict[str, Any] = response.json()
        assert envelope.keys() >= {"success", "code", "message", "data"}
        return envelope

    def sign_in(self, *, query: str = "databaseName=db", **data: Any) -> dict[str, Any]:
        """Sign in as ADMIN with the password, unless *data* says otherwise; keep the token."""
        body = {"data": {"LOGIN_NAME": "admin", "PASSWORD": PASSWORD, **data}}
        envelope = self.call("POST", f"/session/v1/login-request?{query}", body, token="None")
        self.token = (envelope["data"] or {}).get("token", "")
        return envelope

    def query(self, sql: str, *, request_id: str = "", **body: Any) -> dict[str, Any]:
        path = f"/queries/v1/query-request?requestId={request_id}"
        return self.call("POST", path, {"sqlText": sql, "sequenceId": 1, **body})

    def rows(self, sql: str, **body: Any) -> list[list[str | None]]:
        envelope = self.query(sql, **body)
        assert envelope["success"], envelope
        rows: list[list[str | None]] = envelope["data"]["rowset"]
        return rows

    def close(self) -> None:
        self.loop.run(self.client.aclose())
        self.loop.close()
        self.app.close()
        self.queries.close()
        self.door.close()
        self.engine.close()
        self.store.close()


def zipped(body: Any) -> bytes:
    """Return *body* as connector 4.x sends every one."""
    return gzip.compress(msgspec.json.encode(body))


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    world = Wire(tmp_path)
    try:
        world.sign_in()
        yield world
    finally:
        world.close()
