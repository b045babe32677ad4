"""SHOW of the keys of tables: primary, unique, and both sides of foreign ones."""

from collections.abc import Iterator
from typing import Any, Final

from clockmill.core.errors import NotFound
from clockmill.core.names import QualifiedName
from clockmill.engine.keys import Key, KeyKind
from clockmill.engine.result import Result
from clockmill.session.execution import Execution
from clockmill.session.handlers.listing import columns, listing
from clockmill.session.handlers.relations import Found, relations_in
from clockmill.session.handlers.scope import Where, schemas_in, where
from clockmill.session.information.keys import Target, Targets, key_name
from clockmill.sql.show import Scope, Show, Subject

_KEYS: Final = columns(
    "created_on:when database_name schema_name table_name column_name key_sequence:number constraint_name "
    "rely comment"
)
_FOREIGN_KEYS: Final = columns(
    "created_on:when pk_database_name pk_schema_name pk_table_name pk_column_name fk_database_name "
    "fk_schema_name fk_table_name fk_column_name key_sequence:number update_rule delete_rule fk_name pk_name "
    "deferrability rely comment"
)

Row = tuple[Any, ...]


def show_keys(run: Execution, statement: Show) -> Result:
    """List the columns of keys: those of tables, or (EXPORTED KEYS) of what refers to them."""
    match statement.subject:
        case Subject.IMPORTED_KEYS:
            return listing(_FOREIGN_KEYS, list(_imported(run, _looked_at(run, statement))))
        case Subject.EXPORTED_KEYS:
            return listing(_FOREIGN_KEYS, _exported(run, statement))
        case _:
            kind = KeyKind.PRIMARY if statement.subject is Subject.PRIMARY_KEYS else KeyKind.UNIQUE
            found = _looked_at(run, statement)
            return listing(_KEYS, [row for each in found for row in _rows(each, kind)])


def _looked_at(run: Execution, statement: Show) -> list[Found]:
    if statement.scope is not Scope.TABLE or statement.scope_name is None:
        return [
            each for schema in schemas_in(run, where(run, statement)) for each in relations_in(run, schema)
        ]
    name = run.object_name(statement.scope_name)
    found = [each for each in relations_in(run, name.parent) if each.relation.name == name.name]
    if not found:
        raise NotFound("Table", name)
    return found


def _rows(each: Found, kind: KeyKind) -> Iterator[Row]:
    schema, relation = each.schema, each.relation
    for key in relation.keys:
        if key.kind is kind:
            name = key_name(schema, relation, key)
            for position, column in enumerate(key.columns, 1):
                yield (
                    *(relation.created_on, schema.database, schema.schema, relation.name, column),
                    *(position, name, "false", None),
                )


def _imported(run: Execution, found: list[Found]) -> Iterator[Row]:
    targets = Targets(run)
    for each in found:
        for key in each.relation.keys:
            target = targets.find(key.referred) if key.referred is not None else None
            if target is not None:
                yield from _foreign(each, key, target)


def _foreign(each: Found, key: Key, target: Target) -> Iterator[Row]:
    if key.referred is None:
        return
    schema, relation, referred = each.schema, each.relation, key.referred
    name = key_name(schema, relation, key)
    for position, (column, other) in enumerate(zip(key.columns, referred.columns, strict=True), 1):
        yield (
            *(relation.created_on, target.schema.database, target.schema.schema, target.table, other),
            *(schema.database, schema.schema, relation.name, column, position),
            *(referred.update_rule, referred.delete_rule, name, target.key_name),
            *("NOT DEFERRABLE", "false", None),
        )


def _exported(run: Execution, statement: Show) -> list[Row]:
    """Return the foreign keys, wherever they are, that refer to the tables that are looked at."""
    looked_at = {each.schema.object(each.relation.name) for each in _looked_at(run, statement)}
    everything = [each for schema in schemas_in(run, Where()) for each in relations_in(run, schema)]
    return [row for row in _imported(run, everything) if QualifiedName(*row[1:4]) in looked_at]
