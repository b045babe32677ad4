"""The composition root: the only place that names concrete parts and joins them."""

import contextlib
import logging
import os
import secrets
import socket
import ssl
from collections.abc import Mapping
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from clockmill.api.app import create_app
from clockmill.api.authentication import Authenticator
from clockmill.api.forwarding.connections import Connections
from clockmill.api.forwarding.forwarder import Forwarder
from clockmill.api.services import Services as ApiServices
from clockmill.api.settings import ApiSettings
from clockmill.api.statements.calls import StatementCalls
from clockmill.api.wire.app import WireApp
from clockmill.clock import Clock, SystemClock
from clockmill.config import Settings
from clockmill.control import Control
from clockmill.core.caller import SYSTEM_USER, Caller
from clockmill.core.catalog import DatabaseSpec
from clockmill.core.identity import ACCOUNTADMIN, SYSADMIN
from clockmill.core.misfire import Misfire, Misfires
from clockmill.core.node import NewNode
from clockmill.core.placement import tokens_of
from clockmill.core.retention import Retention
from clockmill.core.routine import SQL
from clockmill.core.task import CreateMode
from clockmill.core.warehouse import WarehouseSpec
from clockmill.embedded import EngineKeeper, engine_places, node_name, open_engine
from clockmill.engine.duckdb import DuckDBEngine
from clockmill.files import CheckGoesOn
from clockmill.runner.firing import pass_over_downtime
from clockmill.runner.graph_cache import GraphCache
from clockmill.runner.leases import NodeLease
from clockmill.runner.loop import Runner
from clockmill.runner.slots import WarehouseSlots
from clockmill.service.backups import BackupService
from clockmill.service.catalog import CatalogService
from clockmill.service.history import HistoryService
from clockmill.service.identity import DEFAULT_WAREHOUSE, IdentityService
from clockmill.service.node_directory import NodeDirectory
from clockmill.service.routines import RoutineService
from clockmill.service.runs import RunService
from clockmill.service.signin import Signin
from clockmill.service.tags import TagService
from clockmill.service.tasks import TaskService
from clockmill.service.warehouses import WarehouseService
from clockmill.session.bodies import DoorBodies
from clockmill.session.door import Door
from clockmill.session.queries import Queries
from clockmill.session.sql_language import SqlLanguage
from clockmill.session.streams import Streams
from clockmill.store.data_dir import DataDir, write_private
from clockmill.store.database import Store
from clockmill.store.locations import share_wakeups
from clockmill.wake import Wakeups

log = logging.getLogger(__name__)

FIRST_DATABASE: Final = "CLOCKMILL"
_FOUNDER: Final = Caller(user=SYSTEM_USER, role=SYSADMIN, roles=frozenset({ACCOUNTADMIN, SYSADMIN}))
"""Who owns what a first start makes: the role that is there to own databases and warehouses."""


