"""Where errors meet HTTP: one table from kinds to statuses, and the body of an error answer."""

import logging
from typing import Final

import msgspec

from clockmill.api.reply import JSON, Reply
from clockmill.core.errors import (
    AlreadyExists,
    ClockmillError,
    Forbidden,
    InternalFault,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from clockmill.core.names import render

log = logging.getLogger(__name__)


class UnknownPath(ClockmillError):
    """Nothing is served at the path."""

    def __init__(self, path: str) -> None:
        super().__init__(f"Nothing is served at {path}. See /openapi.json for what is.")


class MethodNotAllowed(ClockmillError):
    """The path is served, but not with this method."""

    def __init__(self, method: str, path: str, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        super().__init__(f"Method {method} is not allowed at {path}. Allowed: {', '.join(allowed)}.")


class UnsupportedMediaType(ClockmillError):
    """The body is in a form that is not read here."""

    code = "391902"

    def __init__(self, header: str, value: str, expected: str) -> None:
        super().__init__(f"Unsupported {header}: {value}. Send {expected}.")


class BodyTimedOut(ClockmillError):
    """The request's body was not received in time. Nothing was done."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The request body was not received within {seconds:g} seconds.")


class BodyTooLarge(ClockmillError):
    """The request's body passes the limit, counted after decompression."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request body is larger than the limit of {limit} bytes after decompression.")


class BodyUnreadable(ClockmillError):
    """The request's body is not what its headers say."""


class HostRefused(ClockmillError):
    """The Host header names somebody else."""

    def __init__(self) -> None:
        super().__init__("The Host header does not name this server. Add the name to the allowed hosts.")


class InvalidEntity(ClockmillError):
    """The request's body does not have the form that the operation takes."""

    code = "390400"


class NameMismatch(ClockmillError):
    """Body and path name different objects, for kinds where that is a conflict."""

    code = "001520"

    @classmethod
    def check(cls, kind: str, in_body: str, in_path: str) -> None:
        """Raise unless both names are the same."""
        if in_body != in_path:
            raise cls(f"The body names {kind} {render(in_body)} but the path names {render(in_path)}.")


class ListingTooLong(ClockmillError):
    """There are more rows than one listing may have, and no limit was asked for."""

    code, sqlstate = "090153", "22000"

    def __init__(self, limit: int) -> None:
        super().__init__(f"There are more than {limit} rows. Ask for fewer with showLimit and fromName.")


class ResultNotFound(ClockmillError):
    """No result of the caller is kept under the handle."""

    code = "390404"

    def __init__(self, handle: str) -> None:
        super().__init__(f"Result {handle} does not exist, has expired or belongs to somebody else.")


STATUS: Final[dict[type[BaseException], int]] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    UnknownPath: 404,
    ResultNotFound: 404,
    MethodNotAllowed: 405,
    BodyTimedOut: 408,
    AlreadyExists: 409,
    NameMismatch: 409,
    UnsupportedMediaType: 415,
    TooManyRequests: 429,
    InternalFault: 500,
    Unavailable: 503,
    ClockmillError: 400,
}
"""The status of each kind of error. A class that is not listed has that of its nearest parent."""


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every error answer. *error_code* is the deprecated twin of *code*."""

    message: str
    code: str
    error_code: str
    request_id: str


def status_of(error: ClockmillError) -> int:
    """Return the HTTP status that tells *error*."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_reply(error: ClockmillError, request_id: str) -> Reply:
    """Return the answer that tells *error*."""
    body = ErrorBody(error.message, error.code, error.code, request_id)
    return Reply(
        status=status_of(error),
        headers=(JSON, *_extra_headers(error)),
        body=msgspec.json.encode(body),
        request_id=request_id,
    )


def unexpected_reply(error: Exception, request_id: str) -> Reply:
    """Log a mistake of ours with its traceback and return an answer that gives nothing away."""
    log.error("request failed unexpectedly", extra={"request_id": request_id}, exc_info=error)
    return error_reply(InternalFault(), request_id)


def _extra_headers(error: ClockmillError) -> tuple[tuple[bytes, bytes], ...]:
    match error:
        case MethodNotAllowed(allowed=allowed):
            return ((b"allow", ", ".join(allowed).encode()),)
        case Unauthenticated():
            return ((b"www-authenticate", b'Bearer realm="clockmill"'),)
        case BodyTimedOut() | BodyTooLarge():
            # The rest of the body is still on its way; nobody will read it.
            return ((b"connection", b"close"),)
        case _:
            return ()
