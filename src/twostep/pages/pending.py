"""What all pages of a pending sign-in share: finding it, saying how long it waits, going where it
is.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from twostep.core.policies import SENT, Method
from twostep.core.reasons import Code, Reasons
from twostep.core.sign_in import (
    MOST_EXTENSIONS,
    PENDING_LASTS,
    SET_UP_LASTS,
    AskFirstStep,
    AskSecondStep,
    ChangePassword,
    NextStep,
    Refused,
    SetUp,
    SignedIn,
)
from twostep.core.ways import Way, begins_with
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting, look, report_mismatch
from twostep.flows.sent_code_states import WayTo, chosen_way, ways_open
from twostep.flows.sent_codes import Sending, send_in_sign_in
from twostep.flows.visitors import Browser
from twostep.i18n.notices import Notice
from twostep.pages.views import Locked, Wait, WayLine
from twostep.web import cookies
from twostep.web.forms import Form
from twostep.web.notices import saying
from twostep.web.site import Site, browser_of, see_other, visit_of

CODE_PATH = "/sign-in/code"
RECOVERY_PATH = "/sign-in/recovery"
HELP_DESK_PATH = "/sign-in/help-desk-code"
SENT_PATH = "/sign-in/sent-code"
SEND_PATH = f"{SENT_PATH}/send"
SET_UP_PATH = "/sign-in/set-up"
NEW_PASSWORD_PATH = "/sign-in/new-password"

PAUSES = (Code.TOO_MANY_CODES, Code.SECOND_STEP_STOPPED)
"""The reasons of a pause of the app's codes."""

_PATHS = {
    Way.AUTHENTICATOR: CODE_PATH,
    Way.RECOVERY_CODE: RECOVERY_PATH,
    Way.HELP_DESK_CODE: HELP_DESK_PATH,
}


def path_to(way: Way) -> str:
    """The page that takes this way to pass the second step."""
    return _PATHS.get(way) or f"{SENT_PATH}?to={way.value}"


def path_of(step: NextStep, going_to: str | None = None) -> str:
    """The page that takes this step. A pause is shown where the code would be asked.

    Where the sign-in is over, ``going_to`` goes along to the next one.
    """
    match step:
        case AskSecondStep(methods=(Method.HELP_DESK_CODE,), reasons=reasons) if not _paused(
            reasons
        ):
            return HELP_DESK_PATH
        case AskSecondStep(methods=methods) if Method.AUTHENTICATOR not in methods:
            return SENT_PATH if SENT & set(methods) else CODE_PATH
        case AskSecondStep() | Refused(until=int()):
            return CODE_PATH
        case Refused(reasons=reasons) if any(r.code is Code.SECOND_STEP_STOPPED for r in reasons):
            return CODE_PATH
        case SetUp():
            return SET_UP_PATH
        case ChangePassword():
            return NEW_PASSWORD_PATH
        case Refused(reasons=reasons) if any(r.code is Code.WAITED_TOO_LONG for r in reasons):
            return saying(sign_in_path(going_to), Notice.SIGN_IN_WAITED_TOO_LONG)
        case Refused() | AskFirstStep() | SignedIn():
            return saying(sign_in_path(going_to), Notice.START_AGAIN)


def _offers(step: NextStep, method: Method) -> bool:
    return isinstance(step, AskSecondStep) and method in step.methods


def _paused(reasons: Reasons) -> bool:
    return any(why.code in PAUSES for why in reasons)


def way_lines(ways: Sequence[WayTo]) -> tuple[WayLine, ...]:
    """The ways as a page lists them: a code is sent by the click that chooses it."""
    return tuple(
        WayLine(
            way=to.way.value,
            url=SEND_PATH if to.way.sent_to else path_to(to.way),
            masked=to.masked,
            sends=to.way.sent_to is not None,
        )
        for to in ways
    )


def sign_in_path(going_to: str | None) -> str:
    """The first page of a sign-in that leads to this path, which was checked before."""
    return f"/sign-in?going_to={quote(going_to, safe='/')}" if going_to else "/sign-in"


