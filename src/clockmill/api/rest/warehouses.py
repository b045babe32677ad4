"""What the operations on warehouses do."""

from clockmill.api.errors import NameMismatch
from clockmill.api.rest.operation import Request
from clockmill.api.rest.schemas import warehouses as wire
from clockmill.api.services import Services


def list_warehouses(services: Services, request: Request) -> list[wire.WarehouseOut]:
    found = services.warehouses.list_warehouses(request.caller, like=request.query["like"])
    return [wire.warehouse_out(warehouse, request.caller) for warehouse in found]


def create_warehouse(services: Services, request: Request) -> str:
    given = wire.read_warehouse(request.body)
    return services.warehouses.create_warehouse(
        request.caller,
        given.folded_name,
        wire.warehouse_spec(given),
        request.query["createMode"],
        initially_suspended=given.begins_suspended,
    )


def fetch_warehouse(services: Services, request: Request) -> wire.WarehouseOut:
    warehouse = services.warehouses.fetch_warehouse(request.caller, request.names["name"])
    return wire.warehouse_out(warehouse, request.caller)


def create_or_alter_warehouse(services: Services, request: Request) -> str:
    given = wire.read_warehouse(request.body)
    NameMismatch.check("warehouse", given.folded_name, request.names["name"])
    return services.warehouses.create_or_alter_warehouse(
        request.caller,
        given.folded_name,
        wire.warehouse_spec(given),
        initially_suspended=given.begins_suspended,
    )


def delete_warehouse(services: Services, request: Request) -> str:
    return services.warehouses.drop_warehouse(
        request.caller, request.names["name"], if_exists=request.query["ifExists"]
    )


def resume_warehouse(services: Services, request: Request) -> str:
    return services.warehouses.resume_warehouse(
        request.caller, request.names["name"], if_exists=request.query["ifExists"]
    )


def suspend_warehouse(services: Services, request: Request) -> str:
    return services.warehouses.suspend_warehouse(
        request.caller, request.names["name"], if_exists=request.query["ifExists"]
    )
