"""What every page has in common, whichever it is."""

import dataclasses
import inspect
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import cast

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup
from typing_extensions import override

from tests.helpers.sample_pages import MINUTE, NONCE, NOW, SAMPLES, Sample, enter_code
from twostep.admin import (
    address_readiness_views,
    arrival_views,
    audit_views,
    helping_views,
    message_views,
    overview_views,
    permission_views,
    person_views,
    report_views,
    user_list_views,
    user_views,
)
from twostep.admin import views as admin_views
from twostep.core.reasons import Reason
from twostep.i18n.matters import Matter
from twostep.i18n.notices import Notice, Said, said
from twostep.i18n.sentences import Sentence
from twostep.pages import (
    contact_views,
    link_views,
    mailbox,
    recovery_views,
    security_views,
    sent_code_views,
    views,
)
from twostep.web.assets import Assets
from twostep.web.rendering import TEMPLATE_FOLDER, Frame, Message, Renderer, Support, View, groups

RENDERER = Renderer(Assets())
VIEWS = (
    *(views, security_views, recovery_views, contact_views, sent_code_views, mailbox),
    *(admin_views, message_views, address_readiness_views),
    *(audit_views, report_views),
    helping_views,
    arrival_views,
    link_views,
    overview_views,
    permission_views,
    person_views,
    user_list_views,
    user_views,
)


