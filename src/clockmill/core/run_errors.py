"""What can be wrong with asking for a run, in the words and codes that clients know.

Where no sentence is known for a rule, it is ours and so is the empty code.
"""

from clockmill.core.errors import ClockmillError, GraphRule, StatementFault
from clockmill.core.names import QualifiedName, render


class ExecuteOnNonRoot(GraphRule):
    """A child or a finalizer was asked to run by itself."""

    code = "091435"

    def __init__(self, task: QualifiedName) -> None:
        super().__init__(
            f"Execute task cannot be called on non-root task {task}. "
            "Call EXECUTE TASK on the root task of its graph instead."
        )


class NothingToRetry(GraphRule):
    """The graph has never run, or its latest run has not ended."""

    code = "091457"

    def __init__(self, root: str) -> None:
        super().__init__(
            f"Cannot perform retry: no suitable run of graph with root task {render(root)} to retry."
        )


class NoFailures(GraphRule):
    """The latest run of the graph succeeded."""

    code = "091456"

    def __init__(self, root: str, group_id: str, attempt: int) -> None:
        super().__init__(
            f"Cannot perform retry: run (GRAPH_RUN_GROUP_ID = {group_id}, attempt = {attempt}) "
            f"of graph with root task {render(root)} had no failures."
        )


class ModifiedSinceRun(GraphRule):
    """The graph is not what it was when it failed, so the failed part may not fit any more."""

    def __init__(self, root: str, group_id: str, attempt: int) -> None:
        super().__init__(
            f"Cannot perform retry: graph with root task {render(root)} was modified after run "
            f"(GRAPH_RUN_GROUP_ID = {group_id}, attempt = {attempt}). Execute the root task instead."
        )


class RunTooOld(GraphRule):
    """The first attempt of the run lies too far back."""

    def __init__(self, root: str, group_id: str, attempt: int, days: int) -> None:
        super().__init__(
            f"Cannot perform retry: the first attempt of run (GRAPH_RUN_GROUP_ID = {group_id}, "
            f"attempt = {attempt}) of graph with root task {render(root)} is more than {days} days old. "
            "Execute the root task instead."
        )


class UnknownRunGroup(GraphRule):
    """The root has no runs in the group that is to be tried again."""

    def __init__(self, group_id: str) -> None:
        super().__init__(f"Cannot perform retry: Graph run group with ID {group_id} not found.")


class RunInProgress(GraphRule):
    """The latest run of the group that is to be tried again has not ended."""

    def __init__(self, root: str, group_id: str, attempt: int) -> None:
        super().__init__(
            f"Cannot perform retry: run (GRAPH_RUN_GROUP_ID = {group_id}, attempt = {attempt}) "
            f"of graph with root task {render(root)} is still in progress."
        )


class UserLacksOwnerRole(StatementFault):
    """A task runs as a user who does not have, or no longer has, the role that owns it."""

    def __init__(self, user: str, role: str) -> None:
        super().__init__(
            f"Task execution failed because the user {render(user)} no longer has access to the task owner "
            f"role {render(role)}. To fix, an administrator must run GRANT ROLE {render(role)} TO USER "
            f"{render(user)}, or alter the task to execute as a different user who has access to that role."
        )


class QueryNotFound(ClockmillError):
    """No task runs under that query id."""

    code, sqlstate = "000709", "02000"

    def __init__(self, query_id: str) -> None:
        super().__init__(f"Statement {query_id} not found")
