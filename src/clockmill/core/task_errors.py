"""What can be wrong with a task, in the words and codes that clients know.

The sentences are part of the interface: ``tests/core/test_task_errors.py`` pins each of them.
Where none is known for a rule, the sentence is ours and so is the empty code.
"""

from typing import Final

from clockmill.core.errors import GraphRule, InvalidRequest, SyntaxFault
from clockmill.core.names import QualifiedName

COMPILATION: Final = "SQL compilation error:\n"


# --- the definition and its properties ---------------------------------------------------------


class UnfinishedDefinition(SyntaxFault):
    """A task's definition is empty, or something in it is opened and never closed."""

    def __init__(self, line: int, position: int, hint: str) -> None:
        super().__init__(
            f"{COMPILATION}syntax error line {line} at position {position} unexpected '<EOF>'. {hint}"
        )


class InvalidPropertyValue(InvalidRequest):
    """A property that takes one of a few words was given another."""

    code = "001422"

    def __init__(self, name: str, value: object) -> None:
        super().__init__(f"{COMPILATION}invalid value '{value}' for property '{name}'")


class InvalidTargetInterval(InvalidRequest):
    """The time in which a serverless task has to be done is no interval, or out of range."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{COMPILATION}invalid value [{text}] for parameter 'TARGET_COMPLETION_INTERVAL'. "
            "Give 10 seconds to 24 hours."
        )


class InvalidLogLevel(InvalidRequest):
    """A log level that is none."""

    def __init__(self) -> None:
        super().__init__(
            "Invalid value for log level. Allowed values are TRACE,DEBUG,INFO,WARN,ERROR,FATAL,OFF."
        )


class InvalidTraceLevel(InvalidRequest):
    """A trace level that is none."""

    def __init__(self) -> None:
        super().__init__("Invalid value for trace level. Allowed values are ALWAYS,ON_EVENT,PROPAGATE,OFF.")


class NonexistentWarehouse(InvalidRequest):
    """The warehouse of a task is not there."""

    code = "091083"

    def __init__(self, warehouse: str) -> None:
        super().__init__(f"Nonexistent warehouse {warehouse} was specified.")


class ServerlessOnly(InvalidRequest):
    """A property of tasks without a warehouse was set on one that has a warehouse."""

    def __init__(self, option: str) -> None:
        super().__init__(f"Cannot set {option} on a non-serverless task.")


class TargetIntervalNeedsServerless(InvalidRequest):
    """A target interval was set on a task that has a warehouse."""

    code = "091857"

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(
            "TARGET_COMPLETION_INTERVAL is only allowed for serverless Tasks. "
            f"{task} is not a serverless task."
        )


class TargetIntervalRequired(InvalidRequest):
    """A serverless task that waits for a stream must say how soon it has to be done."""

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(
            f"Task {task} is triggered by a stream and has no warehouse: set TARGET_COMPLETION_INTERVAL, "
            "a warehouse, or a schedule."
        )


class SizesOutOfOrder(InvalidRequest):
    """Two serverless sizes contradict each other."""

    def __init__(self, first: str, first_size: str, relation: str, second: str, second_size: str) -> None:
        super().__init__(f"{first} ({first_size}) cannot be {relation} than {second} ({second_size}).")


class OverlapFormsDiffer(InvalidRequest):
    """The old and the new way to say how runs may overlap say different things."""

    def __init__(self) -> None:
        super().__init__(
            "Cannot specify ALLOW_OVERLAPPING_EXECUTION and OVERLAP_POLICY to different values "
            "in the same command."
        )


# --- what only a root may have -----------------------------------------------------------------


class ScheduleAndPredecessor(GraphRule):
    """A child is started by its predecessors and by nothing else."""

    code = "091400"

    def __init__(self, task: str) -> None:
        super().__init__(f"Task {task} cannot have both a schedule and a predecessor.")


class ScheduledFinalizer(GraphRule):
    """A finalizer is started by the end of its graph and by nothing else."""

    def __init__(self, task: str) -> None:
        super().__init__(f"Task {task} cannot have a schedule and be a finalizer task.")


class ConfigOnNonRoot(GraphRule):
    """The configuration belongs to the graph, so its root has it."""

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(f"Task {task} cannot both be a non-root task and have a config.")


class OverlapPolicyOnNonRoot(GraphRule):
    """How graph runs overlap is said on the root."""

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(f"Cannot set overlap policy on non-root task {task}.")


class OverlapOnNonRoot(GraphRule):
    """The same, in its old form."""

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(f"Cannot set allow_overlapping_execution on non-root task {task}.")


class AutoRetryOnNonRoot(GraphRule):
    """A graph run is retried as a whole, so the root says how often."""

    def __init__(self, task: str) -> None:
        super().__init__(
            f"Cannot set parameter TASK_AUTO_RETRY_ATTEMPTS on non-root task {task}. Non-root tasks use the "
            "parameter setting from their root task. Please set this on the root task for this task instead."
        )


# --- links -------------------------------------------------------------------------------------


class InvalidPredecessor(GraphRule):
    """A predecessor is not there."""

    code = "091085"

    def __init__(self, predecessor: object) -> None:
        super().__init__(f"Invalid predecessor {predecessor} was specified.")


class OwnPredecessor(GraphRule):
    """A task names itself as its predecessor."""

    def __init__(self, task: str) -> None:
        super().__init__(f"Task {task} cannot use itself as its predecessor.")


class PredecessorElsewhere(GraphRule):
    """A predecessor is in another schema."""

    def __init__(self, predecessor: object) -> None:
        super().__init__(f"Cannot have predecessor {predecessor} from a different schema.")


class NotAPredecessor(GraphRule):
    """A link that is to be removed is not there."""

    def __init__(self, task: str, predecessor: object) -> None:
        super().__init__(f"Task {task} does not have predecessor {predecessor}.")


class OwnersDiffer(GraphRule):
    """Two tasks of one graph would belong to different roles."""

    def __init__(self, task: QualifiedName, other: QualifiedName) -> None:
        super().__init__(
            f"Task {task} and task {other} are owned by different roles. "
            "All tasks of a graph must have the same owner."
        )


class TooManyStarted(GraphRule):
    """The account has as many started tasks as it may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The account cannot have more than {limit:,} started tasks. Suspend or drop some of them first."
        )


