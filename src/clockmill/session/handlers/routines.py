"""CREATE, ALTER, DROP, SHOW and DESCRIBE of procedures and functions."""

from typing import Any, Final

from clockmill.core.names import render
from clockmill.core.routine import (
    SQL,
    Routine,
    RoutineKind,
    RoutineName,
    shown_returns,
    shown_signature,
    type_word,
)
from clockmill.core.tag import TagLevel
from clockmill.engine.result import Result, status
from clockmill.session.execution import Execution
from clockmill.session.function_bodies import check_function
from clockmill.session.handlers.listing import columns, flag, listing
from clockmill.session.handlers.scope import where
from clockmill.session.handlers.tags import change_tags
from clockmill.session.handlers.types import type_name
from clockmill.session.languages import find_language
from clockmill.sql.routines import (
    AlterRoutine,
    CreateRoutine,
    DescribeRoutine,
    DropRoutine,
    RoutineReference,
    TagRoutine,
)
from clockmill.sql.show import Show, Subject

_PROCEDURES: Final = columns(
    "created_on:when name schema_name is_builtin is_aggregate is_ansi min_num_arguments:number "
    "max_num_arguments:number arguments description catalog_name is_table_function valid_for_clustering "
    "is_secure secrets external_access_integrations"
)
_FUNCTIONS: Final = (
    *_PROCEDURES,
    *columns("is_external_function language is_memoizable is_data_metric"),
)
_DESCRIPTION: Final = columns("property value")
_KINDS: Final = {
    Subject.PROCEDURES: RoutineKind.PROCEDURE,
    Subject.FUNCTIONS: RoutineKind.FUNCTION,
}


def create_routine(run: Execution, statement: CreateRoutine) -> Result:
    """Make a procedure or function, after a look at its body."""
    name, spec = run.object_name(statement.name), statement.spec
    find_language(run.services.languages, spec.language).check(statement.kind, spec)
    if statement.kind is RoutineKind.FUNCTION and spec.language == SQL:
        check_function(run, name, spec)
    routines = run.services.routines
    if statement.or_alter:
        return status(routines.create_or_alter_routine(run.caller, statement.kind, name, spec))
    return status(routines.create_routine(run.caller, statement.kind, name, spec, statement.mode))


def drop_routine(run: Execution, statement: DropRoutine) -> Result:
    """Drop a procedure or function."""
    name = full_name(run, statement.routine)
    return status(run.services.routines.drop_routine(run.caller, name, if_exists=statement.if_exists))


def alter_routine(run: Execution, statement: AlterRoutine) -> Result:
    """Rename a procedure or function, or change one property."""
    routines, name = run.services.routines, full_name(run, statement.routine)
    if statement.new_name is not None:
        new = run.object_name(statement.new_name)
        return status(routines.rename_routine(run.caller, name, new, if_exists=statement.if_exists))
    return status(
        routines.alter_routine(
            run.caller,
            name,
            comment=statement.comment,
            rights=statement.rights,
            is_secure=statement.is_secure,
            if_exists=statement.if_exists,
        )
    )


def tag_routine(run: Execution, statement: TagRoutine) -> Result:
    """Put tags on a procedure or function, or take them off."""
    level = TagLevel(statement.routine.kind.value)
    return change_tags(run, statement, level, full_name(run, statement.routine))


def full_name(run: Execution, routine: RoutineReference) -> RoutineName:
    """Return what tells *routine* from all others."""
    return RoutineName(routine.kind, run.object_name(routine.name), routine.types)


# --- SHOW and DESCRIBE -----------------------------------------------------------------------


def show_routines(run: Execution, statement: Show) -> Result:
    """List procedures or functions by database, schema, name and types; those of users only."""
    looked, kind = where(run, statement), _KINDS[statement.subject]
    found = run.services.routines.list_routines(
        run.caller,
        kind,
        looked.schema or looked.database,
        like=statement.like,
        starts_with=statement.starts_with,
        limit=statement.limit,
        from_name=statement.from_name,
    )
    if kind is RoutineKind.PROCEDURE:
        return listing(_PROCEDURES, [_row(each) for each in found])
    return listing(_FUNCTIONS, [(*_row(each), *_rest_of_function(each)) for each in found])


def _row(routine: Routine) -> tuple[Any, ...]:
    spec, name = routine.spec, routine.name
    described = spec.comment or f"user-defined {routine.kind.value.lower()}"
    return (
        *(routine.created_on, name.name, name.schema, "N", "N", "N"),
        *(spec.least, len(spec.arguments), shown_signature(routine), described, name.database),
        *(flag(spec.is_table), "N", flag(spec.is_secure), None, None),
    )


def _rest_of_function(routine: Routine) -> tuple[Any, ...]:
    return ("N", routine.spec.language, flag(routine.spec.is_memoizable), "N")


def describe_routine(run: Execution, statement: DescribeRoutine) -> Result:
    """Tell the properties of a procedure or function, one a row."""
    routine = run.services.routines.fetch_routine(run.caller, full_name(run, statement.routine))
    rows = [
        ("signature", _signature(routine)),
        ("returns", _returns(routine)),
        ("language", routine.spec.language),
        *_rights(routine),
        ("body", routine.spec.body),
    ]
    return listing(_DESCRIPTION, rows)


def _signature(routine: Routine) -> str:
    arguments = (f"{render(each.name)} {type_word(each.type)}" for each in routine.spec.arguments)
    return f"({', '.join(arguments)})"


def _returns(routine: Routine) -> str:
    returns = routine.spec.returns
    return shown_returns(routine.spec) if returns is None else type_name(returns)


def _rights(routine: Routine) -> list[tuple[str, str]]:
    """Return the rows that only procedures have."""
    spec = routine.spec
    if routine.kind is RoutineKind.FUNCTION:
        return []
    return [
        ("null handling", "RETURNS NULL ON NULL INPUT" if spec.is_strict else "CALLED ON NULL INPUT"),
        ("volatility", "IMMUTABLE" if spec.is_immutable else "VOLATILE"),
        ("execute as", spec.rights.value),
    ]
