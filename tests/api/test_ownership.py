"""Every operation that changes an object, asked for in a role that does not own it."""

from typing import Any, Final

import pytest
from tests.api.conftest import COST, Api, assert_error

from clockmill.api.rest.operation import Operation
from clockmill.api.rest.routes import OPERATIONS

_CHANGING: Final = [each for each in OPERATIONS if each.method != "GET" and "{name}" in each.path]
_THERE: Final = {"task": "T1", "database": "DB", "schema": "S", "warehouse": "WH"}


def body_of(operation: Operation) -> Any:
    if operation.body is None:
        return None
    name = {"name": _THERE[operation.tag], "definition": "select 1"}
    return [COST] if operation.body.startswith("[") else name


@pytest.mark.parametrize("operation", _CHANGING, ids=[each.name for each in _CHANGING])
def test_another_role_is_refused_and_changes_nothing(make_api: Any, operation: Operation) -> None:
    """The refusal names the object as it is named beside its kind: by its own name alone."""
    api: Api = make_api()
    api.create_tags()
    name = _THERE[operation.tag]
    path = operation.path.format(database="db", schema="s", name=name)
    plain = path.partition(":")[0]
    before = api.fetch(plain), api.tags()
    headers = {"Authorization": f"Bearer {api.token_of('EVA', 'ANALYST')}"}

    answer = api.request(operation.method, path, headers=headers, json=body_of(operation))

    message = f"SQL access control error:\nInsufficient privileges to operate on {operation.tag} '{name}'"
    assert_error(answer, 403, "003001", message)
    assert (api.fetch(plain), api.tags()) == before
