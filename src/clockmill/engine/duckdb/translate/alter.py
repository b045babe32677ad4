"""ALTER and COMMENT of tables, views and sequences."""

import msgspec
from sqlglot import exp

from clockmill.core.errors import AlreadyExists, Unsupported
from clockmill.core.names import render
from clockmill.engine.duckdb import types
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.locks import EXCLUSIVE
from clockmill.engine.duckdb.names import quote, quoted
from clockmill.engine.duckdb.objects import SEQUENCE, STREAM, TABLE, VIEW, Column, Object
from clockmill.engine.duckdb.streams.definitions import refuse_metadata, streams_renamed
from clockmill.engine.duckdb.streams.log import alter_log, fill_log
from clockmill.engine.duckdb.translate.changes import (
    DONE,
    change,
    check_duplicates,
    is_change_tracking,
    namespace_step,
    nothing,
)
from clockmill.engine.duckdb.translate.ddl import is_ignored, read_column
from clockmill.engine.duckdb.translate.keys import (
    Keyed,
    declared_keys,
    referring_renamed,
    refuse_unknown_constraint,
    under_keys,
    with_column_renamed,
    without_column,
    without_key,
)
from clockmill.engine.duckdb.translate.plan import Plan, Step
from clockmill.engine.duckdb.translate.rows import default_sql, wrong_kind
from clockmill.engine.duckdb.translate.unit import (
    Named,
    Unit,
    fold_identifier,
    stored_name,
)
from clockmill.engine.duckdb.types import physical, read_type
from clockmill.engine.keys import KeyKind


def compile_alter(node: exp.Alter, unit: Unit) -> Plan:
    kind = str(node.args.get("kind") or "").upper()
    if kind not in (TABLE, VIEW):
        raise Unsupported(f"ALTER {kind}")
    if node.args.get("exists") and unit.name(node.this).found is None:
        return nothing(DONE)
    named, thing = unit.existing(node.this)
    if thing.kind == STREAM:
        raise wrong_kind(thing, kind)
    actions = node.args.get("actions") or []
    if len(actions) == 1 and isinstance(actions[0], exp.SwapTable):
        return _swap(actions[0], unit, named, thing)
    new = thing
    steps: list[Step] = []
    renamed: dict[str, str] = {}
    for action in actions:
        if isinstance(action, exp.AlterSet) and _is_change_tracking(action):
            continue
        if thing.kind == VIEW and not isinstance(action, exp.AlterRename | exp.AlterSet | exp.Set):
            raise Unsupported("ALTER VIEW with anything but RENAME TO, SET and UNSET COMMENT")
        new, more = _alter(action, unit, named, new)
        steps += more
        if isinstance(action, exp.RenameColumn):
            renamed |= [_renaming(action)]
    new, referring = referring_renamed(unit.objects, thing, new, renamed)
    others = [*streams_renamed(unit.objects, thing, new, named), *referring]
    return change(unit, named, steps, DONE, added=[new, *others], dropped=[thing, *others])


def _is_change_tracking(action: exp.AlterSet) -> bool:
    """Say whether CHANGE_TRACKING is set and nothing else: there is no need, streams see to it themselves."""
    given = [part for item in action.expressions for part in (item.expressions or [item])]
    return bool(given) and all(type(item) is exp.Property and is_change_tracking(item) for item in given)


def _alter(action: exp.Expr, unit: Unit, named: Named, thing: Object) -> tuple[Object, list[Step]]:
    if isinstance(action, exp.AlterRename):
        return _rename(action, unit, named, thing)
    if isinstance(action, exp.ColumnDef):
        return _add_column(action, unit, named, thing)
    if isinstance(action, exp.Schema):
        steps: list[Step] = []
        for item in action.expressions:
            thing, more = _alter(item, unit, named, thing)
            steps += more
        return thing, steps
    if isinstance(action, exp.Drop) and str(action.args.get("kind")).upper() == "COLUMN":
        return _drop_columns(action, thing)
    if isinstance(action, exp.RenameColumn):
        return _rename_column(action, thing)
    if isinstance(action, exp.AlterSet):
        return _set_comment(action, thing), []
    if isinstance(action, exp.Set) and action.args.get("unset"):
        return _unset(action, thing), []
    if isinstance(action, exp.ClusterProperty) or _is_drop_of_clustering(action):
        return thing, []  # how rows are laid out has no effect here
    if isinstance(action, exp.AlterColumn):
        return _alter_column(action, thing, unit)
    changed = _alter_keys(action, unit, named, thing)
    if changed is not None:
        return changed
    raise Unsupported(f"ALTER TABLE … {action.sql('snowflake')[:60]}")


