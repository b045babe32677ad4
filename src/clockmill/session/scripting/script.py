"""A script under way: what all its instructions share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from clockmill.core.cancel import CancelToken
from clockmill.core.errors import StatementCancelled
from clockmill.core.types import BOOLEAN, NUMBER, TEXT, ColumnType
from clockmill.engine.protocol import Binding
from clockmill.engine.result import Result, StatementType
from clockmill.session.nested import Nested
from clockmill.session.scripting.background import Jobs
from clockmill.session.scripting.expressions import Expressions
from clockmill.session.scripting.values import Frame, Variable
from clockmill.sql.scripting.ast import Handler, Instruction

_DML: Final = frozenset(
    {
        StatementType.INSERT,
        StatementType.UPDATE,
        StatementType.DELETE,
        StatementType.MERGE,
        StatementType.MULTI_TABLE_INSERT,
        StatementType.DML,
    }
)
_GLOBALS: Final[Mapping[str, ColumnType]] = {
    "SQLROWCOUNT": NUMBER,
    "SQLFOUND": BOOLEAN,
    "SQLNOTFOUND": BOOLEAN,
    "ACTIVITY_COUNT": NUMBER,
    "SQLID": TEXT,
    "SQLCODE": NUMBER,
    "SQLERRM": TEXT,
    "SQLSTATE": TEXT,
}
"""The variables that every script finds, NULL at its beginning."""

_STEPS_BETWEEN_LOOKS: Final = 64
"""Instructions after which a script looks whether it is others' turn: some tenths of a millisecond."""


class Leave(msgspec.Struct, frozen=True):
    """BREAK: end the loop of that label, or the innermost."""

    label: str | None


class GoOn(msgspec.Struct, frozen=True):
    """CONTINUE: the next turn of the loop of that label, or of the innermost."""

    label: str | None


class Returned(msgspec.Struct, frozen=True):
    """RETURN: the value, or a table; None where it says nothing."""

    value: Binding | Result | None
    start: int


Signal = Leave | GoOn | Returned | None


class Guard(msgspec.Struct, frozen=True):
    """The handlers of the innermost block, and the frame that they see."""

    handlers: tuple[Handler, ...]
    frame: Frame


Step = Callable[["Script", Any, Frame], Signal]


class Script:
    """One run of a block: where its statements go, how its instructions are carried out."""

    def __init__(self, nested: Nested, source: str, steps: Mapping[type, Step]) -> None:
        self.nested = nested
        self.source = source
        self.turn = nested.execution.services.computing.turn(nested.cancel)
        self.expressions = Expressions(nested, self.turn, source)
        self.jobs = Jobs(nested)
        self.globals = Frame()
        self.guard: Guard | None = None
        self._steps = steps
        self._cancel: CancelToken = nested.cancel
        self._until_look = _STEPS_BETWEEN_LOOKS
        for name, of in _GLOBALS.items():
            self.globals.names[name] = Variable(Binding(None, of), of)

    # --- going on ------------------------------------------------------------------------------

    def step(self, instruction: Instruction, frame: Frame) -> Signal:
        """Carry out one instruction, unless somebody wants an end."""
        if self._cancel.reason is not None:
            raise StatementCancelled
        self._until_look -= 1
        if not self._until_look:
            self._until_look = _STEPS_BETWEEN_LOOKS
            self.turn.go_on()
        return self._steps[type(instruction)](self, instruction, frame)

    def all_of(self, instructions: Sequence[Instruction], frame: Frame) -> Signal:
        """Carry out instructions up to the first that ends what they are in."""
        for each in instructions:
            signal = self.step(each, frame)
            if signal is not None:
                return signal
        return None

    def close(self) -> None:
        """Leave nothing behind: no job, and nobody waiting for this script."""
        self.turn.pause()
        self.jobs.close()

    # --- what statements leave -----------------------------------------------------------------

    def set_global(self, name: str, value: Any) -> None:
        """Give a variable that every script finds its value."""
        self.globals.names[name].binding = Binding(value, _GLOBALS[name])

    def note(self, result: Result) -> None:
        """Say how many rows a statement has changed; one that changes none makes it NULL."""
        is_dml = result.statement_type in _DML
        count = result.affected if is_dml else None
        self.set_global("SQLROWCOUNT", count)
        self.set_global("SQLFOUND", None if count is None else count > 0)
        self.set_global("SQLNOTFOUND", None if count is None else count == 0)
        self.set_global("ACTIVITY_COUNT", len(result.rows) if count is None else count)
