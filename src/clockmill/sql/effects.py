"""What a statement leaves behind where it stops half-way: nothing, a change in the engine, or more."""

import enum
from functools import lru_cache
from typing import Final

from clockmill.core.errors import InvalidRequest
from clockmill.sql.calls import CallAnonymous, CallProcedure
from clockmill.sql.classify import read_statement
from clockmill.sql.functions import CallFunctions, ResultScan
from clockmill.sql.scripting.statement import ImmediateStatement, ScriptBlock
from clockmill.sql.settings import AlterSession, SetVariables, UnsetVariables
from clockmill.sql.show import Describe, DescribeResult, Show
from clockmill.sql.statement import EngineStatement, Statement, TransactionStatement, Verb
from clockmill.sql.streams import AlterStream, CreateStream, DropStream
from clockmill.sql.use import Use


class Effect(enum.Enum):
    """What carrying out a statement changes, besides the session that it runs in."""

    NONE = "nothing: it may be done again"
    ONE_TRANSACTION = "one transaction of the engine"
    SCRIPT = "whatever the statements within it change"
    OTHER = "what the engine's transactions do not hold: tasks, schemas, other queries"


ACTING: Final = frozenset(
    {
        "SYSTEM$CANCEL_ALL_QUERIES",
        "SYSTEM$CANCEL_QUERY",
        "SYSTEM$TASK_DEPENDENTS_ENABLE",
        "SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS",
    }
)
"""Functions that change something. The others tell, wait, or speak of the run that calls them."""

_NOTHING: Final = (
    *(Show, Describe, DescribeResult, ResultScan),
    *(Use, AlterSession, SetVariables, UnsetVariables, TransactionStatement),
)
_SCRIPTS: Final = (ScriptBlock, ImmediateStatement, CallProcedure, CallAnonymous)
_STREAMS: Final = (CreateStream, AlterStream, DropStream)


def effect_of(statement: Statement, text: str) -> Effect:
    """Return what *statement*, which *text* says, changes."""
    match statement:
        case EngineStatement(kind=Verb.SELECT) | CallFunctions():
            return Effect.OTHER if calls_acting(text) else Effect.NONE
        case EngineStatement():
            return Effect.ONE_TRANSACTION
    if isinstance(statement, _STREAMS):
        return Effect.ONE_TRANSACTION
    if isinstance(statement, _SCRIPTS):
        return Effect.SCRIPT
    return Effect.NONE if isinstance(statement, _NOTHING) else Effect.OTHER


@lru_cache(maxsize=4096)
def effect_of_body(definition: str) -> Effect:
    """Return what the body *definition* changes; one that cannot be read fails before it does anything."""
    try:
        return effect_of(read_statement(definition), definition)
    except InvalidRequest:
        return Effect.NONE


def calls_acting(text: str) -> bool:
    """Say whether *text* may call one of the functions that change something."""
    return "SYSTEM$" in (upper := text.upper()) and any(name in upper for name in ACTING)
