"""CREATE, ALTER and DROP of streams."""

# S608: SQL of ours, made of names of ours.

import uuid

import msgspec

from clockmill.core.errors import AlreadyExists, Unsupported
from clockmill.core.names import QualifiedName, render
from clockmill.engine.duckdb.faults import CompilationFault, ObjectMissing
from clockmill.engine.duckdb.locks import EXCLUSIVE
from clockmill.engine.duckdb.names import PRIVATE, literal
from clockmill.engine.duckdb.objects import STREAM, TABLE, VIEW, MadeView, Object, Objects, Stream
from clockmill.engine.duckdb.streams.log import (
    INSERTED,
    KINDS,
    MARK,
    begin_tracking,
    end_tracking,
    image,
    log_name,
)
from clockmill.engine.duckdb.streams.metadata import NAMES
from clockmill.engine.duckdb.streams.sources import require_sound
from clockmill.engine.duckdb.streams.views import table_of
from clockmill.engine.duckdb.translate.changes import DONE, change, namespace_step, nothing
from clockmill.engine.duckdb.translate.plan import Plan, Step, with_places
from clockmill.engine.duckdb.translate.rows import wrong_kind
from clockmill.engine.duckdb.translate.unit import Named, Parameter, Unit, stored_name
from clockmill.engine.protocol import GoneStream, NewStream, StreamChange, StreamComment


def compile_change(request: StreamChange, unit: Unit) -> Plan:
    """Return the plan of a statement that makes, changes or drops a stream."""
    match request:
        case NewStream():
            return with_places(_create(request, unit))
        case StreamComment():
            return _comment(request, unit)
        case GoneStream():
            return with_places(_drop(request, unit))


def refuse_metadata(thing: Object, column: str) -> None:
    """Refuse to give a tracked table a column that its streams have already."""
    if thing.tracking is not None and column in NAMES:
        raise CompilationFault(f"column '{column}' is one of the streams on this table", code="002025")


def streams_renamed(objects: Objects, old: Object, new: Object, named: Named) -> list[Object]:
    """Return the streams on a table, saying its new name; none if it keeps the name."""
    if old.tracking is None or old.name == new.name:
        return []
    base = named.full.parent.object(new.name)
    return [_on_renamed(each, base) for each in objects.streams_on(old.tracking)]


def _on_renamed(thing: Object, base: QualifiedName) -> Object:
    stream = _stream(thing)
    source = stream.source if stream.view is not None else base
    return msgspec.structs.replace(thing, stream=msgspec.structs.replace(stream, base=base, source=source))


# -- CREATE


class _Effect(msgspec.Struct, frozen=True):
    """What the beginning or the end of a stream means for tables and their logs."""

    steps: list[Step]
    added: list[Object]
    dropped: list[Object]

    def then(self, other: "_Effect") -> "_Effect":
        return _Effect(
            [*self.steps, *other.steps], [*self.added, *other.added], [*self.dropped, *other.dropped]
        )


def _create(request: NewStream, unit: Unit) -> Plan:
    named = unit.resolve(request.name)
    kept = _kept(request, named)
    if kept is not None:
        return kept
    model = _find_stream(unit, request.clone) if request.clone is not None else None
    stream, table = _like(unit, model) if model is not None else _on(request, unit)
    effect = _enter(request, unit, stream, table)
    if named.found is not None:
        effect = effect.then(_leave(unit, named.found, staying=stream.tracking))
    thing = _new(unit, named, stream, model.comment if model is not None else request.comment)
    plan = change(
        unit,
        named,
        [namespace_step(named), *effect.steps],
        f"Stream {named.full.name} successfully created.",
        added=[*effect.added, thing],
        dropped=effect.dropped,
    )
    models = [_find_stream(unit, name) for name in (request.clone, request.at) if name is not None]
    return _locking(plan, _lock(table), *map(_lock, models), *_locks_left(unit, named.found))


