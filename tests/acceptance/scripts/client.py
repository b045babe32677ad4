"""What every script needs: a connection to the server under test, and a way to expect errors."""

import os
import time
import uuid
from contextlib import contextmanager

import snowflake.connector
from snowflake.core import Root

HOST = os.environ["CLOCKMILL_HOST"]
PORT = int(os.environ["CLOCKMILL_PORT"])
PASSWORD = os.environ["CLOCKMILL_PASSWORD"]
IS_OLD = snowflake.connector.__version__.startswith("4.")


def connect(**overrides):
    """Sign in as ADMIN with the password, unless *overrides* say otherwise (None leaves out)."""
    settings = {
        "account": "clockmill",
        "user": "admin",
        "password": PASSWORD,
        "host": HOST,
        "port": PORT,
        "protocol": "http",
        **overrides,
    }
    return snowflake.connector.connect(
        **{name: value for name, value in settings.items() if value is not None}
    )


@contextmanager
def scratch_schema(connection):
    """Give a schema of a database that nobody else uses, in use, and drop the database at the end."""
    database = f"SCRATCH_{uuid.uuid4().hex[:12]}".upper()
    run(connection, f"create database {database}")
    run(connection, f"create schema {database}.work")
    run(connection, f"use schema {database}.work")
    try:
        yield database
    finally:
        run(connection, f"drop database {database}")


@contextmanager
def scratch_tasks():
    """Give the schema resource of a scratch schema, through Root."""
    with connect(warehouse="compute_wh") as connection, scratch_schema(connection) as database:
        yield connection, Root(connection).databases[database].schemas["WORK"]


def run(connection, sql, *arguments):
    """Run *sql* and return all rows."""
    with connection.cursor() as cursor:
        return cursor.execute(sql, *arguments).fetchall()


@contextmanager
def refused(kind, **attributes):
    """Expect an exception of *kind* whose attributes (``status``, ``errno`` ...) are as given."""
    try:
        yield
    except kind as caught:
        error = caught
    else:
        raise AssertionError(f"nothing was refused; expected {kind.__name__}")
    for name, value in attributes.items():
        found = str(error) if name == "text" else getattr(error, name)
        assert value in found if name == "text" else found == value, (name, found, str(error))


def wait_until(holds, what, seconds=30):
    """Return the first true answer of *holds*; the server's work has no end that a client is told."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := holds():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"waited in vain: {what}")
