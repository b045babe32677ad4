"""CREATE, ALTER, DROP, SHOW and DESCRIBE of streams. The engine keeps them, beside what they look at."""

from typing import Any, Final

from clockmill.core.errors import NotFound
from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.task import CreateMode
from clockmill.engine.protocol import GoneStream, NewStream, Relation, StreamChange, StreamComment
from clockmill.engine.result import Result
from clockmill.session.execution import Execution
from clockmill.session.handlers.listing import columns, filtered, listing, word
from clockmill.session.handlers.scope import schemas_in, where
from clockmill.sql.parser import Reference
from clockmill.sql.show import Show
from clockmill.sql.streams import AlterStream, CreateStream, DropStream

_STREAMS: Final = columns(
    "created_on:when name database_name schema_name owner comment table_name source_type base_tables type "
    "stale mode stale_after:when invalid_reason owner_role_type"
)
_TERSE: Final = columns("created_on:when name kind database_name schema_name tableOn")


def create_stream(run: Execution, statement: CreateStream) -> Result:
    """Make a stream on a table or view, or like another stream."""
    source = statement.source
    return _change(
        run,
        NewStream(
            name=run.object_name(statement.name),
            source=None if source is None else run.object_name(source.name),
            clone=_named(run, statement.clone),
            at=None if source is None else _named(run, source.at),
            is_on_view=source is not None and source.is_view,
            or_replace=statement.mode is CreateMode.OR_REPLACE,
            if_not_exists=statement.mode is CreateMode.IF_NOT_EXISTS,
            is_append_only=statement.append_only,
            shows_initial_rows=statement.show_initial_rows,
            comment=statement.comment,
        ),
    )


def alter_stream(run: Execution, statement: AlterStream) -> Result:
    """Set or take away a stream's comment."""
    name = run.object_name(statement.name)
    return _change(run, StreamComment(name=name, comment=statement.comment, if_exists=statement.if_exists))


def drop_stream(run: Execution, statement: DropStream) -> Result:
    """Drop a stream."""
    return _change(run, GoneStream(name=run.object_name(statement.name), if_exists=statement.if_exists))


def show_streams(run: Execution, statement: Show) -> Result:
    """List streams."""
    every = [
        (schema, each)
        for schema in schemas_in(run, where(run, statement))
        for each in _streams_in(run, schema)
    ]
    found = filtered(statement, every, lambda each: each[1].name)
    if statement.terse:
        return listing(_TERSE, [_terse(*each) for each in found])
    return listing(_STREAMS, [_row(*each) for each in found])


def describe_stream(run: Execution, name: Reference) -> Result:
    """Describe a stream, in the columns of SHOW."""
    full = run.object_name(name)
    try:
        every = _streams_in(run, full.parent)
    except NotFound:
        raise NotFound("Stream", full) from None
    found = [each for each in every if each.name == full.name]
    if not found:
        raise NotFound("Stream", full)
    return listing(_STREAMS, [_row(full.parent, each) for each in found])


def _change(run: Execution, change: StreamChange) -> Result:
    with run.engine_session() as session:
        return session.change_stream(change, run.context())


def _named(run: Execution, name: Reference | None) -> QualifiedName | None:
    return None if name is None else run.object_name(name)


def _streams_in(run: Execution, schema: SchemaName) -> list[Relation]:
    namespace = run.services.namespaces.namespace(schema)
    every = run.services.engine.relations(namespace, counted=False)
    return [each for each in every if each.stream is not None]


def _terse(schema: SchemaName, each: Relation) -> tuple[Any, ...]:
    source = "" if each.stream is None else str(each.stream.source)
    return (each.created_on, each.name, "DELTA", schema.database, schema.schema, source)


def _row(schema: SchemaName, each: Relation) -> tuple[Any, ...]:
    facts = each.stream
    assert facts is not None  # noqa: S101 - only streams come here
    return (
        *(each.created_on, each.name, schema.database, schema.schema, each.owner, each.comment or ""),
        *(str(facts.source), "View" if facts.is_on_view else "Table", ", ".join(map(str, facts.tables))),
        *("DELTA", word(facts.is_stale), "APPEND_ONLY" if facts.is_append_only else "DEFAULT"),
        *(None, "N/A", "ROLE"),
    )
