"""Every way to sign in, and being refused."""

import os

import snowflake.connector
from client import PASSWORD, connect, refused, run
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from snowflake.connector.errors import DatabaseError, Error, ProgrammingError

ROBOT = os.environ["CLOCKMILL_ROBOT"]
ACCESS_TOKEN = os.environ["CLOCKMILL_ACCESS_TOKEN"]
RESTRICTED_TOKEN = os.environ["CLOCKMILL_RESTRICTED_TOKEN"]
PRIVATE_KEY = os.environ["CLOCKMILL_PRIVATE_KEY"]


def who(connection):
    return run(connection, "select current_user(), current_role()")[0]


def check_password():
    with connect(
        role="sysadmin", warehouse="compute_wh", database="clockmill", schema="public"
    ) as connection:
        assert (connection.role, connection.warehouse) == ("SYSADMIN", "COMPUTE_WH")
        assert (connection.database, connection.schema) == ("CLOCKMILL", "PUBLIC")
        assert who(connection) == ("ADMIN", "SYSADMIN")
        assert connection.is_valid()
    assert not connection.is_valid()
    with connect(account="any_other_name") as connection:
        assert who(connection)[0] == "ADMIN"


def check_refusals():
    with refused(DatabaseError, errno=390100, sqlstate="28000"):
        connect(password="wrong")
    with refused(DatabaseError, errno=390100):
        connect(user="nobody")
    with refused(Error):
        connect(role="not_mine")
    with refused(Error):
        connect(password=None, authenticator="PROGRAMMATIC_ACCESS_TOKEN", token="not-a-token")


def check_key_pair():
    with open(PRIVATE_KEY, "rb") as file:
        key = load_pem_private_key(file.read(), None)
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with connect(user=ROBOT.lower(), password=None, private_key=der) as connection:
        assert who(connection)[0] == ROBOT
    with connect(user=ROBOT.lower(), password=None, private_key_file=PRIVATE_KEY) as connection:
        assert who(connection)[0] == ROBOT
    with refused(Error):
        connect(user="admin", password=None, private_key=der)


def check_access_tokens():
    for way in (
        {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": ACCESS_TOKEN, "password": None},
        {"authenticator": "oauth", "token": ACCESS_TOKEN, "password": None},
        {"password": ACCESS_TOKEN},
    ):
        with connect(user=ROBOT.lower(), **way) as connection:
            assert who(connection)[0] == ROBOT
    restricted = {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": RESTRICTED_TOKEN, "password": None}
    with connect(user=ROBOT.lower(), **restricted) as connection:
        assert who(connection) == (ROBOT, "SYSADMIN")
        with refused(ProgrammingError):
            run(connection, "use role accountadmin")


def check_parameters():
    with connect(session_parameters={"QUERY_TAG": "acceptance", "TIMEZONE": "Asia/Tokyo"}) as connection:
        ((zoned,),) = run(connection, "select to_timestamp_ltz(0)")
        assert zoned.isoformat() == "1970-01-01T09:00:00+09:00"
    assert PASSWORD not in str(snowflake.connector.__version__)


check_password()
check_key_pair()
check_access_tokens()
check_parameters()
check_refusals()
