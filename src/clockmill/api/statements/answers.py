"""The answers of the SQL API."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from clockmill.api.reply import JSON, Reply
from clockmill.core.errors import ClockmillError

SUCCESS: Final = "090001"
_IN_PROGRESS: Final = "333334"
_UNCODED: Final = "000001"
_encoder: Final = msgspec.json.Encoder()


def status_url(handle: str) -> str:
    """Return where a statement is asked about."""
    return f"/api/v2/statements/{handle}"


def result_reply(
    handle: str, body: Mapping[str, Any], request_id: str, *, number: int = 0, count: int = 1
) -> Reply:
    """Return the answer with partition *number* of *count* of a result."""
    told = {
        **body,
        "code": SUCCESS,
        "sqlState": "00000",
        "message": "Statement executed successfully.",
        "statementHandle": handle,
        "statementStatusUrl": status_url(handle),
    }
    headers = (JSON, (b"link", _links(handle, number, count).encode())) if count > 1 else (JSON,)
    return Reply(status=200, body=_encoder.encode(told), request_id=request_id, headers=headers)


def running_reply(handle: str, request_id: str, created_on: int | None) -> Reply:
    """Return the answer that says that a statement goes on."""
    body = {
        "code": _IN_PROGRESS,
        "message": "Asynchronous execution in progress. Use provided query id to perform query "
        "monitoring and management.",
        "statementHandle": handle,
        "statementStatusUrl": status_url(handle),
        **_created(created_on),
    }
    return Reply(status=202, body=_encoder.encode(body), request_id=request_id)


def failure_reply(
    error: ClockmillError, handle: str, request_id: str, *, status: int, created_on: int | None = None
) -> Reply:
    """Return the answer that tells what a statement failed with."""
    body = {
        "code": error.code or _UNCODED,
        "sqlState": error.sqlstate,
        "message": error.message,
        "statementHandle": handle,
        "statementStatusUrl": status_url(handle),
        **_created(created_on),
    }
    return Reply(status=status, body=_encoder.encode(body), request_id=request_id)


def _created(created_on: int | None) -> dict[str, int]:
    return {} if created_on is None else {"createdOn": created_on}


def _links(handle: str, number: int, count: int) -> str:
    partitions = {"first": 0, "prev": number - 1, "next": number + 1, "last": count - 1}
    return ",".join(
        f'<{status_url(handle)}?partition={each}>; rel="{relation}"'
        for relation, each in partitions.items()
        if 0 <= each < count
    )
