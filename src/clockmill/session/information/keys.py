"""The keys of tables, and the rows of the views that list them."""

import uuid
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from clockmill.core.names import SchemaName
from clockmill.engine.keys import Key, KeyKind, Referred
from clockmill.engine.protocol import Relation
from clockmill.session.execution import Execution
from clockmill.session.information.catalog import Placed, relations
from clockmill.session.information.shapes import Row, shape

CONSTRAINTS: Final = shape(
    "constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name "
    "constraint_type is_deferrable initially_deferred enforced comment created:when last_altered:when rely"
)
REFERENTIAL: Final = shape(
    "constraint_catalog constraint_schema constraint_name unique_constraint_catalog "
    "unique_constraint_schema unique_constraint_name match_option update_rule delete_rule comment "
    "created:when last_altered:when"
)


class Target(msgspec.Struct, frozen=True):
    """The table that a foreign key refers to, and the key of that table."""

    schema: SchemaName
    table: str
    key_name: str | None


def key_name(schema: SchemaName, relation: Relation, key: Key) -> str:
    """Return the name of a key; one that was not given is the system's, and always the same."""
    if key.name is not None:
        return key.name
    columns = " ".join(key.columns)
    text = f"{schema.object(relation.name)} {relation.created_on} {key.kind} {columns}"
    if key.referred is not None:
        text += f" {key.referred.namespace} {key.referred.table}"
    return f"SYS_CONSTRAINT_{uuid.uuid5(uuid.NAMESPACE_OID, text)}"


class Targets:
    """Finds what foreign keys refer to, as of one statement."""

    def __init__(self, run: Execution) -> None:
        self._run = run
        found = run.services.catalog.list_schemas(run.caller, None)
        self._schemas = {each.id: each.name for each in found}

    def find(self, referred: Referred) -> Target | None:
        """Return the table that is referred to; None where the caller cannot see it."""
        schema = self._schemas.get(referred.namespace)
        if schema is None:
            return None
        for relation in self._run.services.engine.relations(referred.namespace, counted=False):
            if relation.name == referred.table:
                return Target(schema, relation.name, _key_name(schema, relation, referred))
        return None


def _key_name(schema: SchemaName, relation: Relation, referred: Referred) -> str | None:
    """Return the name of the primary or unique key of *relation* that has the columns referred to."""
    for key in relation.keys:
        if key.kind is not KeyKind.FOREIGN and set(key.columns) == set(referred.columns):
            return key_name(schema, relation, key)
    return None


# --- views -------------------------------------------------------------------------------------


def constraint_rows(run: Execution, database: str | None) -> Iterable[Row]:
    """Each key that was declared; none is enforced."""
    for each, key in _keys(run, database):
        yield {
            **_named(each, key),
            "TABLE_CATALOG": each.schema.name.database,
            "TABLE_SCHEMA": each.schema.name.schema,
            "TABLE_NAME": each.relation.name,
            "CONSTRAINT_TYPE": key.kind,
            "IS_DEFERRABLE": "NO",
            "INITIALLY_DEFERRED": "YES",
            "ENFORCED": "NO",
            "RELY": "NO",
        }


def referential_rows(run: Execution, database: str | None) -> Iterable[Row]:
    """Each foreign key, with the key that it refers to."""
    targets = Targets(run)
    for each, key in _keys(run, database):
        target = targets.find(key.referred) if key.referred is not None else None
        if key.referred is None or target is None:
            continue
        yield {
            **_named(each, key),
            "UNIQUE_CONSTRAINT_CATALOG": target.schema.database,
            "UNIQUE_CONSTRAINT_SCHEMA": target.schema.schema,
            "UNIQUE_CONSTRAINT_NAME": target.key_name,
            "MATCH_OPTION": "FULL",
            "UPDATE_RULE": key.referred.update_rule,
            "DELETE_RULE": key.referred.delete_rule,
        }


def _keys(run: Execution, database: str | None) -> Iterator[tuple[Placed, Key]]:
    return ((each, key) for each in relations(run, database) for key in each.relation.keys)


def _named(each: Placed, key: Key) -> Row:
    schema = each.schema.name
    return {
        "CONSTRAINT_CATALOG": schema.database,
        "CONSTRAINT_SCHEMA": schema.schema,
        "CONSTRAINT_NAME": key_name(schema, each.relation, key),
        "CREATED": each.relation.created_on,
        "LAST_ALTERED": each.relation.created_on,
    }
