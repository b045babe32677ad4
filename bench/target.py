"""The server under measurement: a process of its own, with its durable default settings."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

PASSWORD = "bench-password-1"


class Target:
    """A running ``clockmill serve`` and what can be asked of it from outside."""

    def __init__(self, folder: Path, options: tuple[str, ...]) -> None:
        self.folder = folder
        self._options = options
        self.start_again()

    @classmethod
    def start(cls, folder: Path, *options: str) -> Self:
        """Start a server on *folder*, with *options* of ``clockmill serve``."""
        return cls(folder, options)

    def start_again(self) -> None:
        """Start the server, and return once it answers ``/health``."""
        began = time.perf_counter()
        command = [sys.executable, "-m", "clockmill", "serve", "--data-dir", str(self.folder), "--port", "0"]
        self._process = subprocess.Popen(
            [*command, *self._options],
            env={**os.environ, "CLOCKMILL_ADMIN_PASSWORD": PASSWORD, "CLOCKMILL_LOG_LEVEL": "WARNING"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self._process.stdout.readline())
        if found is None:
            raise RuntimeError("the server did not start")
        self.port = int(found[1])
        self.connect_plain().request("GET", "/health")
        self.ready_s = time.perf_counter() - began

    def connect_plain(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=600)

    def cpu_seconds(self) -> float:
        """Return the processor time that the server has used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Return the resident memory of the server in MB."""
        return self._status("VmRSS") / 1024

    def threads(self) -> int:
        return self._status("Threads")

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    def _status(self, name: str) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(rf"{name}:\s+(\d+)", status)
        return int(found[1]) if found else 0

    def history(self) -> sqlite3.Connection:
        """Open the server's store read-only, as an outside witness of what is durable."""
        return sqlite3.connect(f"file:{self.folder / 'clockmill.db'}?mode=ro", uri=True)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=60)

    def kill(self) -> None:
        """End the server as a loss of power would."""
        self._process.kill()
        self._process.wait()


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Target]:
    """Run a server for the block, with *options* of ``clockmill serve``."""
    target = Target.start(folder, *options)
    try:
        yield target
    finally:
        target.stop()


class Client:
    """One signed-in connection."""

    def __init__(self, target: Target) -> None:
        self._connection = target.connect_plain()
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = {"Content-Type": "application/json"}
        body = {"data": {"LOGIN_NAME": "ADMIN", "PASSWORD": PASSWORD}}
        login = "/session/v1/login-request?databaseName=CLOCKMILL&schemaName=PUBLIC"
        answer = self.send("POST", login, body)[1]
        self.headers["Authorization"] = f'Snowflake Token="{answer["data"]["token"]}"'

    def send(self, method: str, path: str, body: Any = None) -> tuple[Any, Any]:
        """Return the headers and the JSON body of the answer, which must be a success."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, self.headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {path}: {response.status} {content[:300]!r}")
        return response.headers, json.loads(content)

    def sql(self, text: str) -> list[list[Any]]:
        """Run a statement and return its rows as text."""
        _, answer = self.send(
            "POST", f"/queries/v1/query-request?requestId={uuid.uuid4()}", {"sqlText": text}
        )
        if not answer["success"]:
            raise RuntimeError(f"{text}: {answer['message']}")
        rows: list[list[Any]] = answer["data"]["rowset"]
        return rows

    def close(self) -> None:
        """Sign out and hang up."""
        self.send("POST", "/session?delete=true", {})
        self._connection.close()
