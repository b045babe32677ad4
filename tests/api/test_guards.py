"""What every request passes: ids, hosts, bodies, rates, credentials, paths and methods."""

import asyncio
import gzip
import json
import zlib
from typing import Any
from uuid import UUID

import pytest
from tests.api.conftest import TASKS, Api, assert_error

from clockmill.api.asgi.hosts import host_name
from clockmill.api.asgi.types import Message
from clockmill.api.errors import STATUS, status_of
from clockmill.core.errors import ClockmillError, InternalFault

TASK = {"name": "t1", "definition": "select 1"}
CONTENT = json.dumps(TASK).encode()
GZIPPED = gzip.compress(CONTENT, mtime=0)


# --- request ids -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", TASKS), ("GET", "/health"), ("GET", "/nothing"), ("GET", "/api/v2/nothing"), ("PATCH", TASKS)],
)
def test_every_answer_has_an_id_of_its_own(api: Api, method: str, path: str) -> None:
    ids = [api.send(method, path).headers["X-Snowflake-Request-ID"] for _ in range(2)]

    assert ids[0] != ids[1]
    assert all(UUID(each).version == 4 for each in ids)


# --- hosts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/health", "/openapi.json", TASKS, "/session/v1/login-request"])
def test_another_host_is_refused(api: Api, path: str) -> None:
    answer = api.send("GET", path, headers={"Host": "evil.example"})

    message = "The Host header does not name this server. Add the name to the allowed hosts."
    assert_error(answer, 400, "", message)


@pytest.mark.parametrize("host", ["testserver:8700", "TestServer", "testserver."])
def test_port_and_case_of_a_host_do_not_matter(api: Api, host: str) -> None:
    assert api.send("GET", "/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("hosts", "host", "status"),
    [
        (("*.example.org",), "a.b.example.org", 200),
        (("*.example.org",), "example.org.evil", 400),
        (("*.example.org",), "evilexample.org", 400),
        (("*",), "anything", 200),
        (("::1",), "[::1]:8700", 200),
    ],
)
def test_allowed_hosts_are_a_setting(make_api: Any, hosts: tuple[str, ...], host: str, status: int) -> None:
    api: Api = make_api(allowed_hosts=hosts)

    assert api.send("GET", "/health", headers={"Host": host}).status_code == status


def test_a_host_is_read_without_port_and_brackets() -> None:
    assert host_name("[FE80::1]:80") == "fe80::1"
    assert host_name("") == ""


@pytest.mark.parametrize(
    "header", ["[::1]evil.example", "localhost:80:evil.example", "localhost@evil.example", "localhost evil"]
)
def test_a_host_in_no_known_form_names_nobody(header: str) -> None:
    assert host_name(header) == ""


# --- bodies ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("gzip", GZIPPED),
        ("GZIP", GZIPPED),
        ("deflate", zlib.compress(CONTENT)),
        ("identity", CONTENT),
    ],
)
def test_a_compressed_body_is_read(api: Api, encoding: str, content: bytes) -> None:
    answer = api.post(TASKS, content=content, headers={"Content-Encoding": encoding})

    assert answer.status_code == 200


def test_an_unknown_encoding_is_refused(api: Api) -> None:
    answer = api.post(TASKS, content=CONTENT, headers={"Content-Encoding": "br"})

    assert_error(answer, 415, "391902", "Unsupported Content-Encoding: br. Send gzip, deflate or identity.")


def test_a_body_encoded_twice_is_refused_however_that_is_said(api: Api) -> None:
    body = gzip.compress(GZIPPED)
    for headers in (
        [("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")],
        [("Content-Encoding", "gzip, gzip")],
    ):
        answer = api.post(TASKS, content=body, headers=headers)
        message = "Unsupported Content-Encoding: gzip, gzip. Send gzip, deflate or identity."
        assert_error(answer, 415, "391902", message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CONTENT, "The request body is not in the encoding its header names."),
        (GZIPPED[:-9], "The compressed request body is not complete."),
        (GZIPPED + b"more", "The request body goes on after its compressed data."),
    ],
)
def test_a_broken_compressed_body_is_refused(api: Api, content: bytes, message: str) -> None:
    answer = api.post(TASKS, content=content, headers={"Content-Encoding": "gzip"})

    assert_error(answer, 400, "", message)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_body_beyond_the_limit_is_refused(make_api: Any, encoding: str) -> None:
    """A gzip of a few kilobytes may hold gigabytes: what counts is what comes out of it."""
    api: Api = make_api(max_body_bytes=100_000)
    content = b" " * 50_000_000
    if encoding == "gzip":
        content = gzip.compress(content, 1)[:90_000]

    answer = api.post(TASKS, content=content, headers={"Content-Encoding": encoding})

    message = "The request body is larger than the limit of 100000 bytes after decompression."
    assert_error(answer, 400, "", message)
    assert answer.headers["Connection"] == "close"


def test_a_body_up_to_the_limit_is_read(make_api: Any) -> None:
    api: Api = make_api(max_body_bytes=1_000)

    assert api.post(TASKS, content=CONTENT.ljust(1_000)).status_code == 200
    assert api.post(TASKS, content=CONTENT.ljust(1_001)).status_code == 400


