"""Scripting as statements of their own: a block, and EXECUTE IMMEDIATE."""

from typing import ClassVar

from clockmill.sql.scripting.ast import Block, ExecuteImmediate
from clockmill.sql.statement import Statement, Verb


class ScriptBlock(Statement, frozen=True, kw_only=True):
    """An anonymous block.

    It was read with TIMESTAMP meaning TIMESTAMP_NTZ; for a session in which it means something
    else, *block.source* must be read again.
    """

    needs_slot: ClassVar[bool] = True
    verb: ClassVar[Verb] = Verb.CALL
    block: Block


class ImmediateStatement(Statement, frozen=True, kw_only=True):
    """EXECUTE IMMEDIATE outside all blocks: the text is a literal or a session variable's."""

    needs_slot: ClassVar[bool] = True
    verb: ClassVar[Verb] = Verb.CALL
    immediate: ExecuteImmediate
