"""The name of a browser in a person's language: it is kept in English, as the visit was told."""

from __future__ import annotations

from twostep.i18n.sentences import N_
from twostep.i18n.translations import translations

_ON = N_("%(browser)s on %(system)s")
_APPLE = N_("iPhone or iPad")


def browser_in(name: str, language: str) -> str:
    """For example "Chrome en Windows" for "Chrome on Windows". What names no system stays as it
    is.
    """
    browser, on, system = name.rpartition(" on ")
    if not on:
        return name
    say = translations(language).gettext
    return say(_ON) % {"browser": browser, "system": say(system) if system == _APPLE else system}
