"""Two nodes over one PostgreSQL in this process, each behind a socket of its own."""

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from clockmill.api.asgi.segments import OneSegmentProtocol
from clockmill.compose import Instance, open_instance
from clockmill.config import Settings

PASSWORD = "correct horse battery"
PATIENCE_S = 20.0


class ServedNode:
    """A node that answers at *address*."""

    def __init__(self, instance: Instance, address: str) -> None:
        self.instance = instance
        self.address = address
        self.client = httpx.Client(base_url=address, timeout=PATIENCE_S)

    def sign_in(self) -> str:
        """Open a session as ADMIN and return its token."""
        body = {"data": {"LOGIN_NAME": "ADMIN", "PASSWORD": PASSWORD}}
        answer = self.client.post("/session/v1/login-request", json=body).json()
        assert answer["success"], answer
        token = str(answer["data"]["token"])
        self.query(token, "USE SCHEMA CLOCKMILL.PUBLIC")
        return token

    def query(self, token: str, sql: str, **parameters: Any) -> dict[str, Any]:
        """Run *sql* in the session of *token*, and return the connector's envelope."""
        answer = self.client.post(
            "/queries/v1/query-request",
            params={"requestId": str(uuid.uuid4())},
            json={"sqlText": sql, **parameters},
            headers={"Authorization": f'Snowflake Token="{token}"'},
        )
        assert answer.status_code == 200
        return dict(answer.json())

    def rest(self, token: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request to the REST API in the session of *token*."""
        headers = {"Authorization": f'Snowflake Token="{token}"'}
        return self.client.request(method, path, headers=headers, **options)


@contextmanager
def served_node(
    url: str, folder: Path, name: str, *, runs: bool = True, **settings: Any
) -> Iterator[ServedNode]:
    """Give the node *name* over the store at *url*, until the block ends.

    One that does not *run* answers, and neither fires nor takes up runs before it is started.
    """
    with ExitStack() as ends:
        wanted = Settings(
            store=url,
            data_dir=str(folder),
            node=name,
            port=0,
            admin_password=PASSWORD,
            stop_grace=1.0,
            **settings,
        )
        instance = open_instance(wanted)
        ends.callback(instance.close)
        listener = ends.enter_context(socket.create_server(("127.0.0.1", 0)))
        config = uvicorn.Config(
            instance.app, http=OneSegmentProtocol, ws="none", lifespan="off", log_config=None
        )
        ends.enter_context(_serving(uvicorn.Server(config), listener))
        node = ServedNode(instance, f"http://127.0.0.1:{listener.getsockname()[1]}")
        ends.callback(node.client.close)
        instance.lease.reach_at(node.address)
        if runs:
            instance.start(node.address)
        yield node


@contextmanager
def _serving(server: uvicorn.Server, listener: socket.socket) -> Iterator[None]:
    """Let *server* answer on *listener*, in a thread, until the block ends."""
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
