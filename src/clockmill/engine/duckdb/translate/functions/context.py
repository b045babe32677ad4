"""Functions about the moment and the session. What only the host knows is asked of it by ``calls``."""

from typing import Final

import msgspec

from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.names import literal
from clockmill.engine.duckdb.translate import casts
from clockmill.engine.duckdb.translate.functions.rules import Call, Scalar
from clockmill.engine.duckdb.translate.unit import Parameter, Typed
from clockmill.engine.result import TEXT, ColumnType


def _now(call: Call) -> Typed:
    call.expect(0, 1)
    now = call.scope.unit.parameter(Parameter("now"), types.LTZ)
    return casts.cast(call.scope.unit, now, _with_digits(call, types.LTZ)) if len(call) else now


def _with_digits(call: Call, kind: ColumnType) -> ColumnType:
    """Return *kind* with as many digits of a second as the argument says."""
    if not len(call):
        return kind
    digits = call.whole(0)
    if not 0 <= digits <= types.MAX_DIGITS:
        raise CompilationFault(
            f"invalid precision {digits} for {call.name}: expected a number from 0 to {types.MAX_DIGITS}",
            code="002263",
            sqlstate="22003",
        )
    return msgspec.structs.replace(kind, scale=digits)


def _now_as(kind: ColumnType) -> Scalar:
    def rule(call: Call) -> Typed:
        call.expect(0, 1)
        now = call.scope.unit.parameter(Parameter("now"), types.LTZ)
        return casts.cast(call.scope.unit, now, _with_digits(call, kind))

    return rule


def _utc(call: Call) -> Typed:
    call.expect(0, 0)
    now = call.scope.unit.parameter(Parameter("now"), types.LTZ)
    return Typed(now.sql, types.NTZ)


def _text(read: str) -> Scalar:
    """Return a rule for what the statement's context holds; the host is asked for what it does not."""

    def rule(call: Call) -> Typed:
        call.expect(0, 0)
        context = call.scope.unit.context
        home = context.home
        value = {
            "role": context.role,
            "user": context.user,
            "database": home.database if home else None,
            "schema": home.schema if home else None,
        }[read]
        call.scope.unit.is_cacheable = False
        if value is None:
            return Typed("CAST(NULL AS VARCHAR)", TEXT)
        return Typed(literal(value), TEXT, value, True)

    return rule


def _version(call: Call) -> Typed:
    call.expect(0, 0)
    return Typed("'9.0.0'", TEXT, "9.0.0", True)


FUNCTIONS: Final[dict[str, Scalar]] = {
    "CURRENT_DATABASE": _text("database"),
    "CURRENT_DATE": _now_as(types.DATE),
    "CURRENT_ROLE": _text("role"),
    "CURRENT_SCHEMA": _text("schema"),
    "CURRENT_TIME": _now_as(types.TIME),
    "CURRENT_TIMESTAMP": _now,
    "CURRENT_USER": _text("user"),
    "CURRENT_VERSION": _version,
    "GETDATE": _now,
    "LOCALTIME": _now_as(types.TIME),
    "LOCALTIMESTAMP": _now,
    "SYSDATE": _utc,
    "SYSTIMESTAMP": _now,
}
