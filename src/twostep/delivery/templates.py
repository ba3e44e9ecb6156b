"""From a message's data to its words: subject, text, HTML and text message, in each language.

Each kind of message has a folder with a file for each of its parts. An operator's folder of
templates comes first, file by file: ``messages/code/subject.txt`` in it takes the place of ours.

A text message fits into one, whatever the environment is called and however long its host name is:
the name is written more plainly, then cut, then left out, and last the line by which phones know
the site. The code is never left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context

from twostep.core.gsm7 import plainer, size_of
from twostep.core.messages import MessageKind
from twostep.delivery.template_names import demand_known
from twostep.i18n.browsers import browser_in
from twostep.i18n.permissions import names_in
from twostep.i18n.templates import SharedCode, environment_in
from twostep.i18n.times import moment
from twostep.i18n.translations import SOURCE_LANGUAGE, languages

TEMPLATE_FOLDER: Final = Path(__file__).parent.parent / "templates"

SHORT_NAME: Final = 20
"""Characters of an environment's name where the whole of it does not fit."""

ACCENT: Final = "#0b6266"

Data = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message comes from: the environment's name, its host, the language, the colour, and
    the name of its sender.
    """

    environment: str
    host: str
    language: str
    accent: str = ACCENT
    sender_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A mail's parts."""

    subject: str
    text: str
    html: str


class MessageTemplates:
    """The templates, in each language. ``overrides`` is the operator's folder."""

    def __init__(self, *, overrides: Path | None = None) -> None:
        """Raises nothing for a missing folder: what is not there overrides nothing."""
        folders = ([overrides] if overrides else []) + [TEMPLATE_FOLDER]
        loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
        code = SharedCode()
        self._overrides = overrides
        self._environments = {
            language: _environment(loader, code, language) for language in languages()
        }

    def warm(self) -> None:
        """Compile every template, so that no code waits for it. Raises jinja2.TemplateSyntaxError
        for an operator's file that is none, or that uses a name which there is not.
        """
        for environment in self._environments.values():
            for name in environment.list_templates(filter_func=_is_message):
                environment.get_template(name)
        if self._overrides is not None:
            source = self._environments[SOURCE_LANGUAGE]
            demand_known(source, self._overrides, TEMPLATE_FOLDER, Place)

    def mail(self, kind: MessageKind, data: Data, place: Place) -> Words:
        """A mail's words. Raises jinja2.TemplateError where a template misses something."""
        return Words(
            subject=self._render(kind, "subject.txt", data, place).strip(),
            text=self._render(kind, "text.txt", data, place).strip() + "\n",
            html=self._render(kind, "body.html", data, place).strip() + "\n",
        )

    def text(self, kind: MessageKind, data: Data, place: Place) -> str:
        """A text message, as one message where that can be. Raises jinja2.TemplateError."""
        written = ""
        for attempt in _shorter_and_shorter(place):
            written = self._render(kind, "sms.txt", data, attempt).strip()
            if size_of(written).fits:
                break
        return written

    def _render(self, kind: MessageKind, part: str, data: Data, place: Place) -> str:
        language = place.language if place.language in self._environments else SOURCE_LANGUAGE
        template = self._environments[language].get_template(f"messages/{kind.value}/{part}")
        return template.render(data=data, place=replace(place, language=language))


@cache
def compiled(overrides: Path | None) -> MessageTemplates:
    """Every template, compiled: once for all senders of a process. An operator's change is seen at
    the next start. Raises jinja2.TemplateSyntaxError.
    """
    templates = MessageTemplates(overrides=overrides)
    templates.warm()
    return templates


def _is_message(name: str) -> bool:
    return name.startswith("messages/") and name.endswith((".txt", ".html"))


def _shorter_and_shorter(place: Place) -> Iterator[Place]:
    plain = plainer(place.environment)
    for host in (place.host, ""):
        for name in (place.environment, plain, plain[:SHORT_NAME].strip(), ""):
            yield replace(place, environment=name, host=host)


def _language(context: Context) -> str:
    place: Place = context["place"]
    return place.language


@pass_context
def _moment(context: Context, at: int) -> str:
    return moment(at, _language(context))


@pass_context
def _browser(context: Context, name: str) -> str:
    return browser_in(name, _language(context))


@pass_context
def _permissions(context: Context, codes: str) -> str:
    return names_in(_language(context), codes.split(","))


def _environment(loader: ChoiceLoader, code: SharedCode, language: str) -> Environment:
    # Plain text is not escaped: it would show its entities.
    escaped = select_autoescape(["html"])
    environment = environment_in(language, loader, code, autoescape=escaped)
    environment.filters.update(moment=_moment, browser=_browser, permissions=_permissions)
    return environment
