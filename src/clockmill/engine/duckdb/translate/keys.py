"""Keys of tables: kept beside their columns, and not enforced, as documented."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from sqlglot import exp

from clockmill.core.errors import Unsupported
from clockmill.core.names import render
from clockmill.engine.duckdb.faults import CompilationFault
from clockmill.engine.duckdb.objects import Column, Object, Objects
from clockmill.engine.duckdb.parse import CALL_MARK
from clockmill.engine.duckdb.translate.unit import Named, Unit, fold_identifier
from clockmill.engine.keys import NO_ACTION, Key, KeyKind, Referred

TABLE_CONSTRAINTS: Final = (
    exp.PrimaryKey,
    exp.ForeignKey,
    exp.UniqueColumnConstraint,
    exp.Constraint,
)


class Keyed(msgspec.Struct, frozen=True):
    """The table whose keys are read: its name and its columns as they will be, and what the unit knows."""

    unit: Unit
    named: Named
    made_on: datetime
    columns: tuple[Column, ...]
    keys: tuple[Key, ...] = ()


# -- reading


def declared_keys(items: Iterable[exp.Expr], of: Keyed) -> tuple[Key, ...]:
    """Return the keys that the parts of a definition declare, for columns and for the table."""
    found = of.keys
    for item in items:
        for key in _read(item, msgspec.structs.replace(of, keys=found), None):
            if key.kind is KeyKind.PRIMARY and any(each.kind is KeyKind.PRIMARY for each in found):
                raise CompilationFault(
                    f"primary key already exists for table '{render(of.named.full.name)}'",
                    code="002200",
                    sqlstate="42601",
                )
            found = (*found, key)
    return found


def _read(item: exp.Expr, of: Keyed, name: str | None) -> list[Key]:
    if isinstance(item, exp.ColumnDef):
        return _of_column(item, of)
    if isinstance(item, exp.Constraint):
        name = fold_identifier(item.this)
        return [key for inner in item.expressions for key in _read(inner, of, name)]
    if isinstance(item, exp.PrimaryKey):
        return [Key(kind=KeyKind.PRIMARY, name=name, columns=_columns(item.expressions, of.columns))]
    if isinstance(item, exp.UniqueColumnConstraint) and isinstance(item.this, exp.Schema):
        return [Key(kind=KeyKind.UNIQUE, name=name, columns=_columns(item.this.expressions, of.columns))]
    if isinstance(item, exp.ForeignKey):
        columns = _columns(item.expressions, of.columns)
        return [_foreign(item.args["reference"], columns, of, name)]
    return []


def _of_column(item: exp.ColumnDef, of: Keyed) -> list[Key]:
    columns = (fold_identifier(item.this),)
    keys: list[Key] = []
    name: str | None = None
    for constraint in item.args.get("constraints") or []:
        name = fold_identifier(constraint.this) if constraint.this is not None else name
        rule = constraint.kind
        if isinstance(rule, exp.PrimaryKeyColumnConstraint):
            keys.append(Key(kind=KeyKind.PRIMARY, name=name, columns=columns))
        elif isinstance(rule, exp.UniqueColumnConstraint):
            keys.append(Key(kind=KeyKind.UNIQUE, name=name, columns=columns))
        elif isinstance(rule, exp.Reference):
            keys.append(_foreign(rule, columns, of, name))
        elif isinstance(rule, exp.ForeignKey):
            continue  # the table that it refers to comes next, and the name is for both
        name = None
    return keys


def _columns(items: list[exp.Expr], columns: tuple[Column, ...]) -> tuple[str, ...]:
    names = tuple(fold_identifier(each) for each in items if isinstance(each, exp.Identifier))
    _require(names, columns)
    return names


def _require(names: tuple[str, ...], columns: tuple[Column, ...]) -> None:
    there = {column.name for column in columns}
    for name in names:
        if name not in there:
            raise CompilationFault(f"invalid identifier '{render(name)}'", code="000904")


def _foreign(rule: exp.Expr, columns: tuple[str, ...], of: Keyed, name: str | None) -> Key:
    """Return a foreign key; the table that it refers to is there, or is the one that is being made."""
    target = rule.this
    listed = target.expressions if isinstance(target, exp.Schema) else []
    table = _unmarked(target.this if isinstance(target, exp.Schema) else target)
    if of.unit.qualify(table) == of.named.full:
        there, keys, made_on, namespace = of.columns, of.keys, of.made_on, of.named.namespace
        shown = of.named.full.name
    else:
        _, thing = of.unit.existing(table)
        there, keys, made_on, namespace = thing.columns, thing.keys, thing.created_on, thing.namespace
        shown = thing.name
    given = tuple(fold_identifier(each) for each in listed) or _primary(keys, shown)
    _require(given, there)
    if len(given) != len(columns):
        raise CompilationFault(
            f"A foreign key of {len(columns)} columns cannot refer to {len(given)} columns of "
            f"'{render(shown)}'",
            code="002140",
            sqlstate="42601",
        )
    update, delete = _rules(rule)
    referred = Referred(
        namespace=namespace,
        table=shown,
        made_on=made_on,
        columns=given,
        update_rule=update,
        delete_rule=delete,
    )
    return Key(kind=KeyKind.FOREIGN, name=name, columns=columns, referred=referred)


def _unmarked(table: exp.Expr) -> exp.Expr:
    """Return a table's node without the mark of calls: a parenthesis follows its name."""
    inner = table.this
    if isinstance(inner, exp.Identifier) and not inner.quoted and str(inner.this).startswith(CALL_MARK):
        table = table.copy()
        table.set("this", exp.to_identifier(str(inner.this).removeprefix(CALL_MARK)))
    return table


