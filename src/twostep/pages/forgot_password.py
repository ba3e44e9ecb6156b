"""``/forgot-password``: a link to choose a new password is asked for.

The answer is the same for every name and every address, and comes after the same work: who is
meant, and whether there is anybody, is looked for after it was given (AC-20).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.messages import MINUTE
from twostep.core.users import without_controls
from twostep.flows.contact_reading import LONGEST_TYPED
from twostep.flows.password_resets import ask
from twostep.flows.user_links import LASTS, LinkPurpose
from twostep.i18n.arrival_notices import ArrivalNotice
from twostep.i18n.matters import Matter
from twostep.i18n.notices import Notice, Said, said
from twostep.pages.link_views import ForgotPassword
from twostep.web.cookies import VISITOR, set_cookie
from twostep.web.forms import Form, read_form
from twostep.web.refusals import too_many
from twostep.web.rendering import FieldError, Message
from twostep.web.site import Site, browser_of, see_other, visit_of

PATH = "/forgot-password"
ASKED_PATH = f"{PATH}/sent"


class ForgotPasswordPages:
    """Asking for a link."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.ask, methods=["POST"]),
            Route(ASKED_PATH, self.asked, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form; whom to ask instead, where no mail leaves this environment."""
        if not (await self._site.ways_out(visit_of(request).environment)).mails:
            return await self._site.page(request, Message(matter=Matter.FORGOT_PASSWORD))
        return await self._page(request)

    async def ask(self, request: Request) -> Response:
        """A name or an address was typed."""
        visit = visit_of(request)
        form = await read_form(request)
        visitor = self._site.visitor_token(visit)
        if visitor.is_new or not self._site.form_is_ours(form, visitor.token):
            notice = said(Notice.COOKIES_NEEDED if visitor.is_new else Notice.FORM_TOO_OLD)
            return await self._page(request, form=form, notice=notice, status=403)
        typed = form.text("user_name", longest=LONGEST_TYPED).strip()
        if not typed:
            error = FieldError(field="user_name", said=said(ArrivalNotice.NAME_OR_ADDRESS_MISSING))
            return await self._page(request, form=form, errors=(error,), status=422)
        paused = await self._site.run(
            ask,
            self._site.installation,
            visit.environment,
            typed=typed,
            browser=browser_of(visit, visitor.token),
        )
        if paused is not None:
            raise too_many(paused, self._site.installation.clock())
        return see_other(ASKED_PATH)

    async def asked(self, request: Request) -> Response:
        """What everybody is told."""
        return await self._site.page(request, Message(matter=Matter.RESET_ASKED))

    async def _page(
        self,
        request: Request,
        *,
        form: Form | None = None,
        errors: tuple[FieldError, ...] = (),
        notice: Said | None = None,
        status: int = 200,
    ) -> Response:
        visitor = self._site.visitor_token(visit_of(request))
        typed = form.text("user_name", longest=LONGEST_TYPED) if form else ""
        view = ForgotPassword(
            csrf=self._site.csrf(visitor.token),
            link_lasts=LASTS[LinkPurpose.RESET] // MINUTE,
            user_name=without_controls(typed),
            errors=errors,
        )
        response = await self._site.page(request, view, notice=notice, status=status)
        if visitor.is_new:
            set_cookie(response, VISITOR, visitor.token.text.reveal())
        return response
