"""Databases, schemas and warehouses through Root: what tasks stand on."""

import uuid

from client import connect, refused
from snowflake.core import CreateMode, Root
from snowflake.core.database import Database
from snowflake.core.exceptions import ConflictError, NotFoundError
from snowflake.core.schema import Schema
from snowflake.core.warehouse import Warehouse


def names(resources):
    return {each.name for each in resources}


def check_databases(root, name):
    database = root.databases.create(Database(name=name, comment="first"))
    with refused(ConflictError, status=409):
        root.databases.create(Database(name=name))
    root.databases.create(Database(name=name), mode=CreateMode.if_not_exists)

    fetched = database.fetch()
    assert (fetched.name, fetched.kind, fetched.comment) == (name.upper(), "PERMANENT", "first")
    assert fetched.owner == "ACCOUNTADMIN"
    assert fetched.created_on is not None
    assert name.upper() in names(root.databases.iter())
    assert names(root.databases.iter(like=f"{name}%")) == {name.upper()}
    assert names(root.databases.iter_async(like=name).result()) == {name.upper()}

    fetched.comment = "second"
    database.create_or_alter(fetched)
    assert database.fetch_async().result().comment == "second"
    root.databases.create(Database(name=name, comment="third"), mode=CreateMode.or_replace)
    assert database.fetch().comment == "third"
    return database


def check_schemas(database):
    assert {"PUBLIC"} <= names(database.schemas.iter())
    schema = database.schemas.create(Schema(name="work", comment="first"))
    with refused(ConflictError, status=409):
        database.schemas.create(Schema(name="WORK"))
    quoted = database.schemas.create_async(Schema(name='"a mixed Name"')).result()

    assert schema.fetch().comment == "first"
    assert quoted.fetch().name == '"a mixed Name"'
    assert {"WORK", '"a mixed Name"'} <= names(database.schemas.iter())

    schema.create_or_alter(Schema(name="work", comment="second"))
    assert schema.fetch().comment == "second"
    quoted.drop()
    with refused(NotFoundError, status=404):
        quoted.fetch()
    schema.drop_async().result()
    with refused(NotFoundError, status=404):
        schema.drop()
    schema.drop(if_exists=True)


def check_warehouses(root, name):
    warehouse = root.warehouses.create(Warehouse(name=name, warehouse_size="SMALL", auto_suspend=60))
    with refused(ConflictError, status=409):
        root.warehouses.create(Warehouse(name=name))

    fetched = warehouse.fetch()
    assert fetched.name == name.upper()
    assert fetched.warehouse_size.upper() == "SMALL"
    assert "COMPUTE_WH" in names(root.warehouses.iter())
    assert names(root.warehouses.iter(like=name)) == {name.upper()}

    warehouse.suspend()
    assert warehouse.fetch().state.upper() == "SUSPENDED"
    warehouse.resume_async().result()
    assert warehouse.fetch().state.upper() == "STARTED"
    warehouse.create_or_alter(Warehouse(name=name, warehouse_size="MEDIUM"))
    assert warehouse.fetch().warehouse_size.upper() == "MEDIUM"
    warehouse.drop()
    with refused(NotFoundError, status=404):
        warehouse.fetch()


def main():
    name = f"r_{uuid.uuid4().hex[:10]}"
    with connect() as connection:
        root = Root(connection)
        database = check_databases(root, name)
        check_schemas(database)
        check_warehouses(root, f"w_{name}")
        database.drop()
        with refused(NotFoundError, status=404):
            database.fetch()
        database.drop(if_exists=True)


main()