def _primary(keys: tuple[Key, ...], table: str) -> tuple[str, ...]:
    for key in keys:
        if key.kind is KeyKind.PRIMARY:
            return key.columns
    raise CompilationFault(
        f"Table '{render(table)}' has no primary key that a foreign key could refer to",
        code="002140",
        sqlstate="42601",
    )


def _rules(rule: exp.Expr) -> tuple[str, str]:
    """Return what is declared to happen on update and on delete."""
    update = delete = NO_ACTION
    for option in rule.args.get("options") or []:
        words = str(option).upper().split()
        if words[:2] == ["ON", "UPDATE"]:
            update = " ".join(words[2:])
        elif words[:2] == ["ON", "DELETE"]:
            delete = " ".join(words[2:])
    return update, delete


# -- what keys mean for columns


def under_keys(columns: Iterable[Column], keys: Iterable[Key]) -> tuple[Column, ...]:
    """Return *columns* as they are under *keys*: nothing in a primary key can be NULL."""
    primary = {name for key in keys if key.kind is KeyKind.PRIMARY for name in key.columns}
    unique = {name for key in keys if key.kind is KeyKind.UNIQUE for name in key.columns}
    return tuple(
        msgspec.structs.replace(
            column,
            type=msgspec.structs.replace(column.type, is_nullable=False)
            if column.name in primary
            else column.type,
            is_primary_key=column.name in primary,
            is_unique=column.name in unique,
        )
        for column in columns
    )


# -- changes of tables that have keys


def without_key(thing: Object, kind: KeyKind | None, name: str | None) -> Object:
    """Return a table without a key: the one of a *kind* (PRIMARY), or that of a *name*."""
    kept = tuple(key for key in thing.keys if (key.name != name if kind is None else key.kind is not kind))
    if len(kept) == len(thing.keys):
        shown = name if name is not None else kind or ""
        raise CompilationFault(
            f"Constraint '{shown}' does not exist or not authorized", code="002003", sqlstate="42S02"
        )
    return msgspec.structs.replace(thing, keys=kept, columns=under_keys(thing.columns, kept))


def with_column_renamed(keys: tuple[Key, ...], old: str, new: str) -> tuple[Key, ...]:
    return tuple(
        msgspec.structs.replace(key, columns=tuple(new if name == old else name for name in key.columns))
        for key in keys
    )


def without_column(keys: tuple[Key, ...], name: str) -> tuple[Key, ...]:
    """Return the keys that stay when a column goes: those that it was no part of."""
    return tuple(key for key in keys if name not in key.columns)


def referring_renamed(
    objects: Objects, old: Object, new: Object, columns: dict[str, str]
) -> tuple[Object, list[Object]]:
    """Return *new* and the tables that refer to it, saying its new name and those of its columns."""
    if old.key == new.key and not columns:
        return new, []
    others = [each for each in objects.referring(old.key) if each.key != old.key]
    followed = [_following(each, old, new, columns) for each in others]
    return _following(new, old, new, columns), followed


def _following(each: Object, old: Object, new: Object, columns: dict[str, str]) -> Object:
    keys = tuple(_followed(key, old, new, columns) for key in each.keys)
    return each if keys == each.keys else msgspec.structs.replace(each, keys=keys)


def _followed(key: Key, old: Object, new: Object, columns: dict[str, str]) -> Key:
    referred = key.referred
    if referred is None or (referred.namespace, referred.table) != old.key:
        return key
    if referred.made_on != old.created_on:
        return key
    names = tuple(columns.get(name, name) for name in referred.columns)
    return msgspec.structs.replace(
        key,
        referred=msgspec.structs.replace(referred, namespace=new.namespace, table=new.name, columns=names),
    )


def refuse_unknown_constraint(item: exp.Expr) -> None:
    """Raise Unsupported for a part of ADD that declares no key (CHECK …)."""
    inner = item.expressions if isinstance(item, exp.Constraint) else [item]
    if not all(isinstance(each, TABLE_CONSTRAINTS) for each in inner):
        raise Unsupported(f"ALTER TABLE … ADD {item.sql('snowflake')[:60]}")
