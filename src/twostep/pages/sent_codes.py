"""``/sign-in/sent-code``: the second step by a code that is sent by email or text message."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.sent_codes import LONGEST_TYPED, SHORTEST
from twostep.core.ways import Way, begins_with
from twostep.flows.codes import CodesPaused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting
from twostep.flows.properties import remembering_for
from twostep.flows.second_step import Elsewhere
from twostep.flows.second_step_by_message import by_sent_code
from twostep.flows.sent_code_checks import SentCodeRefused
from twostep.flows.sent_code_states import Last, WayTo, chosen_way, last_of, not_before
from twostep.flows.sent_codes import NoSuchWay, NotYet, Sent, of_sign_in_that_waits
from twostep.i18n.notices import Said
from twostep.i18n.sent_code_notices import SentCodeNotice
from twostep.pages.pending import SEND_PATH, SENT_PATH, PendingPages, path_to, way_lines
from twostep.pages.sent_code_views import EnterSentCode, code_line, others, way_named
from twostep.web.forms import Form, read_form
from twostep.web.notices import notice_of, saying
from twostep.web.refusals import too_many
from twostep.web.rendering import FieldError
from twostep.web.sent_code_refusals import missing, not_yet, of_earlier, sent_code_error
from twostep.web.site import Site, see_other


class SentCodePages:
    """The second step of somebody to whom a code is sent."""

    def __init__(self, site: Site, pending: PendingPages) -> None:
        self._site = site
        self._pending = pending

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(SENT_PATH, self.show, methods=["GET"]),
            Route(SENT_PATH, self.code, methods=["POST"]),
            Route(SEND_PATH, self.show, methods=["GET"]),
            Route(SEND_PATH, self.send, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page of one way: before a code was sent its button alone. Nothing is sent by it."""
        waiting = await self._pending.waiting(request)
        if isinstance(waiting, Response):
            return waiting
        ways = await self._pending.ways(waiting)
        last = await self._last(waiting)
        way = way_named(request.query_params.get("to"), ways)
        if way is None and last is not None:
            way = way_named(last.way.value, ways)
        if way is None:
            chosen = await self._site.run(chosen_way, self._site.installation, waiting.sign_in)
            way = begins_with([to.way for to in ways if to.way.sent_to], chosen)
        if way is None:
            return await self._pending.elsewhere(request, waiting)
        if code_line(last, way) is None:
            # After the password none could be sent: otherwise one would be on its way.
            early = await self._site.run(not_before, self._site.installation, waiting.user, way)
            notice = not_yet(early, self._site.installation.clock()) if early else None
            return await self._page(request, waiting, ways, way, last, notice=notice)
        return await self._page(request, waiting, ways, way, last)

    async def send(self, request: Request) -> Response:
        """A code was asked for: the first one by this way, or another one."""
        form = await read_form(request)
        waiting = await self._pending.waiting(request, form)
        if isinstance(waiting, Response):
            return waiting
        ways, last = await self._pending.ways(waiting), await self._last(waiting)
        way = way_named(form.text("to", longest=20), ways)
        if way is None:
            return await self._pending.elsewhere(request, waiting)
        match await self._pending.send(request, waiting, way):
            case Sent():
                path = path_to(way)
                again = code_line(last, way) is not None
                return see_other(saying(path, SentCodeNotice.SENT_AGAIN) if again else path)
            case NotYet() as early:
                notice = not_yet(early, self._site.installation.clock())
                last = await self._last(waiting)
                return await self._page(
                    request, waiting, ways, way, last, notice=notice, status=429
                )
            case NoSuchWay():
                return see_other(SENT_PATH)

    async def code(self, request: Request) -> Response:
        """A code was typed."""
        form = await read_form(request)
        waiting = await self._pending.waiting(request, form)
        if isinstance(waiting, Response):
            return waiting
        ways = await self._pending.ways(waiting)
        way = way_named(form.text("to", longest=20), ways)
        if way is None:
            return await self._pending.elsewhere(request, waiting)
        typed = form.text("code", longest=LONGEST_TYPED + 1)
        if not typed.strip():
            return await self._wrong(request, waiting, ways, way, form, missing(), 422)
        outcome = await self._site.run(
            by_sent_code,
            self._site.installation,
            waiting,
            way,
            typed=typed,
            browser=self._pending.browser(request),
            remember=bool(form.text("remember", longest=1)),
        )
        match outcome:
            case Minted():
                return self._site.signed_in(request, outcome, outcome.going_to or "/")
            case SentCodeRefused(tries_left=0) | CodesPaused():
                return see_other(SENT_PATH)
            case SentCodeRefused():
                last = await self._last(waiting)
                typed_here = code_line(last, way) is not None
                digits = last.digits if last else SHORTEST
                error = sent_code_error(outcome, digits) if typed_here else of_earlier()
                return await self._wrong(request, waiting, ways, way, form, (error,), 403)
            case NetworkPaused():
                raise too_many(outcome, self._site.installation.clock())
            case Elsewhere(step=step):
                return self._pending.follow(request, step, waiting)

    async def _last(self, waiting: Waiting) -> Last | None:
        bound = of_sign_in_that_waits(waiting)
        return await self._site.run(last_of, self._site.installation, waiting.user, bound)

    async def _wrong(
        self,
        request: Request,
        waiting: Waiting,
        ways: Sequence[WayTo],
        way: Way,
        form: Form,
        errors: tuple[FieldError, ...],
        status: int,
    ) -> Response:
        last = await self._last(waiting)
        return await self._page(
            request, waiting, ways, way, last, form=form, errors=errors, status=status
        )

    async def _page(
        self,
        request: Request,
        waiting: Waiting,
        ways: Sequence[WayTo],
        way: Way,
        last: Last | None,
        *,
        form: Form | None = None,
        errors: tuple[FieldError, ...] = (),
        notice: Said | None = None,
        status: int = 200,
    ) -> Response:
        remembering = await self._site.run(
            remembering_for, self._site.installation, waiting.user.environment_id
        )
        line = code_line(last, way)
        view = EnterSentCode(
            csrf=self._pending.csrf(request),
            user_name=waiting.user.name,
            way=way.value,
            masked=next(to.masked for to in ways if to.way is way),
            here=path_to(way),
            verify_url=SENT_PATH,
            send_url=SEND_PATH,
            code=line,
            others=others(ways, way_lines(ways), way),
            others_first=last is not None and line is not None and last.others_first,
            remember_days=remembering.days if remembering.offered else None,
            remember=form is not None and bool(form.text("remember", longest=1)),
            reasons=waiting.step.reasons[-1:],
            errors=errors,
            wait=self._pending.wait(waiting),
        )
        said = notice or notice_of(request)
        return await self._site.page(request, view, notice=said, status=status)
