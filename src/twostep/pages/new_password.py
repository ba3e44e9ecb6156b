"""``/sign-in/new-password``: a new password inside a sign-in, where somebody else seems to know the
old one.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.passwords import LONGEST as LONGEST_PASSWORD
from twostep.core.sign_in import ChangePassword as ChangePasswordStep
from twostep.flows.known_passwords import PasswordsPaused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.password_changes import (
    Changed,
    CurrentPasswordWrong,
    Overtaken,
    change_in_sign_in,
)
from twostep.flows.passwords import BadPassword
from twostep.flows.pending import Waiting
from twostep.flows.properties import password_minimum
from twostep.i18n.notices import Notice, said
from twostep.pages.pending import NEW_PASSWORD_PATH, PendingPages
from twostep.pages.views import ChangePassword
from twostep.web.forms import read_form
from twostep.web.notices import notice_of, saying
from twostep.web.refusals import password_errors, too_many
from twostep.web.rendering import FieldError
from twostep.web.site import Site, secret_text, visit_of


class NewPasswordPages:
    """Choosing a new password before anything else opens."""

    def __init__(self, site: Site, pending: PendingPages) -> None:
        self._site = site
        self._pending = pending

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [
            Route(NEW_PASSWORD_PATH, self.show, methods=["GET"]),
            Route(NEW_PASSWORD_PATH, self.save, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form, where a new password is what comes next."""
        waiting = await self._pending.waiting(request)
        if isinstance(waiting, Response):
            return waiting
        if not isinstance(waiting.step, ChangePasswordStep):
            return await self._pending.elsewhere(request, waiting)
        return await self._page(request, waiting)

    async def save(self, request: Request) -> Response:
        """A new password was sent."""
        form = await read_form(request)
        waiting = await self._pending.waiting(request, form)
        if isinstance(waiting, Response):
            return waiting
        if not isinstance(waiting.step, ChangePasswordStep):
            return self._pending.follow(request, waiting.step, waiting)
        if not form.text("new_password", longest=1):
            missing = FieldError(field="new_password", said=said(Notice.NEW_PASSWORD_MISSING))
            return await self._page(request, waiting, errors=(missing,), status=422)
        outcome = await self._site.run_hashing(
            change_in_sign_in,
            self._site.installation,
            visit_of(request).environment,
            waiting,
            new=secret_text(form, "new_password", longest=LONGEST_PASSWORD + 1),
            browser=self._pending.browser(request),
        )
        match outcome:
            case Changed(step=Minted() as minted):
                path = saying(minted.going_to or "/", Notice.PASSWORD_SAVED)
                return self._site.signed_in(request, minted, path)
            case Changed(step=step):
                return self._pending.follow(request, step, waiting)
            case BadPassword(problems=problems, same=same):
                errors = password_errors(problems, same=same)
                return await self._page(request, waiting, errors=errors, status=422)
            case NetworkPaused():
                raise too_many(outcome, self._site.installation.clock())
            case Overtaken() | PasswordsPaused() | CurrentPasswordWrong():
                return self._pending.follow(request, None, waiting)

    async def _page(
        self,
        request: Request,
        waiting: Waiting,
        *,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        shortest = await self._site.run(
            password_minimum, self._site.installation, waiting.user.environment_id
        )
        view = ChangePassword(
            csrf=self._pending.csrf(request),
            user_name=waiting.user.name,
            shortest=shortest,
            save_url=NEW_PASSWORD_PATH,
            cancel_url="/sign-in/cancel",
            inside_sign_in=True,
            ask_current=False,
            reasons=waiting.step.reasons,
            errors=errors,
            wait=self._pending.wait(waiting),
        )
        return await self._site.page(request, view, notice=notice_of(request), status=status)