# --- finalizers --------------------------------------------------------------------------------


class InvalidFinalizedRoot(GraphRule):
    """The task to finalize is not there."""

    def __init__(self, root: object) -> None:
        super().__init__(f"Invalid finalized root task {root} was specified.")


class FinalizedElsewhere(GraphRule):
    """The task to finalize is in another schema."""

    def __init__(self, root: object) -> None:
        super().__init__(f"Cannot finalize graph {root} in a different schema.")


class FinalizesNonRoot(GraphRule):
    """The task to finalize is no root."""

    def __init__(self, task: QualifiedName, target: QualifiedName) -> None:
        super().__init__(f"Task {task} cannot finalize a non-root task {target}.")


class FinalizesItself(GraphRule):
    """A task names itself as the root it finalizes."""

    def __init__(self, task: str) -> None:
        super().__init__(f"Task {task} cannot finalize itself.")


class SecondFinalizer(GraphRule):
    """The root has a finalizer already."""

    def __init__(self, root: str) -> None:
        super().__init__(f"Finalize target {root} already have finalizer.")


class FinalizerWithPredecessors(GraphRule):
    """A finalizer waits for its whole graph, so it has no predecessors."""

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(f"Task {task} cannot have predecessors as a finalizer task.")


class FinalizerWithChildren(GraphRule):
    """Nothing comes after a finalizer."""

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(f"Task {task} cannot have children as a finalizer task.")


class FinalizedBecomesChild(GraphRule):
    """A root that has a finalizer would become a child."""

    def __init__(self) -> None:
        super().__init__(
            "This task has a finalizer and cannot be made a child task. "
            "Please remove the finalizer before adding a predecessor."
        )


class FinalizedReplacedByNonRoot(GraphRule):
    """A root that has a finalizer would be replaced by a task that is no root."""

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(
            f"Cannot replace task {task} with a non-root task because it has a finalizer task. "
            "Please remove the finalizer task first."
        )


# --- started graphs ----------------------------------------------------------------------------


class RootNotSuspended(GraphRule):
    """A task of a graph would change while its root is started."""

    code, sqlstate = "091421", "22000"

    def __init__(self, root: QualifiedName) -> None:
        super().__init__(
            f"Unable to update graph with root task {root} since that root task is not suspended."
        )
