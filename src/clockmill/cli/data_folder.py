"""What the commands on a data folder share: the folder's flag, and its store opened beside a server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from clockmill.clock import SystemClock
from clockmill.core.caller import SYSTEM_USER, Caller
from clockmill.core.errors import ClockmillError, InvalidIdentifier
from clockmill.core.identity import ACCOUNTADMIN
from clockmill.core.names import fold
from clockmill.service.identity import IdentityService
from clockmill.store.data_dir import DataDir
from clockmill.store.database import Store

DataDirFlag = Annotated[
    Path,
    Parameter(
        name="--data-dir",
        env_var="CLOCKMILL_DATA_DIR",
        help="The server's data folder.",
    ),
]
StoreFlag = Annotated[
    str | None,
    Parameter(
        name="--store",
        env_var="CLOCKMILL_STORE",
        help="URL of the PostgreSQL that the nodes share; without it the store is in the data folder.",
    ),
]
DEFAULT_DATA_DIR: Final = Path("clockmill-data")

OPERATOR: Final = Caller(user=SYSTEM_USER, role=ACCOUNTADMIN, roles=frozenset({ACCOUNTADMIN}))
"""Whoever can write to the data folder: they could change the file itself as well."""


@contextmanager
def open_identities(data_dir: Path) -> Iterator[IdentityService]:
    """Give the identities of the account in *data_dir*, also while a server runs on it.

    CLOCKMILL_STORE in the environment names the store of several nodes instead.
    """
    with open_store(data_dir, os.environ.get("CLOCKMILL_STORE")) as store:
        identities = IdentityService(store=store, clock=SystemClock())
        if not identities.is_set_up():
            raise ClockmillError(
                f"The first start on {store.place} was not finished: run 'clockmill serve' on it once."
            )
        yield identities


@contextmanager
def open_store(data_dir: Path, url: str | None) -> Iterator[Store]:
    """Give the store at *url*, or else the one in *data_dir*, also while servers run on it.

    A URL with a slip in it is no reason to make tables: raises NoStore where there are none.
    """
    with Store.open(url or DataDir.find(data_dir).store_file, make=False) as store:
        yield store


def folded(text: str) -> str:
    """Return the name that *text* stands for, as SQL reads it: bare names become upper case."""
    try:
        return fold(text)
    except InvalidIdentifier as error:
        raise ClockmillError(
            f"'{text}' is not a name. Use letters, digits and _, or put it into double quotes: '\"{text}\"'."
        ) from error


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return *rows* under *head* in aligned columns."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    )
