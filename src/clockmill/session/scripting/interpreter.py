"""The interpreter: goes through the tree of a block, one instruction after another.

What an instruction does is in the module of its subject. It returns None to go on, or a signal
that ends what it is in: a turn of a loop, a loop, the script.
"""

from collections.abc import Mapping
from typing import Final

from clockmill.core.types import TEXT, ColumnType, Kind
from clockmill.engine.protocol import Binding
from clockmill.engine.result import Result, ResultColumn, StatementType
from clockmill.session.nested import Nested
from clockmill.session.scripting import blocks, branches, queries, result_sets
from clockmill.session.scripting.faults import Raised, UncaughtException, WrongReturn
from clockmill.session.scripting.script import Returned, Script, Signal, Step
from clockmill.session.scripting.values import Frame, Variable
from clockmill.sql.scripting import ast

_COLUMN: Final = "anonymous block"


def run_block(
    nested: Nested,
    block: ast.Block,
    arguments: Mapping[str, Binding],
    returns: ColumnType | None = None,
    *,
    wants_table: bool = False,
    last: dict[str, Binding] | None = None,
) -> Result:
    """Run *block* and return what it returns: a table, or one row with one value.

    *arguments* are variables that the block finds. The value is converted to *returns*, if given,
    and is NULL where the block ends without a RETURN. *last* gets what the arguments in it are at the
    end. Raises UncaughtException for what no handler takes, and WrongReturn for a table instead of a
    value of the type *returns*, or a value if it *wants_table*.
    """
    script = Script(nested, block.source, _STEPS)
    frame = Frame(script.globals)
    frame.names.update({name: Variable(value, value.type) for name, value in arguments.items()})
    try:
        returned = _returned(script, script.step(block, frame), block, returns)
    except Raised as raised:
        raise UncaughtException(raised, block.source) from raised.error
    finally:
        script.close()
    if isinstance(returned, Result) is not wants_table and (wants_table or returns is not None):
        raise WrongReturn(wants_table=wants_table)
    if last is not None:
        last.update({name: frame.names[name].binding for name in last})
    if isinstance(returned, Result):
        return returned
    column = ResultColumn(_COLUMN, returned.type)
    return Result(columns=(column,), rows=[(returned.value,)], statement_type=StatementType.SELECT)


def run_immediate(
    nested: Nested, source: str, node: ast.ExecuteImmediate, arguments: Mapping[str, Binding]
) -> Result:
    """Run an EXECUTE IMMEDIATE that is in no block, and return what its statement gives.

    Raises what that fails with as it is, for there is no block to tell of it.
    """
    script = Script(nested, source, _STEPS)
    frame = Frame(script.globals)
    frame.names.update({name: Variable(value, value.type) for name, value in arguments.items()})
    try:
        return queries.run(script, node, frame)
    except Raised as raised:
        raise raised.error from raised


def _returned(
    script: Script, signal: Signal, block: ast.Block, returns: ColumnType | None
) -> Binding | Result:
    value = signal.value if isinstance(signal, Returned) else None
    if isinstance(value, Result):
        return Result(columns=value.columns, rows=value.rows, statement_type=StatementType.SELECT)
    if value is None:
        return Binding(None, returns or TEXT)
    start = signal.start if isinstance(signal, Returned) else block.start
    value = script.expressions.converted(value, returns, start)
    # A text is given back at full width, whatever width it has.
    return Binding(value.value, TEXT) if value.type.kind is Kind.TEXT else value


_STEPS: Final[Mapping[type, Step]] = {
    ast.Block: blocks.block,
    ast.Let: blocks.let,
    ast.Raise: blocks.raise_exception,
    ast.Assign: result_sets.assignment,
    ast.If: branches.if_else,
    ast.Case: branches.case,
    ast.ForCounter: branches.for_counter,
    ast.ForCursor: branches.for_cursor,
    ast.While: branches.while_loop,
    ast.Repeat: branches.repeat,
    ast.Loop: branches.loop,
    ast.Break: branches.leave,
    ast.Continue: branches.go_on,
    ast.Return: result_sets.return_,
    ast.Open: result_sets.open_,
    ast.Fetch: result_sets.fetch,
    ast.Close: result_sets.close,
    ast.Async: result_sets.async_,
    ast.Await: result_sets.await_,
    ast.Cancel: result_sets.cancel,
    ast.Null: lambda _script, _node, _frame: None,
    ast.Evaluate: queries.evaluate,
    ast.ExecuteImmediate: queries.statement,
    ast.Sql: queries.statement,
}
"""How each instruction is carried out."""
