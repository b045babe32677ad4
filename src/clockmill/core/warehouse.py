"""Warehouses: named compute, with a size and so many statements at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from clockmill.core.errors import ClockmillError, InvalidRequest
from clockmill.core.parameter_list import Kind, Parameter
from clockmill.core.parameters import read_value
from clockmill.core.properties import with_properties

SIZES: Final = (
    *("XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE", "XXLARGE", "XXXLARGE"),
    *("X4LARGE", "X5LARGE", "X6LARGE"),
)
"""From the smallest to the largest; each has twice the slots of the one before."""

SMALLEST_SLOTS: Final = 4
MAX_SLOTS: Final = 10_000

_SPELLINGS: Final = {
    **{size: size for size in SIZES},
    "X-SMALL": "XSMALL",
    "X-LARGE": "XLARGE",
    "2X-LARGE": "XXLARGE",
    "X2LARGE": "XXLARGE",
    "2XLARGE": "XXLARGE",
    "3X-LARGE": "XXXLARGE",
    "X3LARGE": "XXXLARGE",
    "3XLARGE": "XXXLARGE",
    **{f"{count}X-LARGE": f"X{count}LARGE" for count in (4, 5, 6)},
    **{f"{count}XLARGE": f"X{count}LARGE" for count in (4, 5, 6)},
}
_SHOWN: Final = ("X-Small", "Small", "Medium", "Large", "X-Large")


class WarehouseSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the user says of a warehouse. Times are in seconds.

    *max_concurrency_level* sets the number of slots; None leaves it to the size.
    """

    warehouse_size: str = "XSMALL"
    warehouse_type: str = "STANDARD"
    max_cluster_count: int = 1
    min_cluster_count: int = 1
    scaling_policy: str = "STANDARD"
    auto_suspend: int | None = 600
    auto_resume: bool = True
    resource_monitor: str | None = None
    comment: str | None = None
    enable_query_acceleration: bool = False
    query_acceleration_max_scale_factor: int = 8
    max_concurrency_level: int | None = None
    statement_queued_timeout_in_seconds: int | None = None
    statement_timeout_in_seconds: int | None = None
    warehouse_credit_limit: int | None = None
    target_statement_size: str | None = None


class Warehouse(msgspec.Struct, frozen=True, kw_only=True):
    """A warehouse as it is stored."""

    id: str
    name: str
    owner: str
    spec: WarehouseSpec
    is_suspended: bool
    created_on: datetime
    resumed_on: datetime | None
    updated_on: datetime

    @property
    def slots(self) -> int:
        """How many top-level statements it runs at once."""
        return self.spec.max_concurrency_level or default_slots(self.spec.warehouse_size)

    @property
    def state(self) -> str:
        """Its state as the API spells it."""
        return "SUSPENDED" if self.is_suspended else "STARTED"


class InvalidWarehouseProperty(InvalidRequest):
    """A property of a warehouse has a value that it cannot have."""

    code = "001422"

    def __init__(self, name: str, value: object) -> None:
        super().__init__(f"SQL compilation error:\ninvalid value '{value}' for property '{name}'")


class WarehouseStateFault(InvalidRequest):
    """A warehouse was resumed that runs, or suspended that is suspended."""

    code, sqlstate = "090063", "22000"

    def __init__(self, name: str, verb: str) -> None:
        super().__init__(f"Invalid state. Warehouse '{name}' cannot be {verb}.")


class WarehouseSuspended(ClockmillError):
    """A statement needs a warehouse that is suspended and may not be resumed for it."""

    code, sqlstate = "000606", "57P03"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Warehouse '{name}' is suspended and its AUTO_RESUME is false. "
            f"Resume it with ALTER WAREHOUSE {name} RESUME, or use another."
        )


def _number(name: str, low: int, high: int | None) -> Parameter:
    return Parameter(name=name, kind=Kind.NUMBER, default=low, minimum=low, maximum=high, description="")


_RANGES: Final = {
    each.name.lower(): each
    for each in (
        _number("MAX_CLUSTER_COUNT", 1, 300),
        _number("MIN_CLUSTER_COUNT", 1, 300),
        _number("AUTO_SUSPEND", 0, 2_147_483_647),
        _number("QUERY_ACCELERATION_MAX_SCALE_FACTOR", 0, 100),
        _number("MAX_CONCURRENCY_LEVEL", 1, MAX_SLOTS),
        _number("STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", 0, 2_147_483_647),
        _number("STATEMENT_TIMEOUT_IN_SECONDS", 0, 604_800),
        _number("WAREHOUSE_CREDIT_LIMIT", 0, None),
    )
}
_WORDS: Final = {
    "warehouse_type": frozenset({"STANDARD", "SNOWPARK-OPTIMIZED"}),
    "scaling_policy": frozenset({"STANDARD", "ECONOMY"}),
}
# What is said with a statement and not kept of a warehouse.
_PASSING: Final = frozenset(
    {"initially_suspended", "wait_for_completion", "resource_constraint", "generation"}
)


def default_slots(size: str) -> int:
    """Return the slots of a warehouse of that size.

    >>> default_slots("XSMALL"), default_slots("MEDIUM")
    (4, 16)
    """
    return SMALLEST_SLOTS << SIZES.index(size)


def read_size(text: str, name: str = "WAREHOUSE_SIZE") -> str:
    """Return the size that *text* spells, or refuse it as a value of the property *name*.

    >>> read_size("2x-large")
    'XXLARGE'
    """
    size = _SPELLINGS.get(text.upper())
    if size is None:
        raise InvalidWarehouseProperty(name, text)
    return size


def shown_size(size: str) -> str:
    """Return *size* as SHOW WAREHOUSES writes it.

    >>> shown_size("XXLARGE")
    '2X-Large'
    """
    at = SIZES.index(size)
    return _SHOWN[at] if at < len(_SHOWN) else f"{at - 3}X-Large"


def checked(spec: WarehouseSpec) -> WarehouseSpec:
    """Return *spec* with its words in canonical spelling, or raise what is wrong with a value."""
    for name, parameter in _RANGES.items():
        value = getattr(spec, name)
        if value is not None:
            read_value(parameter, value)
    read: dict[str, str] = {}
    for name, words in _WORDS.items():
        read[name] = getattr(spec, name).upper()
        if read[name] not in words:
            raise InvalidWarehouseProperty(name.upper(), getattr(spec, name))
    if spec.min_cluster_count > spec.max_cluster_count:
        raise InvalidWarehouseProperty("MIN_CLUSTER_COUNT", spec.min_cluster_count)
    if spec.target_statement_size is not None:
        read["target_statement_size"] = read_size(spec.target_statement_size, "TARGET_STATEMENT_SIZE")
    return msgspec.structs.replace(spec, warehouse_size=read_size(spec.warehouse_size), **read)


def altered(spec: WarehouseSpec, settings: Mapping[str, Any], unset: Iterable[str]) -> WarehouseSpec:
    """Return *spec* with properties set and unset by name, in any case.

    What only concerns the making of a warehouse is passed over. Raises UnknownParameter
    for what is no property, and InvalidRequest for values of a wrong type or outside their range.
    """
    kept = {name: value for name, value in settings.items() if name.lower() not in _PASSING}
    # Not strict: the API itself sends booleans as text.
    return checked(with_properties(spec, kept, unset, kind="WAREHOUSE", strict=False))
