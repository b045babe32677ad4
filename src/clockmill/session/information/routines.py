"""The rows of the views that list procedures and functions."""

from collections.abc import Iterable
from typing import Any, Final

from clockmill.core.catalog import SYSTEM_DATABASE
from clockmill.core.names import SchemaName, render
from clockmill.core.routine import Routine, RoutineKind, shown_returns, type_word
from clockmill.session.execution import Execution
from clockmill.session.information.catalog import typed
from clockmill.session.information.shapes import Row, View, number_of, shape, yes

_TYPED: Final = (
    "argument_signature data_type character_maximum_length:number character_octet_length:number "
    "numeric_precision:number numeric_precision_radix:number numeric_scale:number"
)
_OF_PROCEDURES: Final = (
    f"{_TYPED} procedure_language procedure_definition created:when last_altered:when comment "
    "external_access_integrations secrets runtime_version packages installed_packages artifact_repository "
    "owner_role_type"
)
_EXTERNAL: Final = (
    "is_external api_integration context_headers max_batch_rows:number request_translator "
    "response_translator compression imports handler target_path runtime_version packages "
    "installed_packages is_memoizable external_access_integrations secrets is_data_metric is_aggregate "
    "artifact_repository"
)
_OF_FUNCTIONS: Final = (
    f"{_TYPED} function_language function_definition volatility is_null_call is_secure created:when "
    f"last_altered:when comment {_EXTERNAL}"
)


def _procedures(run: Execution, database: str | None) -> Iterable[Row]:
    return [
        {f"PROCEDURE_{name}": value for name, value in _named(each).items()} | _described(each)
        for each in _routines(run, RoutineKind.PROCEDURE, database)
    ]


def _functions(run: Execution, database: str | None) -> Iterable[Row]:
    return [
        {f"FUNCTION_{name}": value for name, value in _named(each).items()} | _described(each)
        for each in _routines(run, RoutineKind.FUNCTION, database)
    ]


def _routines(run: Execution, kind: RoutineKind, database: str | None) -> list[Routine]:
    if database == SYSTEM_DATABASE:
        return []
    return run.services.routines.list_routines(run.caller, kind, database)


def _named(routine: Routine) -> dict[str, Any]:
    name = routine.name
    return {
        "ID": number_of(routine.id),
        "CATALOG": name.database,
        "CATALOG_ID": number_of(name.database),
        "SCHEMA": name.schema,
        "SCHEMA_ID": number_of(str(SchemaName(name.database, name.schema))),
        "NAME": name.name,
        "OWNER": routine.owner,
        "LANGUAGE": routine.spec.language,
        "DEFINITION": routine.spec.body,
    }


def _described(routine: Routine) -> dict[str, Any]:
    spec = routine.spec
    arguments = ", ".join(f"{render(each.name)} {type_word(each.type)}" for each in spec.arguments)
    returns = {} if spec.returns is None else typed(spec.returns)
    return {
        **returns,
        "ARGUMENT_SIGNATURE": f"({arguments})",
        "DATA_TYPE": shown_returns(spec),
        "VOLATILITY": "IMMUTABLE" if spec.is_immutable else "VOLATILE",
        "IS_NULL_CALL": yes(not spec.is_strict),
        "IS_SECURE": yes(spec.is_secure),
        "CREATED": routine.created_on,
        "LAST_ALTERED": routine.changed_on,
        "COMMENT": spec.comment,
        "IS_EXTERNAL": "NO",
        "IS_MEMOIZABLE": yes(spec.is_memoizable),
        "IS_DATA_METRIC": "NO",
        "IS_AGGREGATE": "NO",
        "OWNER_ROLE_TYPE": "ROLE",
    }


PROCEDURES: Final = View(
    shape(f"procedure_catalog procedure_schema procedure_name procedure_owner {_OF_PROCEDURES}"), _procedures
)
FUNCTIONS: Final = View(
    shape(f"function_catalog function_schema function_name function_owner {_OF_FUNCTIONS}"), _functions
)
PROCEDURES_USAGE: Final = View(
    shape(
        "procedure_id:number procedure_name procedure_schema_id:number procedure_schema "
        f"procedure_catalog_id:number procedure_catalog procedure_owner deleted:when {_OF_PROCEDURES}"
    ),
    _procedures,
)
FUNCTIONS_USAGE: Final = View(
    shape(
        "function_id:number function_name function_schema_id:number function_schema "
        f"function_catalog_id:number function_catalog function_owner deleted:when {_OF_FUNCTIONS}"
    ),
    _functions,
)