class Instance:
    """A server's parts, joined. :meth:`start` begins to fire; :meth:`close` ends everything.

    *new_password* is the password of ADMIN that this very start generated, else None;
    *password_file* holds a generated one, None if the user set it.
    """

    def __init__(self, settings: Settings, clock: Clock, ends: contextlib.ExitStack) -> None:
        self._ends = ends
        self.clock = clock
        self._grace_s = settings.stop_grace
        self._stop_by: float | None = None
        self.data_dir = ends.enter_context(DataDir.claim(settings.data_path)).path
        self._folder = DataDir(self.data_dir, None)
        self.store = Store.open(settings.store or self._folder.store_file, upgrade=settings.upgrade)
        ends.callback(self.store.close)
        self.node = node_name(settings.node, is_shared=self.store.is_shared)
        self.wakeups = Wakeups()
        self.lease = self._take_lease(settings)
        places = engine_places(self.store, self._folder, settings.node)
        self.engine = open_engine(
            places,
            self._folder,
            memory_limit=settings.engine_memory,
            threads=settings.engine_threads or os.cpu_count() or 1,
        )
        ends.callback(self.engine.close)
        self._join_services(settings)
        self.keeper = EngineKeeper(engine=self.engine, places=places, catalog=self.catalog, clock=clock)
        self.new_password = self._found(settings)
        self.password_file = self._password_file()
        self.keeper.clear_orphans()
        self._join_session_and_runner(settings)
        self._join_api(settings)
        self._join_control()

    def _take_lease(self, settings: Settings) -> NodeLease:
        """Announce this node to those that share the store; raises NodeIsRunning if its name is taken."""
        lease = NodeLease(
            store=self.store,
            clock=self.clock,
            wakeups=self.wakeups,
            node=NewNode(name=self.node, home=self._folder.home_id(), version=version("clockmill")),
            duration=timedelta(seconds=settings.lease) if self.store.is_shared else None,
        )
        if lease.finds_nobody():
            # While nobody knows of this node. One that starts beside it is not alone, and would begin
            # what was missed as if it were a little behind.
            pass_over_downtime(self.store, GraphCache(), _misfires(settings), self.clock.now())
        lease.register()
        self._ends.callback(lease.end)
        return lease

    @property
    def has_engine(self) -> bool:
        """Whether the account's tables are in this node's data folder."""
        return isinstance(self.engine, DuckDBEngine)

    # --- joining -----------------------------------------------------------------------------

    def _join_services(self, settings: Settings) -> None:
        store, clock, wakeups = self.store, self.clock, self.wakeups
        if settings.store is not None:
            self._ends.callback(share_wakeups(settings.store, wakeups))
        self.identities = IdentityService(store=store, clock=clock)
        self.signin = Signin(
            store=store,
            clock=clock,
            session_lifetime_s=settings.session_lifetime,
            master_lifetime_s=settings.master_lifetime,
        )
        self.catalog = CatalogService(
            store=store, clock=clock, wakeups=wakeups, drop_namespaces=self._drop_namespaces
        )
        self.warehouses = WarehouseService(
            store=store, clock=clock, wakeups=wakeups, system_slots=settings.system_slots
        )
        self.tags = TagService(store=store, clock=clock)
        self.tasks = TaskService(store=store, clock=clock, wakeups=wakeups)
        self.runs = RunService(store=store, clock=clock, wakeups=wakeups)
        self.routines = RoutineService(store=store, clock=clock, wakeups=wakeups)
        self.history = HistoryService(
            store=store, clock=clock, complete_window=timedelta(minutes=settings.complete_graphs_minutes)
        )

    def _join_session_and_runner(self, settings: Settings) -> None:
        self.slots = WarehouseSlots(self.warehouses.slot_count, prepare=self.warehouses.prepare_warehouse)
        self.door = Door(
            engine=self.engine,
            slots=self.slots,
            store=self.store,
            clock=self.clock,
            signin=self.signin,
            catalog=self.catalog,
            warehouses=self.warehouses,
            tags=self.tags,
            tasks=self.tasks,
            runs=self.runs,
            routines=self.routines,
            languages={SQL: SqlLanguage()},
            history=self.history,
            account=self.account,
            version=version("clockmill"),
            idle_transaction=timedelta(seconds=settings.transaction_timeout),
        )
        self._ends.callback(self.door.close)
        self.queries = Queries(self.clock)
        self._ends.callback(lambda: self.queries.close(self._grace_left_s()))
        streams = Streams(self.engine, self.catalog)
        bodies = DoorBodies(self.door.services, leaves_markers=settings.completion_marker)
        self._ends.callback(bodies.close)
        bodies.forget_closed()
        self.runner = Runner(
            store=self.store,
            clock=self.clock,
            wakeups=self.wakeups,
            slots=self.slots,
            bodies=bodies,
            streams=streams,
            lease=self.lease,
            placements=self._placements(),
            grace_s=self._grace_s,
            reruns_interrupted=settings.interrupted == "rerun",
            misfires=_misfires(settings),
            retention=_retention(settings),
        )
        self._ends.callback(self.runner.stop)
        streams.watch(self.runner.hear_streams)

    def _placements(self) -> frozenset[str] | None:
        """Return what this node has for runs: a store's only node has everything, however it is called."""
        return tokens_of(self.node, has_engine=self.has_engine) if self.store.is_shared else None

    def _join_api(self, settings: Settings) -> None:
        authenticator = Authenticator(self.signin)
        services = ApiServices(
            authenticator=authenticator,
            clock=self.clock,
            tasks=self.tasks,
            runs=self.runs,
            history=self.history,
            catalog=self.catalog,
            warehouses=self.warehouses,
            tags=self.tags,
        )
        connectors = WireApp(
            signin=self.signin, authenticator=authenticator, door=self.door, queries=self.queries
        )
        self._ends.callback(connectors.close)
        api_settings = _api_settings(settings)
        statements = StatementCalls(
            door=self.door,
            queries=self.queries,
            wait_s=api_settings.synchronous_wait_s,
            partition_bytes=api_settings.partition_bytes,
        )
        self._ends.callback(statements.close)
        self.app = create_app(
            services,
            api_settings,
            connectors=connectors,
            statements=statements,
            forwarder=self._forwarder(settings) if self.store.is_shared else None,
        )
        self._ends.callback(self.app.close)

    def _forwarder(self, settings: Settings) -> Forwarder:
        """Return what sends requests on to the other nodes that share the store."""
        tls = ssl.create_default_context()
        if settings.tls_certificate is not None:
            # Nodes that made their certificate themselves have the same one, as a rule.
            tls.load_verify_locations(settings.tls_certificate)
        return Forwarder(
            NodeDirectory(store=self.store, clock=self.clock, node=self.node),
            Connections(self.clock.monotonic, tls),
            has_engine=self.has_engine,
            monotonic=self.clock.monotonic,
        )

    def _join_control(self) -> None:
        self.backups = BackupService(
            store=self.store,
            clock=self.clock,
            hold_engine=self.engine.hold_file if isinstance(self.engine, DuckDBEngine) else None,
            account=self.account,
            version=version("clockmill"),
        )
        self._control = Control(self.data_dir, {"backup": self._back_up})
        self._ends.callback(self._control.close)

    def _back_up(self, arguments: Mapping[str, Any], check: CheckGoesOn) -> Any:
        return msgspec.to_builtins(self.backups.back_up(Path(arguments["target"]), check))

    # --- the first start, and every start ----------------------------------------------------

    @property
    def account(self) -> str:
        """The account's name, as the first start set it."""
        return self.identities.account_name() or ""

    def _found(self, settings: Settings) -> str | None:
        """Make what a first start makes; return the password of ADMIN if it was generated just now.

        The account's row comes last, so that a first start that was cut off is simply done again.
        """
        if self.identities.is_set_up():
            return None
        self.catalog.create_database(_FOUNDER, FIRST_DATABASE, DatabaseSpec(), CreateMode.IF_NOT_EXISTS)
        self.warehouses.create_warehouse(
            _FOUNDER, DEFAULT_WAREHOUSE, WarehouseSpec(), CreateMode.IF_NOT_EXISTS
        )
        generated = None
        if settings.admin_password is None:
            generated = secrets.token_urlsafe(18)
            write_private(self._folder.admin_password_file, generated + "\n")
        if self.identities.bootstrap(
            account_name=settings.account, admin_password=settings.admin_password or generated or ""
        ):
            return generated
        # Another node was quicker, and its password holds.
        if generated is not None:
            self._folder.admin_password_file.unlink()
        return None

    def _password_file(self) -> Path | None:
        file = self._folder.admin_password_file
        return file if file.exists() else None

    def _drop_namespaces(self, namespaces: list[str]) -> None:
        for namespace in namespaces:
            self.engine.drop_namespace(namespace)

    # --- running -----------------------------------------------------------------------------

    def start(self, address: str | None = None) -> None:
        """Take up what the last stop left open, begin to fire and to run.

        *address* is the URL under which other nodes reach this one.
        """
        self.address = address
        if address is not None:
            self.lease.reach_at(address)
        self.runner.start()
        if self.store.is_shared and self.has_engine:
            self.keeper.start(self.wakeups)
            self._ends.callback(self.keeper.stop)
        self._control.start()

    def begin_stop(self) -> None:
        """Fire and begin nothing more, and return at once.

        Whatever runs has the same time from now on, for a client or for a task.
        """
        if self._stop_by is None:
            self._stop_by = self.clock.monotonic() + self._grace_s
        self.runner.begin_stop()

    def cancel_statements(self) -> None:
        """Cancel what clients run, which is told to them and put on record."""
        self.door.cancel_statements()

    def close(self) -> None:
        """End what still runs, on record, and let go of everything. Doing it twice is harmless."""
        self.begin_stop()
        self._ends.close()

    def _grace_left_s(self) -> float:
        return 0.0 if self._stop_by is None else max(0.0, self._stop_by - self.clock.monotonic())


