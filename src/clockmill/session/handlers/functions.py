"""CALL and SELECT of functions that we answer, and RESULT_SCAN."""

from clockmill.engine.result import Result, ResultColumn, StatementType
from clockmill.session.execution import Execution
from clockmill.session.faults import InvalidArgument
from clockmill.session.host import result_type
from clockmill.sql.functions import CallFunctions, FunctionCall, ResultScan
from clockmill.sql.parser import Argument


def call_functions(run: Execution, statement: CallFunctions) -> Result:
    """Answer with one row: a column for each function, called in the order of writing."""
    with run.slot_held(urgent=run.link.in_transaction):
        answers = [_call(run, call) for call in statement.calls]
    columns = tuple(column for column, _ in answers)
    rows = [tuple(value for _, value in answers)]
    kind = StatementType.SELECT if statement.is_select else StatementType.SCL
    return Result(columns=columns, rows=rows, statement_type=kind)


def scan_result(run: Execution, statement: ResultScan) -> Result:
    """Give the result of an earlier statement again."""
    found = scanned_result(run, statement.query)
    return Result(columns=found.columns, rows=found.rows, statement_type=StatementType.SELECT)


def scanned_result(run: Execution, asked: Argument | FunctionCall) -> Result:
    """Return the result of the statement whose id *asked* is or gives."""
    if isinstance(asked, FunctionCall):
        arguments = [run.value(argument) for argument in asked.arguments]
        query_id, _ = run.functions.call(asked.name, arguments)
    else:
        query_id = run.value(asked)
    if not isinstance(query_id, str):
        raise InvalidArgument("RESULT_SCAN", "the id of a query is needed.")
    return run.services.results.fetch(query_id, run.caller)


def _call(run: Execution, call: FunctionCall) -> tuple[ResultColumn, object]:
    if run.describe_only:
        # Calling it would do what it is for, and only the type is wanted.
        return ResultColumn(call.column, result_type(call.name)), None
    value, kind = run.functions.call(call.name, [run.value(argument) for argument in call.arguments])
    return ResultColumn(call.column, kind), value
