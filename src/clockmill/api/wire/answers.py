"""The envelope of every answer to a connector: HTTP 200, whatever happened.

A connector repeats a call that answered with an error status, some for minutes, and tells its
user nothing of the body then. So failures travel inside the envelope.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from clockmill.api.reply import Reply
from clockmill.core.errors import ClockmillError, InternalFault

log = logging.getLogger(__name__)

UNCODED: Final = "000001"
"""What an error without a documented code is told under: the connectors insist on a number."""

_IN_PROGRESS: Final = "333333"
_DETACHED: Final = "333334"
_encoder: Final = msgspec.json.Encoder()


def success(data: Any, request_id: str, *, code: str | None = None, message: str | None = None) -> Reply:
    """Return the answer that carries *data*."""
    return _reply({"data": data, "code": code, "message": message, "success": True}, request_id)


def in_progress(query_id: str, request_id: str, *, detached: bool) -> Reply:
    """Return the answer that says where the result of a running statement will be.

    *detached* tells a client that asked not to wait; others call the address until it answers.
    """
    data = {
        "queryId": query_id,
        "getResultUrl": f"/queries/{query_id}/result",
        "queryAbortsAfterSecs": 300,
        "progressDesc": None,
    }
    code = _DETACHED if detached else _IN_PROGRESS
    return success(data, request_id, code=code, message="Query execution in progress.")


def failure(error: ClockmillError, request_id: str, *, query_id: str | None = None, **data: Any) -> Reply:
    """Return the answer that tells *error*, of the statement *query_id* if it is one's."""
    code = error.code or UNCODED
    details = {
        "errorCode": code,
        "sqlState": error.sqlstate,
        "queryId": query_id,
        "line": -1,
        "pos": -1,
        "type": "COMPILATION",
        **data,
    }
    body = {"data": details, "code": code, "message": error.message, "success": False, "headers": None}
    return _reply(body, request_id)


def unexpected(error: Exception, request_id: str, *, query_id: str | None = None) -> Reply:
    """Log a mistake of ours with its traceback and return an answer that gives nothing away."""
    log.error("connector call failed unexpectedly", extra={"request_id": request_id}, exc_info=error)
    return failure(InternalFault(), request_id, query_id=query_id)


def parameter_list(parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return session parameters in the form in which connectors are told of them."""
    return [{"name": name, "value": value} for name, value in parameters.items()]


def _reply(body: dict[str, Any], request_id: str) -> Reply:
    return Reply(status=200, body=_encoder.encode(body), request_id=request_id)
