"""Showing once more that it is they: what every page shares that takes a fresh proof."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from twostep.core.authenticators import LONGEST_TYPED
from twostep.core.passwords import LONGEST as LONGEST_PASSWORD
from twostep.core.sent_codes import LONGEST_TYPED as LONGEST_SENT
from twostep.core.sent_codes import SHORTEST
from twostep.core.ways import Way
from twostep.flows import step_up
from twostep.flows.codes import CodeRefused, CodesPaused
from twostep.flows.known_passwords import PasswordsPaused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.password_changes import CurrentPasswordWrong
from twostep.flows.second_step_by_message import confirm_by_sent_code
from twostep.flows.sent_code_checks import SentCodeRefused
from twostep.flows.sent_code_states import last_of, ways_open
from twostep.flows.sent_codes import of_live_session, send_in_session
from twostep.flows.sessions import Person
from twostep.flows.step_up import By
from twostep.i18n.notices import Notice, Said, said
from twostep.web import cookies
from twostep.web.acts import Act
from twostep.web.forms import Form
from twostep.web.notices import saying
from twostep.web.refusals import code_error, paused_codes, paused_passwords, too_many
from twostep.web.rendering import FieldError
from twostep.web.sent_code_refusals import sent_code_error
from twostep.web.site import Site, browser_of, secret_text, see_other, visit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSentTo:
    """Where the code went that a form asks for, and how long it is. ``way``: what the form sends
    back as ``to``.
    """

    way: str
    masked: str
    digits: int


class FreshProof:
    """The fields ``code`` and ``password`` of a form of somebody who is signed in."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def compare(
        self, request: Request, person: Person, form: Form, *, by: By
    ) -> step_up.Outcome | SentCodeRefused:
        """Try what was typed. Raises Busy."""
        visit = visit_of(request)
        browser = browser_of(visit, self._site.session_token(visit))
        if by is By.SENT_CODE:
            return await self._site.run(
                confirm_by_sent_code,
                self._site.installation,
                person,
                _way(form.text("to", longest=20)),
                typed=form.text("code", longest=LONGEST_SENT + 1),
                browser=browser,
            )
        if by is By.CODE:
            return await self._site.run(
                step_up.by_code,
                self._site.installation,
                person,
                typed=form.text("code", longest=LONGEST_TYPED + 1),
                browser=browser,
            )
        return await self._site.run_hashing(
            step_up.by_password,
            self._site.installation,
            person,
            password=secret_text(form, "password", longest=LONGEST_PASSWORD),
            browser=browser,
        )

    async def send(self, request: Request, person: Person, act: Act) -> CodeSentTo | None:
        """Send a code for this act, unless the last one was sent only just now, and say where it
        went; None where there is no such way any more.
        """
        visit, installation = visit_of(request), self._site.installation
        step = await self._site.run(step_up.demanded, installation, person, act.value)
        ways = await self._site.run(ways_open, installation, person.user, step)
        to = next((to for to in ways if to.way.sent_to), None)
        if to is None:
            return None
        await self._site.run(
            send_in_session,
            installation,
            person,
            act.value,
            to.way,
            language=visit.language,
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        last = await self._site.run(last_of, installation, person.user, of_live_session(person))
        if last is None:
            return None
        return CodeSentTo(way=last.way.value, masked=last.masked, digits=last.digits)

    def error(self, refused: step_up.Refusal | SentCodeRefused) -> FieldError:
        """What is said beside the field. Raises StopRequest for a network that is paused."""
        match refused:
            case NetworkPaused():
                raise too_many(refused, self._site.installation.clock())
            case SentCodeRefused():
                return sent_code_error(refused, SHORTEST)
            case CodeRefused():
                return code_error(refused)
            case CodesPaused():
                return FieldError(field="code", said=paused_codes(refused))
            case CurrentPasswordWrong():
                return _wrong(said(Notice.CURRENT_PASSWORD_WRONG))
            case PasswordsPaused(until=until):
                return _wrong(paused_passwords(until))


def missing(form: Form, *, by: By) -> tuple[FieldError, ...]:
    """What is said where nothing was typed."""
    field, notice = (
        ("password", Notice.PASSWORD_MISSING)
        if by is By.PASSWORD
        else ("code", Notice.CODE_MISSING)
    )
    if form.text(field, longest=1):
        return ()
    return (FieldError(field=field, said=said(notice)),)


def _way(text: str) -> Way:
    """The way that a form names; one that does not exist is one by which nothing was sent."""
    return Way(text) if text in set(Way) else Way.EMAIL


def session_over() -> Response:
    """Too many wrong tries, or the session ended elsewhere."""
    response = see_other(saying("/sign-in", Notice.SESSION_ENDED))
    cookies.drop_cookie(response, cookies.SESSION)
    return response


def _wrong(what: Said) -> FieldError:
    return FieldError(field="password", said=what)
