"""The operations of the SQL API, for the list of all routes."""

from typing import Final

from clockmill.api.rest import parameters as query
from clockmill.api.rest.operation import Answer, Operation

SUBMIT: Final = "SubmitStatement"
STATUS: Final = "GetStatementStatus"
CANCEL: Final = "CancelStatement"

_STATEMENTS: Final = "/api/v2/statements"
_STATEMENT: Final = f"{_STATEMENTS}/{{statementHandle}}"
_RUNNING: Final = "QueryStatus"
_FAILED: Final = "QueryFailureStatus"

OPERATIONS: Final = (
    Operation(
        name=SUBMIT,
        method="POST",
        path=_STATEMENTS,
        summary="Run one statement, or several.",
        parameters=(query.REQUEST_ID, query.RETRY, query.ASYNC, query.NULLABLE),
        body="Submission",
        answer=Answer.OBJECT,
        schema="ResultSet",
        tag="statements",
        handler=None,
        bodies={202: _RUNNING, 408: _RUNNING, 422: _FAILED},
    ),
    Operation(
        name=STATUS,
        method="GET",
        path=_STATEMENT,
        summary="How a statement stands, and a partition of its result.",
        parameters=(query.REQUEST_ID, query.PARTITION),
        answer=Answer.OBJECT,
        schema="ResultSet",
        tag="statements",
        handler=None,
        bodies={202: _RUNNING, 422: _FAILED},
    ),
    Operation(
        name=CANCEL,
        method="POST",
        path=f"{_STATEMENT}/cancel",
        summary="Stop a statement.",
        parameters=(query.REQUEST_ID,),
        answer=Answer.STATUS,
        schema="CancelStatus",
        tag="statements",
        handler=None,
        bodies={422: "CancelStatus"},
    ),
)