def open_instance(settings: Settings, *, clock: Clock | None = None) -> Instance:
    """Open the data folder and join the parts; nothing fires before :meth:`Instance.start`.

    Raises a ClockmillError for a folder in use, too old or too new, and leaves nothing open.
    """
    ends = contextlib.ExitStack()
    try:
        return Instance(settings, clock or SystemClock(), ends)
    except BaseException:
        ends.close()
        raise


def _advertised_hosts(settings: Settings) -> tuple[str, ...]:
    """Return the names under which other nodes send requests here."""
    host = urlsplit(settings.advertise or "").hostname
    return (socket.gethostname(),) if host is None else (host,)


def _misfires(settings: Settings) -> Misfires:
    return Misfires(policy=Misfire(settings.misfire), limit=settings.misfire_limit)


def _retention(settings: Settings) -> Retention:
    return Retention(
        age=timedelta(days=settings.history_days) if settings.history_days else None,
        most=settings.history_limit or None,
    )


def _api_settings(settings: Settings) -> ApiSettings:
    return ApiSettings(
        synchronous_wait_s=settings.sync_wait,
        page_size=settings.page_size,
        max_body_bytes=settings.max_body_bytes,
        body_timeout_s=settings.body_timeout,
        allowed_hosts=(
            *ApiSettings().allowed_hosts,
            settings.host,
            *_advertised_hosts(settings),
            *settings.allowed_hosts,
        ),
        requests_per_minute=settings.requests_per_minute or None,
        result_lifetime_s=settings.result_lifetime,
    )
