"""The catalogue of task errors as clients meet it: status, code and text of each refused request."""

from typing import Any, Final

import pytest
from tests.api.conftest import TASKS, Api, assert_error

MINUTE: Final = {"schedule_type": "MINUTES_TYPE", "minutes": 1}
COMPILATION: Final = "SQL compilation error:\n"
STARTED: Final = "Unable to update graph with root task DB.S.LIVE since that root task is not suspended."
RETRIES: Final = (
    "Cannot set parameter TASK_AUTO_RETRY_ATTEMPTS on non-root task X. Non-root tasks use the parameter "
    "setting from their root task. Please set this on the root task for this task instead."
)
CHILD_WITH_FINALIZER: Final = (
    "This task has a finalizer and cannot be made a child task. "
    "Please remove the finalizer before adding a predecessor."
)
REPLACED_WITH_FINALIZER: Final = (
    "Cannot replace task DB.S.ENDED with a non-root task because it has a finalizer task. "
    "Please remove the finalizer task first."
)
BAD_SCHEDULE: Final = (
    "Invalid schedule was specified. Please refer to the docs on what constitutes a valid schedule."
)
BAD_ZONE: Final = (
    'Invalid schedule was specified. "PST" is not a recognized time zone. '
    "Please specify time zones accepted by the TIMEZONE parameter."
)
BAD_CONDITION: Final = (
    "Invalid expression for task condition expression. Only some data type conversions and the following "
    "functions are allowed: [SYSTEM$GET_PREDECESSOR_RETURN_VALUE, SYSTEM$STREAM_HAS_DATA]."
)
NO_CHILDREN_OF_FINALIZER: Final = "Task DB.S.LAST cannot have children as a finalizer task."


def cron(expression: str, zone: str = "UTC") -> dict[str, str]:
    return {"schedule_type": "CRON_TYPE", "cron_expr": expression, "timezone": zone}


CREATE: Final[list[tuple[dict[str, Any], str, str]]] = [
    ({"warehouse": "nope"}, "091083", "Nonexistent warehouse NOPE was specified."),
    ({"warehouse": '"nope"'}, "091083", 'Nonexistent warehouse "nope" was specified.'),
    ({"predecessors": ["nope"]}, "091085", "Invalid predecessor NOPE was specified."),
    (
        {"predecessors": ["r"], "schedule": MINUTE},
        "091400",
        "Task X cannot have both a schedule and a predecessor.",
    ),
    ({"predecessors": ["x"]}, "", "Task X cannot use itself as its predecessor."),
    ({"predecessors": ["db.s2.t"]}, "", "Cannot have predecessor DB.S2.T from a different schema."),
    ({"predecessors": ["last"]}, "", NO_CHILDREN_OF_FINALIZER),
    (
        {"predecessors": ["r"], "config": {"a": 1}},
        "",
        "Task DB.S.X cannot both be a non-root task and have a config.",
    ),
    (
        {"predecessors": ["r"], "overlap_policy": "NO_OVERLAP"},
        "",
        "Cannot set overlap policy on non-root task DB.S.X.",
    ),
    (
        {"predecessors": ["r"], "allow_overlapping_execution": True},
        "",
        "Cannot set allow_overlapping_execution on non-root task DB.S.X.",
    ),
    ({"predecessors": ["r"], "task_auto_retry_attempts": 1}, "", RETRIES),
    ({"predecessors": ["live"]}, "091421", STARTED),
    ({"finalize": "live"}, "091421", STARTED),
    ({"finalize": "nope"}, "", "Invalid finalized root task NOPE was specified."),
    ({"finalize": "db.s2.t"}, "", "Cannot finalize graph DB.S2.T in a different schema."),
    ({"finalize": "child"}, "", "Task DB.S.X cannot finalize a non-root task DB.S.CHILD."),
    ({"finalize": "x"}, "", "Task X cannot finalize itself."),
    ({"finalize": "ended"}, "", "Finalize target ENDED already have finalizer."),
    ({"finalize": "r", "schedule": MINUTE}, "", "Task X cannot have a schedule and be a finalizer task."),
    (
        {"finalize": "r", "predecessors": ["o"]},
        "",
        "Task DB.S.X cannot have predecessors as a finalizer task.",
    ),
    ({"schedule": cron("* * * *")}, "", BAD_SCHEDULE),
    ({"schedule": cron("* * * * *", "PST")}, "", BAD_ZONE),
    (
        {"schedule": cron("0 0 31 2 *")},
        "",
        "No valid time could be found under the schedule and/or interval specified",
    ),
    ({"schedule": MINUTE | {"minutes": 0, "seconds": 9}}, "", "Cannot set schedule less than 10 seconds."),
    ({"schedule": MINUTE | {"minutes": 11_521}}, "", "Cannot set schedule greater than 11,520 minutes."),
    ({"condition": "current_timestamp() > 1"}, "", BAD_CONDITION),
    (
        {"warehouse": "wh", "user_task_managed_initial_warehouse_size": "SMALL"},
        "",
        "Cannot set USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE on a non-serverless task.",
    ),
    (
        {"warehouse": "wh", "serverless_task_min_statement_size": "SMALL"},
        "",
        "Cannot set SERVERLESS_TASK_MIN_STATEMENT_SIZE on a non-serverless task.",
    ),
    (
        {"warehouse": "wh", "target_completion_interval": MINUTE},
        "091857",
        "TARGET_COMPLETION_INTERVAL is only allowed for serverless Tasks. DB.S.X is not a serverless task.",
    ),
    (
        {"serverless_task_min_statement_size": "LARGE", "serverless_task_max_statement_size": "SMALL"},
        "",
        (
            "SERVERLESS_TASK_MIN_STATEMENT_SIZE (LARGE) cannot be greater than "
            "SERVERLESS_TASK_MAX_STATEMENT_SIZE (SMALL)."
        ),
    ),
    (
        {"serverless_task_min_statement_size": "LARGE", "user_task_managed_initial_warehouse_size": "SMALL"},
        "",
        (
            "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE (SMALL) cannot be less than "
            "SERVERLESS_TASK_MIN_STATEMENT_SIZE (LARGE)."
        ),
    ),
    (
        {"user_task_timeout_ms": 604_800_001},
        "",
        f"{COMPILATION}invalid value [604,800,001] for parameter 'USER_TASK_TIMEOUT_MS'",
    ),
    ({"session_parameters": {"NOPE": 1}}, "001420", f"{COMPILATION}invalid property 'NOPE' for 'TASK'"),
    (
        {"session_parameters": {"AUTOCOMMIT": False}},
        "",
        "The parameter AUTOCOMMIT = false is not supported with Tasks. Remove the parameter and try again.",
    ),
    (
        {"session_parameters": {"SEARCH_PATH": "x"}},
        "",
        "The parameter SEARCH_PATH is not supported with Tasks. Remove the parameter and try again.",
    ),
    (
        {"definition": "select '"},
        "001003",
        f"{COMPILATION}syntax error line 1 at position 7 unexpected '<EOF>'.",
    ),
]

