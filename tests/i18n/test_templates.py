"""One compilation for all languages, and each language's own words."""

from __future__ import annotations

from jinja2 import DictLoader, Environment, pass_context
from jinja2.filters import FILTERS

from twostep.delivery.templates import MessageTemplates
from twostep.i18n.templates import SharedCode, environment_in
from twostep.web.assets import Assets
from twostep.web.rendering import Renderer

PAGE = "{% trans %}Sign in{% endtrans %}, {{ 'x' | marked }}, {{ called() }}"


def environment(code: SharedCode, language: str, text: str = PAGE) -> Environment:
    made = environment_in(language, DictLoader({"page.html": text}), code, autoescape=True)
    made.globals["called"] = lambda: f"called in {language}"
    made.filters["marked"] = pass_context(lambda _context, text: f"{text} in {language}")
    return made


def test_each_language_has_its_own_words_out_of_one_compilation() -> None:
    code = SharedCode()
    english, spanish = (environment(code, language) for language in ("en", "es"))
    assert english.get_template("page.html").render() == "Sign in, x in en, called in en"
    compiled = dict(code._compiled)
    assert len(compiled) == 1
    said = spanish.get_template("page.html").render()
    assert said == "Iniciar sesión, x in es, called in es"
    assert code._compiled == compiled, "the second language compiled nothing"


def test_another_text_of_the_same_name_is_another_template() -> None:
    code = SharedCode()
    ours = environment(code, "en").get_template("page.html")
    theirs = environment(code, "en", "Welcome").get_template("page.html")
    assert (ours.render()[:7], theirs.render()) == ("Sign in", "Welcome")


def test_every_filter_of_ours_that_knows_a_language_takes_the_context() -> None:
    """Otherwise the language that is compiled first would be heard in the others."""
    pages = Renderer(Assets())._environments
    mails = MessageTemplates()._environments
    plain = {"groups"}
    for made in [*pages.values(), *mails.values()]:
        ours = set(made.filters) - set(FILTERS) - plain
        assert ours
        for name in ours:
            assert hasattr(made.filters[name], "jinja_pass_arg"), name
