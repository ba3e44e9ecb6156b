"""The settings: environment variables ``TWOSTEP_…`` and a TOML file, read once at the start.

For each setting the first of these that names it holds: the command line, its environment variable,
the file that its variable with ``_FILE`` names (secrets only), the TOML file, the default.

A name that does not exist and a value that cannot be used stop the start. A misspelt setting that
was quietly ignored would leave its default in force, and nobody would know. What is wrong is said
in one line that names the setting and never repeats its value: it may be a password.
"""

from twostep.settings.sources import CONFIG_NAME, FROM_FILES, WrongSettings, load
from twostep.settings.values import DEFAULT_PORT, PREFIX, DemoSettings, Settings

__all__ = [
    "CONFIG_NAME",
    "DEFAULT_PORT",
    "FROM_FILES",
    "PREFIX",
    "DemoSettings",
    "Settings",
    "WrongSettings",
    "load",
]
