"""The demo's side of the network: it knows clockmill only as any client would, over HTTP."""

import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from clockmill.core.errors import ClockmillError


class DemoFailed(ClockmillError):
    """The server answered something that the demo did not expect."""


class DemoClient:
    """Signs in at *address* and speaks the connectors' protocol and the REST API."""

    def __init__(self, address: str, *, user: str, password: str) -> None:
        self._address = address
        self._token = "None"
        answer = self._post("/session/v1/login-request", {"data": {"LOGIN_NAME": user, "PASSWORD": password}})
        self._token = answer["data"]["token"]

    def run_sql(self, text: str) -> list[list[Any]]:
        """Run one statement and return its rows, every cell as text."""
        answer = self._post(f"/queries/v1/query-request?requestId={uuid.uuid4()}", {"sqlText": text})
        if not answer["success"]:
            raise DemoFailed(f"{text[:80]} … failed: {answer['message']}")
        rows: list[list[Any]] = answer["data"]["rowset"]
        return rows

    def get(self, path: str) -> Any:
        """Return the JSON answer of a REST GET."""
        return self._send("GET", path, None)

    def post(self, path: str, body: Any = None) -> Any:
        """Return the JSON answer of a REST POST."""
        return self._send("POST", path, body)

    def _post(self, path: str, body: Any) -> Any:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: Any) -> Any:
        request = Request(  # noqa: S310 - the address is our own server's
            self._address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f'Snowflake Token="{self._token}"'},
        )
        try:
            with urlopen(request, timeout=60) as response:  # noqa: S310
                return json.load(response)
        except HTTPError as error:
            raise DemoFailed(f"{method} {path} answered {error.code}: {error.read().decode()}") from error


def batches(rows: Iterable[str], size: int) -> Iterator[list[str]]:
    """Cut *rows* into lists of at most *size*."""
    batch: list[str] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def wait_for(what: Callable[[], Any], *, seconds: float = 60) -> Any:
    """Ask *what* until it answers something true, and return that."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        if time.monotonic() > deadline:
            raise DemoFailed(f"Nothing happened within {seconds:g} seconds.")
        time.sleep(0.1)
    return answer
