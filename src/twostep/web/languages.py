"""In which language a page speaks, and how a person chooses another one.

A browser's own wish counts until somebody chooses: by a link at the foot of a page, which asks for
the same page with ``language`` in its address. The choice is a cookie of that browser, so it holds
before anybody signs in, and for whoever sits there. It is nothing that a page of another site could
misuse: it changes words and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from babel import Locale
from starlette.types import Scope

from twostep.i18n.translations import choose_language, languages
from twostep.web.assets import STATIC_PATH
from twostep.web.cookies import LANGUAGE

CHOICE = "language"
"""The word in the address."""

LONGEST_QUERY = 1_000
"""Characters of an address that a link is made of; pages of ours have far shorter ones."""

_ASKED = frozenset({"act", "going_to", "said"})
"""The words in the address that pages of ours read. What else stands there came from somebody else,
and is not said again (AC-67)."""

_READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageLink:
    """Leads to the same page in another language, whose ``name`` is written in that language."""

    code: str
    name: str
    href: str


def chosen_now(scope: Scope) -> str | None:
    """The language that this request chooses, or None: what is no language of ours chooses none."""
    if scope["method"] not in _READING or scope["path"].startswith(STATIC_PATH):
        return None
    wanted = dict(_query(scope)).get(CHOICE)
    return wanted if wanted in languages() else None


def language_of(scope: Scope, cookies: Mapping[str, str]) -> str:
    """What is chosen now, else what was chosen before, else what the browser likes best."""
    chosen = chosen_now(scope) or cookies.get(LANGUAGE)
    if chosen in languages():
        return chosen
    wanted = next((v for k, v in scope["headers"] if k == b"accept-language"), b"")
    return choose_language(wanted.decode("latin-1"), languages())


def other_languages(scope: Scope, spoken: str) -> tuple[LanguageLink, ...]:
    """The links of a page in the language ``spoken``.

    None where the page answers a form: what it shows may be gone when it is asked for again.
    """
    if scope["method"] not in _READING:
        return ()
    rest = [(name, value) for name, value in _query(scope) if name in _ASKED]
    return tuple(
        LanguageLink(code=code, name=_own_name(code), href="?" + urlencode([*rest, (CHOICE, code)]))
        for code in languages()
        if code != spoken
    )


def _query(scope: Scope) -> list[tuple[str, str]]:
    text = scope["query_string"].decode("latin-1")
    return parse_qsl(text) if len(text) <= LONGEST_QUERY else []


def _own_name(code: str) -> str:
    return (Locale.parse(code).get_display_name(code) or code).capitalize()
