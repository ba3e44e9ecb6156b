"""What all pages of somebody who is signed in share: the session, and its forms."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from twostep.core.reasons import Code
from twostep.core.sign_in import PENDING_LASTS, SET_UP_LASTS, Refused, SetUp
from twostep.flows.exchanges import GoesOn, ShowPassword, continue_as_sign_in
from twostep.flows.sessions import MustProveMore, Overruled, Person
from twostep.flows.sign_in import Pending
from twostep.flows.step_up import demanded, is_asked
from twostep.i18n.help_desk_notices import HelpDeskNotice
from twostep.i18n.notices import AnyNotice, Notice
from twostep.web import cookies
from twostep.web.acts import Act
from twostep.web.destinations import own_path
from twostep.web.forms import Form, read_form
from twostep.web.notices import saying
from twostep.web.site import Site, browser_of, see_other, visit_of

CONFIRM_PATH = "/security/confirm"

WATCHES = "twostep-watches"
"""The header with which a page asks by itself whether something is new."""


class SignedInPages:
    """The session of a request."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def person(self, request: Request) -> Person | Response:
        """Who is signed in, or the way to the sign-in page, which remembers where the person was
        going. Whoever must prove more than when they signed in is on their way to do so.
        """
        match await self._site.person(request):
            case Person() as person:
                return person
            case MustProveMore() as held:
                return await self._prove_more(request, held)
            case Overruled():
                return self._sign_in(request, Notice.LASTING_OVERRULED)
            case None:
                return self._sign_in(request)

    async def onlooker(self, request: Request) -> Person | Response:
        """Whose page may ask by itself. That is no use of the session, and where nobody is found it
        gets no page: it then asks as a person does, and is told by that answer where to go.
        """
        if WATCHES not in request.headers:
            return await self.person(request)
        found = await self._site.person(request, is_use=False)
        return found if isinstance(found, Person) else Response(status_code=204)

    async def person_and_form(self, request: Request) -> tuple[Person | Response, Form]:
        """Who sent this form. Raises StopRequest for a form that was not made for this session."""
        form = await read_form(request)
        person = await self.person(request)
        if isinstance(person, Person):
            self._site.demand_form(form, self._site.session_token(visit_of(request)))
        return person, form

    async def unproven(self, person: Person, act: Act) -> Response | None:
        """The way to show once more that it is they, where this act asks for it; else None."""
        step = await self._site.run(demanded, self._site.installation, person, act.value)
        if isinstance(step, Refused):
            return see_other(saying("/security", _why_not(step)))
        return see_other(f"{CONFIRM_PATH}?act={act.value}") if is_asked(step) else None

    def csrf(self, request: Request) -> str:
        """For the forms of this session."""
        return self._site.csrf(self._site.session_token(visit_of(request)))

    def _sign_in(self, request: Request, notice: Notice | None = None) -> Response:
        had_one = cookies.SESSION in visit_of(request).cookies
        told = notice or (Notice.SESSION_ENDED if had_one else Notice.SIGN_IN_FIRST)
        path = _path(request)
        wanted = f"?going_to={quote(path, safe='/')}" if path and path != "/" else ""
        plain = path == "/" and not had_one
        response = see_other("/sign-in" if plain else saying(f"/sign-in{wanted}", told))
        if had_one:
            cookies.drop_cookie(response, cookies.SESSION)
        return response

    async def _prove_more(self, request: Request, held: MustProveMore) -> Response:
        visit = visit_of(request)
        visitor = self._site.visitor_token(visit)
        outcome = await self._site.run(
            continue_as_sign_in,
            self._site.installation,
            held,
            browser=browser_of(visit, visitor.token),
            going_to=_path(request),
        )
        match outcome:
            case None:
                return self._sign_in(request)
            case ShowPassword():
                return self._sign_in(request, Notice.REQUIRED_SIGN_IN_AGAIN)
            case GoesOn():
                return see_other(_path(request) or "/")
            case Pending(token=token, step=step):
                setting_up = isinstance(step, SetUp)
                path = "/sign-in/set-up" if setting_up else "/sign-in/code"
                response = see_other(saying(path, Notice.REQUIRED_AT_ONCE))
                lasts = (SET_UP_LASTS if setting_up else PENDING_LASTS) // 1000
                cookies.set_cookie(response, cookies.PENDING, token.text.reveal(), max_age=lasts)
                if visitor.is_new:
                    cookies.set_cookie(response, cookies.VISITOR, visitor.token.text.reveal())
                cookies.drop_cookie(response, cookies.SESSION)
                return response


def _why_not(refused: Refused) -> AnyNotice:
    """What to say of an act that no proof opens in this session."""
    codes = {why.code for why in refused.reasons}
    if Code.SET_UP_CODE_ASKED in codes:
        return HelpDeskNotice.SET_UP_CODE_FIRST
    return (
        HelpDeskNotice.NOT_IN_THIS_SESSION
        if Code.HELP_DESK_SESSION in codes
        else Notice.NOTHING_CHANGED
    )


def _path(request: Request) -> str | None:
    """Where the person was going, as far as one can go there by a link."""
    return own_path(request.scope["path"]) if request.method in ("GET", "HEAD") else None
