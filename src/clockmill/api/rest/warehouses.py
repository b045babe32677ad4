"""What the operations on warehouses do."""

from typing import Any

from clockmill.api.rest.operation import Request
from clockmill.api.services import Services


def _todo(services: Services, request: Request) -> Any:
    raise NotImplementedError


resume_warehouse = suspend_warehouse = list_warehouses = create_warehouse = fetch_warehouse = _todo
create_or_alter_warehouse = delete_warehouse = _todo
