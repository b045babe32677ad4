"""What is said of functions is so: those that are refused are, and those that differ are there."""

import pytest
from tests.engine.sessions import Client

from clockmill.core.errors import ClockmillError, Unsupported
from clockmill.engine.duckdb.translate.functions import AGGREGATES, SCALARS, WINDOWS
from clockmill.engine.duckdb.translate.functions.documented import DIFFERS, REFUSED
from clockmill.session import host

KNOWN = {*SCALARS, *AGGREGATES, *WINDOWS, *host.FUNCTIONS}
IN_FROM = {"FLATTEN", "GENERATOR", "SPLIT_TO_TABLE", "STRTOK_SPLIT_TO_TABLE"}
WITH_THEIR_WINDOW = {"CONDITIONAL_CHANGE_EVENT"}


def test_no_function_is_both_known_and_refused() -> None:
    assert sorted(KNOWN & set(REFUSED)) == []


def test_only_functions_that_are_there_differ() -> None:
    assert sorted(set(DIFFERS) - KNOWN - IN_FROM - WITH_THEIR_WINDOW) == []


@pytest.mark.parametrize("name", sorted(set(REFUSED.values())))
def test_a_documented_function_is_refused_with_its_reason(client: Client, name: str) -> None:
    function = next(each for each, why in REFUSED.items() if why == name)

    with pytest.raises(Unsupported) as refusal:
        client.run(f"SELECT {function}(1)")

    assert function in str(refusal.value)
    assert name in str(refusal.value)


@pytest.mark.parametrize("call", ["st_point(1, 2)", "ai_complete('m', 'x')", "parse_xml('<a/>')"])
def test_a_refused_function_is_refused_in_any_place(client: Client, call: str) -> None:
    for statement in (f"SELECT 1 WHERE {call} IS NULL", f"SELECT * FROM TABLE({call})"):
        with pytest.raises(ClockmillError, match=call.partition("(")[0].upper()):
            client.run(statement)
