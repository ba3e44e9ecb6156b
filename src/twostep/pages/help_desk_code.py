"""``/sign-in/help-desk-code``: where a code of the help desk is typed, inside a sign-in."""

from __future__ import annotations

from typing import assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.help_desk_codes import LONGEST_TYPED
from twostep.core.reasons import Code
from twostep.core.sign_in import SetUp
from twostep.flows.help_desk_sign_in import (
    HelpDeskCodeRefused,
    HelpDeskCodesPaused,
    Why,
    by_help_desk_code,
    takes_help_desk_code,
)
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting
from twostep.flows.second_step import Elsewhere
from twostep.i18n.help_desk_notices import HelpDeskNotice
from twostep.i18n.notices import Said, said
from twostep.pages.pending import HELP_DESK_PATH, PendingPages
from twostep.pages.views import EnterHelpDeskCode
from twostep.web import cookies
from twostep.web.forms import Form, read_form
from twostep.web.notices import notice_of
from twostep.web.refusals import too_many
from twostep.web.rendering import FieldError
from twostep.web.site import Site, visit_of

FIELD = "help_desk_code"


class HelpDeskCodePages:
    """The page of somebody who has called the help desk."""

    def __init__(self, site: Site, pending: PendingPages) -> None:
        self._site = site
        self._pending = pending

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [
            Route(HELP_DESK_PATH, self.show, methods=["GET"]),
            Route(HELP_DESK_PATH, self.sign_in, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page for a code, where one is a way in."""
        waiting = await self._pending.waiting(request)
        if isinstance(waiting, Response):
            return waiting
        if not takes_help_desk_code(waiting.step):
            return await self._pending.elsewhere(request, waiting)
        return await self._page(request, waiting)

    async def sign_in(self, request: Request) -> Response:
        """A code was sent."""
        form = await read_form(request)
        waiting = await self._pending.waiting(request, form)
        if isinstance(waiting, Response):
            return waiting
        if not takes_help_desk_code(waiting.step):
            return self._pending.follow(request, waiting.step, waiting)
        typed = _typed(form)
        if not typed.strip():
            missing = (_error(said(HelpDeskNotice.CODE_MISSING)),)
            return await self._page(request, waiting, errors=missing, status=422)
        outcome = await self._site.run(
            by_help_desk_code,
            self._site.installation,
            waiting,
            typed=typed,
            browser=self._pending.browser(request),
        )
        match outcome:
            case Minted():
                return self._site.signed_in(request, outcome, outcome.going_to or "/")
            case HelpDeskCodeRefused() | HelpDeskCodesPaused():
                errors = (_error(_refused(outcome)),)
                return await self._page(request, waiting, errors=errors, status=403)
            case NetworkPaused():
                raise too_many(outcome, self._site.installation.clock())
            case Elsewhere(step=step):
                response = self._pending.follow(request, step, waiting)
                if isinstance(step, SetUp):
                    token = visit_of(request).cookies[cookies.PENDING]
                    self._pending.set_cookie(response, token, step)
                return response

    async def _page(
        self,
        request: Request,
        waiting: Waiting,
        *,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        asked = tuple(why for why in waiting.step.reasons if why.code is Code.SET_UP_CODE_ASKED)
        view = EnterHelpDeskCode(
            csrf=self._pending.csrf(request),
            user_name=waiting.user.name,
            reasons=asked,
            other_ways=not asked,
            errors=errors,
            wait=self._pending.wait(waiting),
        )
        return await self._site.page(request, view, notice=notice_of(request), status=status)


def _typed(form: Form) -> str:
    return form.text(FIELD, longest=LONGEST_TYPED + 1)


def _error(what: Said) -> FieldError:
    return FieldError(field=FIELD, said=what)


def _refused(refused: HelpDeskCodeRefused | HelpDeskCodesPaused) -> Said:
    match refused:
        case (
            HelpDeskCodesPaused(until=until) | HelpDeskCodeRefused(tries_left=0, paused_until=until)
        ):
            if until is None:
                return said(HelpDeskNotice.CODES_STOPPED)
            return said(HelpDeskNotice.CODES_PAUSED, until=until)
        case HelpDeskCodeRefused(why=Why.MALFORMED):
            return said(HelpDeskNotice.CODE_MISSHAPEN)
        case HelpDeskCodeRefused(why=Why.USED_UP):
            return said(HelpDeskNotice.CODE_USED_UP)
        case HelpDeskCodeRefused():
            return said(HelpDeskNotice.CODE_WRONG, tries=refused.tries_left or 0)
        case _:
            assert_never(refused)
