"""What an operation of the API is, and the request that its handler gets."""

import enum
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from clockmill.api.rest.parameters import Parameter
from clockmill.api.services import Services
from clockmill.core.caller import Caller
from clockmill.core.names import QualifiedName, SchemaName


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request to an operation: who asks, for what, with which parameters and body.

    *names* holds the identifiers of the path by their parameter, folded; *query* a value for
    every query parameter of the operation, its default where it was not given.
    """

    caller: Caller
    names: Mapping[str, str]
    query: Mapping[str, Any]
    body: bytes = b""

    @property
    def schema(self) -> SchemaName:
        """The schema that the path is in."""
        return SchemaName(self.names["database"], self.names["schema"])

    @property
    def task(self) -> QualifiedName:
        """The task that the path names."""
        return self.schema.object(self.names["name"])


class Answer(enum.Enum):
    """The form of a successful answer's body."""

    STATUS = "a sentence"
    OBJECT = "one object"
    LISTING = "an array, in pages if it is long"
    ANY = "the answer of another request"


Handler = Callable[[Services, Request], Any]
"""Does an operation. It returns the sentence, wire struct or list that its answer form asks for."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation: where it is served, what it takes and gives, and who does it.

    *path* is the template below the server's root. *body* and *schema* name components of the
    API's description (a name in brackets is an array of them). An operation that *is_keyed* reads
    a row or two by key and is done on the event loop; the others get a thread. *statuses* are
    those that it may answer with besides what every operation may.
    """

    name: str
    method: str
    path: str
    summary: str
    handler: Handler | None
    """None for what is answered on the event loop by itself: fetching a result, the SQL API."""
    parameters: tuple[Parameter, ...] = ()
    body: str | None = None
    answer: Answer = Answer.STATUS
    schema: str = "SuccessResponse"
    tag: str = "task"
    statuses: tuple[int, ...] = ()
    bodies: Mapping[int, str] = {}
    """The components that describe answers of other statuses than 200, where they are its own."""
    is_keyed: bool = False
    is_deprecated: bool = False
