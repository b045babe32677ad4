"""A real server in a process of its own, and real clients beside it in theirs."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "scripts"
STOP_S = 20
SCRIPT_S = 110

CLIENTS = {"5.x": "client-core", "4.x": "client-core-1.10"}
"""By the generation of the connector, the environment that has it with a matching snowflake-core."""


class RunningServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server listens, and what a client needs to sign in."""

    host: str
    port: int
    password: str
    data_dir: Path

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    def command(self, *arguments: str) -> str:
        """Run the command line beside the server, as an administrator would; return its output."""
        ran = subprocess.run(
            [sys.executable, "-m", "clockmill", *arguments, "--data-dir", str(self.data_dir)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout.strip()


@contextmanager
def running_server(data_dir: Path, **settings: str) -> Iterator[RunningServer]:
    """Serve from *data_dir* with *settings* (names as in the settings file) until the block ends."""
    process, server = start_server(data_dir, password=secrets.token_urlsafe(12), **settings)
    try:
        yield server
    finally:
        process.terminate()
        process.communicate(timeout=STOP_S)


def start_server(
    data_dir: Path, *, password: str, **settings: str
) -> "tuple[subprocess.Popen[str], RunningServer]":
    """Start a server and return it, and its process, once it listens. The caller ends it."""
    variables = {f"CLOCKMILL_{name.upper()}": value for name, value in settings.items()}
    log = data_dir.with_suffix(".log")
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "clockmill", "serve", "--data-dir", str(data_dir)],
            env={**os.environ, "CLOCKMILL_PORT": "0", **variables, "CLOCKMILL_ADMIN_PASSWORD": password},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    host, port = _listening(process, log)
    return process, RunningServer(host=host, port=port, password=password, data_dir=data_dir)


def _listening(process: "subprocess.Popen[str]", log: Path) -> tuple[str, int]:
    """Read the announcement of the address; a server that ends first fails with what it logged."""
    assert process.stdout is not None
    for line in process.stdout:
        if "listens on " in line:
            address = line.split("listens on ")[1].split(",")[0].strip()
            host, _, port = address.partition("//")[2].rpartition(":")
            return host, int(port)
    process.communicate(timeout=STOP_S)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


def environment(name: str) -> Path:
    """Return the interpreter of a client's environment."""
    python = ROOT / ".venvs" / name / "bin" / "python"
    if not python.exists():
        pytest.fail(f"{python} is missing: `make acceptance` makes the clients' environments.")
    return python


def run_script(name: str, generation: str, server: RunningServer, home: Path, **variables: str) -> str:
    """Run a script of ``scripts/`` with the client of *generation*; its assertions are the test.

    Nothing of our environment goes along: no PYTHONPATH, and a home without settings.
    """
    ran = subprocess.run(
        [environment(CLIENTS[generation]), "-I", "-W", "ignore", SCRIPTS / "launch.py", name],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TZ": "UTC",
            "CLOCKMILL_HOST": server.host,
            "CLOCKMILL_PORT": str(server.port),
            "CLOCKMILL_PASSWORD": server.password,
            **variables,
        },
        cwd=home,
        capture_output=True,
        text=True,
        timeout=SCRIPT_S,
        check=False,
    )
    assert ran.returncode == 0, f"{name} with {generation}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def run_tool(
    tool: str,
    environment_name: str,
    *arguments: str,
    server: RunningServer,
    home: Path,
    expected: int = 0,
    limit_s: int = SCRIPT_S,
) -> str:
    """Run a client that is a program, signed in as ADMIN by its settings; return what it printed.

    *tool* is the program's name in the environment's ``bin``; *home* holds what it reads and writes.
    """
    program = environment(environment_name).parent / tool
    ran = subprocess.run(
        [program, *arguments],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TZ": "UTC",
            "NO_COLOR": "1",
            "DO_NOT_TRACK": "1",
            **_connection_variables(server),
        },
        cwd=home,
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    assert ran.returncode == expected, f"{tool} {arguments}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout + ran.stderr


def _connection_variables(server: RunningServer) -> dict[str, str]:
    """Return the settings of a connection as the official tools read them from the environment."""
    return {
        "SNOWFLAKE_ACCOUNT": "clockmill",
        "SNOWFLAKE_USER": "ADMIN",
        "SNOWFLAKE_PASSWORD": server.password,
        "SNOWFLAKE_HOST": server.host,
        "SNOWFLAKE_PORT": str(server.port),
        "SNOWFLAKE_PROTOCOL": "http",
        "SNOWFLAKE_ROLE": "ACCOUNTADMIN",
        "SNOWFLAKE_WAREHOUSE": "COMPUTE_WH",
        "SNOWFLAKE_DATABASE": "CLOCKMILL",
    }
