"""What tests of the command line share: a data folder that is set up, and a way to run commands on it."""

from pathlib import Path

import pytest
from tests.cli.commands import ADMIN_PASSWORD, Commands

from clockmill.clock import SystemClock
from clockmill.service.identity import IdentityService
from clockmill.store.data_dir import DataDir
from clockmill.store.database import Store


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The data folder of a server that was started once."""
    folder = tmp_path / "data"
    folder.mkdir()
    with Store.open(DataDir(folder, None).store_file) as store:
        IdentityService(store=store, clock=SystemClock()).bootstrap(
            account_name="CLOCKMILL", admin_password=ADMIN_PASSWORD
        )
    return folder


@pytest.fixture
def commands(data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setenv("CLOCKMILL_DATA_DIR", str(data_dir))
    return Commands(capsys, monkeypatch)
