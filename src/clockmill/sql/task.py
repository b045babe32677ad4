"""Task statements: CREATE, ALTER and EXECUTE TASK, and COMMENT ON TASK."""

from typing import ClassVar, Final

import msgspec

from clockmill.core.errors import Unsupported
from clockmill.core.task import CreateMode
from clockmill.sql.catalog import Creation
from clockmill.sql.parser import Parser, Reference
from clockmill.sql.statement import Statement, Verb
from clockmill.sql.task_clauses import (
    TaskClauses,
    property_name,
    read_body,
    read_clauses,
    read_condition,
    read_names,
    read_settings,
)


class CreateTask(Statement, frozen=True, kw_only=True):
    """CREATE [OR REPLACE | OR ALTER] TASK [IF NOT EXISTS] name clauses AS body, or … CLONE *source*.

    *mode* is None for OR ALTER. A clone may bring clauses of its own; it has no body.
    """

    verb: ClassVar[Verb] = Verb.CREATE
    name: Reference
    mode: CreateMode | None
    clauses: TaskClauses
    source: Reference | None = None


class SwitchTask(Statement, frozen=True, kw_only=True):
    """ALTER TASK [IF EXISTS] name RESUME, or SUSPEND."""

    verb: ClassVar[Verb] = Verb.ALTER
    name: Reference
    if_exists: bool
    resume: bool


class TaskAlteration(msgspec.Struct, frozen=True, kw_only=True):
    """What ALTER TASK does: what is mentioned in *clauses* becomes so.

    *removed* are predecessors that the task loses, while those in *clauses* are added. *unset*
    names properties, and FINALIZE and EXECUTE AS USER by these words.
    """

    clauses: TaskClauses = TaskClauses()
    removed: tuple[Reference, ...] = ()
    unset: tuple[str, ...] = ()
    removes_condition: bool = False


class AlterTask(Statement, frozen=True, kw_only=True):
    """ALTER TASK [IF EXISTS] name, or COMMENT ON TASK."""

    verb: ClassVar[Verb] = Verb.ALTER
    name: Reference
    if_exists: bool
    alteration: TaskAlteration


class ExecuteTask(Statement, frozen=True, kw_only=True):
    """EXECUTE TASK name [USING CONFIG = 'json' | RETRY LAST | RETRY GRAPH RUN GROUP 'id']."""

    verb: ClassVar[Verb] = Verb.EXECUTE
    name: Reference
    retry_last: bool = False
    retry_group: str | None = None
    config: str | None = None


def read_create_task(parser: Parser, creation: Creation) -> CreateTask:
    """Read what follows CREATE … TASK."""
    mode = creation.mode(parser)
    name = parser.reference()
    if parser.accept("CLONE"):
        return _read_clone(parser, name, creation, mode)
    clauses = read_clauses(parser)
    if creation.or_alter and clauses.tags:
        raise Unsupported("CREATE OR ALTER TASK … WITH TAG")
    if clauses.body is None:
        parser.fail()
    return CreateTask(name=name, mode=None if creation.or_alter else mode, clauses=clauses)


def _read_clone(parser: Parser, name: Reference, creation: Creation, mode: CreateMode) -> CreateTask:
    if creation.or_alter:
        raise Unsupported("CREATE OR ALTER TASK … CLONE")
    source = parser.reference()
    clauses = read_clauses(parser)
    parser.finish()
    return CreateTask(name=name, mode=mode, clauses=clauses, source=source)


def read_alter_task(parser: Parser, name: Reference, *, if_exists: bool) -> Statement:
    """Read what follows ALTER TASK name, other than its tags."""
    word = parser.accept_one(_ACTIONS)
    if word is None:
        raise Unsupported(f"ALTER TASK … {parser.token.upper or parser.token.text}")
    if word in ("RESUME", "SUSPEND"):
        parser.finish()
        return SwitchTask(name=name, if_exists=if_exists, resume=word == "RESUME")
    alteration = _ALTERATIONS[word](parser)
    parser.finish()
    return AlterTask(name=name, if_exists=if_exists, alteration=alteration)


def read_comment_on_task(parser: Parser, *, if_exists: bool) -> AlterTask:
    """Read what follows COMMENT … ON TASK."""
    name = parser.reference()
    parser.expect("IS")
    clauses = TaskClauses(settings={"COMMENT": parser.argument()})
    parser.finish()
    return AlterTask(name=name, if_exists=if_exists, alteration=TaskAlteration(clauses=clauses))


def read_execute_task(parser: Parser) -> ExecuteTask:
    """Read what follows EXECUTE TASK."""
    name = parser.reference()
    retry_last, group, config = parser.accept("RETRY", "LAST"), None, None
    if not retry_last and parser.accept("RETRY", "GRAPH", "RUN", "GROUP"):
        group = parser.string()
    elif not retry_last and parser.accept("USING", "CONFIG"):
        parser.expect("=")
        config = parser.string()
    parser.finish()
    return ExecuteTask(name=name, retry_last=retry_last, retry_group=group, config=config)


# --- ALTER TASK --------------------------------------------------------------------------------


def _read_add(parser: Parser) -> TaskAlteration:
    parser.expect("AFTER")
    return TaskAlteration(clauses=TaskClauses(after=read_names(parser)))


def _read_remove(parser: Parser) -> TaskAlteration:
    if parser.accept("WHEN"):
        return TaskAlteration(removes_condition=True)
    parser.expect("AFTER")
    return TaskAlteration(removed=read_names(parser))


def _read_modify(parser: Parser) -> TaskAlteration:
    if parser.accept("WHEN"):
        return TaskAlteration(clauses=TaskClauses(condition=read_condition(parser)))
    return TaskAlteration(clauses=TaskClauses(body=read_body(parser)))


def _read_set(parser: Parser) -> TaskAlteration:
    if parser.at("CONTACT"):
        raise Unsupported("ALTER TASK … SET CONTACT")
    clauses = read_settings(parser)
    if clauses == TaskClauses():
        parser.fail()
    return TaskAlteration(clauses=clauses)


def _read_unset(parser: Parser) -> TaskAlteration:
    """Read UNSET and the names after it, with or without commas; a name twice is an error."""
    for refused in (("CONTACT",), ("DCM", "PROJECT")):
        if parser.at(*refused):
            raise Unsupported(f"ALTER TASK … UNSET {' '.join(refused)}")
    spelled: list[str] = []
    unset: list[str] = []
    while not unset or not parser.at_end:
        if parser.accept("EXECUTE", "AS", "USER"):
            unset.append("EXECUTE AS USER")
        else:
            unset.append(property_name(parser, spelled))
        parser.accept(",")
    return TaskAlteration(unset=tuple(dict.fromkeys(unset)))


_ALTERATIONS: Final = {
    "ADD": _read_add,
    "REMOVE": _read_remove,
    "MODIFY": _read_modify,
    "SET": _read_set,
    "UNSET": _read_unset,
}
_ACTIONS: Final = frozenset({"RESUME", "SUSPEND", *_ALTERATIONS})
