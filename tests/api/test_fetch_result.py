"""GET /api/v2/results/{result_handler}: answers that come later, and pages of listings."""

import re
import threading
from typing import Any

import httpx
import pytest
from tests.api.conftest import TASKS, Api, assert_error

UNKNOWN = "01234567-89ab-cdef-0123-456789abcdef0"


@pytest.fixture
def later(make_api: Any) -> Api:
    """A server that answers everything later."""
    api: Api = make_api(synchronous_wait_s=0)
    return api


@pytest.fixture
def paged(make_api: Any) -> Api:
    """A server whose pages have two rows, with five tasks."""
    api: Api = make_api(page_size=2)
    for name in ("t1", "t2", "t3", "t4", "t5"):
        api.create(name)
    return api


def relations(answer: httpx.Response) -> dict[str, str]:
    """Return the page numbers in the Link header by relation."""
    return {name: link["url"].rpartition("=")[2] for name, link in answer.links.items() if name}


def test_a_202_says_where_the_answer_will_be(later: Api) -> None:
    answer = later.send("GET", f"{TASKS}/t1")

    body = answer.json()
    handle = body["resultHandler"]
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/v2/results/{handle}"
    assert body == {
        "code": "392604",
        "message": "Request execution in progress. Use the provided location header or result handler ID "
        "to perform query monitoring and management.",
        "resultHandler": handle,
        "result_handler": handle,
    }
    assert re.fullmatch(r"[0-9a-f-]{36}[0-9]", handle)
    assert answer.headers["X-Snowflake-Request-ID"]


def test_the_later_answer_is_the_direct_one(later: Api) -> None:
    later.create("t1")

    answer = later.get(f"{TASKS}/t1")

    assert answer.status_code == 200
    assert answer.json()["name"] == "T1"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{TASKS}/nobody", 404),
        ("GET", f"{TASKS}/1x", 400),
        ("GET", f"{TASKS}?showLimit=0", 400),
        ("POST", TASKS, 400),
        ("GET", "/api/v2/databases/nowhere", 404),
        ("DELETE", "/api/v2/warehouses/nothing", 404),
        ("POST", f"{TASKS}/t1:execute?asyncExec=maybe", 400),
    ],
)
def test_errors_come_later_too(later: Api, method: str, path: str, status: int) -> None:
    first = later.send(method, path)
    answer = later.get(first.headers["Location"])

    assert first.status_code == 202
    assert answer.status_code == status
    assert answer.json()["request_id"] == first.headers["X-Snowflake-Request-ID"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/v2/nothing", 404), ("PATCH", TASKS, 405)]
)
def test_what_is_no_operation_is_refused_at_once(later: Api, method: str, path: str, status: int) -> None:
    assert later.send(method, path).status_code == status


def test_a_result_can_be_fetched_again(later: Api) -> None:
    location = later.send("GET", TASKS).headers["Location"]

    assert [later.get(location).json() for _ in range(2)] == [[], []]


def test_pages_are_linked(paged: Api) -> None:
    first = paged.get(TASKS)
    middle = paged.get(first.links["next"]["url"])
    last = paged.get(first.links["last"]["url"])

    pages = [[task["name"] for task in page.json()] for page in (first, middle, last)]
    assert pages == [["T1", "T2"], ["T3", "T4"], ["T5"]]
    assert relations(first) == {"first": "0", "next": "1", "last": "2"}
    assert relations(middle) == {"first": "0", "prev": "0", "next": "2", "last": "2"}
    assert relations(last) == {"first": "0", "prev": "1", "last": "2"}


def test_the_link_header_is_written_as_the_official_client_reads_it(paged: Api) -> None:
    header = paged.get(TASKS).headers["Link"]

    url = r"/api/v2/results/[0-9a-f-]{37}\?page="
    pattern = rf'<{url}0>; rel="first",<{url}1>; rel="next",<{url}2>; rel="last"'
    assert re.fullmatch(pattern, header)


def test_page_zero_can_be_fetched_too(paged: Api) -> None:
    first = paged.get(TASKS)

    again = paged.get(first.links["first"]["url"])

    assert (again.content, again.headers["Link"]) == (first.content, first.headers["Link"])


def test_a_listing_of_one_page_has_no_links(paged: Api) -> None:
    assert "Link" not in paged.get(f"{TASKS}?showLimit=2").headers


