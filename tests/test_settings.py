"""Settings: where they come from, which one holds, and what a wrong one is answered."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from twostep.settings import Settings, WrongSettings, load


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("TWOSTEP_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def set_variables(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_without_any_setting_it_serves_this_machine_from_this_folder() -> None:
    settings = load()
    assert str(settings.origin) == "http://localhost:8000"
    assert (settings.host, settings.listen_port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.database_url == "twostep.db"
    assert settings.key_path == Path("twostep.key")
    assert settings.trusted_proxies == ()


def test_the_first_of_command_line_variable_and_file_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "twostep.toml").write_text("port = 8001\nworkers = 2\nhash_memory = 32\n")
    monkeypatch.setenv("TWOSTEP_PORT", "8002")
    monkeypatch.setenv("TWOSTEP_WORKERS", "3")
    settings = load(options={"port": 8003, "workers": None})
    assert (settings.port, settings.workers, settings.hash_memory) == (8003, 3, 32)


def test_a_settings_file_is_named_by_a_variable_or_an_option(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, port in (("one.toml", 8001), ("two.toml", 8002)):
        (tmp_path / name).write_text(f"port = {port}\n")
    monkeypatch.setenv("TWOSTEP_CONFIG", "one.toml")
    assert load().port == 8001
    assert load(options={"config": Path("two.toml")}).port == 8002


def test_paths_in_a_file_are_taken_from_the_files_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    file = folder / "twostep.toml"
    file.write_text('data_dir = "data"\nkey_file = "/etc/key"\ndatabase = "twostep.db"\n')
    monkeypatch.setenv("TWOSTEP_CONFIG", str(file))
    settings = load()
    assert settings.data_dir == folder / "data"
    assert settings.key_path == Path("/etc/key")
    assert settings.database_url == str(folder / "twostep.db")
    file.write_text('database = "sqlite:///some.db"\n')
    assert load().database_url == f"sqlite:///{folder / 'some.db'}"
    file.write_text('database = "postgresql://db/twostep"\n')
    assert load().database_url == "postgresql://db/twostep"


def test_a_secret_may_stand_in_a_file_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("postgresql://ann:pa55@db/twostep\n")
    monkeypatch.setenv("TWOSTEP_DATABASE_FILE", "secret")
    settings = load()
    assert settings.database_url == "postgresql://ann:pa55@db/twostep"
    assert "pa55" not in repr(settings)


@pytest.mark.parametrize(
    ("settings", "port"),
    [
        ({"address": "http://localhost:8123"}, 8123),
        ({"address": "http://127.0.0.1:8123", "port": 9000}, 9000),
        ({"address": "https://login.example.org"}, 8000),
        ({"address": "https://login.example.org", "tls_certificate": "c", "tls_key": "k"}, 443),
        ({"port": 9000}, 9000),
    ],
)
def test_the_port_is_the_addresss_own_where_nothing_stands_before_us(
    settings: dict[str, object], port: int
) -> None:
    assert load(options=settings).listen_port == port


def test_without_an_address_it_is_this_machines_at_the_port() -> None:
    assert str(load(options={"port": 9000}).origin) == "http://localhost:9000"


WRONG = [
    ({"TWOSTEP_PROT": "8000"}, "no setting TWOSTEP_PROT. Did you mean TWOSTEP_PORT?"),
    ({"TWOSTEP_SURPRISE": "1"}, "no setting TWOSTEP_SURPRISE. Remove it."),
    ({"twostep_port": "8000"}, "no setting twostep_port"),
    ({"TWOSTEP_PORT": "eighty"}, "TWOSTEP_PORT must be a whole number from 1 to 65535"),
    ({"TWOSTEP_PORT": "0"}, "TWOSTEP_PORT must be a whole number from 1 to 65535"),
    ({"TWOSTEP_PORT": " "}, "TWOSTEP_PORT is empty"),
    ({"TWOSTEP_WORKERS": "0"}, "TWOSTEP_WORKERS must be a whole number"),
    ({"TWOSTEP_HOST": "login.example.org"}, "TWOSTEP_HOST must be an IP address"),
    ({"TWOSTEP_TRUSTED_PROXIES": "10.0.0.1/8"}, "TWOSTEP_TRUSTED_PROXIES must be IP addresses"),
    ({"TWOSTEP_ADDRESS": "login.example.org"}, "TWOSTEP_ADDRESS must be an address"),
    ({"TWOSTEP_ADDRESS": "http://login.example.org"}, "https://"),
    ({"TWOSTEP_ADDRESS": "https://login.example.org/auth"}, "without a path"),
    ({"TWOSTEP_LOG_LEVEL": "loud"}, "TWOSTEP_LOG_LEVEL must be debug, info, warning or error"),
    ({"TWOSTEP_HASH_MEMORY": "8"}, "TWOSTEP_HASH_MEMORY must be a whole number of MiB"),
    ({"TWOSTEP_TEMPLATES_DIR": "nowhere"}, "TWOSTEP_TEMPLATES_DIR must be a folder that exists"),
    ({"TWOSTEP_TLS_KEY": "key.pem"}, "TWOSTEP_TLS_KEY needs the other half"),
    ({"TWOSTEP_KEY": "a", "TWOSTEP_KEY_FILE": "b"}, "Keep one"),
    ({"TWOSTEP_DATABASE": "a", "TWOSTEP_DATABASE_FILE": "b"}, "Keep one"),
    ({"TWOSTEP_DATABASE_FILE": "nowhere"}, "TWOSTEP_DATABASE_FILE must name a text file"),
    ({"TWOSTEP_CONFIG": "nowhere.toml"}, "nowhere.toml cannot be read"),
]


@pytest.mark.parametrize(("variables", "said"), WRONG)
def test_a_wrong_setting_is_named_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    set_variables(monkeypatch, variables)
    with pytest.raises(WrongSettings) as wrong:
        load()
    assert said in str(wrong.value)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("prot = 8000", "no setting prot in"),
        ("config = 'other.toml'", "no setting config in"),
        ("port = 'eighty'", "port in"),
        ("port = \n", "not TOML (at line 1)"),
        ("[server]\nport = 1", "no setting server in"),
        ("trusted_proxies = ['10.0.0.0/8', 'x']", "trusted_proxies in"),
    ],
)
def test_a_wrong_settings_file_is_named_with_its_line_or_key(
    tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "twostep.toml").write_text(content)
    with pytest.raises(WrongSettings) as wrong:
        load()
    assert said in str(wrong.value)
    assert "twostep.toml" in str(wrong.value)


def test_several_wrong_settings_are_each_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    set_variables(monkeypatch, {"TWOSTEP_PORT": "x", "TWOSTEP_WORKERS": "y"})
    with pytest.raises(WrongSettings) as wrong:
        load()
    assert len(str(wrong.value).splitlines()) == 2


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_no_value_is_ever_repeated(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It may be a password, whichever setting it was put into by mistake."""
    monkeypatch.setenv(f"TWOSTEP_{name.upper()}", "pa55-w0rd://x y\x01")
    monkeypatch.setenv("TWOSTEP_PORT", "not a port")
    with pytest.raises(WrongSettings) as wrong:
        load()
    if name != "config":  # A path that is not there has to be named.
        assert "pa55" not in str(wrong.value)