class PendingPages:
    """The pending sign-in of a request."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def waiting(self, request: Request, form: Form | None = None) -> Waiting | Response:
        """The sign-in that waits in this browser, or the answer that goes back to its beginning.

        With a form, the form must be this browser's too. Whoever brings the cookie of another
        browser's sign-in
        is sent away like everybody else, and the audit log knows.
        """
        visit = visit_of(request)
        visitor = self._site.visitor_token(visit)
        cookie = visit.cookies.get(cookies.PENDING)
        browser = browser_of(visit, visitor.token)
        if cookie is None:
            return self._start_again()
        installation, environment = self._site.installation, visit.environment
        found = await self._site.run(look, installation, environment, cookie, browser)
        if found is None:
            if form is not None:
                await self._site.run(report_mismatch, installation, environment, cookie, browser)
            return self._start_again()
        if form is not None:
            self._site.demand_form(form, visitor.token)
        return found

    async def ways(self, waiting: Waiting) -> Sequence[WayTo]:
        """The ways that are open in this sign-in, the strongest first."""
        return await self._site.run(ways_open, self._site.installation, waiting.user, waiting.step)

    async def begin(self, request: Request, waiting: Waiting) -> str:
        """Where the second step begins, after the password: by the way that was chosen in this
        browser before, else by the strongest. Where that is a code which is sent, it is on its way.
        """
        step = waiting.step
        if not isinstance(step, AskSecondStep) or not SENT & set(step.methods):
            return path_of(step)
        chosen = await self._site.run(chosen_way, self._site.installation, waiting.sign_in)
        way = begins_with([to.way for to in await self.ways(waiting)], chosen)
        if way is None:
            return path_of(step)
        if way.sent_to is not None:
            await self.send(request, waiting, way)
        return path_to(way)

    async def send(self, request: Request, waiting: Waiting, way: Way) -> Sending:
        """Send a code by this way."""
        return await self._site.run(
            send_in_sign_in,
            self._site.installation,
            waiting,
            way,
            language=visit_of(request).language,
            browser=self.browser(request),
        )

    async def elsewhere(self, request: Request, waiting: Waiting) -> Response:
        """This page is not what comes next: show the pause, or go to the page that is."""
        step = waiting.step
        if path_of(step) == CODE_PATH == request.scope["path"]:
            paused = tuple(why for why in step.reasons if why.code in PAUSES)
            until = paused[0].get("until") if paused else None
            view = Locked(
                csrf=self.csrf(request),
                until=until if isinstance(until, int) else None,
                reasons=paused,
                recovery_url=RECOVERY_PATH if _offers(step, Method.RECOVERY_CODE) else None,
                help_desk_url=HELP_DESK_PATH if _offers(step, Method.HELP_DESK_CODE) else None,
            )
            return await self._site.page(request, view, status=403)
        return self.follow(request, step, waiting)

    def follow(
        self,
        request: Request,
        step: NextStep | Minted | None,
        waiting: Waiting | None = None,
    ) -> Response:
        """To the page of that step; where the sign-in is over, to the beginning.

        ``waiting`` is the sign-in, which knows where its person was going.
        """
        if isinstance(step, Minted):
            return self._site.signed_in(request, step, step.going_to or "/")
        going_to = waiting.sign_in.going_to if waiting else None
        if step is None:
            return self._start_again(going_to)
        return see_other(path_of(step, going_to))

    def browser(self, request: Request) -> Browser:
        """This browser, as the flows know it."""
        visit = visit_of(request)
        return browser_of(visit, self._site.visitor_token(visit).token)

    def csrf(self, request: Request) -> str:
        """For the forms of this browser."""
        return self._site.csrf(self._site.visitor_token(visit_of(request)).token)

    def wait(self, waiting: Waiting) -> Wait:
        """How long the sign-in waits, and whether it can wait longer."""
        more = waiting.sign_in.extensions <= MOST_EXTENSIONS
        return Wait(
            until=waiting.sign_in.waits_until,
            more_time_url="/sign-in/more-time" if more else None,
        )

    def set_cookie(self, response: Response, token: str, step: NextStep) -> None:
        """Let the browser keep the sign-in as long as it waits. That it ends is the server's to
        say, not the cookie's.
        """
        lasts = SET_UP_LASTS if isinstance(step, SetUp) else PENDING_LASTS
        cookies.set_cookie(response, cookies.PENDING, token, max_age=lasts // 1000)

    def _start_again(self, going_to: str | None = None) -> Response:
        response = see_other(saying(sign_in_path(going_to), Notice.START_AGAIN))
        cookies.drop_cookie(response, cookies.PENDING)
        return response
