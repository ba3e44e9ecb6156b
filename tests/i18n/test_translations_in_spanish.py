"""Spanish, whole: every sentence of today, with its data, in the words of a colleague."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po

from tests.helpers.sample_pages import SAMPLES, Sample
from twostep.core.reasons import Code, because
from twostep.i18n.messages import sentence
from twostep.i18n.notices import Notice, said, words
from twostep.i18n.times import day, until, when
from twostep.i18n.translations import LOCALE_FOLDER, choose_language, languages
from twostep.web.assets import Assets
from twostep.web.rendering import Renderer

FILE = LOCALE_FOLDER / "es" / "LC_MESSAGES" / "twostep.po"

SAME_IN_BOTH = {
    *("no", "Error:"),
    *("%(day)s, %(time)s", "%(address)s, %(day)s", "%(full_name)s (%(name)s)"),
}
"""What is written alike in Spanish and in English. Everything else that stays English was
forgotten.
"""

PLACEHOLDER = re.compile(r"%\(\w+\)s")

PATTERNS = (
    ("python", "**/*.py"),
    ("jinja2", "templates/**/*.html"),
    ("jinja2", "templates/**/*.txt"),
)

RENDERER = Renderer(Assets())


def catalogue() -> Catalog:
    with FILE.open("rb") as file:
        return read_po(file, locale="es", abort_invalid=True)


CATALOGUE = catalogue()


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def sentences_of_today() -> Iterator[tuple[str, ...]]:
    package = LOCALE_FOLDER.parent.parent
    keywords = DEFAULT_KEYWORDS | {"says": (2,), "counts": (2, 3), "N_": None}
    for method, pattern in PATTERNS:
        for file in package.glob(pattern):
            for _, message, _, _ in extract_from_file(method, file, keywords=keywords):
                yield forms(message)


def translated() -> list[Message]:
    return [message for message in CATALOGUE if message.id]


def said_fully(message: Message) -> bool:
    return bool(forms(message.string)) and all(forms(message.string))


def test_every_sentence_of_today_is_in_the_catalogue() -> None:
    """Where this fails: `make messages`, then translate what is empty in twostep.po."""
    known = {forms(message.id) for message in translated()}
    assert set(sentences_of_today()) - known == set()


def test_nothing_in_the_catalogue_is_older_than_the_sentences() -> None:
    known = {forms(message.id) for message in translated()}
    assert known - set(sentences_of_today()) == set()
    assert list(CATALOGUE.obsolete) == []


def test_nothing_is_empty_or_a_guess() -> None:
    assert not CATALOGUE.fuzzy
    assert [message.id for message in translated() if message.fuzzy] == []
    assert [message.id for message in translated() if not said_fully(message)] == []


def test_where_english_has_two_forms_spanish_has_two() -> None:
    assert (CATALOGUE.num_plurals, CATALOGUE.plural_expr) == (2, "(n != 1)")
    for message in translated():
        assert len(forms(message.string)) == len(forms(message.id)), message.id


def test_the_data_of_a_sentence_stand_in_each_of_its_forms() -> None:
    for message in translated():
        for english, spanish in zip(forms(message.id), forms(message.string), strict=True):
            assert sorted(PLACEHOLDER.findall(spanish)) == sorted(PLACEHOLDER.findall(english))
            assert "%" not in PLACEHOLDER.sub("", spanish), spanish


def test_nothing_was_left_in_english() -> None:
    same = {text for message in translated() for text in forms(message.id)} & {
        text for message in translated() for text in forms(message.string)
    }
    assert same == SAME_IN_BOTH


def test_a_translation_begins_and_ends_as_its_sentence_does() -> None:
    """A full stop that is missing, a small letter at the beginning: what a hurried eye passes
    over.
    """
    for message in translated():
        for english, spanish in zip(forms(message.id), forms(message.string), strict=True):
            assert english.endswith(".") == spanish.endswith("."), spanish
            assert english.endswith("?") == spanish.endswith("?"), spanish
            assert english[0].islower() == spanish[0].islower(), spanish
            assert spanish.count("?") == spanish.count("¿"), spanish


def test_a_person_is_addressed_formally_and_in_plain_words() -> None:
    informal = re.compile(r"\b(tú|tu|tus|te|ti|vos|vosotros|vuestr\w+|haz|elige|escribe)\b", re.I)
    jargon = re.compile(r"\b(tokens?|factor(es)?|OTP|TOTP|CSRF|credencial(es)?|inválid\w+)\b", re.I)
    for message in translated():
        for spanish in forms(message.string):
            assert not informal.search(spanish), spanish
            assert not jargon.search(spanish), spanish


def test_the_head_of_the_file_is_complete_and_says_nothing_of_a_machine() -> None:
    text = FILE.read_text(encoding="utf-8")
    head = text.split("\n\n", 1)[0]
    assert '"Language: es\\n"' in head
    assert '"Content-Type: text/plain; charset=utf-8\\n"' in head
    for left_blank in ("EMAIL@ADDRESS", "FULL NAME", "FIRST AUTHOR", "PROJECT", "ORGANIZATION"):
        assert left_blank not in head
    assert "/" not in head.replace("text/plain", "")
    for message in translated():
        assert all(file.startswith("src/twostep/") for file, _ in message.locations), message.id


@pytest.mark.parametrize(
    "header", ["es", "es-MX,es;q=0.9,en;q=0.5", "fr;q=0.9, es-AR;q=0.8, en;q=0.5"]
)
def test_a_browser_that_prefers_spanish_gets_it(header: str) -> None:
    assert "es" in languages()
    assert choose_language(header, languages()) == "es"


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_page_in_spanish_says_so(sample: Sample) -> None:
    page = RENDERER.render(sample.view, sample.frame_in("es"))
    assert '<html lang="es">' in page


def test_the_words_of_a_page_are_spanish() -> None:
    code = SAMPLES["code-wrong"]
    page = RENDERER.render(code.view, code.frame_in("es"))
    assert "<h1>Escriba su código</h1>" in page
    assert "Quedan 3 intentos antes de una pausa." in page
    assert "Este navegador no se recuerda para esta cuenta." in page
    assert "Esta página le espera 15 minutos, hasta las <time" in page


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1000  # type: ignore[arg-type, misc]


NOW = at(2026, 4, 12, 10, 31)


def test_moments_are_told_in_spanish() -> None:
    assert when(at(2026, 4, 12, 9, 5), "es", now=NOW) == "hoy 9:05 UTC"
    assert when(at(2026, 4, 11, 23, 59), "es", now=NOW) == "ayer 23:59 UTC"
    assert when(at(2026, 4, 10, 23, 59), "es", now=NOW) == "10 de abril, 23:59 UTC"
    assert until(at(2026, 4, 12, 11, 1), "es", now=NOW) == "11:01 UTC"
    assert until(at(2026, 4, 19, 10, 31), "es", now=NOW) == "19 de abril, 10:31 UTC"
    assert until(at(2026, 5, 3, 10, 31), "es", now=NOW) == "3 de mayo"
    assert day(at(2025, 12, 31, 8, 5), "es", now=NOW) == "31 de diciembre de 2025"


def test_one_and_several_differ_in_spanish() -> None:
    one, several = (said(Notice.CODE_WRONG, tries=tries) for tries in (1, 3))
    assert words(one, "es", now=NOW).endswith("Queda 1 intento antes de una pausa.")
    assert words(several, "es", now=NOW).endswith("Quedan 3 intentos antes de una pausa.")


@pytest.mark.parametrize(
    ("moment", "end"),
    [(at(2026, 4, 12, 11, 1), "11:01 UTC"), (at(2026, 5, 3, 10, 31), "3 de mayo")],
)
def test_a_moment_fits_its_sentence_be_it_a_time_or_a_day(moment: int, end: str) -> None:
    """Spanish has an article before either, and not the same; so the moment follows a colon."""
    remembered = because(Code.DEVICE_REMEMBERED, until=moment)
    told = sentence(remembered, "es", now=NOW)
    assert told == f"Este dispositivo se recuerda. Fin del plazo: {end}."
