"""``/security/confirm/sent-code``: showing once more that it is they by a code that is sent, before
a sensitive act. The strongest way is asked first, whatever was chosen at sign-in.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.sent_codes import LONGEST_TYPED, SHORTEST
from twostep.core.ways import Way
from twostep.flows import step_up
from twostep.flows.codes import CodesPaused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.second_step_by_message import confirm_by_sent_code
from twostep.flows.sent_code_checks import SentCodeRefused
from twostep.flows.sent_code_states import Last, WayTo, last_of, ways_open
from twostep.flows.sent_codes import NoSuchWay, NotYet, Sent, of_live_session, send_in_session
from twostep.flows.sessions import Person
from twostep.i18n.notices import Said
from twostep.i18n.sent_code_notices import SentCodeNotice
from twostep.pages.confirm import AWAY, SENT_CODE_PATH, ConfirmPages, act_of
from twostep.pages.sent_code_views import EnterSentCode, code_line, others, way_named
from twostep.pages.views import WayLine
from twostep.web.acts import Act
from twostep.web.fresh_proof import session_over
from twostep.web.notices import notice_of, saying
from twostep.web.refusals import too_many
from twostep.web.rendering import FieldError
from twostep.web.sent_code_refusals import missing, not_yet, sent_code_error
from twostep.web.signed_in import CONFIRM_PATH, SignedInPages
from twostep.web.site import Site, browser_of, see_other, visit_of

PATH = SENT_CODE_PATH
SEND_PATH = f"{PATH}/send"


class SentCodeConfirmPages:
    """The fresh proof of somebody to whom a code is sent."""

    def __init__(self, site: Site, signed_in: SignedInPages, confirm: ConfirmPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._confirm = confirm

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.code, methods=["POST"]),
            Route(SEND_PATH, self.send, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page of one way. Nothing is sent by it."""
        person = await self._signed_in.onlooker(request)
        if isinstance(person, Response):
            return person
        act = act_of(request.query_params.get("act", ""))
        ways, last = await self._ways(person, act), await self._last(person)
        way = way_named(request.query_params.get("to"), ways)
        if way is None and last is not None and last.works:
            way = way_named(last.way.value, ways)
        if way is None:
            way = next((to.way for to in ways if to.way.sent_to), None)
        if way is None:
            return see_other(f"{CONFIRM_PATH}?act={act.value}")
        return await self._page(request, person, act, ways, way, last)

    async def send(self, request: Request) -> Response:
        """A code was asked for."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        act, visit = act_of(form.text("act", longest=20)), visit_of(request)
        ways, last = await self._ways(person, act), await self._last(person)
        way = way_named(form.text("to", longest=20), ways)
        if way is None:
            return see_other(f"{CONFIRM_PATH}?act={act.value}")
        sending = await self._site.run(
            send_in_session,
            self._site.installation,
            person,
            act.value,
            way,
            language=visit.language,
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        match sending:
            case Sent():
                path = f"{PATH}?act={act.value}&to={way.value}"
                again = code_line(last, way) is not None
                return see_other(saying(path, SentCodeNotice.SENT_AGAIN) if again else path)
            case NotYet() as early:
                notice = not_yet(early, self._site.installation.clock())
                return await self._page(
                    request, person, act, ways, way, last, notice=notice, status=429
                )
            case NoSuchWay():
                return see_other(f"{CONFIRM_PATH}?act={act.value}")

    async def code(self, request: Request) -> Response:
        """A code was typed."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        act, visit = act_of(form.text("act", longest=20)), visit_of(request)
        ways = await self._ways(person, act)
        way = way_named(form.text("to", longest=20), ways)
        if way is None:
            return see_other(f"{CONFIRM_PATH}?act={act.value}")
        typed = form.text("code", longest=LONGEST_TYPED + 1)
        if not typed.strip():
            return await self._wrong(request, person, act, ways, way, missing(), 422)
        outcome = await self._site.run(
            confirm_by_sent_code,
            self._site.installation,
            person,
            way,
            typed=typed,
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        match outcome:
            case Minted():
                return await self._confirm.go_on(request, person, act, outcome)
            case step_up.Ended():
                return session_over()
            case NetworkPaused():
                raise too_many(outcome, self._site.installation.clock())
            case SentCodeRefused() | CodesPaused():
                last = await self._last(person)
                error = sent_code_error(outcome, last.digits if last else SHORTEST)
                return await self._wrong(request, person, act, ways, way, (error,), 403)

    async def _ways(self, person: Person, act: Act) -> Sequence[WayTo]:
        step = await self._site.run(step_up.demanded, self._site.installation, person, act.value)
        return await self._site.run(ways_open, self._site.installation, person.user, step)

    async def _last(self, person: Person) -> Last | None:
        bound = of_live_session(person)
        return await self._site.run(last_of, self._site.installation, person.user, bound)

    async def _wrong(
        self,
        request: Request,
        person: Person,
        act: Act,
        ways: Sequence[WayTo],
        way: Way,
        errors: tuple[FieldError, ...],
        status: int,
    ) -> Response:
        last = await self._last(person)
        return await self._page(request, person, act, ways, way, last, errors=errors, status=status)

    async def _page(
        self,
        request: Request,
        person: Person,
        act: Act,
        ways: Sequence[WayTo],
        way: Way,
        last: Last | None,
        *,
        errors: tuple[FieldError, ...] = (),
        notice: Said | None = None,
        status: int = 200,
    ) -> Response:
        line = code_line(last, way)
        view = EnterSentCode(
            csrf=self._signed_in.csrf(request),
            user_name=person.user.name,
            way=way.value,
            masked=next(to.masked for to in ways if to.way is way),
            here=f"{PATH}?act={act.value}&to={way.value}",
            verify_url=PATH,
            send_url=SEND_PATH,
            code=line,
            others=others(ways, _lines(ways, act), way),
            others_first=last is not None and line is not None and last.others_first,
            act=act,
            cancel_url=AWAY.get(act, "/security"),
            errors=errors,
        )
        said = notice or notice_of(request)
        return await self._site.page(request, view, person=person, notice=said, status=status)


_PATHS = {Way.AUTHENTICATOR: CONFIRM_PATH, Way.RECOVERY_CODE: f"{CONFIRM_PATH}/recovery"}


def _lines(ways: Sequence[WayTo], act: Act) -> tuple[WayLine, ...]:
    return tuple(
        WayLine(
            way=to.way.value,
            url=SEND_PATH if to.way.sent_to else f"{_PATHS[to.way]}?act={act.value}",
            masked=to.masked,
            sends=to.way.sent_to is not None,
        )
        for to in ways
    )
