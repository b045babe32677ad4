"""``clockmill serve``: a flag for every setting."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from clockmill.cli.main import app
from clockmill.config import BadSetting, Settings, load_settings
from clockmill.server import serve


def flags_of(*words: str) -> dict[str, Any]:
    """Return what ``clockmill serve WORDS...`` would be called with."""
    _, bound, _ = app.parse_args(["serve", *words], exit_on_error=False, print_error=False)
    return dict(bound.arguments)


def test_every_setting_has_a_flag_but_the_password(capsys: pytest.CaptureFixture[str]) -> None:
    """Anybody on the machine can read a command line."""
    app(["serve", "--help"], result_action="return_value")
    shown = capsys.readouterr().out

    names = [field.name for field in msgspec.structs.fields(Settings)]
    assert [name for name in names if f"--{name.replace('_', '-')}" not in shown] == ["admin_password"]


def test_flags_win_over_the_environment_and_what_is_not_given_says_nothing(tmp_path: Path) -> None:
    file = tmp_path / "clockmill.toml"
    file.write_text('upgrade = true\npage_size = 7\nhost = "127.0.0.5"\n')
    given = flags_of("--config", str(file), "--port", "0", "--no-upgrade", "--allowed-hosts", "a.example")

    settings = load_settings(
        file=given.pop("config"),
        environment={"CLOCKMILL_PORT": "5", "CLOCKMILL_HOST": "127.0.0.6"},
        flags=given,
    )

    assert (settings.port, settings.upgrade, settings.allowed_hosts) == (0, False, ("a.example",))
    assert (settings.host, settings.page_size) == ("127.0.0.6", 7)


def test_a_certificate_that_cannot_be_used_is_refused_before_a_folder_is_made(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    for file in ("bad.pem", "missing.pem"):
        path = str(tmp_path / file)
        settings = load_settings(
            environment={},
            flags={"data_dir": str(tmp_path / "data"), "tls_certificate": path, "tls_key": path},
        )
        with pytest.raises(BadSetting, match=file):
            serve(settings)
    assert not (tmp_path / "data").exists()
