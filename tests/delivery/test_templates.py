"""The words of messages: the point first, one text message, and the operator's own files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError, UndefinedError

from twostep.core.gsm7 import MOST_SEPTETS, size_of
from twostep.core.messages import MessageKind
from twostep.delivery.templates import TEMPLATE_FOLDER, Data, MessageTemplates, Place
from twostep.i18n.translations import languages

TEMPLATES = MessageTemplates()
CODE: Data = {"code": "123456", "minutes": 10}
PLACE = Place(environment="Northside", host="login.northside.example", language="en")
READY = sorted(path.parent.name for path in TEMPLATE_FOLDER.glob("messages/*/subject.txt"))


def test_each_kind_of_message_has_all_its_parts() -> None:
    assert set(READY) == {kind.value for kind in MessageKind}
    for kind in READY:
        parts = {path.name for path in (TEMPLATE_FOLDER / "messages" / kind).iterdir()}
        assert parts == {"subject.txt", "text.txt", "body.html", "sms.txt"}


@pytest.mark.parametrize(
    ("language", "subject"),
    [("en", "Your Northside code is 123456"), ("es", "Su código de Northside es 123456"),
     ("fr", "Your Northside code is 123456")],
)  # fmt: skip
def test_the_subject_carries_the_point(language: str, subject: str) -> None:
    place = Place(environment="Northside", host="login.northside.example", language=language)
    words = TEMPLATES.mail(MessageKind.CODE, CODE, place)
    assert words.subject == subject
    assert words.text.splitlines()[0] == subject
    assert "123456" in words.html


@pytest.mark.parametrize("language", languages())
def test_no_link_stands_in_a_code_mail(language: str) -> None:
    place = Place(environment="Northside", host="login.northside.example", language=language)
    words = TEMPLATES.mail(MessageKind.CODE, CODE, place)
    for text in (words.subject, words.text, words.html):
        assert "href" not in text
        assert "http" not in text.replace("http-equiv", "")
        assert "northside.example" not in text


@pytest.mark.parametrize("minutes", [1, 10])
@pytest.mark.parametrize("language", languages())
def test_how_long_it_works_is_said(language: str, minutes: int) -> None:
    place = Place(environment="Northside", host="login.northside.example", language=language)
    words = TEMPLATES.mail(MessageKind.CODE, {"code": "123456", "minutes": minutes}, place)
    plural = f"{minutes} minut" in words.text and f"{minutes} minut" in words.html
    assert plural


def test_a_name_is_escaped_in_html_and_nowhere_else() -> None:
    place = Place(environment="<b>A & B</b>", host="a.example", language="en")
    words = TEMPLATES.mail(MessageKind.CODE, CODE, place)
    assert words.subject == "Your <b>A & B</b> code is 123456"
    assert "<b>A & B</b>" in words.text
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in words.html
    assert "<b>" not in words.html


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", READY)
def test_a_text_message_has_160_places_in_every_language(kind: str, language: str) -> None:
    """One character outside of the alphabet, an accent, and it would have 70."""
    place = Place(environment="Northside", host="login.northside.example", language=language)
    for purpose in ("today", "set_up"):
        text = TEMPLATES.text(MessageKind(kind), {**CODE, "purpose": purpose}, place)
        assert size_of(text).most == MOST_SEPTETS


@pytest.mark.parametrize("language", languages())
def test_a_text_ends_with_the_line_by_which_phones_know_the_site(language: str) -> None:
    place = Place(environment="Northside", host="login.northside.example", language=language)
    text = TEMPLATES.text(MessageKind.CODE, CODE, place)
    first, empty, last = text.split("\n")
    assert "123456" in first
    assert "Northside" in first
    assert empty == ""
    assert last == "@login.northside.example #123456"


@pytest.mark.parametrize(
    ("name", "host", "text"),
    [
        ("Łódź Clinic", "a.example", "Łódź Clinic: your code is 123456\n\n@a.example #123456"),
        (
            "Łódź Clinic and Much More",
            "login.northside.example",
            "odz Clinic and Much More: your code is 123456\n\n@login.northside.example #123456",
        ),
        (
            "A" * 200,
            "a.example",
            f"{'A' * 20}: your code is 123456\n\n@a.example #123456",
        ),
        ("北" * 60, "a.example", "Your code is 123456\n\n@a.example #123456"),
        ("Northside", "a" * 200, "Northside: your code is 123456"),
        ("北" * 60, "a" * 200, "Your code is 123456"),
        ("", "a.example", "Your code is 123456\n\n@a.example #123456"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_more_shortly(name: str, host: str, text: str) -> None:
    place = Place(environment=name, host=host, language="en")
    assert TEMPLATES.text(MessageKind.CODE, CODE, place) == text


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    st.from_regex(r"[a-z0-9.-]{1,253}", fullmatch=True),
    st.from_regex(r"[0-9]{6,12}", fullmatch=True),
    st.sampled_from(languages()),
)
def test_every_text_message_is_one_and_holds_the_code(
    name: str, host: str, code: str, language: str
) -> None:
    place = Place(environment=name, host=host, language=language)
    text = TEMPLATES.text(MessageKind.CODE, {"code": code, "minutes": 10}, place)
    assert size_of(text).fits
    assert code in text


def test_an_operator_s_file_takes_the_place_of_ours(tmp_path: Path) -> None:
    folder = tmp_path / "messages" / "code"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{{ data.code }} for {{ place.environment }}")
    words = MessageTemplates(overrides=tmp_path).mail(MessageKind.CODE, CODE, PLACE)
    assert words.subject == "123456 for Northside"
    assert words.text == TEMPLATES.mail(MessageKind.CODE, CODE, PLACE).text


def test_a_name_that_a_template_misspells_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "messages" / "code"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{{ data.cod }}")
    with pytest.raises(UndefinedError):
        MessageTemplates(overrides=tmp_path).mail(MessageKind.CODE, CODE, PLACE)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{{ data.kode }}", "there is no data.kode in such a message; there is data.code, "),
        ("{{ data['kode'] }}", "there is no data.kode"),
        ("{% trans c=data.kode %}{{ c }}{% endtrans %}", "there is no data.kode"),
        ("{{ place.town }}", "there is no place.town in such a message; there is place.accent, "),
    ],
)
def test_a_name_that_there_is_not_is_found_at_the_start(
    tmp_path: Path, written: str, said: str
) -> None:
    """Each code would be late otherwise, until somebody reads the log."""
    folder = tmp_path / "messages" / "code"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text(f"Good day\n{written}")
    with pytest.raises(TemplateSyntaxError) as wrong:
        MessageTemplates(overrides=tmp_path).warm()
    assert said in str(wrong.value)
    assert wrong.value.lineno == 2
    assert (wrong.value.filename or "").endswith("messages/code/subject.txt")


def test_ours_could_all_be_an_operator_s(tmp_path: Path) -> None:
    """With the data of each kind, and of the frame in which notices stand."""
    shutil.copytree(TEMPLATE_FOLDER / "messages", tmp_path / "messages")
    MessageTemplates(overrides=tmp_path).warm()


def test_a_file_that_is_no_template_is_found_at_the_start(tmp_path: Path) -> None:
    TEMPLATES.warm()
    folder = tmp_path / "messages" / "code"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{% trans %}")
    with pytest.raises(TemplateSyntaxError):
        MessageTemplates(overrides=tmp_path).warm()
