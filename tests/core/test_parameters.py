"""Parameters: which values they take, and the texts with which others are refused."""

from typing import Any

import pytest

from clockmill.core.errors import ClockmillError
from clockmill.core.parameter_list import Parameter
from clockmill.core.parameters import (
    SESSION_PARAMETERS,
    TASK_PARAMETERS,
    read_login_parameters,
    read_session_parameter,
    read_task_parameter,
    read_task_session_parameters,
    read_value,
    with_session_defaults,
)


@pytest.mark.parametrize("parameter", [*SESSION_PARAMETERS.values(), *TASK_PARAMETERS.values()], ids=str)
def test_every_default_is_a_value_that_its_parameter_takes(parameter: Parameter) -> None:
    assert read_value(parameter, parameter.default) == parameter.default


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("timezone", "europe/berlin", ("TIMEZONE", "Europe/Berlin")),
        ("Query_Tag", "nightly", ("QUERY_TAG", "nightly")),
        ("AUTOCOMMIT", False, ("AUTOCOMMIT", False)),
        ("AUTOCOMMIT", "true", ("AUTOCOMMIT", True)),
        ("WEEK_START", 7, ("WEEK_START", 7)),
        ("BINARY_OUTPUT_FORMAT", "base64", ("BINARY_OUTPUT_FORMAT", "BASE64")),
        ("STATEMENT_TIMEOUT_IN_SECONDS", 604_800, ("STATEMENT_TIMEOUT_IN_SECONDS", 604_800)),
    ],
)
def test_a_session_setting_is_read_into_its_canonical_form(
    name: str, value: Any, expected: tuple[str, Any]
) -> None:
    assert read_session_parameter(name, value) == expected


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("STATEMENT_TIMEOUT_IN_SECONDS", 604_801, "604,801"),
        ("STATEMENT_TIMEOUT_IN_SECONDS", -1, "-1"),
        ("STATEMENT_TIMEOUT_IN_SECONDS", "10", "'10'"),
        ("STATEMENT_TIMEOUT_IN_SECONDS", 1.5, "1.5"),
        ("STATEMENT_TIMEOUT_IN_SECONDS", True, "true"),
        ("STATEMENT_TIMEOUT_IN_SECONDS", None, "null"),
        ("STATEMENT_TIMEOUT_IN_SECONDS", {"a": 1}, '{"a":1}'),
        ("WEEK_START", 8, "8"),
        ("TIMEZONE", "PST", "PST"),
        ("TIMEZONE", 1000, "1,000"),
        ("AUTOCOMMIT", "perhaps", "'perhaps'"),
        ("AUTOCOMMIT", 1, "1"),
        ("QUERY_TAG", "x" * 2001, "x" * 2001),
        ("BINARY_OUTPUT_FORMAT", "octal", "octal"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_the_services_words(
    name: str, value: Any, shown: str
) -> None:
    with pytest.raises(ClockmillError) as refused:
        read_session_parameter(name, value)
    assert str(refused.value) == f"SQL compilation error:\ninvalid value [{shown}] for parameter '{name}'"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("USER_TASK_TIMEOUT_MS", 700_000_000, "700,000,000"),
        ("USER_TASK_TIMEOUT_MS", "abc", "'abc'"),
        ("TASK_AUTO_RETRY_ATTEMPTS", 31, "31"),
        ("SUSPEND_TASK_AFTER_NUM_FAILURES", -1, "-1"),
        ("USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS", 9, "9"),
        ("USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE", "X6LARGE", "X6LARGE"),
    ],
)
def test_a_task_parameter_outside_its_range_is_refused(name: str, value: Any, shown: str) -> None:
    with pytest.raises(ClockmillError) as refused:
        read_task_parameter(name, value)
    assert str(refused.value) == f"SQL compilation error:\ninvalid value [{shown}] for parameter '{name}'"


def test_task_parameters_have_no_upper_limit_where_the_service_has_none() -> None:
    assert read_task_parameter("suspend_task_after_num_failures", 10**9) == 10**9
    assert read_task_parameter("SERVERLESS_TASK_MIN_STATEMENT_SIZE", "xsmall") == "XSMALL"


def test_a_size_may_be_spelled_as_that_of_a_warehouse() -> None:
    assert read_task_parameter("SERVERLESS_TASK_MAX_STATEMENT_SIZE", "x2large") == "XXLARGE"
    assert read_task_parameter("USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE", "X-Small") == "XSMALL"


def test_unknown_settings_are_refused_by_name() -> None:
    with pytest.raises(ClockmillError, match="invalid property 'NO_SUCH' for 'SESSION'"):
        read_session_parameter("no_such", 1)
    with pytest.raises(ClockmillError, match="invalid property 'NO_SUCH' for 'TASK'"):
        read_task_session_parameters({"no_such": 1})
    with pytest.raises(ClockmillError, match="invalid property 'NO_SUCH' for 'TASK'"):
        read_task_parameter("no_such", 1)


def test_a_task_sets_session_parameters_for_its_body() -> None:
    given = {"timezone": "utc", "QUERY_TAG": "t", "AUTOCOMMIT": True}

    assert read_task_session_parameters(given) == {"TIMEZONE": "UTC", "QUERY_TAG": "t", "AUTOCOMMIT": True}


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"AUTOCOMMIT": False}, "AUTOCOMMIT = false"),
        ({"autocommit": "false"}, "AUTOCOMMIT = false"),
        ({"SEARCH_PATH": "a"}, "SEARCH_PATH"),
        ({"search_path": None}, "SEARCH_PATH"),
    ],
)
def test_a_task_may_not_change_how_its_body_commits_or_finds_names(
    given: dict[str, Any], setting: str
) -> None:
    with pytest.raises(ClockmillError) as refused:
        read_task_session_parameters(given)
    assert str(refused.value) == (
        f"The parameter {setting} is not supported with Tasks. Remove the parameter and try again."
    )


def test_a_login_takes_what_fits_and_leaves_the_rest() -> None:
    """A client that sends settings of its own must still get in."""
    given = {
        "query_tag": "zz",
        "CLIENT_PREFETCH_THREADS": "4",
        "WEEK_START": "99",
        "TIMEZONE": "nowhere",
        "CLIENT_INVENTED_HERE": 1,
        "JSON_INDENT": "9" * 100_000,
    }

    assert read_login_parameters(given) == {"QUERY_TAG": "zz", "CLIENT_PREFETCH_THREADS": 4}


def test_defaults_fill_what_a_session_did_not_set() -> None:
    parameters = with_session_defaults({"WEEK_START": 1})

    assert parameters["WEEK_START"] == 1
    assert parameters["AUTOCOMMIT"] is True
    assert parameters.keys() == SESSION_PARAMETERS.keys()
