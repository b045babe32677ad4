"""A server in a process of its own, and the ways in which it can be made to end."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from clockmill.store.data_dir import DataDir

PASSWORD: Final = "a password for chaos"
_START_S: Final = 60
_STOP_S: Final = 60


class Node:
    """A ``clockmill serve`` that is started again and again on one data folder and one port.

    *entering* is put before the command, and *log* gets what it says. If it *is_supervised* and a start
    of it fails, as one does while its database is away, it is started again, as a supervisor would.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *options: str,
        log: Path | None = None,
        entering: Sequence[str] = (),
        is_supervised: bool = False,
    ) -> None:
        self.name = name
        self.folder = folder
        self.port = _free_port()
        self.log = log or folder.with_suffix(".log")
        self._command = [*entering, sys.executable, "-m", "clockmill", "serve", "--data-dir", str(folder)]
        self._command += ["--port", str(self.port), *options]
        self._is_supervised = is_supervised
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start it, and return at once."""
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                self._command,
                env={**os.environ, "CLOCKMILL_ADMIN_PASSWORD": PASSWORD},
                stdout=log,
                stderr=log,
            )

    def start(self) -> None:
        """Start it, and return once it answers; raises RuntimeError if it ends instead."""
        self.launch()
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if not self.is_up and self._is_supervised and time.monotonic() < deadline:
                self.launch()
            if not self.is_up or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.name} did not start; see {self.log}")
            time.sleep(0.02)

    @property
    def engine_file(self) -> Path:
        """Where the account's tables are if they are at this node."""
        return DataDir(self.folder, None).engine_file

    @property
    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would end it: in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Ask it to stop, and wait for that; raises RuntimeError unless it ends well."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(timeout=_STOP_S)
        self._process = None
        if status != 0:
            raise RuntimeError(f"{self.name} ended with status {status}; see {self.log}")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it stand still for the block, holding all that it holds, and then go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def limit_files(self, size: int | None) -> None:
        """Let it make no file longer than *size* bytes, as a quota would; None: as long as it likes."""
        assert self._process is not None
        _, hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        limit = hard if size is None else size
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (limit, hard))

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