def _renaming(action: exp.RenameColumn) -> tuple[str, str]:
    old, new = (
        fold_identifier(n.this if isinstance(n, exp.Column) else n) for n in (action.this, action.args["to"])
    )
    return old, new


def _set_comment(action: exp.AlterSet, thing: Object) -> Object:
    for key, value in action.args.items():
        if value and key != "expressions":
            raise Unsupported(f"ALTER TABLE … SET {key.upper()}")
    given = [part for item in action.expressions for part in (item.expressions or [item])]
    for item in given:
        if isinstance(item, exp.SchemaCommentProperty):
            thing = msgspec.structs.replace(thing, comment=str(item.this.name))
        elif thing.kind == VIEW or not (type(item) is exp.Property and is_ignored(item.name)):
            raise Unsupported(f"ALTER {thing.kind} … SET {item.sql('snowflake')[:60]}")
    return thing


def _unset(action: exp.Set, thing: Object) -> Object:
    for item in action.expressions:
        name = item.name.upper()
        if name == "COMMENT":
            thing = msgspec.structs.replace(thing, comment=None)
        elif thing.kind == VIEW or not is_ignored(name):
            raise Unsupported(f"ALTER {thing.kind} … UNSET {name[:60]}")
    return thing


def _is_drop_of_clustering(action: exp.Expr) -> bool:
    return _words_of(action) == ["DROP", "CLUSTERING", "KEY"]


def _words_of(action: exp.Expr) -> list[str]:
    if not isinstance(action, exp.Command):
        return []
    return f"{action.this} {action.expression}".upper().split()


def _rename_column(action: exp.RenameColumn, thing: Object) -> tuple[Object, list[Step]]:
    old, name = _renaming(action)
    _column(thing, old)
    columns = tuple(msgspec.structs.replace(c, name=name) if c.name == old else c for c in thing.columns)
    check_duplicates(list(columns))
    refuse_metadata(thing, name)
    keys = with_column_renamed(thing.keys, old, name)
    change_of_name = f"RENAME COLUMN {quoted(old)} TO {quoted(name)}"
    return msgspec.structs.replace(thing, columns=columns, keys=keys), [
        Step(f"ALTER TABLE {stored_name(thing)} {change_of_name}"),
        *alter_log(thing, change_of_name),
    ]


def _alter_keys(
    action: exp.Expr, unit: Unit, named: Named, thing: Object
) -> tuple[Object, list[Step]] | None:
    """Add or drop a key; None where *action* does neither."""
    if isinstance(action, exp.AddConstraint):
        return _add_keys(action, unit, named, thing)
    if isinstance(action, exp.Drop) and str(action.args.get("kind")).upper() == "CONSTRAINT":
        return without_key(thing, None, fold_identifier(action.args["tables"][0].this)), []
    if _words_of(action) == ["DROP", "PRIMARY", "KEY"]:
        return without_key(thing, KeyKind.PRIMARY, None), []
    return None


def _add_keys(
    action: exp.AddConstraint, unit: Unit, named: Named, thing: Object
) -> tuple[Object, list[Step]]:
    for item in action.expressions:
        refuse_unknown_constraint(item)
    keys = declared_keys(action.expressions, Keyed(unit, named, thing.created_on, thing.columns, thing.keys))
    columns = under_keys(thing.columns, keys)
    where = f"ALTER TABLE {stored_name(thing)} ALTER COLUMN"
    steps = [
        Step(f"{where} {quoted(new.name)} SET NOT NULL")
        for old, new in zip(thing.columns, columns, strict=True)
        if old.type.is_nullable and not new.type.is_nullable
    ]
    return msgspec.structs.replace(thing, columns=columns, keys=keys), steps


