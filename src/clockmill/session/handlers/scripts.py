"""Blocks, and EXECUTE IMMEDIATE, as statements of their own."""

from typing import Final

from clockmill.core.types import TIMESTAMP_LTZ, TIMESTAMP_NTZ, TIMESTAMP_TZ, ColumnType
from clockmill.engine.result import Result
from clockmill.session.completion import note_whole
from clockmill.session.execution import Execution
from clockmill.session.nested import Nested
from clockmill.session.scripting.interpreter import run_block, run_immediate
from clockmill.sql.scripting.parser import parse_block
from clockmill.sql.scripting.statement import ImmediateStatement, ScriptBlock

_TIMESTAMPS: Final[dict[str, ColumnType]] = {"TIMESTAMP_LTZ": TIMESTAMP_LTZ, "TIMESTAMP_TZ": TIMESTAMP_TZ}


def run_script(run: Execution, statement: ScriptBlock) -> Result:
    """Run a block. Bind values are variables of it, by their positions."""
    block = statement.block
    timestamp = _TIMESTAMPS.get(str(run.parameters["TIMESTAMP_TYPE_MAPPING"]), TIMESTAMP_NTZ)
    if timestamp is not TIMESTAMP_NTZ:
        block = parse_block(block.source, timestamp)
    note_whole(run, block)
    with run.whole_turn(), Nested(run).scope() as nested:
        return run_block(nested, block, run.bindings)


def execute_immediate(run: Execution, statement: ImmediateStatement) -> Result:
    """Run the statement that a text holds."""
    with run.whole_turn():
        return run_immediate(Nested(run), run.sql, statement.immediate, run.bindings)
