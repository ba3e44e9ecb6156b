"""From a view and its frame to a page of HTML.

A view is a frozen dataclass that names its template and holds what stands on the page: names,
moments in milliseconds, reasons and notices, never HTML and never a sentence. Templates see it as
``page``, and the :class:`Frame` around it as ``frame``. Everything is escaped, and a name that a
template misspells is an error, not a blank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Protocol

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from twostep.core.address_readiness import Gap
from twostep.core.contacts import ContactKind, ContactState
from twostep.core.permissions import Permission
from twostep.core.reasons import Reason
from twostep.i18n import address_readiness, times
from twostep.i18n.activities import Activity
from twostep.i18n.browsers import browser_in
from twostep.i18n.matters import Explanation, Matter
from twostep.i18n.messages import SENTENCES
from twostep.i18n.notices import Said, said
from twostep.i18n.sentences import Data, Sentence, fill
from twostep.i18n.templates import SharedCode, environment_in
from twostep.i18n.translations import choose_language, languages
from twostep.web.assets import Assets
from twostep.web.languages import LanguageLink

__all__ = [
    "FieldError", "Frame", "Message", "Renderer", "Support", "View", "choose_language", "said",
]  # fmt: skip

TEMPLATE_FOLDER = Path(__file__).parent.parent / "templates"

_CONTACT_SCHEMES = frozenset({"https", "http", "mailto", "tel"})


class View(Protocol):
    """What a page is made of; ``template`` is the file's name in the template folder."""

    template: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one field of a form; an empty ``field`` means the form as a whole."""

    field: str
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Whom to ask: a text, and perhaps a link to a page, a mail address or a telephone number."""

    text: str
    link: str | None = None

    @property
    def href(self) -> str | None:
        """The link where it is one that may stand on a page (a script in it must never run), else
        None.
        """
        scheme = (self.link or "").partition(":")[0].lower()
        return self.link if scheme in _CONTACT_SCHEMES else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all pages share.

    ``now`` is in milliseconds; times are shown in ``timezone``, or in UTC with that word where it
    is None. ``user_name`` is set for a live session only, together with ``csrf`` for its **Sign
    out** button and with the ``permissions`` that draw the menu; a person who is still signing in
    has none of them. ``languages``: the other ones in which this page can be read.
    ``colours_url`` and ``logo_url``: the environment's own, None: ours. ``help_desk_until``: when
    the session ends (ms) that a help-desk code opened; None for every other one.
    """

    environment_name: str | None
    language: str
    now: int
    nonce: str
    timezone: tzinfo | None = None
    support: Support | None = None
    user_name: str | None = None
    csrf: str | None = None
    notice: Said | None = None
    permissions: frozenset[Permission] = frozenset()
    languages: tuple[LanguageLink, ...] = ()
    colours_url: str | None = None
    logo_url: str | None = None
    help_desk_until: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a signed-in person who could not sign out."""
        if self.user_name is not None and self.csrf is None:
            raise ValueError("a signed-in person's frame needs the token of the sign-out button")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A page that says one thing. ``reference`` finds the request in the log, for whoever is asked
    for help.
    """

    template: ClassVar[str] = "message.html"

    matter: Matter
    reference: str | None = None

    @property
    def explanation(self) -> Explanation:
        """The sentences of the matter."""
        return self.matter.explanation


class Renderer:
    """Built once: the templates, compiled, in each language.

    ``overrides`` is the operator's folder: a template in it takes the place of the project's of the
    same name.
    """

    def __init__(self, assets: Assets, *, overrides: Path | None = None) -> None:
        """Raises nothing for a missing folder: what is not there overrides nothing."""
        folders = ([overrides] if overrides else []) + [TEMPLATE_FOLDER]
        loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
        made = partial(_environment, loader, SharedCode(), assets)
        self._environments = {language: made(language) for language in languages()}

    def warm(self) -> None:
        """Compile every template in each language, so that no visitor waits for it."""
        for environment in self._environments.values():
            for name in environment.list_templates(extensions=["html"]):
                if not name.startswith("messages/"):
                    environment.get_template(name)

    def render(self, view: View, frame: Frame) -> str:
        """The page, complete. Raises jinja2.TemplateError for a template that misses something."""
        environment = self._environments[frame.language]
        return environment.get_template(view.template).render(page=view, frame=frame)


def _environment(
    loader: ChoiceLoader, code: SharedCode, assets: Assets, language: str
) -> Environment:
    environment = environment_in(language, loader, code, autoescape=True)
    environment.globals["static_url"] = assets.url
    environment.globals["field_errors"] = field_errors
    environment.filters.update(
        when=_when, until=_until, again_at=_again_at, day=_day, minutes_left=_minutes_left,
        utc_day=_utc_day, notice=_notice, reason=_reason, activity=_activity, browser=_browser,
        plainly=_plainly, groups=groups, gap=_gap, remedy=_remedy,
        address_kind=_address_kind, address_state=_address_state,
    )  # fmt: skip
    return environment


@pass_context
def _gap(context: Context, gap: Gap) -> str:
    return address_readiness.label(gap, _frame(context).language)


@pass_context
def _remedy(context: Context, gap: Gap) -> str:
    return address_readiness.remedy(gap, _frame(context).language)


@pass_context
def _address_kind(context: Context, kind: ContactKind) -> str:
    return address_readiness.kind_of_address(kind, _frame(context).language)


@pass_context
def _address_state(context: Context, state: ContactState) -> str:
    return address_readiness.state_of_address(state, _frame(context).language)


def field_errors(errors: tuple[FieldError, ...], field: str) -> list[FieldError]:
    """The errors of one field."""
    return [error for error in errors if error.field == field]


def groups(text: str, size: int = 4) -> str:
    """A long key in groups, so that an eye can keep its place. Blanks that it has already are
    dropped.
    """
    text = "".join(text.split())
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


def _frame(context: Context) -> Frame:
    frame: Frame = context["frame"]
    return frame


def _time_element(at: int, words: str, style: str) -> Markup:
    """A moment that the script can put in the own time zone of whoever reads it."""
    stamp = times.as_datetime(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}" data-moment="{}">{}</time>').format(stamp, style, words)


def _moment(frame: Frame, style: str, at: int) -> Markup:
    in_words = {"when": times.when, "until": times.until, "day": times.day}[style]
    words = in_words(at, frame.language, now=frame.now, timezone=frame.timezone)
    if frame.timezone is not None:
        return escape(words)
    return _time_element(at, words, style)


def _pause_end(frame: Frame, at: int) -> Markup:
    return _moment(frame, "until", times.minute_after(at))


@pass_context
def _again_at(context: Context, at: int) -> Markup:
    return _pause_end(_frame(context), at)


@pass_context
def _when(context: Context, at: int) -> Markup:
    return _moment(_frame(context), "when", at)


@pass_context
def _until(context: Context, at: int) -> Markup:
    return _moment(_frame(context), "until", at)


@pass_context
def _day(context: Context, at: int) -> Markup:
    return _moment(_frame(context), "day", at)


@pass_context
def _utc_day(context: Context, at: int) -> str:
    frame = _frame(context)
    return times.day(at, frame.language, now=frame.now)


@pass_context
def _minutes_left(context: Context, until: int) -> int:
    return times.whole_minutes(until - _frame(context).now)


def _marked_up(frame: Frame, sentence: Sentence, data: Data) -> Markup:
    """The sentence, safe to stand in HTML: its own words are escaped first, then its data."""
    text = escape(sentence.in_language(frame.language, data))
    safe: Mapping[str, Any] = {
        name: value if isinstance(value, int) else escape(value) for name, value in data.items()
    }
    day = partial(_moment, frame, "day")
    return Markup(fill(text, safe, moment=partial(_pause_end, frame), day=day))  # noqa: S704


@pass_context
def _notice(context: Context, what: Said) -> Markup:
    return _marked_up(_frame(context), what.notice.sentence, dict(what.data))


@pass_context
def _reason(context: Context, why: Reason) -> Markup:
    return _marked_up(_frame(context), SENTENCES[why.code], dict(why.data))


@pass_context
def _browser(context: Context, name: str) -> str:
    return browser_in(name, _frame(context).language)


@pass_context
def _activity(context: Context, what: Activity) -> Markup:
    return _marked_up(_frame(context), what.sentence, {})


@pass_context
def _plainly(context: Context, sentence: Sentence) -> Markup:
    return _marked_up(_frame(context), sentence, {})