def _swap(action: exp.SwapTable, unit: Unit, named: Named, thing: Object) -> Plan:
    """Let two tables of one schema take each other's name."""
    other_named, other = unit.existing(action.this)
    if TABLE not in (thing.kind, other.kind) or thing.kind != other.kind:
        raise Unsupported("SWAP WITH of anything but tables")
    if named.namespace != other_named.namespace:
        raise Unsupported("SWAP WITH a table of another schema")
    if any(each.is_temporary or each.tracking is not None for each in (thing, other)):
        raise Unsupported("SWAP WITH of tables that are temporary or have streams")
    if thing.name == other.name:
        return nothing(DONE)
    between = quote(f"{thing.name}.{unit.context.query_id}")
    steps = [
        Step(f"ALTER TABLE {stored_name(thing)} RENAME TO {between}"),
        Step(f"ALTER TABLE {stored_name(other)} RENAME TO {quoted(thing.name)}"),
        Step(f"ALTER TABLE {quote(thing.namespace)}.{between} RENAME TO {quoted(other.name)}"),
    ]
    added = [
        msgspec.structs.replace(other, name=thing.name),
        msgspec.structs.replace(thing, name=other.name),
    ]
    plan = change(unit, named, steps, DONE, added=added, dropped=[thing, other])
    locks = tuple(sorted((each.lock, EXCLUSIVE) for each in (named, other_named)))
    return msgspec.structs.replace(plan, locks=locks)


def _column(thing: Object, name: str) -> Column:
    for column in thing.columns:
        if column.name == name:
            return column
    raise CompilationFault(f"column '{render(name)}' does not exist", code="000904")


def _rename(action: exp.AlterRename, unit: Unit, named: Named, thing: Object) -> tuple[Object, list[Step]]:
    target = unit.name(action.this)
    if target.found is not None:
        raise AlreadyExists(render(target.full.name))
    new = msgspec.structs.replace(thing, name=target.full.name, namespace=target.namespace)
    if thing.kind == VIEW:
        return new, [namespace_step(target)]
    if target.namespace == named.namespace or thing.is_temporary:
        renamed = quoted(f"{new.namespace}.{new.name}") if thing.is_temporary else quoted(new.name)
        return new, [Step(f"ALTER TABLE {stored_name(thing)} RENAME TO {renamed}")]
    if any(c.identity for c in thing.columns):
        raise Unsupported("moving a table with an identity column to another schema")
    if thing.tracking is not None:
        raise Unsupported("moving a table with a stream to another schema")
    # DuckDB cannot move a table between schemas: it is made anew there.
    definition = ", ".join(
        f"{quoted(c.name)} {physical(c.type)}{'' if c.type.is_nullable else ' NOT NULL'}"
        for c in thing.columns
    )
    return new, [
        namespace_step(target),
        Step(f"CREATE TABLE {stored_name(new)} ({definition})"),
        Step(f"INSERT INTO {stored_name(new)} SELECT * FROM {stored_name(thing)}"),
        Step(f"DROP TABLE {stored_name(thing)}"),
    ]


def _add_column(item: exp.ColumnDef, unit: Unit, named: Named, thing: Object) -> tuple[Object, list[Step]]:
    name = fold_identifier(item.this)
    if any(c.name == name for c in thing.columns):
        if item.args.get("exists"):
            return thing, []
        raise CompilationFault(f"column '{render(name)}' already exists", code="001430", sqlstate="42601")
    column = read_column(item, unit, named)
    if column.identity is not None:
        raise Unsupported("ADD COLUMN with AUTOINCREMENT")
    table = stored_name(thing)
    refuse_metadata(thing, name)
    action = f"ADD COLUMN {quoted(name)} {physical(column.type)}"
    columns = (*thing.columns, column)
    keys = declared_keys([item], Keyed(unit, named, thing.created_on, columns, thing.keys))
    columns = under_keys(columns, keys)
    value = default_sql(column, thing, unit) if column.default is not None else None
    if columns[-1].type.is_nullable:
        steps = [Step(f"ALTER TABLE {table} {action}"), *alter_log(thing, action)]
        steps += [Step(f"UPDATE {table} SET {quoted(name)} = {value}", (), True)] if value is not None else []
    else:
        # DuckDB forbids NULL only in a column that the transaction has not updated.
        filled = f" DEFAULT ({value})" if value is not None else ""
        where = f"ALTER TABLE {table} ALTER COLUMN {quoted(name)}"
        steps = [Step(f"ALTER TABLE {table} {action}{filled}", (), True), *alter_log(thing, action)]
        steps += [Step(f"{where} SET NOT NULL"), Step(f"{where} DROP DEFAULT")]
    if value is not None:
        steps += fill_log(thing, f"SET {quoted(name)} = {value}")
    return msgspec.structs.replace(thing, columns=columns, keys=keys), steps


