"""What a script says about the marker of the body that it is: whether one transaction is all of it."""

from clockmill.core.routine import SQL, RoutineSpec
from clockmill.core.types import Kind
from clockmill.session.execution import Execution
from clockmill.sql.scripting import ast
from clockmill.sql.scripting.parser import parse_block
from clockmill.sql.scripting.wholeness import is_one_transaction


def note_whole(run: Execution, block: ast.Block) -> None:
    """Note it if the body is *block* and that commits one transaction alone.

    What runs within a body, or to work out the arguments of its call, says nothing about all of it.
    """
    completion = run.request.completion
    if completion is not None and not run.depth:
        completion.is_whole = is_one_transaction(block)


def note_whole_procedure(run: Execution, spec: RoutineSpec) -> None:
    """Note it if the body is a call of the procedure *spec* and that commits one transaction alone."""
    is_text = spec.returns is not None and spec.returns.kind is Kind.TEXT
    if run.request.completion is None or spec.language != SQL or not is_text:
        return  # a value that has to be converted may yet fail
    note_whole(run, parse_block(spec.body))
