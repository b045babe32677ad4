"""Statements that define a task, checked as far as that goes before the store is asked.

The checking is done here, in the caller's thread and not in the writer's. What is wrong with
values is raised only when they matter: not where the task exists and is to be left as it is.
"""

from collections.abc import Callable

from clockmill.core import rules
from clockmill.core.errors import ClockmillError
from clockmill.core.names import QualifiedName
from clockmill.core.task import TaskSpec
from clockmill.core.task_change import TaskChange, apply_change, read_change
from clockmill.service.task_changes import check_references, require_links
from clockmill.store.database import Transaction

_NOTHING = TaskSpec(definition="")


class Draft:
    """A task as a statement would have it: as a whole, or as what is said over nothing.

    Raises at once for what is wrong with the statement in itself.
    """

    def __init__(self, name: QualifiedName, wanted: TaskSpec | TaskChange) -> None:
        self._name = name
        if isinstance(wanted, TaskSpec):
            self._change = TaskChange()
            spec = rules.read_statement(wanted)
            self._warehouse, self._user = spec.warehouse, spec.execute_as_user
            self._outcome = _outcome(lambda: rules.check_properties(name, spec))
        else:
            self._change = read_change(wanted)
            rules.read_texts(wanted.definition or "", wanted.condition)
            self._warehouse, self._user = wanted.settings.get("WAREHOUSE"), wanted.execute_as_user
            self._outcome = _outcome(
                lambda: rules.check_properties(name, apply_change(name, _NOTHING, wanted))
            )

    def check_references(self, tx: Transaction) -> None:
        """Raise unless what the statement names besides tasks is there."""
        check_references(tx, self._warehouse, self._user)

    def checked(self, tx: Transaction) -> TaskSpec:
        """Return the spec, or raise what is wrong with it."""
        require_links(tx, self._name.parent, self._change)
        if isinstance(self._outcome, ClockmillError):
            raise self._outcome
        return self._outcome


def _outcome(check: Callable[[], TaskSpec]) -> TaskSpec | ClockmillError:
    try:
        return check()
    except ClockmillError as error:
        return error
