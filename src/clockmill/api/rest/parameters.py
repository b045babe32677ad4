"""Query parameters: what each accepts, and how its text becomes a value."""

import enum
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from clockmill.core.errors import InvalidRequest
from clockmill.core.listing import Selection
from clockmill.core.task import CreateMode


class Kind(enum.Enum):
    """The kinds of values."""

    TEXT = "string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    CREATE_MODE = "createMode"
    UUID = "uuid"


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A query parameter. Its default is what the handler gets when it is not given."""

    name: str
    kind: Kind
    summary: str
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None
    is_deprecated: bool = False

    def parse(self, text: str) -> Any:
        """Return the value that *text* stands for, or raise InvalidRequest."""
        match self.kind:
            case Kind.TEXT:
                return text or None
            case Kind.BOOLEAN:
                return self._boolean(text)
            case Kind.INTEGER:
                return self._integer(text)
            case Kind.CREATE_MODE:
                return _create_mode(text)
            case Kind.UUID:
                return self._uuid(text)

    def _boolean(self, text: str) -> bool:
        # The official Python client sends True and False.
        value = {"true": True, "false": False}.get(text.lower())
        if value is None:
            raise InvalidRequest(f"Not a valid {self.name}: {text}. Allowed values are: true,false")
        return value

    def _integer(self, text: str) -> int:
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _MAX_DIGITS):
            raise InvalidRequest(f"Not a valid {self.name}: {text}. It must be a whole number.")
        value = int(text)
        if self.maximum is not None and value > self.maximum:
            raise InvalidRequest(self._too_large(value))
        if self.minimum is not None and value < self.minimum:
            raise InvalidRequest(f"Not a valid {self.name}: {text}. It must be at least {self.minimum}.")
        return value

    def _uuid(self, text: str) -> str:
        try:
            return str(uuid.UUID(text))
        except ValueError:
            raise InvalidRequest(f"Not a valid {self.name}: {text}. It must be a UUID.") from None

    def _too_large(self, value: int) -> str:
        if self.name == "resultLimit":
            return f"Value for parameter RESULT_LIMIT exceeds maximum allowable value ({self.maximum:,})."
        return f"Not a valid {self.name}: {value}. It must be at most {self.maximum}."


_MAX_DIGITS: Final = 19


def _create_mode(text: str) -> CreateMode:
    try:
        return CreateMode(text)
    except ValueError:
        allowed = ",".join(CreateMode)
        raise InvalidRequest(f"Not a valid createMode: {text}. Allowed values are: {allowed}") from None


def parse_query(query: bytes, parameters: Sequence[Parameter]) -> Mapping[str, Any]:
    """Return a value for each of *parameters*; what else *query* holds is ignored."""
    if not query:
        return {parameter.name: parameter.default for parameter in parameters}
    try:
        given = dict(parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict"))
    except ValueError as error:
        raise InvalidRequest("The query string is not percent-encoded UTF-8.") from error
    return {
        parameter.name: parameter.parse(given[parameter.name])
        if parameter.name in given
        else parameter.default
        for parameter in parameters
    }


def read_selection(query: Mapping[str, Any]) -> Selection:
    """Return which rows of a listing the parameters of its operation ask for."""
    return Selection(
        like=query["like"],
        starts_with=query["startsWith"],
        limit=query["showLimit"],
        from_name=query["fromName"],
    )


# --- the parameters that operations share -----------------------------------------------------

CREATE_MODE: Final = Parameter(
    name="createMode",
    kind=Kind.CREATE_MODE,
    default=CreateMode.ERROR_IF_EXISTS,
    summary="What to do when the name is taken.",
)
IF_EXISTS: Final = Parameter(
    name="ifExists",
    kind=Kind.BOOLEAN,
    default=False,
    summary="Succeed without doing anything if there is no such object.",
)
LIKE: Final = Parameter(
    name="like", kind=Kind.TEXT, summary="Only names that match this pattern of % and _, in any case."
)
STARTS_WITH: Final = Parameter(
    name="startsWith", kind=Kind.TEXT, summary="Only names that begin with this text, in this case."
)
SHOW_LIMIT: Final = Parameter(
    name="showLimit", kind=Kind.INTEGER, minimum=1, maximum=10_000, summary="At most so many rows."
)
FROM_NAME: Final = Parameter(
    name="fromName", kind=Kind.TEXT, summary="Only rows after the first name that begins with this text."
)
ROOT_ONLY: Final = Parameter(
    name="rootOnly", kind=Kind.BOOLEAN, default=False, summary="Only tasks that no other task precedes."
)
ASYNC_EXEC: Final = Parameter(
    name="asyncExec",
    kind=Kind.BOOLEAN,
    default=False,
    summary="Answer 202 at once; the result is fetched later.",
)
RETRY_LAST: Final = Parameter(
    name="retryLast",
    kind=Kind.BOOLEAN,
    default=False,
    summary="Repeat what failed in the graph's last run instead of starting a new one.",
)
RECURSIVE: Final = Parameter(
    name="recursive",
    kind=Kind.BOOLEAN,
    default=True,
    summary="Follow the graph to its end instead of stopping at direct children.",
)
RESULT_LIMIT: Final = Parameter(
    name="resultLimit",
    kind=Kind.INTEGER,
    default=1_000,
    minimum=1,
    maximum=10_000,
    summary="At most so many runs; 1000 if it is not given.",
)
ERROR_ONLY: Final = Parameter(
    name="errorOnly", kind=Kind.BOOLEAN, summary="Only runs that failed or were cancelled."
)
WITH_LINEAGE: Final = Parameter(
    name="withLineage",
    kind=Kind.BOOLEAN,
    default=False,
    summary="Also what is set on the schema, the database and the account.",
)
HISTORY: Final = Parameter(
    name="history", kind=Kind.BOOLEAN, summary="Accepted; dropped objects are not kept, so none are listed."
)
HISTORY_OFF: Final = msgspec.structs.replace(HISTORY, default=False)
KIND: Final = Parameter(
    name="kind", kind=Kind.TEXT, is_deprecated=True, summary="Permanent or transient; the body's kind wins."
)
KIND_EMPTY: Final = msgspec.structs.replace(KIND, default="")
RESTRICT: Final = Parameter(
    name="restrict",
    kind=Kind.BOOLEAN,
    default=False,
    summary="Accepted; there are no foreign keys that could stand in the way.",
)
PAGE: Final = Parameter(
    name="page", kind=Kind.INTEGER, default=0, minimum=0, summary="The page of a listing, from 0."
)
REQUEST_ID: Final = Parameter(
    name="requestId", kind=Kind.UUID, summary="The request's id: sent again with it, nothing runs twice."
)
RETRY: Final = Parameter(
    name="retry", kind=Kind.BOOLEAN, summary="The request was sent before. Its id alone tells that here."
)
ASYNC: Final = Parameter(
    name="async", kind=Kind.BOOLEAN, summary="Answer 202 at once; the result is fetched by its handle."
)
NULLABLE: Final = Parameter(
    name="nullable", kind=Kind.BOOLEAN, summary="False writes NULL as the text null, then and in every fetch."
)
PARTITION: Final = Parameter(
    name="partition", kind=Kind.INTEGER, minimum=0, summary="The partition of the result, from 0."
)
