"""What statements stand on: the use cases, the engine, the slots and the session's own keepers."""

import msgspec

from clockmill.clock import Clock
from clockmill.core.body import Slots
from clockmill.engine.protocol import Catalog, Engine
from clockmill.service.catalog import CatalogService
from clockmill.service.history import HistoryService
from clockmill.service.identity import IdentityService
from clockmill.service.routines import RoutineService
from clockmill.service.runs import RunService
from clockmill.service.signin import Signin
from clockmill.service.tags import TagService
from clockmill.service.tasks import TaskService
from clockmill.service.warehouses import WarehouseService
from clockmill.session.engine_pool import EnginePool
from clockmill.session.languages import Languages
from clockmill.session.query_log import QueryLog
from clockmill.session.results import Results
from clockmill.session.running import RunningStatements
from clockmill.session.scripting.computing import Computing


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The collaborators of every statement."""

    clock: Clock
    engine: Engine
    slots: Slots
    signin: Signin
    catalog: CatalogService
    namespaces: Catalog
    warehouses: WarehouseService
    tags: TagService
    tasks: TaskService
    runs: RunService
    history: HistoryService
    identity: IdentityService
    routines: RoutineService
    languages: Languages
    results: Results
    log: QueryLog
    running: RunningStatements
    computing: Computing
    body_sessions: EnginePool
    account: str
    version: str
