"""With the synchronous wait set to 0: every operation's later answer beside its direct one."""

import re
from typing import Any, Final

import httpx
import pytest
from tests.api.conftest import COST, Api

from clockmill.api.rest.operation import Operation
from clockmill.api.rest.routes import OPERATIONS

_RANDOM: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[0-9]?")
_SERVED: Final = [each for each in OPERATIONS if each.handler is not None]
_THERE: Final = {"task": "t1", "database": "db", "schema": "s", "warehouse": "wh"}


def furnish(api: Api) -> None:
    """Make enough of everything for listings to take more than one page."""
    api.create_tags()
    for name in ("t2", "t3"):
        api.create(name, "t1")
    for name in ("db2", "db3"):
        assert api.post("/api/v2/databases", {"name": name}).status_code == 200
        assert api.post("/api/v2/warehouses", {"name": name}).status_code == 200


def path_of(operation: Operation, name: str) -> str:
    return operation.path.format(database="db", schema="s", name=name)


def body_of(operation: Operation, name: str) -> Any:
    match operation.body:
        case None:
            return None
        case "[TagAssignment]" | "[TagReference]":
            return [COST]
        case _:
            return {"name": name, "definition": "select 1"}


def masked(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    """Return status, headers and body, with the ids that no two answers share made the same."""
    assert answer.headers["X-Snowflake-Request-ID"]
    headers = {name: _RANDOM.sub("*", value) for name, value in answer.headers.items()}
    return answer.status_code, headers, _RANDOM.sub("*", answer.text)


@pytest.mark.parametrize("exists", [True, False], ids=["there", "not there"])
@pytest.mark.parametrize("operation", _SERVED, ids=[each.name for each in _SERVED])
def test_every_operation_answers_later_what_it_answers_at_once(
    make_api: Any, operation: Operation, exists: bool
) -> None:
    """Status, headers and body are the same: of successes, of errors, and of pages with their links."""
    at_once: Api = make_api(page_size=2)
    later: Api = make_api(page_size=2, synchronous_wait_s=0)
    name = _THERE[operation.tag] if exists else "nobody"
    request: dict[str, Any] = {"method": operation.method, "path": path_of(operation, name)}
    if (body := body_of(operation, name)) is not None:
        request["json"] = body
    for api in (at_once, later):
        furnish(api)

    direct = at_once.send(**request)
    first = later.send(**request)

    assert direct.status_code != 202
    assert first.status_code == 202
    assert masked(later.get(first.headers["Location"])) == masked(direct)


def test_a_long_listing_answered_later_has_its_links(make_api: Any) -> None:
    """Beside the test above, which two answers without links would pass too."""
    later: Api = make_api(page_size=2, synchronous_wait_s=0)
    furnish(later)

    answers = [later.get(path_of(each, "t1")) for each in _SERVED if each.name.startswith("list")]

    assert [set(answer.links) for answer in answers] == [{"first", "next", "last"}] * 4
