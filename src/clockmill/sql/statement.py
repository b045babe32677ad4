"""What every kind of statement says about itself."""

import enum
from typing import ClassVar

import msgspec


class Verb(enum.StrEnum):
    """The word by which the query history names a statement (QUERY_TYPE)."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    MERGE = "MERGE"
    TRUNCATE = "TRUNCATE_TABLE"
    CREATE = "CREATE"
    ALTER = "ALTER"
    DROP = "DROP"
    SHOW = "SHOW"
    DESCRIBE = "DESCRIBE"
    USE = "USE"
    SET = "SET"
    UNSET = "UNSET"
    CALL = "CALL"
    EXECUTE = "EXECUTE_TASK"
    BEGIN = "BEGIN_TRANSACTION"
    COMMIT = "COMMIT"
    ROLLBACK = "ROLLBACK"
    OTHER = "UNKNOWN"


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement, read. *needs_slot*: as a top-level statement it takes a warehouse slot."""

    needs_slot: ClassVar[bool] = False
    verb: ClassVar[Verb] = Verb.OTHER


class EngineStatement(Statement, frozen=True, kw_only=True):
    """A query, or a change of tables, views or sequences: the engine runs its text."""

    needs_slot: ClassVar[bool] = True
    kind: Verb

    @property
    def writes(self) -> bool:
        """True for what begins a transaction where AUTOCOMMIT is off."""
        return self.kind in _DML


class TransactionStatement(Statement, frozen=True, kw_only=True):
    """BEGIN, COMMIT or ROLLBACK. They take no slot: ending a transaction must never wait for one."""

    kind: Verb


_DML = frozenset({Verb.INSERT, Verb.UPDATE, Verb.DELETE, Verb.MERGE, Verb.TRUNCATE})
