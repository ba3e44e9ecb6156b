"""Where the settings are found, and what is said of a wrong one: see this package's docstring."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource

from twostep.clock import OFFSET_VARIABLE
from twostep.core.environments import NotAnOrigin
from twostep.settings.values import PREFIX, Settings

CONFIG_NAME = "twostep.toml"


class WrongSettings(Exception):
    """The settings cannot be used. Each line names one of them and the way out."""


FROM_FILES = ("database", "smtp_password", "text_provider")
"""Secrets that may stand in a file which their variable with ``_FILE`` names. The key is the other
secret, and ``TWOSTEP_KEY_FILE`` is the key file itself."""

_PATHS = (
    *("checkpoint_file", "data_dir", "key_file", "smtp_authorities", "templates_dir"),
    *("tls_certificate", "tls_key"),
)


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
    if (settings.smtp is None) != (settings.mail_sender is None):
        have, lacking = "smtp", "mail_sender"
        if settings.smtp is None:
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
