"""Showing once more that it is they: what every page shares that takes a fresh proof."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from twostep.core.authenticators import LONGEST_TYPED
from twostep.core.passwords import LONGEST as LONGEST_PASSWORD
from twostep.flows import step_up
from twostep.flows.codes import CodeRefused, CodesPaused
from twostep.flows.known_passwords import PasswordsPaused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.password_changes import CurrentPasswordWrong
from twostep.flows.sessions import Person
from twostep.i18n.notices import Notice, Said, said
from twostep.web import cookies
from twostep.web.forms import Form
from twostep.web.notices import saying
from twostep.web.refusals import code_error, paused_codes, paused_passwords, too_many
from twostep.web.rendering import FieldError
from twostep.web.site import Site, browser_of, secret_text, see_other, visit_of


class FreshProof:
    """The fields ``code`` and ``password`` of a form of somebody who is signed in."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def compare(
        self, request: Request, person: Person, form: Form, *, by_code: bool
    ) -> step_up.Outcome:
        """Try what was typed. Raises Busy."""
        visit = visit_of(request)
        browser = browser_of(visit, self._site.session_token(visit))
        if by_code:
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

    def error(self, refused: step_up.Refusal) -> FieldError:
        """What is said beside the field. Raises StopRequest for a network that is paused."""
        match refused:
            case NetworkPaused():
                raise too_many(refused, self._site.installation.clock())
            case CodeRefused():
                return code_error(refused)
            case CodesPaused():
                return FieldError(field="code", said=paused_codes(refused))
            case CurrentPasswordWrong():
                return _wrong(said(Notice.CURRENT_PASSWORD_WRONG))
            case PasswordsPaused(until=until):
                return _wrong(paused_passwords(until))


def missing(form: Form, *, by_code: bool) -> tuple[FieldError, ...]:
    """What is said where nothing was typed."""
    field, notice = (
        ("code", Notice.CODE_MISSING) if by_code else ("password", Notice.PASSWORD_MISSING)
    )
    if form.text(field, longest=1):
        return ()
    return (FieldError(field=field, said=said(notice)),)


def session_over() -> Response:
    """Too many wrong tries, or the session ended elsewhere."""
    response = see_other(saying("/sign-in", Notice.SESSION_ENDED))
    cookies.drop_cookie(response, cookies.SESSION)
    return response


def _wrong(what: Said) -> FieldError:
    return FieldError(field="password", said=what)
