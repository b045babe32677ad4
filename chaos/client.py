"""A client that lives through what happens to its servers, and knows what it does not know.

Whoever asks gets an answer, is refused, or never learns whether it was done. The three are told
apart, because only what was answered is a promise.
"""

import json
import random
import socket
import time
import uuid
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final, TypeVar

T = TypeVar("T")

TASKS: Final = "/api/v2/databases/CLOCKMILL/schemas/PUBLIC/tasks"
_LOGIN: Final = "/session/v1/login-request?databaseName=CLOCKMILL&schemaName=PUBLIC"
_STILL_RUNNING: Final = {"333333", "333334"}


class NoAnswer(Exception):
    """The server went away: what was asked for may have been done, or not."""


class Refused(Exception):
    """The server answered that it did not do what it was asked for."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:300]}")
        self.status = status


class Client:
    """One user at one of several servers, and at another one once that does not answer.

    Not for two threads at once. *patience_s* is how long an answer is waited for.
    """

    def __init__(
        self, ports: Sequence[int], password: str, chance: random.Random, *, patience_s: float = 20
    ) -> None:
        self._ports = ports
        self._password = password
        self._chance = chance
        self._patience_s = patience_s
        self._connection: HTTPConnection | None = None
        self._token: str | None = None

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of the answer; raises NoAnswer or Refused."""
        if self._token is None:
            self._sign_in()
        status, answer = self._ask(method, path, body)
        if status == 401:
            self._token = None
        if status != 200:
            raise Refused(status, json.dumps(answer))
        return answer

    def sql(self, text: str) -> list[list[Any]]:
        """Run a statement and return its rows as text; raises NoAnswer or Refused."""
        path = f"/queries/v1/query-request?requestId={uuid.uuid4()}"
        answer = self.send("POST", path, {"sqlText": text})
        while answer.get("code") in _STILL_RUNNING:
            answer = self.send("GET", answer["data"]["getResultUrl"])
        if not answer["success"]:
            if answer.get("code") in {"390112", "390114", "390104"}:
                self._token = None
            raise Refused(200, f"{answer.get('code')} {answer['message']}")
        rows: list[list[Any]] = answer["data"]["rowset"]
        return rows

    def insist(self, ask: Callable[[], T], seconds: float) -> T:
        """Return what *ask* gets from this client, asked again for so long while nobody can answer."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return ask()
            except (NoAnswer, Refused):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _sign_in(self) -> None:
        body = {"data": {"LOGIN_NAME": "ADMIN", "PASSWORD": self._password}}
        status, answer = self._ask("POST", _LOGIN, body)
        if status != 200 or not answer["success"]:
            raise Refused(status, json.dumps(answer))
        self._token = answer["data"]["token"]

    def _ask(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        try:
            response = self._exchange(method, path, body)
            return response.status, json.loads(response.read() or b"null")
        except (OSError, HTTPException, ValueError) as error:
            self.close()
            raise NoAnswer(f"{method} {path}: {error!r}") from error

    def _exchange(self, method: str, path: str, body: Any) -> HTTPResponse:
        if self._connection is None:
            port = self._chance.choice(self._ports)
            self._connection = HTTPConnection("127.0.0.1", port, timeout=self._patience_s)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        headers = {"Content-Type": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f'Snowflake Token="{self._token}"'
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        return self._connection.getresponse()