class Tags(HTMLParser):
    """The tags of a page with their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    @override
    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def render(sample: Sample) -> str:
    return RENDERER.render(sample.view, sample.frame)


every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())


def test_every_view_has_a_sample() -> None:
    """So that what is asserted of every sample is asserted of every page."""
    with_template = {
        name
        for module in VIEWS
        for name, view in inspect.getmembers(module, inspect.isclass)
        if dataclasses.is_dataclass(view) and hasattr(view, "template")
    }
    assert {type(sample.view).__name__ for sample in SAMPLES.values()} == with_template


@every_sample
def test_a_page_keeps_the_content_security_policy(sample: Sample) -> None:
    """SECURITY 5.3: scripts and styles come by nonce; no attribute holds a handler or a style."""
    page = Tags(render(sample))
    for name, attributes in page.tags:
        assert name != "style"
        assert not [key for key in attributes if key == "style" or key.startswith("on")]
        assert not str(attributes.get("href", "")).startswith(("javascript:", "http"))
    loaded = page.all("script") + [link for link in page.all("link") if link["rel"] == "stylesheet"]
    assert len(loaded) == (3 if sample.own_look else 2)
    assert {each["nonce"] for each in loaded} == {NONCE}


@every_sample
def test_a_page_says_what_it_is_in_its_language(sample: Sample) -> None:
    page = Tags(render(sample))
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    assert len(page.all("title")) == 1
    assert len(page.all("main")) == 1
    assert page.all("a")[0]["href"] == "#main"


@every_sample
def test_a_page_has_at_most_one_filled_button(sample: Sample) -> None:
    filled = [tag for _, tag in Tags(render(sample)).tags if "filled" in (tag.get("class") or "")]
    assert len(filled) <= 1


@every_sample
def test_every_field_has_a_label_and_every_id_is_used_once(sample: Sample) -> None:
    page = Tags(render(sample))
    ids = [tag["id"] for _, tag in page.tags if "id" in tag]
    assert sorted(map(str, ids)) == sorted(set(map(str, ids)))
    labels = {label["for"] for label in page.all("label")}
    shown = [field for field in page.all("input") if field.get("type") != "hidden"]
    shown += page.all("select") + page.all("textarea") + page.all("progress")
    assert labels == {field["id"] for field in shown if "aria-hidden" not in field}
    for _, tag in page.tags:
        for name in ("aria-describedby", "aria-labelledby", "form", "data-shows", "data-copies"):
            assert set(str(tag.get(name) or "").split()) <= set(map(str, ids))


@every_sample
def test_every_form_posts_to_a_path_with_its_token(sample: Sample) -> None:
    text = render(sample)
    forms = re.findall(r"<form.*?</form>", text, re.DOTALL)
    assert len(forms) == text.count("<form")
    for form in forms:
        if 'method="get"' in form:
            # It only asks for another view, and its fields stand in an address bar: no token.
            assert re.search(r'method="get" action="/[a-z]', form)
            assert "csrf" not in form
            continue
        assert re.search(r'method="post" action="/[a-z]', form)
        assert form.count('name="csrf" value="a-token"') == 1


@every_sample
def test_no_field_cuts_short_what_is_pasted_into_it(sample: Sample) -> None:
    """A password cut short in silence is another password; a code may come as "123 456"."""
    assert not [field for field in Tags(render(sample)).all("input") if "maxlength" in field]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sign-in", ["User name", "Password", ">Sign in</button>", "Forgot your password?"]),
        ("code", ["Verification code", ">Verify</button>", "Try another way", "Why am I asked?"]),
        (
            "set-up",
            ["Google Authenticator, Microsoft Authenticator or Authy", ">Verify and Save</button>"],
        ),
        ("home", ["User settings", ">Security Settings</a>", ">Sign out</button>"]),
        ("security", ["2-Step Verification", ">Configure</button>", ">This session<"]),
        ("password", [">Save</button>", ">Cancel</a>"]),
    ],
)
def test_the_fixed_words_stand_letter_for_letter(name: str, words: list[str]) -> None:
    """MISSION CT-3 and the names on the wire: people and scripts look for them."""
    page = render(SAMPLES[name])
    assert [word for word in words if word not in page] == []


@pytest.mark.parametrize("name", ["code-wrong", "set-up-wrong"])
def test_one_error_stands_beside_its_field_and_is_announced_once(name: str) -> None:
    page = render(SAMPLES[name])
    assert page.count("That code did not match") == 1
    assert page.count('role="alert"') == 1
    field = next(field for field in Tags(page).all("input") if field.get("name") == "code")
    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"] == "code-error"
    assert "autofocus" in field
    assert "<title>Error: " in page


def test_several_errors_are_gathered_at_the_top_and_lead_to_their_fields() -> None:
    page = render(SAMPLES["sign-in-empty"])
    assert page.count('role="alert"') == 1
    assert page.index('role="alert"') < page.index('href="#user_name"') < page.index("<form")
    assert page.count("Type your user name.") == page.count("Type your password.") == 2
    assert page.count("autofocus") == 1


def test_what_was_typed_comes_back_but_no_secret() -> None:
    page = Tags(render(SAMPLES["sign-in-wrong"]))
    fields = {field.get("name"): field.get("value") for field in page.all("input")}
    assert fields["user_name"] == "ann.lee"
    assert fields["password"] == ""


def test_after_a_wrong_code_the_page_no_longer_sends_itself() -> None:
    assert "data-sends-itself" in render(SAMPLES["code"])
    assert "data-sends-itself" not in render(SAMPLES["code-wrong"])
    assert "goes on by itself" not in render(SAMPLES["code-wrong"])


def test_a_time_limit_is_said_and_can_be_extended() -> None:
    """WCAG 2.2.1."""
    page = render(SAMPLES["code"])
    assert "This page waits 15 minutes for you" in page
    assert '<form method="post" action="/sign-in/more-time">' in page
    assert "more-time" not in render(SAMPLES["set-up"])


def strings_replaced(value: object, by: str) -> object:
    """The same view with every text in it replaced: what an attacker may have typed anywhere."""
    if isinstance(value, Markup | Reason | Said | Sentence):
        return value
    if type(value) is str:
        return by
    if isinstance(value, tuple):
        return tuple(strings_replaced(each, by) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: strings_replaced(getattr(value, field.name), by)
            for field in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **changed)
    return value


POLYGLOT = "'\"></title></script><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}%(x)s"


@every_sample
def test_text_stays_text_wherever_it_stands(sample: Sample) -> None:
    view = strings_replaced(sample.view, POLYGLOT)
    frame = dataclasses.replace(
        sample.frame,
        environment_name=POLYGLOT,
        user_name=POLYGLOT,
        csrf=POLYGLOT,
        support=Support(text=POLYGLOT, link="https://" + POLYGLOT),
        notice=said(Notice.PASSWORD_HAS_CONTEXT, word=POLYGLOT),
    )
    page = RENDERER.render(cast("View", view), frame)
    tags = Tags(page)
    assert len(tags.all("script")) == 1
    assert [image["src"] for image in tags.all("img")] == [frame.logo_url] * sample.own_look
    assert "49" not in tags.text.replace(POLYGLOT, "")
    assert POLYGLOT in tags.text


@pytest.mark.parametrize(
    ("link", "href"),
    [
        ("mailto:it@northside.example", "mailto:it@northside.example"),
        ("https://help.example/", "https://help.example/"),
        ("tel:+15550100", "tel:+15550100"),
        ("javascript:alert(1)", None),
        ("JavaScript:alert(1)", None),
        ("data:text/html,x", None),
        ("//elsewhere.example", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_page_a_mailbox_or_a_telephone_is_linked_as_support(
    link: str | None, href: str | None
) -> None:
    """CS-9: the support contact stands on the pages of a sign-in; a script in it must never run."""
    assert Support(text="Help desk", link=link).href == href
    frame = dataclasses.replace(SAMPLES["sign-in"].frame, support=Support(text="Desk", link=link))
    page = RENDERER.render(SAMPLES["sign-in"].view, frame)
    assert "Desk" in page
    assert "alert(1)" not in page


def test_without_a_support_contact_no_empty_line_stands_for_it() -> None:
    frame = dataclasses.replace(SAMPLES["sign-in"].frame, support=None, languages=())
    assert "<footer" not in RENDERER.render(SAMPLES["sign-in"].view, frame)


def test_an_address_that_belongs_to_nobody_still_gets_a_page() -> None:
    frame = Frame(environment_name=None, language="en", now=NOW, nonce=NONCE)
    page = RENDERER.render(Message(matter=Matter.UNKNOWN_ADDRESS), frame)
    assert "Nobody signs in at this address" in page
    assert "None" not in Tags(page).text


def test_a_signed_in_person_can_always_sign_out() -> None:
    with pytest.raises(ValueError, match="sign-out"):
        Frame(environment_name="x", language="en", now=NOW, nonce=NONCE, user_name="ann")


def test_a_moment_is_said_in_utc_and_can_be_read_by_the_script() -> None:
    page = render(SAMPLES["locked"])
    assert (
        'paused until <time datetime="2026-04-12T11:01:00Z" data-moment="until">11:01 UTC</time>.'
        in page
    )


def test_a_misspelt_name_in_a_template_is_an_error_and_not_a_blank(tmp_path: Path) -> None:
    (tmp_path / "sign_in.html").write_text("{{ page.usr_name }}")
    with pytest.raises(UndefinedError):
        Renderer(Assets(), overrides=tmp_path).render(
            SAMPLES["sign-in"].view, SAMPLES["sign-in"].frame
        )


def test_an_operators_template_takes_the_place_of_ours_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "home.html").write_text(
        '{% extends "base.html" %}{% block main %}Ours{% endblock %}'
    )
    own = Renderer(Assets(), overrides=tmp_path)
    assert "Ours" in own.render(SAMPLES["home"].view, SAMPLES["home"].frame)
    assert own.render(enter_code(), SAMPLES["code"].frame) == render(SAMPLES["code"])


def test_a_key_is_grouped_however_it_comes() -> None:
    assert groups("JBSWY3DPEHPK") == groups("JBSW Y3DP EHPK") == "JBSW Y3DP EHPK"


def untranslated(source: str) -> Iterator[str]:
    """Words of a template that no translator would see: outside of braces, tags and comments."""
    text = re.sub(r"\{%\s*trans\b.*?\{%\s*endtrans\s*%\}", " ", source, flags=re.DOTALL)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    for attribute in re.findall(
        r'\b(?:aria-label|title|alt|placeholder|data-other)="([^"]*)"', text
    ):
        yield from re.findall(r"[A-Za-z]{2,}", attribute)
    yield from re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", text))


@pytest.mark.parametrize("template", sorted(TEMPLATE_FOLDER.rglob("*.html")), ids=lambda p: p.name)
def test_every_word_of_a_template_is_there_for_translators(template: Path) -> None:
    assert list(untranslated("<p>Hello {{ name }}</p>")) == ["Hello"]
    assert list(untranslated('<p aria-label="Hello">{% trans %}Hi{% endtrans %}</p>')) == ["Hello"]
    assert list(untranslated(template.read_text(encoding="utf-8"))) == []


def test_a_wait_of_a_minute_is_one_minute() -> None:
    view = dataclasses.replace(enter_code(), wait=views.Wait(until=NOW + MINUTE))
    assert "This page waits 1 minute for you" in RENDERER.render(view, SAMPLES["code"].frame)
