"""Queries on warehouses."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from clockmill.core.warehouse import Warehouse, WarehouseSpec
from clockmill.store.database import Transaction
from clockmill.store.tables import tag_assignments, warehouses

_WAREHOUSES: Final = select(
    warehouses.c.id,
    warehouses.c.name,
    warehouses.c.owner,
    warehouses.c.size,
    warehouses.c.slots,
    warehouses.c.is_suspended,
    warehouses.c.comment,
    warehouses.c.options,
    warehouses.c.created_on,
    warehouses.c.resumed_on,
    warehouses.c.updated_on,
)
_WAREHOUSE: Final = _WAREHOUSES.where(warehouses.c.name == bindparam("name"))
_INSERT: Final = insert(warehouses)
_BY_KEY: Final = update(warehouses).where(warehouses.c.id == bindparam("key"))
_UPDATE: Final = _BY_KEY.values(
    size=bindparam("new_size"),
    slots=bindparam("new_slots"),
    comment=bindparam("new_comment"),
    options=bindparam("new_options"),
    updated_on=bindparam("now"),
)
_SUSPEND: Final = _BY_KEY.values(is_suspended=True, updated_on=bindparam("now"))
_RESUME: Final = _BY_KEY.values(
    is_suspended=False, resumed_on=bindparam("resumed"), updated_on=bindparam("now")
)
_PLACED: Final = select(warehouses.c.name, warehouses.c.nodes).where(warehouses.c.nodes.is_not(None))
_PLACE: Final = _BY_KEY.values(nodes=bindparam("new_nodes"))
_DELETE_TAGS: Final = delete(tag_assignments).where(
    tag_assignments.c.level == "WAREHOUSE", tag_assignments.c.object_id == bindparam("id")
)
_DELETE: Final = delete(warehouses).where(warehouses.c.id == bindparam("id"))


def find_warehouse(tx: Transaction, name: str) -> Warehouse | None:
    """Return the warehouse called *name*, or None."""
    row = tx.execute(_WAREHOUSE, {"name": name}).first()
    return None if row is None else _warehouse(row)


def list_warehouses(tx: Transaction) -> list[Warehouse]:
    """Return every warehouse, by name."""
    return sorted(map(_warehouse, tx.execute(_WAREHOUSES)), key=lambda each: each.name)


def list_placed(tx: Transaction) -> dict[str, frozenset[str]]:
    """Return, by name, the nodes of the warehouses that do not run on every node."""
    return {name: frozenset(_NODES_DECODER.decode(nodes)) for name, nodes in tx.execute(_PLACED)}


def place_warehouse(tx: Transaction, warehouse_id: str, nodes: Collection[str] | None) -> None:
    """Let a warehouse run on *nodes* only; None is every node."""
    kept = None if nodes is None else _ENCODER.encode(sorted(nodes)).decode()
    tx.execute(_PLACE, {"key": warehouse_id, "new_nodes": kept})


def insert_warehouse(tx: Transaction, warehouse: Warehouse) -> None:
    """Add *warehouse*."""
    row = {
        "id": warehouse.id,
        "name": warehouse.name,
        "owner": warehouse.owner,
        "size": warehouse.spec.warehouse_size,
        "slots": warehouse.spec.max_concurrency_level,
        "is_suspended": warehouse.is_suspended,
        "comment": warehouse.spec.comment,
        "options": _options(warehouse.spec),
        "created_on": warehouse.created_on,
        "resumed_on": warehouse.resumed_on,
        "updated_on": warehouse.updated_on,
    }
    tx.execute(_INSERT, row)


def update_warehouse(tx: Transaction, warehouse_id: str, spec: WarehouseSpec, now: datetime) -> None:
    """Give a warehouse other properties."""
    changes = {
        "key": warehouse_id,
        "new_size": spec.warehouse_size,
        "new_slots": spec.max_concurrency_level,
        "new_comment": spec.comment,
        "new_options": _options(spec),
        "now": now,
    }
    tx.execute(_UPDATE, changes)


def suspend_warehouse(tx: Transaction, warehouse_id: str, now: datetime) -> None:
    """Let a warehouse begin no more statements."""
    tx.execute(_SUSPEND, {"key": warehouse_id, "now": now})


def resume_warehouse(tx: Transaction, warehouse_id: str, now: datetime) -> None:
    """Let a warehouse run statements again."""
    tx.execute(_RESUME, {"key": warehouse_id, "resumed": now, "now": now})


def delete_warehouse(tx: Transaction, warehouse_id: str) -> None:
    """Remove a warehouse and the tags on it. Tasks that name it keep the name."""
    for statement in (_DELETE_TAGS, _DELETE):
        tx.execute(statement, {"id": warehouse_id})


# Size, slots and comment have columns of their own.
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(WarehouseSpec)
_NODES_DECODER: Final = msgspec.json.Decoder(list[str])


def _options(spec: WarehouseSpec) -> str:
    rest = msgspec.structs.replace(spec, warehouse_size="XSMALL", max_concurrency_level=None, comment=None)
    return _ENCODER.encode(rest).decode()


def _warehouse(row: Sequence[Any]) -> Warehouse:
    id_, name, owner, size, slots, is_suspended, comment, options, created_on, resumed_on, updated_on = row
    spec = msgspec.structs.replace(
        _DECODER.decode(options), warehouse_size=size, max_concurrency_level=slots, comment=comment
    )
    return Warehouse(
        id=id_,
        name=name,
        owner=owner,
        spec=spec,
        is_suspended=is_suspended,
        created_on=created_on,
        resumed_on=resumed_on,
        updated_on=updated_on,
    )