Refused = tuple[str, str, Any, int, str, str]
"""A request: method, path, body; and what it is answered: status, code, and how the text begins."""

OTHERS: Final[list[Refused]] = [
    (
        "GET",
        "/nobody",
        None,
        404,
        "002003",
        f"{COMPILATION}Task 'DB.S.NOBODY' does not exist or not authorized.",
    ),
    ("POST", "", {"name": "r"}, 409, "002002", f"{COMPILATION}Object 'R' already exists."),
    (
        "POST",
        "",
        {"name": "x", "execute_as_user": "u"},
        404,
        "002003",
        f"{COMPILATION}User 'U' does not exist",
    ),
    ("PUT", "/live", {"name": "live"}, 400, "091421", STARTED),
    ("PUT", "/member", {"name": "member", "predecessors": ["live"]}, 400, "091421", STARTED),
    ("POST", "?createMode=orReplace", {"name": "member"}, 400, "091421", STARTED),
    ("POST", "/member:suspend", None, 400, "091421", STARTED),
    ("POST", "/member:resume", None, 400, "091421", STARTED),
    ("DELETE", "/member", None, 400, "091421", STARTED),
    ("DELETE", "/live", None, 400, "091421", STARTED),
    ("PUT", "/ended", {"name": "ended", "predecessors": ["r"]}, 400, "", CHILD_WITH_FINALIZER),
    (
        "POST",
        "?createMode=orReplace",
        {"name": "ended", "predecessors": ["r"]},
        400,
        "",
        REPLACED_WITH_FINALIZER,
    ),
    (
        "PUT",
        "/r",
        {"name": "r", "finalize": "o"},
        400,
        "",
        "Task DB.S.R cannot have children as a finalizer task.",
    ),
    (
        "POST",
        "/child:execute",
        None,
        400,
        "091435",
        (
            "Execute task cannot be called on non-root task DB.S.CHILD. "
            "Call EXECUTE TASK on the root task of its graph instead."
        ),
    ),
    (
        "POST",
        "/r:execute?retryLast=true",
        None,
        400,
        "091457",
        "Cannot perform retry: no suitable run of graph with root task R to retry.",
    ),
    ("POST", "/ring:resume", None, 400, "", "Graph has at least one cycle containing task DB.S."),
    (
        "POST",
        "/one:resume",
        None,
        400,
        "",
        "The graph has more than one root task (one without predecessors)",
    ),
]


@pytest.fixture
def furnished(make_api: Any) -> Api:
    """A graph of R and CHILD; O; ENDED with its finalizer LAST; LIVE, started, with MEMBER; two ill ones."""
    api: Api = make_api()
    for name, after in (("r", ()), ("child", ("r",)), ("o", ()), ("ended", ()), ("live", ())):
        api.create(name, *after)
    api.create("last", finalize="ended")
    api.create("member", "live")
    assert api.post(f"{TASKS}/live:resume").status_code == 200
    for name, after in (("ring", ()), ("a", ("ring",)), ("b", ("a",)), ("one", ()), ("two", ())):
        api.create(name, *after)
    api.create("both", "one", "two")
    body = {"name": "a", "definition": "select 1", "predecessors": ["ring", "b"]}
    assert api.put(f"{TASKS}/a", body).status_code == 200
    return api


@pytest.mark.parametrize(("properties", "code", "message"), CREATE)
def test_a_refused_definition(furnished: Api, properties: dict[str, Any], code: str, message: str) -> None:
    before = furnished.rows(TASKS)

    answer = furnished.post(TASKS, {"name": "x", "definition": "select 1", **properties})

    assert_begins(answer, 400, code, message)
    assert furnished.rows(TASKS) == before


@pytest.mark.parametrize("refused", OTHERS)
def test_a_refused_request(furnished: Api, refused: Refused) -> None:
    method, path, body, status, code, message = refused
    before = furnished.rows(TASKS)
    options = {} if body is None else {"json": {"definition": "select 2", **body}}

    answer = furnished.request(method, TASKS + path, **options)

    assert_begins(answer, status, code, message)
    assert furnished.rows(TASKS) == before


def assert_begins(answer: Any, status: int, code: str, message: str) -> None:
    """Check an error whose text may go on, with a hint of ours after the one that is documented."""
    text = answer.json().get("message", "")
    assert text[: len(message)] == message
    assert_error(answer, status, code, text)
