"""Which language, and where its sentences come from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from twostep.i18n.translations import (
    LOCALE_FOLDER,
    choose_language,
    languages,
    translations,
)

AVAILABLE = ("en", "es")

SPANISH = """
msgid ""
msgstr ""
"Language: es\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Sign in"
msgstr "Iniciar sesión"

msgid "%(tries)s try left"
msgid_plural "%(tries)s tries left"
msgstr[0] "Queda %(tries)s intento"
msgstr[1] "Quedan %(tries)s intentos"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = tmp_path / "es" / "LC_MESSAGES" / "twostep.po"
    file.parent.mkdir(parents=True)
    file.write_text(SPANISH, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("es", "es"),
        ("ES-mx", "es"),
        ("fr, es;q=0.5", "es"),
        ("en;q=0.4, es;q=0.9", "es"),
        ("es;q=0", "en"),
        ("es;q=nonsense", "en"),
        ("*", "en"),
        ("es-" + "x" * 5000, "en"),
    ],
)
def test_the_language_that_the_browser_likes_best_is_chosen(
    header: str | None, language: str
) -> None:
    assert choose_language(header, AVAILABLE) == language


@given(st.text())
def test_any_header_chooses_a_language_that_there_is(header: str) -> None:
    assert choose_language(header, AVAILABLE) in AVAILABLE


def test_a_catalogue_is_read_from_its_text_file(folder: Path) -> None:
    spanish = translations("es", folder)
    assert languages(folder) == ("en", "es")
    assert spanish.gettext("Sign in") == "Iniciar sesión"
    assert spanish.ngettext("%(tries)s try left", "%(tries)s tries left", 2) == (
        "Quedan %(tries)s intentos"
    )


def test_what_is_not_translated_stays_english(folder: Path) -> None:
    assert translations("es", folder).gettext("Sign out") == "Sign out"
    assert translations("fr", folder).gettext("Sign in") == "Sign in"


def test_a_language_cannot_name_a_file_elsewhere(folder: Path) -> None:
    assert translations("../es", folder / "es").gettext("Sign in") == "Sign in"


def test_the_template_for_translators_has_every_sentence_of_today() -> None:
    """Where this fails: `make messages`."""
    with (LOCALE_FOLDER / "twostep.pot").open("rb") as file:
        known = {message.id for message in read_po(file)}
    assert known - {""} == set(_sentences_of_today())


def _sentences_of_today() -> Iterator[str | tuple[str, ...]]:
    package = LOCALE_FOLDER.parent.parent
    ours = {"says": (2,), "counts": (2, 3), "N_": None}
    for method, pattern in (
        ("python", "i18n/*.py"),
        ("jinja2", "templates/**/*.html"),
        ("jinja2", "templates/**/*.txt"),
    ):
        keywords = DEFAULT_KEYWORDS | ours
        for file in package.glob(pattern):
            for _, message, _, _ in extract_from_file(method, file, keywords=keywords):
                yield message
