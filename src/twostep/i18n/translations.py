"""The catalogues of translated sentences.

English is the source language and needs no catalogue. Any other language is one text file,
``locale/<language>/LC_MESSAGES/twostep.po``, read as it is when the language is first asked for:
there is no compiled file that could be older than its source.
"""

from __future__ import annotations

import re
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

SOURCE_LANGUAGE = "en"

LOCALE_FOLDER = Path(__file__).parent / "locale"

LONGEST_ACCEPT_LANGUAGE = 1_000
"""Characters of the header that are read. Real browsers send fewer than a hundred."""

_RANGE = re.compile(
    r"([A-Za-z]{2,3})(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?"
)


def languages(folder: Path = LOCALE_FOLDER) -> tuple[str, ...]:
    """The languages that pages can be shown in, the source language first."""
    files = sorted(folder.glob("*/LC_MESSAGES/twostep.po"))
    translated = (file.parent.parent.name for file in files)
    return (SOURCE_LANGUAGE, *(name for name in translated if name != SOURCE_LANGUAGE))


@cache
def translations(language: str, folder: Path = LOCALE_FOLDER) -> NullTranslations:
    """The catalogue of a language; sentences that it lacks, and languages without one, stay
    English.
    """
    if language not in languages(folder):
        return NullTranslations()
    file = folder / language / "LC_MESSAGES" / "twostep.po"
    if not file.is_file():
        return NullTranslations()
    with file.open("rb") as source:
        catalogue = read_po(source, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def choose_language(accept_language: str | None, available: tuple[str, ...]) -> str:
    """The available language that a browser's Accept-Language header (RFC 9110 section 12.5.4)
    likes best.

    What cannot be read is passed over: a strange header costs a person the translation, never the
    page.
    """
    wishes: list[tuple[float, str]] = []
    for part in (accept_language or "")[:LONGEST_ACCEPT_LANGUAGE].split(","):
        match = _RANGE.fullmatch(part.strip())
        if match:
            wishes.append((float(match[2] or 1), match[1].lower()))
    for quality, language in sorted(wishes, key=lambda wish: -wish[0]):
        if quality > 0 and language in available:
            return language
    return SOURCE_LANGUAGE
