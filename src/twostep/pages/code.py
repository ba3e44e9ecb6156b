"""``/sign-in/code`` and what stands beside it: another way, more time, cancel."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.authenticators import LONGEST_TYPED
from twostep.core.sign_in import AskSecondStep, Refused
from twostep.flows.codes import CodeRefused, CodesPaused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting, cancel, wait_longer
from twostep.flows.properties import remembering_for
from twostep.flows.second_step import Elsewhere, second_step, takes_code_of_app
from twostep.i18n.notices import Notice, said
from twostep.pages.pending import PendingPages, path_of, way_lines
from twostep.pages.views import AnotherWay, EnterCode
from twostep.web import cookies
from twostep.web.forms import Form, read_form
from twostep.web.notices import notice_of, saying
from twostep.web.refusals import code_error, too_many
from twostep.web.rendering import FieldError
from twostep.web.site import Site, see_other, visit_of


class CodePages:
    """The second step of a sign-in."""

    def __init__(self, site: Site, pending: PendingPages) -> None:
        self._site = site
        self._pending = pending

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route("/sign-in/code", self.show_code, methods=["GET"]),
            Route("/sign-in/code", self.code, methods=["POST"]),
            Route("/sign-in/another-way", self.another_way, methods=["GET"]),
            Route("/sign-in/more-time", self.more_time, methods=["POST"]),
            Route("/sign-in/cancel", self.cancel, methods=["POST"]),
        ]

    async def show_code(self, request: Request) -> Response:
        """The code page, where a code is what comes next."""
        waiting = await self._pending.waiting(request)
        if isinstance(waiting, Response):
            return waiting
        if not takes_code_of_app(waiting.step):
            return await self._pending.elsewhere(request, waiting)
        return await self._code_page(request, waiting)

    async def code(self, request: Request) -> Response:
        """A code was sent."""
        form = await read_form(request)
        waiting = await self._pending.waiting(request, form)
        if isinstance(waiting, Response):
            return waiting
        typed = form.text("code", longest=LONGEST_TYPED + 1)
        if not typed.strip():
            missing = FieldError(field="code", said=said(Notice.CODE_MISSING))
            return await self._code_page(request, waiting, form=form, errors=(missing,), status=422)
        outcome = await self._site.run(
            second_step,
            self._site.installation,
            waiting,
            typed=typed,
            browser=self._pending.browser(request),
            remember=bool(form.text("remember", longest=1)),
        )
        match outcome:
            case Minted():
                return self._site.signed_in(request, outcome, outcome.going_to or "/")
            case CodeRefused(tries_left=0):
                return see_other("/sign-in/code")
            case CodeRefused():
                return await self._code_page(
                    request, waiting, form=form, errors=(code_error(outcome),), status=403
                )
            case CodesPaused():
                return see_other("/sign-in/code")
            case NetworkPaused():
                raise too_many(outcome, self._site.installation.clock())
            case Elsewhere(step=step):
                return self._pending.follow(request, step, waiting)

    async def another_way(self, request: Request) -> Response:
        """What else this person has."""
        waiting = await self._pending.waiting(request)
        if isinstance(waiting, Response):
            return waiting
        if not isinstance(waiting.step, AskSecondStep):
            return await self._pending.elsewhere(request, waiting)
        view = AnotherWay(
            csrf=self._pending.csrf(request),
            user_name=waiting.user.name,
            ways=way_lines(await self._pending.ways(waiting)),
            wait=self._pending.wait(waiting),
        )
        return await self._site.page(request, view)

    async def more_time(self, request: Request) -> Response:
        """Let the sign-in wait longer (WCAG 2.2.1)."""
        form = await read_form(request)
        waiting = await self._pending.waiting(request, form)
        if isinstance(waiting, Response):
            return waiting
        if isinstance(waiting.step, Refused) and waiting.step.until is None:
            return self._pending.follow(request, waiting.step, waiting)
        longer = await self._site.run(wait_longer, self._site.installation, waiting)
        notice = Notice.MORE_TIME if longer else Notice.NOTHING_CHANGED
        response = see_other(saying(path_of(waiting.step), notice))
        if longer:
            cookie = visit_of(request).cookies[cookies.PENDING]
            self._pending.set_cookie(response, cookie, waiting.step)
        return response

    async def cancel(self, request: Request) -> Response:
        """Give the sign-in up."""
        form = await read_form(request)
        waiting = await self._pending.waiting(request, form)
        if isinstance(waiting, Waiting):
            await self._site.run(
                cancel, self._site.installation, waiting, self._pending.browser(request)
            )
        response = see_other(saying("/sign-in", Notice.CANCELLED))
        cookies.drop_cookie(response, cookies.PENDING)
        return response

    async def _code_page(
        self,
        request: Request,
        waiting: Waiting,
        *,
        form: Form | None = None,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        remembering = await self._site.run(
            remembering_for, self._site.installation, waiting.user.environment_id
        )
        view = EnterCode(
            csrf=self._pending.csrf(request),
            user_name=waiting.user.name,
            issuer=visit_of(request).environment.name,
            remember_days=remembering.days if remembering.offered else None,
            remember=form is not None and bool(form.text("remember", longest=1)),
            reasons=waiting.step.reasons[-1:],
            errors=errors,
            wait=self._pending.wait(waiting),
        )
        return await self._site.page(request, view, notice=notice_of(request), status=status)
