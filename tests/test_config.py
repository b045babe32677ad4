"""Settings: where they come from, and what is refused."""

from pathlib import Path

import pytest

from clockmill.config import BadSetting, load_settings


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "clockmill.toml"
    file.write_text('port = 1\nhost = "127.0.0.2"\naccount = "FILE"\n')
    environment = {"CLOCKMILL_PORT": "2", "CLOCKMILL_HOST": "127.0.0.3"}

    settings = load_settings(file=file, environment=environment, flags={"port": 3, "host": None})

    assert (settings.port, settings.host, settings.account) == (3, "127.0.0.3", "FILE")


def test_an_unknown_setting_in_the_file_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "clockmill.toml"
    file.write_text("prot = 1\n")

    with pytest.raises(BadSetting, match="prot"):
        load_settings(file=file, environment={})


def test_a_value_out_of_range_is_refused_with_the_settings_name() -> None:
    with pytest.raises(BadSetting, match="port is '99999'"):
        load_settings(environment={"CLOCKMILL_PORT": "99999"})


def test_listening_beyond_loopback_without_tls_needs_a_word() -> None:
    """Passwords would travel in the clear."""
    with pytest.raises(BadSetting, match="insecure_listen"):
        load_settings(environment={}, flags={"host": "0.0.0.0"})

    assert load_settings(environment={}, flags={"host": "0.0.0.0", "insecure_listen": True}).host == "0.0.0.0"


def test_a_list_in_the_environment_is_split_at_commas() -> None:
    settings = load_settings(environment={"CLOCKMILL_ALLOWED_HOSTS": "a.example, b.example"})

    assert settings.allowed_hosts == ("a.example", "b.example")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(BadSetting, match=r"nowhere\.toml"):
        load_settings(file=Path("nowhere.toml"), environment={})


@pytest.mark.parametrize("memory", ["lots", "1", "-1GB", "1GB; x", "80%"])
def test_an_amount_of_memory_has_a_unit(memory: str) -> None:
    with pytest.raises(BadSetting, match="512MB or 4GiB"):
        load_settings(environment={"CLOCKMILL_ENGINE_MEMORY": memory})


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1:8700", "db.example", "ftp://a:1", "http://", "http://a:99999", "http://a/x", "http://u@a"],
)
def test_an_address_that_no_node_could_reach_is_refused(address: str) -> None:
    """It would be stored, and found out only when another node sends a request there."""
    with pytest.raises(BadSetting, match=r"such as http://10\.0\.0\.7:8700"):
        load_settings(environment={"CLOCKMILL_ADVERTISE": address})


def test_a_node_may_give_its_address_with_a_slash_at_the_end() -> None:
    assert load_settings(environment={"CLOCKMILL_ADVERTISE": "https://[::1]:8700/"}).advertise is not None


@pytest.mark.parametrize("lease", ["0", "0.01", "1e12", "nan"])
def test_a_lease_is_of_seconds_or_minutes(lease: str) -> None:
    with pytest.raises(BadSetting, match="lease"):
        load_settings(environment={"CLOCKMILL_LEASE": lease})


def test_a_secret_of_the_wrong_type_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "clockmill.toml"
    file.write_text("admin_password = [4711]\n")

    with pytest.raises(BadSetting, match="admin_password") as refused:
        load_settings(file=file, environment={})

    assert "4711" not in refused.value.message


def test_a_certificate_without_its_key_is_refused() -> None:
    with pytest.raises(BadSetting, match="go together"):
        load_settings(environment={"CLOCKMILL_TLS_CERTIFICATE": "c.pem"})
