"""What SQL can do to tasks so far: RESUME, SUSPEND, EXECUTE. Their definition by SQL is to come."""

from typing import ClassVar

from clockmill.core.errors import Unsupported
from clockmill.sql.parser import Parser, Reference
from clockmill.sql.statement import Statement, Verb


class SwitchTask(Statement, frozen=True, kw_only=True):
    """ALTER TASK [IF EXISTS] name RESUME, or SUSPEND."""

    verb: ClassVar[Verb] = Verb.ALTER
    name: Reference
    if_exists: bool
    resume: bool


class ExecuteTask(Statement, frozen=True, kw_only=True):
    """EXECUTE TASK name [RETRY LAST | USING CONFIG = 'json']."""

    verb: ClassVar[Verb] = Verb.EXECUTE
    name: Reference
    retry_last: bool = False
    config: str | None = None


def read_alter_task(parser: Parser, name: Reference, *, if_exists: bool) -> SwitchTask:
    """Read what follows ALTER TASK name, other than its tags."""
    word = parser.accept_one(frozenset({"RESUME", "SUSPEND"}))
    if word is None:
        raise Unsupported(f"ALTER TASK … {parser.token.upper or parser.token.text}")
    parser.finish()
    return SwitchTask(name=name, if_exists=if_exists, resume=word == "RESUME")


def read_execute_task(parser: Parser) -> ExecuteTask:
    """Read what follows EXECUTE TASK."""
    name = parser.reference()
    if parser.at("RETRY", "GRAPH"):
        raise Unsupported("EXECUTE TASK … RETRY GRAPH RUN GROUP")
    retry_last = parser.accept("RETRY", "LAST")
    config = None
    if not retry_last and parser.accept("USING", "CONFIG"):
        parser.expect("=")
        config = parser.string()
    parser.finish()
    return ExecuteTask(name=name, retry_last=retry_last, config=config)