def _kept(request: NewStream, named: Named) -> Plan | None:
    """Return the answer where the stream is there already and shall stay, or raise."""
    found = named.found
    if found is None or (request.or_replace and found.kind == STREAM):
        return None
    if request.or_replace:
        raise CompilationFault(
            f"Object '{render(named.full.name)}' already exists as {found.kind}",
            code="002002",
            sqlstate="42710",
        )
    if request.if_not_exists:
        return nothing(f"{named.full.name} already exists, statement succeeded.")
    raise AlreadyExists(render(named.full.name))


def _enter(request: NewStream, unit: Unit, stream: Stream, table: Object) -> _Effect:
    """Return what makes *stream* stand in the log of *table*, which has one from now on."""
    tracked = msgspec.structs.replace(table, tracking=stream.tracking)
    begun = _begin(request, unit, stream, tracked)
    if table.tracking is not None:
        return _Effect(begun, [], [])
    return _Effect([*begin_tracking(table, stream.tracking), *begun], [tracked], [table])


def _on(request: NewStream, unit: Unit) -> tuple[Stream, Object]:
    """Return a new stream on the table or view that is asked for, and the table that it watches."""
    source = request.source
    assert source is not None  # noqa: S101 - a stream without a model has a source
    found = _find_source(unit, source, VIEW if request.is_on_view else TABLE)
    table, base, view = found, source, None
    if request.is_on_view:
        named, table = table_of(found, source.parent, unit)
        base = named.full
        view = MadeView(namespace=found.namespace, name=found.name, created_on=found.created_on)
    if table.is_temporary:
        raise Unsupported("a stream on a temporary table")
    stream = Stream(
        id=uuid.uuid4().hex,
        tracking=table.tracking or uuid.uuid4().hex,
        source=source,
        base=base,
        is_append_only=request.is_append_only,
        view=view,
    )
    if view is not None:
        require_sound(stream, table, found, unit)
    return stream, table


def _find_source(unit: Unit, name: QualifiedName, kind: str) -> Object:
    found = unit.resolve(name).found
    if found is None:
        raise ObjectMissing(name, kind.capitalize())
    if found.kind != kind:
        raise wrong_kind(found, kind)
    for column in found.columns:
        if column.name in NAMES:
            raise CompilationFault(f"duplicate column name '{column.name}'", code="002025", sqlstate="42S21")
    return found


def _like(unit: Unit, model: Object) -> tuple[Stream, Object]:
    stream = _stream(model)
    table = unit.objects.tracked(stream.tracking)
    if table is None:
        raise Unsupported("CLONE of a stream whose table is gone")
    return msgspec.structs.replace(stream, id=uuid.uuid4().hex), table


def _begin(request: NewStream, unit: Unit, stream: Stream, table: Object) -> list[Step]:
    """Return the steps that say where a new stream stands, and keep the rows that it shows first."""
    like = request.clone or request.at
    if like is not None:
        model = _stream(_find_stream(unit, like))
        if model.tracking != stream.tracking:
            raise Unsupported("AT (STREAM => …) of a stream on another table")
        return _begin_like(stream, model)
    batch = unit.internal(Parameter("batch", stream.tracking), "BIGINT")
    log = log_name(stream.tracking)
    values = f"{literal(stream.id)}, {literal(stream.tracking)}, {batch}"
    if not request.shows_initial_rows:
        return [Step(f"INSERT INTO {PRIVATE}.offsets VALUES ({values}, false)", (), True)]
    entry = f"{KINDS} * {batch} + {INSERTED}, {literal(stream.id)}, {image(table)}"
    rows = f"SELECT {entry} FROM {stored_name(table)}"
    is_initial = f"EXISTS (SELECT 1 FROM {stored_name(table)})"
    return [
        Step(f"INSERT INTO {log} {rows}", (), True),
        Step(f"INSERT INTO {PRIVATE}.offsets SELECT {values}, {is_initial}", (), True),
    ]


