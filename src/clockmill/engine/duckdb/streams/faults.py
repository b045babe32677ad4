"""What is wrong with a stream that cannot be read or consumed."""

from clockmill.core.errors import StatementFault
from clockmill.core.names import QualifiedName


class BaseDropped(StatementFault):
    """What the stream shows the changes of was dropped, or replaced by another of its name."""

    code, sqlstate = "091901", "01000"

    def __init__(self, source: QualifiedName, stream: str, kind: str = "table") -> None:
        super().__init__(f"Base {kind} '{source}' dropped, cannot read from stream '{stream}'")


class Overtaken(StatementFault):
    """Two transactions have seen the same changes, and the other one was first to consume them."""

    code, sqlstate = "100183", "40001"

    def __init__(self) -> None:
        super().__init__(
            "A stream of this statement was consumed by another transaction after this one had first "
            "read it. Roll back and begin again."
        )
