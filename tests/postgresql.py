"""A PostgreSQL of the tests' own, from a wheel of the development requirements, and its databases.

``python -m tests.postgresql [--port N]`` runs one until it is interrupted, and says where it is.
"""

import argparse
import contextlib
import ctypes
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Self

import psycopg

USER: Final = "clockmill"
_TEMPLATE: Final = "clockmill_template"
_ROOT_STAND_INS: Final = ("postgres", "nobody", "daemon")
_MEMORY_DISK: Final = Path("/dev/shm")
_PATIENCE_S: Final = 30.0

_QUICK: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
    "deadlock_timeout": "100ms",
}


class NoPostgreSQL(Exception):
    """There are no binaries of PostgreSQL on this machine."""


def find_binaries() -> Path:
    """Return the folder of the server's binaries: the wheel's, or else those that are installed."""
    wheel = importlib.util.find_spec("pgserver")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    installed = shutil.which("postgres")
    if installed is not None:
        return Path(installed).resolve().parent
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if known:
        return known[-1].parent
    raise NoPostgreSQL("There is neither the wheel 'pgserver' for this Python nor an installed PostgreSQL.")


class PostgreSQL:
    """A server with an empty cluster of its own, on a socket in its folder and, if asked, a port."""

    def __init__(self, *, port: int | None = None, durable: bool = False) -> None:
        parent = _MEMORY_DISK if _MEMORY_DISK.is_dir() and not durable else None
        self.folder = Path(tempfile.mkdtemp(prefix="clockmill-pg-", dir=parent))
        # The socket's name must be short, and the server's own user must come in.
        self.folder.chmod(0o755)
        self._port = port
        self._settings = {} if durable else _QUICK
        self._user = _server_user()
        self._binaries = self._usable(find_binaries())
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count()
        self._free: deque[str] = deque()
        try:
            self._initialize()
            self.start()
        except BaseException:
            self.close()
            raise

    def url(self, database: str = "postgres") -> str:
        """Return where *database* is, by the port if there is one."""
        if self._port is not None:
            return f"postgresql://{USER}@127.0.0.1:{self._port}/{database}"
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    # --- its process -------------------------------------------------------------------------

    def start(self) -> None:
        """Run the server, and return when it answers."""
        with (self.folder / "log").open("ab") as file:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data],
                stdout=subprocess.DEVNULL,
                stderr=file,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - it takes no lock
                **self._as_user(),
            )
        for wait_s in itertools.chain([0.01] * 20, itertools.repeat(0.05, int(_PATIENCE_S / 0.05))):
            with contextlib.suppress(psycopg.OperationalError), self.connect():
                return
            if self._process.poll() is not None:
                break
            time.sleep(wait_s)
        raise RuntimeError(f"PostgreSQL does not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT cuts connections, SIGQUIT is a crash, SIGTERM waits for clients."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE_S)
            self._process = None

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        self.stop(how)
        self.start()

    @contextlib.contextmanager
    def hung(self) -> Iterator[None]:
        """Let every process of the server stand still for the block: it neither answers nor refuses."""
        assert self._process is not None
        stopped = []
        try:
            # First the one that starts the others.
            for pid in (self._process.pid, *_children(self._process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    stopped.append(pid)
            yield
        finally:
            for pid in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url(database), autocommit=True)

    def cut_connections(self, database: str) -> int:
        """End every other connection to *database*, as an administrator may; return how many."""
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        with self.connect() as connection:
            return connection.execute(cut, (database,)).rowcount

    def close(self) -> None:
        """Stop the server and remove everything."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # --- its databases -----------------------------------------------------------------------

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"empty_{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    @contextlib.contextmanager
    def database(self, fill_template: Callable[[str], None]) -> Iterator[str]:
        """Lend a database as *fill_template* has made the first, without the rows of its last user."""
        name = self._free.pop() if self._free else self._copy_template(fill_template)
        try:
            yield self.url(name)
        finally:
            self._free.append(name)
            self._empty(name)

    def _copy_template(self, fill: Callable[[str], None]) -> str:
        with self.connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_TEMPLATE,))
            if known.fetchone() is None:
                connection.execute(f"CREATE DATABASE {_TEMPLATE}")
                fill(self.url(_TEMPLATE))
            name = f"store_{next(self._numbers)}"
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return name

    def _empty(self, name: str) -> None:
        """Delete every row: of so few, that takes less time than TRUNCATE or another copy."""
        with self.connect(name) as connection:
            tables = connection.execute(
                "SELECT relname, relnamespace::regnamespace::text FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                " AND relname <> 'alembic_version'"
            ).fetchall()
            deletions = "; ".join(f'DELETE FROM "{table}"' for table, _ in tables)
            connection.execute(
                "BEGIN; SET LOCAL session_replication_role = replica; "
                f"{deletions}; COMMIT; ALTER SEQUENCE graph_runs_id_seq RESTART"
            )

    # --- making it ---------------------------------------------------------------------------

    def _initialize(self) -> None:
        self._data.mkdir()
        if self._user is not None:
            shutil.chown(self._data, self._user)
            shutil.chown(self.folder, self._user)
        command = [str(self._binaries / "initdb"), "-D", str(self._data), "-U", USER]
        options = ["--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust", "--no-instructions"]
        subprocess.run([*command, *options], check=True, capture_output=True, **self._as_user())
        settings = {
            **self._settings,
            "listen_addresses": "'127.0.0.1'" if self._port else "''",
            "port": str(self._port or 5432),
            "unix_socket_directories": f"'{self.folder}'",
        }
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def _as_user(self) -> dict[str, Any]:
        return {} if self._user is None else {"user": self._user, "group": _group_of(self._user)}

    def _usable(self, binaries: Path) -> Path:
        """Return *binaries*, or a copy of theirs if the server's user cannot reach them."""
        if self._user is None or self._can_run(binaries):
            return binaries
        shutil.copytree(binaries.parent, self.folder / "install", symlinks=True)
        return self.folder / "install" / binaries.name

    def _can_run(self, binaries: Path) -> bool:
        try:
            subprocess.run(
                [binaries / "postgres", "--version"], check=True, capture_output=True, **self._as_user()
            )
        except (OSError, subprocess.CalledProcessError):
            return False
        return True


def _server_user() -> str | None:
    """Return as whom to run the server, which refuses root; None is as we are."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in _ROOT_STAND_INS:
        if name in known:
            return name
    raise NoPostgreSQL("PostgreSQL refuses to run as root, and there is no other user to run it as.")


def _group_of(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def _children(pid: int) -> Iterator[int]:
    """Yield the processes that *pid* has started itself."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(") ")[2].split()[1]) == pid:
                yield int(stat.parent.name)


def _die_with_parent() -> None:
    """Let a test run that is killed leave no server behind, where the system can do that."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _main() -> None:
    arguments = argparse.ArgumentParser(description="Run a PostgreSQL for trials until interrupted.")
    arguments.add_argument("--port", type=int, help="listen on 127.0.0.1 too")
    arguments.add_argument("--durable", action="store_true", help="on a disk, with its own settings")
    chosen = arguments.parse_args()
    with PostgreSQL(port=chosen.port, durable=chosen.durable) as server:
        print(server.new_database(), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _main()