def test_pages_show_the_listing_as_it_was(paged: Api) -> None:
    first = paged.get(TASKS)
    paged.delete(f"{TASKS}/t3")

    assert [task["name"] for task in paged.get(first.links["next"]["url"]).json()] == ["T3", "T4"]


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("3", "Not a valid page: 3. Result {handle} has 3 page(s), from 0."),
        ("-1", "Not a valid page: -1. It must be at least 0."),
        ("x", "Not a valid page: x. It must be a whole number."),
    ],
)
def test_a_page_that_is_not_there_is_refused(paged: Api, page: str, message: str) -> None:
    url = paged.get(TASKS).links["first"]["url"].partition("?")[0]

    answer = paged.get(f"{url}?page={page}")

    assert_error(answer, 400, "", message.format(handle=url.rpartition("/")[2]))


@pytest.mark.parametrize("handle", ["x", "01234567-89ab-cdef-0123-456789abcdef", UNKNOWN.upper()])
def test_what_is_no_handle_is_refused(api: Api, handle: str) -> None:
    assert_error(api.get(f"/api/v2/results/{handle}"), 400, "", f"Invalid resultHandler: {handle}")


def test_an_unknown_handle_is_not_found(api: Api) -> None:
    answer = api.get(f"/api/v2/results/{UNKNOWN}")

    message = f"Result {UNKNOWN} does not exist, has expired or belongs to somebody else."
    assert_error(answer, 404, "390404", message)


def test_a_result_belongs_to_user_and_role(paged: Api) -> None:
    url = paged.get(TASKS).links["next"]["url"]
    other_user = {"Authorization": f"Bearer {paged.token_of('EVA', 'ACCOUNTADMIN')}"}

    assert paged.get(url, headers=other_user).status_code == 404
    assert paged.get(url, headers={"X-Snowflake-Role": "PUBLIC"}).status_code == 404
    assert paged.get(url).status_code == 200


def test_a_result_expires(make_api: Any) -> None:
    api: Api = make_api(synchronous_wait_s=0, result_lifetime_s=60)
    location = api.send("GET", TASKS).headers["Location"]
    assert api.get(location).status_code == 200

    api.clock.advance(seconds=60)

    assert api.get(location).status_code == 404


def test_too_many_results_push_out_the_oldest(make_api: Any) -> None:
    api: Api = make_api(synchronous_wait_s=0, max_results=2)
    locations = [api.send("GET", TASKS).headers["Location"] for _ in range(1)]
    api.get(locations[0])
    for _ in range(2):
        locations.append(api.send("GET", TASKS).headers["Location"])
        api.get(locations[-1])

    assert [api.get(location).status_code for location in locations] == [404, 200, 200]


def test_too_large_results_push_out_the_oldest(make_api: Any) -> None:
    api: Api = make_api(page_size=1, max_result_bytes=2_500)
    api.create("t1")
    api.create("t2")

    first, second = (api.get(TASKS).links["last"]["url"] for _ in range(2))

    assert [api.get(url).status_code for url in (first, second)] == [404, 200]


class Gate:
    """Holds up the store's writer until it is opened."""

    def __init__(self, api: Api) -> None:
        self.opened = threading.Event()
        entered = threading.Event()

        def wait(_: object) -> None:
            entered.set()
            self.opened.wait(timeout=60)

        api.store.submit(wait)
        entered.wait(timeout=60)


def test_a_request_that_outlasts_the_wait_is_answered_later(make_api: Any) -> None:
    api: Api = make_api(synchronous_wait_s=0.01)
    gate = Gate(api)

    first = api.send("POST", TASKS, json={"name": "t1", "definition": "select 1"})
    second = api.send("GET", first.headers["Location"])
    gate.opened.set()

    assert (first.status_code, second.status_code) == (202, 202)
    assert second.headers["Location"] == first.headers["Location"]
    assert api.get(first.headers["Location"]).json() == {"status": "Task T1 successfully created."}


def test_too_much_work_in_progress_is_refused_before_it_begins(make_api: Any) -> None:
    """Clients repeat what was answered with 503, so nothing may have been done."""
    api: Api = make_api(synchronous_wait_s=0, max_results=1)
    gate = Gate(api)
    first = api.send("POST", TASKS, json={"name": "t1", "definition": "select 1"})

    second = api.send("POST", TASKS, json={"name": "t2", "definition": "select 1"})
    gate.opened.set()

    assert api.get(first.headers["Location"]).status_code == 200
    message = "Too many requests are in progress. Nothing was done; try again later."
    assert_error(second, 503, "390503", message)
    assert api.names(TASKS) == ["T1"]