def _drop_columns(action: exp.Drop, thing: Object) -> tuple[Object, list[Step]]:
    steps = []
    columns, keys = thing.columns, thing.keys
    for item in action.args.get("tables") or [action.this]:
        name = fold_identifier(item.this if isinstance(item, exp.Column | exp.Table) else item)
        if action.args.get("exists") and all(c.name != name for c in columns):
            continue
        _column(thing, name)
        columns = tuple(c for c in columns if c.name != name)
        keys = without_column(keys, name)
        steps.append(Step(f"ALTER TABLE {stored_name(thing)} DROP COLUMN {quoted(name)}"))
        steps += alter_log(thing, f"DROP COLUMN {quoted(name)}")
    if not columns:
        raise CompilationFault("a table must keep a column", code="002259", sqlstate="42601")
    return msgspec.structs.replace(thing, columns=under_keys(columns, keys), keys=keys), steps


def _alter_column(action: exp.AlterColumn, thing: Object, unit: Unit) -> tuple[Object, list[Step]]:
    name = fold_identifier(action.this.this if isinstance(action.this, exp.Column) else action.this)
    column = _column(thing, name)
    where = f"ALTER TABLE {stored_name(thing)} ALTER COLUMN {quoted(name)}"
    steps = []
    if action.args.get("dtype") is not None:
        kind = read_type(action.args["dtype"], unit.timestamp)
        if kind.kind is not column.type.kind or (kind.scale or 0) != (column.type.scale or 0):
            raise CompilationFault(
                f"cannot change column {render(name)} from type {types.sql_name(column.type)} to "
                f"{types.sql_name(kind)}",
                code="002108",
                sqlstate="22000",
            )
        new = msgspec.structs.replace(
            column, type=msgspec.structs.replace(kind, is_nullable=column.type.is_nullable)
        )
        if physical(new.type) != physical(column.type):
            steps.append(Step(f"{where} TYPE {physical(new.type)}"))
            steps += alter_log(thing, f"ALTER COLUMN {quoted(name)} TYPE {physical(new.type)}")
    elif action.args.get("drop") and action.args.get("allow_null") is None:
        new = msgspec.structs.replace(column, default=None)
    elif action.args.get("allow_null") is not None:
        nullable = bool(action.args.get("allow_null")) or bool(action.args.get("drop"))
        new = msgspec.structs.replace(column, type=msgspec.structs.replace(column.type, is_nullable=nullable))
        steps.append(Step(f"{where} {'DROP' if nullable else 'SET'} NOT NULL"))
    elif action.args.get("comment") is not None:
        new = msgspec.structs.replace(column, comment=action.args["comment"].name or None)
    else:
        raise Unsupported(f"ALTER COLUMN … {action.sql('snowflake')[:60]}")
    columns = tuple(new if c.name == name else c for c in thing.columns)
    return msgspec.structs.replace(thing, columns=columns), steps


def compile_comment(node: exp.Comment, unit: Unit) -> Plan:
    kind = str(node.args.get("kind") or "").upper()
    if kind not in (TABLE, VIEW, SEQUENCE, "COLUMN"):
        raise Unsupported(f"COMMENT ON {kind}")
    text = node.expression.name
    if kind == "COLUMN":
        column = node.this
        name = fold_identifier(column.this)
        parts = [column.args[key] for key in ("catalog", "db", "table") if column.args.get(key) is not None]
        table = exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False)))
        named, thing = unit.existing(table)
        _column(thing, name)
        columns = tuple(
            msgspec.structs.replace(c, comment=text) if c.name == name else c for c in thing.columns
        )
        new = msgspec.structs.replace(thing, columns=columns)
    else:
        found = SEQUENCE if kind == SEQUENCE else TABLE
        if node.args.get("exists") and unit.name(node.this, found).found is None:
            return nothing(DONE)
        named, thing = unit.existing(node.this, found)
        new = msgspec.structs.replace(thing, comment=text)
    return change(unit, named, [], DONE, added=[new], dropped=[thing])
