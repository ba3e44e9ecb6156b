"""The settings: environment variables ``TWOSTEP_…`` and a TOML file, read once at the start.

For each setting the first of these that names it holds: the command line, its environment variable,
the file that its variable with ``_FILE`` names (secrets only), the TOML file, the default.

A name that does not exist and a value that cannot be used stop the start. A misspelt setting that
was quietly ignored would leave its default in force, and nobody would know. What is wrong is said
in one line that names the setting and never repeats its value: it may be a password.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from typing_extensions import override

from twostep.clock import OFFSET_VARIABLE
from twostep.core.environments import NotAnOrigin, Origin, parse_origin

PREFIX = "TWOSTEP_"
CONFIG_NAME = "twostep.toml"
DEFAULT_PORT = 8000


class WrongSettings(Exception):
    """The settings cannot be used. Each line names one of them and the way out."""


def _optional(must: str) -> Any:
    return Field(default=None, description=must)


class Settings(BaseSettings):
    """What the operator has decided, made from its arguments alone; :func:`load` looks around.

    Each description says what a value must be.
    """

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, hide_input_in_errors=True
    )

    config: Path | None = _optional("the path of a TOML file")
    database: SecretStr | None = _optional(
        "a file, or a server such as postgresql://user:password@host/name"
    )
    data_dir: Path = Field(default=Path(), description="a folder")
    key_file: Path | None = _optional("the path of the key file")
    key: SecretStr | None = _optional("32 random bytes in base64")
    address: str | None = _optional("an address such as https://login.example.org, without a path")
    host: str = Field(default="127.0.0.1", description="an IP address of this machine")
    port: Annotated[int, Field(ge=1, le=65535)] | None = _optional("a whole number from 1 to 65535")
    workers: int = Field(default=1, ge=1, le=64, description="a whole number from 1 to 64")
    tls_certificate: Path | None = _optional("the path of a PEM file")
    tls_key: Path | None = _optional("the path of a PEM file")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(), description="IP addresses or networks such as 10.0.0.0/8, with commas between"
    )
    hash_memory: int = Field(
        default=19, ge=12, le=256, description="a whole number of MiB from 12 to 256"
    )
    hash_passes: int = Field(default=2, ge=1, le=10, description="a whole number from 1 to 10")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error"
    )
    log_format: Literal["json", "console"] | None = _optional("json or console")
    templates_dir: Path | None = _optional("a folder that exists")
    checkpoint_file: Path | None = _optional("the path of a file")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    @field_validator("host")
    @classmethod
    def _numeric(cls, value: str) -> str:
        """A name may stand for several addresses, and one server listens on one."""
        return str(ipaddress.ip_address("127.0.0.1" if value == "localhost" else value))

    @field_validator("templates_dir")
    @classmethod
    def _folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError
        return value

    @field_validator("address")
    @classmethod
    def _origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        origin = parse_origin(value)
        if origin.scheme == "http" and not origin.on_loopback:
            raise NotAnOrigin("browsers keep Twostep's cookies only where it begins with https://")
        return str(origin)

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The arguments, and nothing else."""
        return (init_settings,)

    @property
    def tls(self) -> bool:
        """Whether Twostep itself speaks TLS."""
        return self.tls_certificate is not None

    @property
    def origin(self) -> Origin:
        """The address of the first environment: the one given, or this machine's own name."""
        scheme = "https" if self.tls else "http"
        return parse_origin(self.address or f"{scheme}://localhost:{self.port or DEFAULT_PORT}")

    @property
    def listen_port(self) -> int:
        """The port given; else the address's own where nothing can stand before Twostep; else 8000.

        An address elsewhere, without TLS files, is a proxy's, and so is its port.
        """
        if self.port is not None:
            return self.port
        return self.origin.port if self.tls or self.origin.on_loopback else DEFAULT_PORT

    @property
    def database_url(self) -> str:
        """The database given, or ``twostep.db`` in the data folder. It may hold a password."""
        if self.database is not None:
            return self.database.get_secret_value()
        return str(self.data_dir / "twostep.db")

    @property
    def key_path(self) -> Path:
        """The key file given, or ``twostep.key`` in the data folder."""
        return self.key_file or self.data_dir / "twostep.key"


FROM_FILES = ("database",)
"""Secrets that may stand in a file which their variable with ``_FILE`` names. The key is the other
secret, and ``TWOSTEP_KEY_FILE`` is the key file itself."""

_PATHS = ("checkpoint_file", "data_dir", "key_file", "templates_dir", "tls_certificate", "tls_key")


Source = tuple[Mapping[str, Any], Callable[[str], str]]
"""Some settings, and how each is called there."""


