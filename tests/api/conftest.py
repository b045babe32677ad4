"""The API over the real services and a store of its own, in process, at a time that stands still."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pytest

from clockmill.api.app import create_app
from clockmill.api.authentication import Authenticator
from clockmill.api.services import Services
from clockmill.api.settings import ApiSettings
from clockmill.clock import VirtualClock
from clockmill.core.caller import Caller
from clockmill.core.catalog import DatabaseSpec, SchemaSpec
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.task import CreateMode
from clockmill.core.warehouse import WarehouseSpec
from clockmill.service.catalog import CatalogService
from clockmill.service.history import HistoryService
from clockmill.service.identity import IdentityService
from clockmill.service.runs import RunService
from clockmill.service.signin import Signin
from clockmill.service.tags import TagService
from clockmill.service.tasks import TaskService
from clockmill.service.warehouses import WarehouseService
from clockmill.store.account import create_account
from clockmill.store.database import Store, Transaction
from clockmill.store.users import create_role
from clockmill.wake import Wakeups

START: Final = datetime(2026, 3, 1, 9, 3, tzinfo=UTC)
TASKS: Final = "/api/v2/databases/db/schemas/s/tasks"
DATABASES: Final = "/api/v2/databases"
SCHEMAS: Final = "/api/v2/databases/db/schemas"
WAREHOUSES: Final = "/api/v2/warehouses"
ADMIN: Final = Caller(user="ADMIN", role="ACCOUNTADMIN", roles=frozenset({"ACCOUNTADMIN"}))


class Api:
    """A server with a database DB, its schemas S and S2, a warehouse WH, and a client signed in to it."""

    def __init__(self, **settings: Any) -> None:
        self.store = Store.temporary()
        self.clock = VirtualClock(START)
        self.wakeups = Wakeups()
        self.dropped: list[list[str]] = []
        parts: dict[str, Any] = {"store": self.store, "clock": self.clock}
        self.identity = IdentityService(**parts)
        self.signin = Signin(**parts)
        self.services = Services(
            authenticator=Authenticator(self.signin),
            clock=self.clock,
            tasks=TaskService(**parts, wakeups=self.wakeups),
            runs=RunService(**parts, wakeups=self.wakeups),
            history=HistoryService(**parts),
            catalog=CatalogService(**parts, wakeups=self.wakeups, drop_namespaces=self.dropped.append),
            warehouses=WarehouseService(**parts, wakeups=self.wakeups),
            tags=TagService(**parts),
        )
        self.store.write(_furnish)
        self.services.catalog.create_database(ADMIN, "DB", DatabaseSpec(), CreateMode.ERROR_IF_EXISTS)
        for schema in (SchemaName("DB", "S"), SchemaName("DB", "S2")):
            self.services.catalog.create_schema(ADMIN, schema, SchemaSpec(), CreateMode.ERROR_IF_EXISTS)
        self.services.warehouses.create_warehouse(ADMIN, "WH", WarehouseSpec(), CreateMode.ERROR_IF_EXISTS)
        self.token = self.token_of("ADMIN", "ACCOUNTADMIN")
        hosts = {"allowed_hosts": ("testserver",)}
        self.app = create_app(self.services, ApiSettings(**{**hosts, **settings}))
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://testserver",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        # One loop for the server's whole life, as it has outside: it keeps unfinished work.
        self.loop = asyncio.Runner()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; an answer that comes later is waited for, as clients do."""
        answer = self.send(method, path, **options)
        while answer.status_code == 202:
            answer = self.send("GET", answer.headers["Location"], headers=options.get("headers"))
        return answer

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request and return its own answer."""
        return self.loop.run(self.client.request(method, path, **options))

    def rows(self, path: str, **options: Any) -> list[dict[str, Any]]:
        """Return all rows of a listing, page by page."""
        answer = self.get(path, **options)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()
        while "next" in answer.links:
            answer = self.send("GET", answer.links["next"]["url"])
            rows += answer.json()
        return rows

    def names(self, path: str, **options: Any) -> list[str]:
        """Return the names of all rows of a listing."""
        return [row["name"] for row in self.rows(path, **options)]

    def close(self) -> None:
        self.app.close()
        self.loop.run(self.client.aclose())
        self.loop.close()
        self.store.close()

    def token_of(self, user: str, *roles: str) -> str:
        """Make *user* with *roles*, the first being the default, and return a token that opens the door."""
        if user not in {each.name for each in self.identity.list_users(ADMIN)}:
            self.identity.create_user(ADMIN, user, roles=frozenset(roles), default_role=roles[0])
        return self.identity.create_token(ADMIN, user, f"token{len(self.identity.list_tokens(ADMIN))}")[1]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return self.request("POST", path, **({} if json is None else {"json": json}), **options)

    def put(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return self.request("PUT", path, **({} if json is None else {"json": json}), **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)

    def create(self, name: str, *after: str, **properties: Any) -> None:
        """Create a task that comes after the tasks named *after*."""
        body = {"name": name, "definition": "select 1", "predecessors": list(after), **properties}
        assert self.post(TASKS, body).status_code == 200

    def fetch(self, path: str) -> dict[str, Any]:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def task(self, name: str) -> dict[str, Any]:
        return self.fetch(f"{TASKS}/{name}")

    def create_tags(self) -> None:
        """Create a task T1, the tag COST in its schema, and KIND of two values in another."""
        self.create("t1")
        self.services.tags.create_tag(ADMIN, QualifiedName("DB", "S", "COST"))
        self.services.tags.create_tag(ADMIN, QualifiedName("DB", "S2", "KIND"), allowed_values=("a", "b"))

    def tags(self, query: str = "") -> list[dict[str, Any]]:
        """Return the tags of the task T1."""
        return self.rows(f"{TASKS}/t1:get-tags{query}")


COST: Final = {"tag_name": "cost", "tag_value": "high"}
KIND: Final = {"tag_database": "db", "tag_schema": "s2", "tag_name": '"KIND"', "tag_value": "a"}


def _furnish(tx: Transaction) -> None:
    create_account(tx, "CLOCKMILL", START)
    for role in ("ACCOUNTADMIN", "SYSADMIN", "PUBLIC", "ANALYST"):
        create_role(tx, role, START)


def assert_error(answer: httpx.Response, status: int, code: str, message: str) -> None:
    """Check the whole of an error answer: status, body, and the request id in body and header."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["message"] == message
    assert (body["code"], body["error_code"]) == (code, code)
    assert body["request_id"] == answer.headers["X-Snowflake-Request-ID"]


@pytest.fixture
def make_api() -> Iterator[Any]:
    """Makes servers with other settings than the usual ones."""
    made: list[Api] = []

    def make(**settings: Any) -> Api:
        made.append(Api(**settings))
        return made[-1]

    yield make
    for api in made:
        api.close()


@pytest.fixture
def tagged(api: Api) -> Api:
    """A server with a task and two tags."""
    api.create_tags()
    return api


@pytest.fixture(params=["at once", "later, in pages of two"])
def api(make_api: Any, request: pytest.FixtureRequest) -> Api:
    """A server with the usual settings, and one whose every answer comes later and in short pages."""
    settings = {} if request.param == "at once" else {"synchronous_wait_s": 0, "page_size": 2}
    server: Api = make_api(**settings)
    return server
