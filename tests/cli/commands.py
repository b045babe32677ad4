"""Runs commands in this process and hands back what they print."""

import io

import pytest
from cyclopts import App

from clockmill.cli.db import app as db
from clockmill.cli.fires import app as fires
from clockmill.cli.node import app as node
from clockmill.cli.token import app as token
from clockmill.cli.user import app as user
from clockmill.cli.warehouse import app as warehouse

ADMIN_PASSWORD = "correct horse battery"

_APPS: dict[str, App] = {
    "user": user,
    "token": token,
    "db": db,
    "fires": fires,
    "node": node,
    "warehouse": warehouse,
}


class Commands:
    """The command line on one data folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def run(self, *words: str, typed: str = "") -> str:
        """Run ``clockmill WORDS...`` with *typed* on standard input; return what it prints."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        self._capsys.readouterr()
        _APPS[words[0]](list(words[1:]), exit_on_error=False, result_action="return_value")
        return self._capsys.readouterr().out
