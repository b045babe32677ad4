"""The use cases that the API serves, as the composition root hands them over."""

import msgspec

from clockmill.api.authentication import Authenticator
from clockmill.clock import Clock
from clockmill.service.catalog import CatalogService
from clockmill.service.history import HistoryService
from clockmill.service.runs import RunService
from clockmill.service.tags import TagService
from clockmill.service.tasks import TaskService
from clockmill.service.warehouses import WarehouseService


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler may call."""

    authenticator: Authenticator
    clock: Clock
    tasks: TaskService
    runs: RunService
    history: HistoryService
    catalog: CatalogService
    warehouses: WarehouseService
    tags: TagService
