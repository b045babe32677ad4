"""One running server: the parts, the socket, the signals, and what is printed at start."""

import asyncio
import gc
import logging
import os
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from clockmill.anew import start_anew, try_again
from clockmill.api.asgi.segments import OneSegmentProtocol
from clockmill.compose import Instance, open_instance
from clockmill.config import BadSetting, Settings
from clockmill.core.errors import ClockmillError
from clockmill.logs import begin_logging

log = logging.getLogger(__name__)

_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_COLLECT_AFTER: Final = (50_000, 20, 50)
"""New objects before the young are collected, and how many such rounds before the older ones."""

_ANSWERING_S: Final = 3
"""How long clients are answered after their statements were cancelled, before they are cut off."""

_KEEP_ALIVE_S: Final = 75
"""How long a connection may be idle. Clients and proxies pool theirs, most for a minute: whoever lets
go first should be them, or a request meets a connection that we are just closing."""


class CannotListen(ClockmillError):
    """The address or port cannot be had."""


class Server(uvicorn.Server):
    """Uvicorn, told to say when it is ready, when it begins to stop, and *grace_s* after that."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        on_ready: Callable[[], None],
        on_stop: Callable[[], None],
        on_grace_over: Callable[[], object],
        grace_s: float,
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._on_grace_over = on_grace_over
        self._grace_s = grace_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        # What is cancelled then still answers its client, which uvicorn alone would cut off.
        over = asyncio.get_running_loop().call_later(self._grace_s, self._on_grace_over)
        await super().shutdown(sockets)
        over.cancel()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, and no more than that.

        Uvicorn's own would raise the signal again once HTTP has ended, and so end the process
        before the runs in it are brought to their end.
        """
        before = {number: signal.signal(number, self.handle_exit) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(settings: Settings, *, on_ready: Callable[[Instance, str], None] | None = None) -> None:
    """Run a server until it is told to stop. *on_ready* gets the instance and its address."""
    begin_logging(settings.log_level)
    _check_tls(settings)
    listener = _listen(settings.host, settings.port)
    try:
        instance = open_instance(settings)
    except BaseException as error:
        listener.close()
        if isinstance(error, ClockmillError):
            try_again(error)
        raise
    instance.keeper.on_lost = start_anew
    address = _address(settings, listener)

    def ready() -> None:
        _spare_collector()
        instance.keeper.on_taken = lambda: os.kill(os.getpid(), signal.SIGTERM)
        instance.start(settings.advertise or _reachable(address))
        (on_ready or _announce)(instance, address)

    try:
        Server(
            _uvicorn_config(settings, instance),
            on_ready=ready,
            on_stop=instance.begin_stop,
            on_grace_over=instance.cancel_statements,
            grace_s=settings.stop_grace,
        ).run(sockets=[listener])
    finally:
        instance.close()
        gc.unfreeze()


def _spare_collector() -> None:
    """Let the garbage collector look only at what comes after the start, and less often.

    What is there now stays. And what a request leaves has hardly any cycles, while the usual
    threshold has everything looked through for every few tasks of a listing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def _uvicorn_config(settings: Settings, instance: Instance) -> uvicorn.Config:
    return uvicorn.Config(
        instance.app,
        loop="uvloop",
        http=OneSegmentProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=round(settings.stop_grace) + _ANSWERING_S,
    )


def _check_tls(settings: Settings) -> None:
    """Raise BadSetting unless certificate and key can be used, before anything is set up."""
    if settings.tls_certificate is None or settings.tls_key is None:
        return
    try:
        # An encrypted key would be asked about on a terminal that nobody may be sitting at.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings.tls_certificate, settings.tls_key, password="")
    except OSError as error:
        raise BadSetting(
            f"tls_certificate {settings.tls_certificate!r} and tls_key {settings.tls_key!r} cannot be used: "
            f"{error.strerror or error}. Give PEM files of a certificate and its key, without a passphrase."
        ) from error


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotListen(
            f"Cannot listen on {host}:{port}: {error.strerror}. Is another server running there, or is that "
            "no address of this machine? Choose another with --port or --host."
        ) from error
    return listener


def _address(settings: Settings, listener: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    scheme = "https" if settings.has_tls else "http"
    return f"{scheme}://{host}:{listener.getsockname()[1]}"


def _reachable(address: str) -> str:
    """Return *address* as other machines can use it: a wildcard stands for this machine's name."""
    for wildcard in ("//0.0.0.0:", "//[::]:"):
        address = address.replace(wildcard, f"//{socket.gethostname()}:")
    return address


def _announce(instance: Instance, address: str) -> None:
    print(welcome(instance, address), flush=True)


def welcome(instance: Instance, address: str) -> str:
    """Return what a person should know of a server that has just started."""
    host, _, port = address.partition("//")[2].rpartition(":")
    if host in {"localhost", "0.0.0.0"}:  # noqa: S104 - the client wants a name with a dot, that leads here
        host = "127.0.0.1"
    protocol = address.partition(":")[0]
    password = (
        f"its password is in {instance.password_file}"
        if instance.new_password is None
        else f"its password, shown this once and kept in {instance.password_file}: {instance.new_password}"
    )
    if instance.password_file is None:
        password = (
            "its password is the one that the first node was given, or showed"
            if instance.store.is_shared
            else "its password is the one you set"
        )
    return (
        f"clockmill listens on {address}, data in {instance.data_dir}\n"
        f"  user      ADMIN; {password}\n"
        f"  Python    snowflake.connector.connect(account='{instance.account.lower()}', user='ADMIN', "
        f"password=..., host='{host}', port={port}, protocol='{protocol}')\n"
        f"  REST      {address}/api/v2/databases/CLOCKMILL/schemas/PUBLIC/tasks "
        "(clockmill token create makes a Bearer token)\n"
        "  stop      Ctrl-C"
    )
