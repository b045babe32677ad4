"""The REST API as an ASGI application: who asks, for which operation, done where, answered when."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import msgspec

from clockmill.api.asgi.bodies import ClientGone
from clockmill.api.asgi.rates import RateLimit
from clockmill.api.asgi.request_id import request_id
from clockmill.api.asgi.types import Receive, Scope, Send
from clockmill.api.errors import UnknownPath, UnsupportedMediaType, error_reply, unexpected_reply
from clockmill.api.reply import Reply, send_reply
from clockmill.api.rest.deferred import DeferredResults, accepted_reply
from clockmill.api.rest.operation import Answer, Handler, Operation, Request
from clockmill.api.rest.paging import listing_reply, page_of
from clockmill.api.rest.parameters import ASYNC_EXEC, parse_query
from clockmill.api.rest.router import Match, Router
from clockmill.api.rest.routes import OPERATIONS
from clockmill.api.services import Services
from clockmill.api.settings import ApiSettings
from clockmill.core.caller import Caller
from clockmill.core.errors import ClockmillError

_WITH_BODY: Final = frozenset({"POST", "PUT"})


class Status(msgspec.Struct, frozen=True):
    """The body of a successful answer that has only a sentence to say."""

    status: str


class RestEndpoint:
    """Answers everything below ``/api/v2``."""

    def __init__(
        self,
        services: Services,
        settings: ApiSettings,
        answerers: "Mapping[str, Answerer] | None" = None,
        node_number: Callable[[], int | None] = lambda: None,
    ) -> None:
        """*answerers* answer, by name, operations without a handler; those without one are not served.

        *node_number* is told in handles of results, where there are several nodes.
        """
        self._answerers: Mapping[str, Answerer] = {"fetchResult": self._fetch_result, **(answerers or {})}
        self._services = services
        self._settings = settings
        self._router = Router(OPERATIONS)
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="rest")
        monotonic = services.clock.monotonic
        self._rates = (
            RateLimit(settings.requests_per_minute, monotonic) if settings.requests_per_minute else None
        )
        self._deferred = DeferredResults(
            max_entries=settings.max_results,
            max_bytes=settings.max_result_bytes,
            lifetime_s=settings.result_lifetime_s,
            monotonic=monotonic,
            node_number=node_number,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._answer(scope, receive)
        except ClockmillError as error:
            reply = error_reply(error, request_id(scope))
        except ClientGone:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            reply = unexpected_reply(error, request_id(scope))
        await send_reply(reply, send)

    def close(self) -> None:
        """Begin no more work, and wait for what is going on, which is short."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        headers = dict(scope["headers"])
        caller = await self._authenticate(scope, headers)
        if self._rates is not None:
            self._rates.check(caller.user)
        match = self._router.match(scope["method"], scope["raw_path"])
        body = b""
        if scope["method"] in _WITH_BODY:
            _check_content_type(headers)
            body = (await receive())["body"] if match.operation.body else b""
        request = RawRequest(caller=caller, match=match, query=scope["query_string"], body=body)
        handler = match.operation.handler
        if handler is None:
            return await self._answer_itself(request, scope)
        id_ = request_id(scope)

        def work() -> Reply:
            return perform(handler, self._services, request, self._settings.page_size, id_)

        return await self._do(work, match.operation, caller, scope)

    async def _authenticate(self, scope: Scope, headers: dict[bytes, bytes]) -> Caller:
        authenticator = self._services.authenticator
        address = scope["client"][0] if scope.get("client") else None
        if authenticator.is_quick(headers):
            return authenticator.authenticate(headers, address)
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, authenticator.authenticate, headers, address
        )

    async def _do(
        self, work: Callable[[], Reply], operation: Operation, caller: Caller, scope: Scope
    ) -> Reply:
        """Do the operation, and answer with what came of it or with where that will be."""
        wait_s = self._settings.synchronous_wait_s
        if wait_s > 0 and operation.is_keyed:
            return work()
        if wait_s > 0 and _asks_for_later(operation, scope["query_string"]):
            wait_s = 0
        return await self._do_in_thread(work, caller, wait_s, request_id(scope))

    async def _do_in_thread(
        self, work: Callable[[], Reply], caller: Caller, wait_s: float, id_: str
    ) -> Reply:
        self._deferred.check_room()
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        # Not wait_for: the work goes on when the wait is over, or the client gone.
        done, _ = await asyncio.wait({future}, timeout=wait_s) if wait_s > 0 else (set(), None)
        if not done:
            return accepted_reply(self._deferred.keep(future, caller), id_)
        reply = future.result()
        return page_of(reply, self._deferred.keep_reply(reply, caller), 0) if reply.pages else reply

    async def _answer_itself(self, request: "RawRequest", scope: Scope) -> Reply:
        answerer = self._answerers.get(request.match.operation.name)
        if answerer is None:
            raise UnknownPath(scope["path"])
        return await answerer(request, scope)

    async def _fetch_result(self, request: "RawRequest", scope: Scope) -> Reply:
        handle = request.match.texts["result_handler"]
        page = parse_query(request.query, request.match.operation.parameters)["page"]
        wait_s = self._settings.synchronous_wait_s
        reply = await self._deferred.fetch(handle, request.caller, page=page, wait_s=wait_s)
        return reply or accepted_reply(handle, request_id(scope))


class RawRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose operation is known, and whose parameters are still text."""

    caller: Caller
    match: Match
    query: bytes
    body: bytes

    def parsed(self) -> Request:
        """Return the request with its parameters read, or raise what is wrong with them."""
        return Request(
            caller=self.caller,
            names=self.match.names(),
            query=parse_query(self.query, self.match.operation.parameters),
            body=self.body,
        )


Answerer = Callable[[RawRequest, Scope], Awaitable[Reply]]
"""Answers the requests to one operation on the event loop."""


def perform(handler: Handler, services: Services, request: RawRequest, page_size: int, id_: str) -> Reply:
    """Return the answer of an operation, errors included. Runs on any thread."""
    try:
        value = handler(services, request.parsed())
        return _success(request.match.operation.answer, value, page_size, id_)
    except ClockmillError as error:
        return error_reply(error, id_)
    except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
        return unexpected_reply(error, id_)


def _success(answer: Answer, value: Any, page_size: int, id_: str) -> Reply:
    match answer:
        case Answer.STATUS:
            return Reply(status=200, body=msgspec.json.encode(Status(value)), request_id=id_)
        case Answer.LISTING:
            return listing_reply(value, page_size, id_)
        case _:
            return Reply(status=200, body=msgspec.json.encode(value), request_id=id_)


def _asks_for_later(operation: Operation, query: bytes) -> bool:
    if ASYNC_EXEC not in operation.parameters:
        return False
    return bool(parse_query(query, (ASYNC_EXEC,))[ASYNC_EXEC.name])


def _check_content_type(headers: dict[bytes, bytes]) -> None:
    """Refuse a body that says to be something other than JSON; one that says nothing is JSON."""
    given = headers.get(b"content-type", b"").decode("latin-1")
    if given.partition(";")[0].strip().lower() not in {"", "application/json"}:
        raise UnsupportedMediaType("Content-Type", given, "application/json")
