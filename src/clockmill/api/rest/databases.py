"""What the operations on databases and their schemas do."""

from typing import Any

from clockmill.api.rest.operation import Request
from clockmill.api.services import Services


def _todo(services: Services, request: Request) -> Any:
    raise NotImplementedError


list_databases = create_database = fetch_database = create_or_alter_database = delete_database = _todo
list_schemas = create_schema = fetch_schema = create_or_alter_schema = delete_schema = _todo
