"""Warehouses on the wire, where flags are texts and two properties have two names."""

from datetime import datetime
from typing import Final

import msgspec

from clockmill.api.rest.schemas.decoding import decode, require
from clockmill.api.rest.schemas.tasks import render_cached
from clockmill.core.caller import Caller
from clockmill.core.errors import InvalidRequest
from clockmill.core.names import fold
from clockmill.core.warehouse import Warehouse, WarehouseSpec, altered, shown_size


class WarehouseIn(msgspec.Struct, frozen=True, kw_only=True):
    """A warehouse as sent. What is read-only is not here, so it is ignored whatever it holds."""

    name: str | None = None
    warehouse_type: str | None = None
    warehouse_size: str | None = None
    wait_for_completion: str | bool | None = None
    max_cluster_count: int | None = None
    min_cluster_count: int | None = None
    scaling_policy: str | None = None
    auto_suspend: int | None = None
    auto_resume: str | bool | None = None
    initially_suspended: str | bool | None = None
    resource_monitor: str | None = None
    comment: str | None = None
    enable_query_acceleration: str | bool | None = None
    query_acceleration_max_scale_factor: int | None = None
    max_concurrency_level: int | None = None
    statement_queued_timeout_in_seconds: int | None = None
    statement_timeout_in_seconds: int | None = None
    type: str | None = None
    size: str | None = None
    warehouse_credit_limit: int | None = None
    target_statement_size: str | None = None

    @property
    def folded_name(self) -> str:
        return fold(require(self.name, "name"))

    @property
    def begins_suspended(self) -> bool:
        return _flag(self.initially_suspended, "initially_suspended")


class WarehouseOut(msgspec.Struct, frozen=True, kw_only=True):
    """A warehouse as answered."""

    name: str
    warehouse_type: str
    warehouse_size: str
    wait_for_completion: str | None = None
    max_cluster_count: int
    min_cluster_count: int
    scaling_policy: str
    auto_suspend: int | None
    auto_resume: str
    initially_suspended: str | None = None
    resource_monitor: str | None
    comment: str | None
    enable_query_acceleration: str
    query_acceleration_max_scale_factor: int
    max_concurrency_level: int
    statement_queued_timeout_in_seconds: int | None
    statement_timeout_in_seconds: int | None
    type: str
    size: str
    state: str
    started_clusters: int
    running: int | None = None
    queued: int | None = None
    is_default: bool | None = None
    is_current: bool
    available: str | None = None
    provisioning: str | None = None
    quiescing: str | None = None
    other: str | None = None
    created_on: datetime
    resumed_on: datetime | None
    updated_on: datetime
    owner: str
    budget: str | None = None
    kind: str | None = None
    owner_role_type: str = "ROLE"
    warehouse_credit_limit: int | None
    target_statement_size: str | None


_DECODER: Final = msgspec.json.Decoder(WarehouseIn)
_FLAGS: Final = ("auto_resume", "enable_query_acceleration")


def read_warehouse(body: bytes) -> WarehouseIn:
    """Return the warehouse in a request's *body*."""
    return decode(body, _DECODER)


def warehouse_spec(given: WarehouseIn) -> WarehouseSpec:
    """Return what *given* asks for; the later of two names for a property goes before."""
    _flag(given.wait_for_completion, "wait_for_completion")
    earlier = {"warehouse_type": given.type, "warehouse_size": given.size}
    named = {
        name: value
        for name in WarehouseSpec.__struct_fields__
        if (value := _value(given, name, earlier.get(name))) is not None
    }
    return altered(WarehouseSpec(), named, ())


def _value(given: WarehouseIn, name: str, earlier: str | None) -> str | int | bool | None:
    value: str | int | bool | None = getattr(given, name)
    if value is None:
        return earlier
    if name == "resource_monitor":
        return fold(str(value))
    return _flag(value, name) if name in _FLAGS else value


def _flag(value: str | int | bool | None, name: str) -> bool:
    """Return a flag that the API spells as text, in any case."""
    if value is None:
        return False
    text = str(value).lower()
    if text not in {"true", "false"}:
        raise InvalidRequest(f"Not a valid {name}: {value}. Allowed values are: true,false")
    return text == "true"


def warehouse_out(warehouse: Warehouse, caller: Caller) -> WarehouseOut:
    """Return *warehouse* as it is answered to *caller*."""
    spec = warehouse.spec
    return WarehouseOut(
        name=render_cached(warehouse.name),
        warehouse_type=spec.warehouse_type,
        warehouse_size=spec.warehouse_size,
        max_cluster_count=spec.max_cluster_count,
        min_cluster_count=spec.min_cluster_count,
        scaling_policy=spec.scaling_policy,
        auto_suspend=spec.auto_suspend,
        auto_resume=_word(spec.auto_resume),
        resource_monitor=spec.resource_monitor and render_cached(spec.resource_monitor),
        comment=spec.comment,
        enable_query_acceleration=_word(spec.enable_query_acceleration),
        query_acceleration_max_scale_factor=spec.query_acceleration_max_scale_factor,
        max_concurrency_level=warehouse.slots,
        statement_queued_timeout_in_seconds=spec.statement_queued_timeout_in_seconds,
        statement_timeout_in_seconds=spec.statement_timeout_in_seconds,
        type=spec.warehouse_type,
        size=shown_size(spec.warehouse_size),
        state=warehouse.state,
        started_clusters=0 if warehouse.is_suspended else 1,
        is_current=caller.warehouse == warehouse.name,
        created_on=warehouse.created_on,
        resumed_on=warehouse.resumed_on,
        updated_on=warehouse.updated_on,
        owner=render_cached(warehouse.owner),
        warehouse_credit_limit=spec.warehouse_credit_limit,
        target_statement_size=spec.target_statement_size,
    )


def _word(flag: bool) -> str:
    return "true" if flag else "false"