def load(*, options: Mapping[str, Any] | None = None) -> Settings:
    """The settings that hold. ``options`` are the command line's, None where one was not given.

    Raises WrongSettings.
    """
    _refuse_misleading_variables()
    given = {name: value for name, value in (options or {}).items() if value is not None}
    sources: list[Source] = [
        (given, lambda name: f"--{name.replace('_', '-')}"),
        (EnvSettingsSource(Settings)(), _variable),
        (_secrets_in_files(), lambda name: f"{_variable(name)}_FILE"),
    ]
    file = _toml_file(sources)
    if file is not None:
        sources.append((_read_toml(file), lambda name: f"{name} in {file}"))
    return _settings(sources)


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _settings(sources: Iterable[Source]) -> Settings:
    found: dict[str, Any] = {}
    names: dict[str, str] = {}
    for values, name_of in sources:
        for setting, value in values.items():
            if setting not in found:
                found[setting], names[setting] = value, name_of(setting)
    try:
        settings = Settings(**found)
    except ValidationError as error:
        wrong = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors())
        lines = [_what_it_must_be(setting, names[setting], error) for setting in wrong]
        raise WrongSettings("\n".join(lines)) from None
    _refuse_half_pairs(settings, names)
    return settings


def _what_it_must_be(setting: str, name: str, error: ValidationError) -> str:
    must = Settings.model_fields[setting].description
    causes = [problem.get("ctx", {}).get("error") for problem in error.errors()]
    why = next((f" ({cause})" for cause in causes if isinstance(cause, NotAnOrigin)), "")
    return f"The setting {name} must be {must}{why if setting == 'address' else ''}."


def _refuse_half_pairs(settings: Settings, names: Mapping[str, str]) -> None:
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        have, lacking = "tls_certificate", "tls_key"
        if settings.tls_certificate is None:
            have, lacking = lacking, have
        raise WrongSettings(
            f"The setting {names[have]} needs the other half: set {_variable(lacking)} too."
        )
    if settings.key is not None and settings.key_file is not None:
        raise WrongSettings(
            f"{names['key']} and {names['key_file']} both say where the master key is. Keep one."
        )


def _refuse_misleading_variables() -> None:
    """A variable that nothing reads, an empty one, and a secret that is given twice."""
    known = {_variable(name) for name in Settings.model_fields}
    known |= {f"{_variable(name)}_FILE" for name in FROM_FILES}
    for variable, value in os.environ.items():
        if not variable.upper().startswith(PREFIX) or variable == OFFSET_VARIABLE:
            continue
        if variable not in known:
            raise WrongSettings(f"There is no setting {variable}.{_did_you_mean(variable, known)}")
        if not value.strip():
            raise WrongSettings(f"The setting {variable} is empty. Give it a value, or remove it.")
    for variable in map(_variable, FROM_FILES):
        if variable in os.environ and f"{variable}_FILE" in os.environ:
            raise WrongSettings(f"{variable} and {variable}_FILE are both set. Keep one.")


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    by_word = {each.removeprefix(PREFIX): each for each in known}
    close = difflib.get_close_matches(name.removeprefix(PREFIX), by_word, n=1, cutoff=0.7)
    return f" Did you mean {by_word[close[0]]}?" if close else " Remove it."


def _secrets_in_files() -> dict[str, str]:
    found = {}
    for name in FROM_FILES:
        variable = f"{_variable(name)}_FILE"
        if variable in os.environ:
            try:
                found[name] = Path(os.environ[variable]).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeError):
                raise WrongSettings(
                    f"The setting {variable} must name a text file that Twostep can read."
                ) from None
    return found


def _toml_file(sources: Iterable[Source]) -> Path | None:
    for values, _ in sources:
        if "config" in values:
            return Path(values["config"])
    usual = Path(CONFIG_NAME)
    return usual if usual.exists() else None


def _read_toml(file: Path) -> dict[str, Any]:
    """What the file sets, its relative paths taken from its own folder."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongSettings(f"The settings file {file} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        place = re.search(r"at line \d+", str(error))
        where = f" ({place.group()})" if place else ""
        raise WrongSettings(f"The settings file {file} is not TOML{where}.") from None
    known = set(Settings.model_fields) - {"config"}
    for name in values:
        if name not in known:
            raise WrongSettings(
                f"There is no setting {name} in {file}.{_did_you_mean(name, known)}"
            )
    return {name: _from(file.absolute().parent, name, value) for name, value in values.items()}


def _from(folder: Path, name: str, value: Any) -> Any:
    if not isinstance(value, str) or name not in {"database", *_PATHS}:
        return value
    if value.startswith("sqlite:///"):
        return f"sqlite:///{folder / value.removeprefix('sqlite:///')}"
    return value if "://" in value else str(folder / value)