def _begin_like(stream: Stream, model: Stream) -> list[Step]:
    log = log_name(stream.tracking)
    of_model = f"FROM {log} WHERE {MARK} = {literal(model.id)}"
    return [
        Step(
            f"INSERT INTO {PRIVATE}.offsets SELECT {literal(stream.id)}, tracking, batch, is_initial "
            f"FROM {PRIVATE}.offsets WHERE id = {literal(model.id)}"
        ),
        Step(f"INSERT INTO {log} SELECT * REPLACE ({literal(stream.id)} AS {MARK}) {of_model}"),
    ]


def _new(unit: Unit, named: Named, stream: Stream, comment: str | None) -> Object:
    return Object(
        namespace=named.namespace,
        name=named.full.name,
        kind=STREAM,
        owner=unit.context.role,
        created_on=unit.context.now,
        comment=comment,
        stream=stream,
    )


# -- ALTER


def _comment(request: StreamComment, unit: Unit) -> Plan:
    found = _find(unit, request.name)
    if found is None and request.if_exists:
        return nothing(DONE)
    thing = _find_stream(unit, request.name)
    new = msgspec.structs.replace(thing, comment=request.comment)
    return change(unit, unit.resolve(request.name), [], DONE, added=[new], dropped=[thing])


# -- DROP


def _drop(request: GoneStream, unit: Unit) -> Plan:
    if request.if_exists and _find(unit, request.name) is None:
        shown = render(request.name.name)
        return nothing(f"Drop statement executed successfully ({shown} already dropped).")
    thing = _find_stream(unit, request.name)
    named = unit.resolve(request.name)
    left = _leave(unit, thing)
    done = f"{named.full.name} successfully dropped."
    plan = change(unit, named, left.steps, done, added=left.added, dropped=left.dropped)
    return _locking(plan, *_locks_left(unit, thing))


def _leave(unit: Unit, thing: Object, staying: str | None = None) -> _Effect:
    """Return what drops a stream; nobody tracks a table without streams (*staying* gets another one)."""
    stream = _stream(thing)
    steps = [Step(f"DELETE FROM {PRIVATE}.offsets WHERE id = {literal(stream.id)}")]
    table = unit.objects.tracked(stream.tracking)
    others = [each for each in unit.objects.streams_on(stream.tracking) if each.key != thing.key]
    if table is None:
        return _Effect(steps, [], [thing])
    if others or stream.tracking == staying:
        first_rows = f"DELETE FROM {log_name(stream.tracking)} WHERE {MARK} = {literal(stream.id)}"
        return _Effect([*steps, Step(first_rows)], [], [thing])
    untracked = msgspec.structs.replace(table, tracking=None)
    return _Effect([*steps, *end_tracking(table)], [untracked], [thing, table])


def _locks_left(unit: Unit, thing: Object | None) -> tuple[str, ...]:
    if thing is None or thing.stream is None:
        return ()
    table = unit.objects.tracked(thing.stream.tracking)
    return () if table is None else (_lock(table),)


# -- finding and planning


def _find(unit: Unit, name: QualifiedName) -> Object | None:
    return unit.resolve(name).found


def _find_stream(unit: Unit, name: QualifiedName) -> Object:
    found = _find(unit, name)
    if found is None:
        raise ObjectMissing(name, "Stream")
    if found.kind != STREAM:
        raise wrong_kind(found, STREAM)
    return found


def _stream(thing: Object) -> Stream:
    assert thing.stream is not None  # noqa: S101 - narrows
    return thing.stream


def _lock(thing: Object) -> str:
    return f"{thing.namespace}.{thing.name}"


def _locking(plan: Plan, *locks: str) -> Plan:
    """Return *plan* with these tables and streams locked besides."""
    wanted = dict(plan.locks) | dict.fromkeys(locks, EXCLUSIVE)
    return msgspec.structs.replace(plan, locks=tuple(wanted.items()))
