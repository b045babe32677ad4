"""The sentences and codes of the task reference's error catalogue, each pinned once."""

import pytest

from clockmill.core import task_errors as errors
from clockmill.core.errors import ClockmillError
from clockmill.core.names import QualifiedName

Q = QualifiedName("DB", "S", "T")
P = QualifiedName("DB", "S", "P")
COMPILATION = "SQL compilation error:\n"

CATALOGUE: list[tuple[ClockmillError, str, str, str]] = [
    (
        errors.UnfinishedDefinition(1, 7, "A hint."),
        "001003",
        "42000",
        f"{COMPILATION}syntax error line 1 at position 7 unexpected '<EOF>'. A hint.",
    ),
    (
        errors.InvalidTargetInterval("5 S"),
        "",
        "42601",
        (
            f"{COMPILATION}invalid value [5 S] for parameter 'TARGET_COMPLETION_INTERVAL'. "
            "Give 10 seconds to 24 hours."
        ),
    ),
    (
        errors.InvalidLogLevel(),
        "",
        "42601",
        "Invalid value for log level. Allowed values are TRACE,DEBUG,INFO,WARN,ERROR,FATAL,OFF.",
    ),
    (
        errors.InvalidTraceLevel(),
        "",
        "42601",
        "Invalid value for trace level. Allowed values are ALWAYS,ON_EVENT,PROPAGATE,OFF.",
    ),
    (errors.NonexistentWarehouse("W"), "091083", "42601", "Nonexistent warehouse W was specified."),
    (
        errors.ServerlessOnly("SERVERLESS_TASK_MIN_STATEMENT_SIZE"),
        "",
        "42601",
        "Cannot set SERVERLESS_TASK_MIN_STATEMENT_SIZE on a non-serverless task.",
    ),
    (
        errors.TargetIntervalNeedsServerless(Q),
        "091857",
        "42601",
        "TARGET_COMPLETION_INTERVAL is only allowed for serverless Tasks. DB.S.T is not a serverless task.",
    ),
    (
        errors.TargetIntervalRequired(Q),
        "",
        "42601",
        (
            "Task DB.S.T is triggered by a stream and has no warehouse: set TARGET_COMPLETION_INTERVAL, "
            "a warehouse, or a schedule."
        ),
    ),
    (
        errors.SizesOutOfOrder("A_SIZE", "LARGE", "greater", "B_SIZE", "SMALL"),
        "",
        "42601",
        "A_SIZE (LARGE) cannot be greater than B_SIZE (SMALL).",
    ),
    (
        errors.OverlapFormsDiffer(),
        "",
        "42601",
        (
            "Cannot specify ALLOW_OVERLAPPING_EXECUTION and OVERLAP_POLICY to different values "
            "in the same command."
        ),
    ),
    (
        errors.InvalidPropertyValue("OVERLAP_POLICY", "X"),
        "001422",
        "42601",
        f"{COMPILATION}invalid value 'X' for property 'OVERLAP_POLICY'",
    ),
    (
        errors.ScheduleAndPredecessor("T"),
        "091400",
        "42601",
        "Task T cannot have both a schedule and a predecessor.",
    ),
    (errors.ScheduledFinalizer("T"), "", "42601", "Task T cannot have a schedule and be a finalizer task."),
    (
        errors.ConfigOnNonRoot(Q),
        "",
        "42601",
        "Task DB.S.T cannot both be a non-root task and have a config.",
    ),
    (errors.OverlapPolicyOnNonRoot(Q), "", "42601", "Cannot set overlap policy on non-root task DB.S.T."),
    (
        errors.OverlapOnNonRoot(Q),
        "",
        "42601",
        "Cannot set allow_overlapping_execution on non-root task DB.S.T.",
    ),
    (
        errors.AutoRetryOnNonRoot("T"),
        "",
        "42601",
        (
            "Cannot set parameter TASK_AUTO_RETRY_ATTEMPTS on non-root task T. Non-root tasks "
            "use the parameter setting from their root task. "
            "Please set this on the root task for this task instead."
        ),
    ),
    (errors.InvalidPredecessor("P"), "091085", "42601", "Invalid predecessor P was specified."),
    (errors.OwnPredecessor("T"), "", "42601", "Task T cannot use itself as its predecessor."),
    (
        errors.PredecessorElsewhere(P),
        "",
        "42601",
        "Cannot have predecessor DB.S.P from a different schema.",
    ),
    (errors.NotAPredecessor("T", "P"), "", "42601", "Task T does not have predecessor P."),
    (
        errors.OwnersDiffer(Q, P),
        "",
        "42601",
        (
            "Task DB.S.T and task DB.S.P are owned by different roles. "
            "All tasks of a graph must have the same owner."
        ),
    ),
    (
        errors.TooManyStarted(30_000),
        "",
        "42601",
        "The account cannot have more than 30,000 started tasks. Suspend or drop some of them first.",
    ),
    (errors.InvalidFinalizedRoot("R"), "", "42601", "Invalid finalized root task R was specified."),
    (errors.FinalizedElsewhere(P), "", "42601", "Cannot finalize graph DB.S.P in a different schema."),
    (errors.FinalizesNonRoot(Q, P), "", "42601", "Task DB.S.T cannot finalize a non-root task DB.S.P."),
    (errors.FinalizesItself("T"), "", "42601", "Task T cannot finalize itself."),
    (errors.SecondFinalizer("R"), "", "42601", "Finalize target R already have finalizer."),
    (
        errors.FinalizerWithPredecessors(Q),
        "",
        "42601",
        "Task DB.S.T cannot have predecessors as a finalizer task.",
    ),
    (
        errors.FinalizerWithChildren(Q),
        "",
        "42601",
        "Task DB.S.T cannot have children as a finalizer task.",
    ),
    (
        errors.FinalizedBecomesChild(),
        "",
        "42601",
        (
            "This task has a finalizer and cannot be made a child task. "
            "Please remove the finalizer before adding a predecessor."
        ),
    ),
    (
        errors.FinalizedReplacedByNonRoot(Q),
        "",
        "42601",
        (
            "Cannot replace task DB.S.T with a non-root task because it has a finalizer task. "
            "Please remove the finalizer task first."
        ),
    ),
    (
        errors.RootNotSuspended(Q),
        "091421",
        "22000",
        "Unable to update graph with root task DB.S.T since that root task is not suspended.",
    ),
]


@pytest.mark.parametrize(
    ("error", "code", "sqlstate", "message"), CATALOGUE, ids=[type(row[0]).__name__ for row in CATALOGUE]
)
def test_an_error_has_the_code_and_sentence_that_clients_know(
    error: ClockmillError, code: str, sqlstate: str, message: str
) -> None:
    assert (error.code, error.sqlstate, error.message) == (code, sqlstate, message)


def test_every_error_about_tasks_is_in_the_catalogue() -> None:
    defined = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and each.__module__ == errors.__name__
    }
    assert defined == {type(row[0]) for row in CATALOGUE}