def test_a_body_that_does_not_arrive_is_not_waited_for(make_api: Any) -> None:
    api: Api = make_api(body_timeout_s=0.01)

    async def begin_only() -> Any:
        yield b"{"
        await asyncio.get_running_loop().create_future()

    answer = api.post(TASKS, content=begin_only())

    assert_error(answer, 408, "", "The request body was not received within 0.01 seconds.")
    assert api.rows(TASKS) == []


def test_a_client_that_is_gone_gets_no_answer(make_api: Any) -> None:
    api: Api = make_api()
    headers = [(b"host", b"testserver"), (b"authorization", f"Bearer {api.token}".encode())]
    scope = {"type": "http", "method": "POST", "path": TASKS, "raw_path": TASKS.encode()}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    api.loop.run(api.app({**scope, "query_string": b"", "headers": headers}, receive, send))

    assert sent == []
    assert api.rows(TASKS) == []


def test_the_application_answers_to_the_lifespan_of_its_server(make_api: Any) -> None:
    api: Api = make_api()
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    api.loop.run(api.app({"type": "lifespan"}, receive, send))

    types = ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert [message["type"] for message in sent] == types


# --- rates -------------------------------------------------------------------------------------


def test_a_user_who_sends_too_much_must_wait(make_api: Any) -> None:
    api: Api = make_api(requests_per_minute=2)
    other = {"Authorization": f"Bearer {api.token_of('EVA', 'PUBLIC')}"}

    statuses = [api.get(TASKS).status_code for _ in range(2)]
    refused = api.get(TASKS)

    assert statuses == [200, 200]
    message = "User ADMIN has sent more than 2 requests per minute. Try again later."
    assert_error(refused, 429, "390429", message)
    assert api.get(TASKS, headers=other).status_code == 200
    api.clock.advance(seconds=30)
    assert [api.get(TASKS).status_code for _ in range(2)] == [200, 429]


# --- credentials -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", TASKS),
        ("POST", TASKS),
        ("GET", "/api/v2/nothing"),
        ("PATCH", TASKS),
        ("GET", "/api/v2/results/x"),
    ],
)
@pytest.mark.parametrize("header", ["", "Bearer nonsense", 'Snowflake Token="nonsense"', "Basic YTpi"])
def test_nothing_is_served_without_credentials(api: Api, method: str, path: str, header: str) -> None:
    answer = api.send(method, path, headers={"Authorization": header})

    assert answer.status_code == 401
    body = answer.json()
    assert body["code"] == body["error_code"] != ""
    assert body["request_id"] == answer.headers["X-Snowflake-Request-ID"]
    assert "nonsense" not in answer.text


def test_a_role_that_is_not_granted_is_forbidden(api: Api) -> None:
    assert api.send("GET", TASKS, headers={"X-Snowflake-Role": "ANALYST"}).status_code == 403


def test_the_role_of_a_request_owns_what_it_makes(api: Api) -> None:
    api.post(TASKS, TASK, headers={"X-Snowflake-Role": "public"})

    assert api.task("t1")["owner"] == "PUBLIC"


@pytest.mark.parametrize("path", ["/health", "/openapi.json"])
def test_health_and_description_need_no_credentials(api: Api, path: str) -> None:
    assert api.send("GET", path, headers={"Authorization": ""}).status_code == 200


# --- paths and methods -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/tasks/",
        "/api/v2/databases/db/tasks/",
        "/api/v2",
        "/api/",
        "/api/v2/databases//schemas",
        f"{TASKS}/t1:explode",
        f"{TASKS}/t1/dependents/more",
        f"{TASKS}//",
        "/api/v2/databases:from-share",
        "/api/v2/databases/db/replication:enable",
    ],
)
def test_an_unknown_path_is_not_found(api: Api, path: str) -> None:
    answer = api.send("GET", path)

    message = f"Nothing is served at {path}. See /openapi.json for what is."
    assert_error(answer, 404, "", message)


def test_an_unknown_path_outside_the_api_is_not_found(api: Api) -> None:
    assert_error(api.send("GET", "/x"), 404, "", "Nothing is served at /x. See /openapi.json for what is.")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", TASKS, "GET, POST"),
        ("HEAD", TASKS, "GET, POST"),
        ("OPTIONS", f"{TASKS}/t1", "DELETE, GET, PUT"),
        ("GET", f"{TASKS}/t1:resume", "POST"),
        ("POST", f"{TASKS}/t1/dependents", "GET"),
        ("DELETE", "/api/v2/warehouses", "GET, POST"),
        ("POST", "/openapi.json", "GET"),
        ("TRACE", "/health", "GET"),
    ],
)
def test_a_method_that_is_not_served_is_refused(api: Api, method: str, path: str, allowed: str) -> None:
    answer = api.send(method, path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
    assert answer.headers["X-Snowflake-Request-ID"]


# --- errors ------------------------------------------------------------------------------------


def test_a_mistake_of_ours_gives_nothing_away(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(type(api.services.tasks), "fetch_task", fail)

    answer = api.get(f"{TASKS}/t1")

    assert_error(answer, 500, "000603", InternalFault.text)
    [record] = caplog.records
    assert record.message == "request failed unexpectedly"


def test_every_kind_of_error_has_a_status() -> None:
    def kinds(kind: type[ClockmillError]) -> set[type[ClockmillError]]:
        return {kind}.union(*(kinds(each) for each in kind.__subclasses__()))

    for kind in kinds(ClockmillError):
        assert status_of(kind.__new__(kind)) in set(STATUS.values())
