"""Choosing a password by a link: ``/reset/<token>``, ``/invitation/<token>`` and
``/break-glass/<token>``.

A GET spends nothing: mail programs and scanners open links before people do. Only the form does,
once, and nobody is signed in by it (AC-33).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.passwords import LONGEST as LONGEST_PASSWORD
from twostep.core.users import User
from twostep.flows import break_glass
from twostep.flows.password_choices import choose
from twostep.flows.properties import password_minimum
from twostep.flows.user_links import (
    PATHS,
    Choosing,
    LinkOver,
    LinkPurpose,
    PasswordChosen,
    PasswordUnusable,
    user_of,
)
from twostep.i18n.arrival_notices import ArrivalNotice
from twostep.i18n.matters import Matter
from twostep.i18n.notices import AnyNotice, Notice, Said, said
from twostep.i18n.permission_notices import PermissionNotice
from twostep.pages.link_views import ChoosePassword
from twostep.web.cookies import VISITOR, set_cookie
from twostep.web.errors import StopRequest
from twostep.web.forms import Form, read_form
from twostep.web.notices import saying
from twostep.web.refusals import password_errors
from twostep.web.rendering import FieldError
from twostep.web.site import Site, browser_of, secret_text, see_other, visit_of

_OVER: Final = {
    LinkPurpose.RESET: Matter.RESET_OVER,
    LinkPurpose.INVITATION: Matter.INVITATION_OVER,
    LinkPurpose.BREAK_GLASS: Matter.BREAK_GLASS_OVER,
}
_DONE: Final[Mapping[LinkPurpose, AnyNotice]] = {
    LinkPurpose.RESET: ArrivalNotice.PASSWORD_RESET,
    LinkPurpose.INVITATION: ArrivalNotice.INVITATION_ACCEPTED,
    LinkPurpose.BREAK_GLASS: PermissionNotice.BREAK_GLASS_USED,
}


class PasswordLinkPages:
    """The links of one purpose."""

    def __init__(self, site: Site, purpose: LinkPurpose) -> None:
        self._site = site
        self._purpose = purpose

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        path = f"{PATHS[self._purpose]}/{{token}}"
        return [
            Route(path, self.show, methods=["GET"]),
            Route(path, self.save, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form, while the link can be used."""
        return await self._page(request, await self._demand_open(request))

    async def save(self, request: Request) -> Response:
        """A password was chosen."""
        form = await read_form(request)
        user = await self._demand_open(request)
        visit = visit_of(request)
        visitor = self._site.visitor_token(visit)
        if visitor.is_new or not self._site.form_is_ours(form, visitor.token):
            notice = said(Notice.COOKIES_NEEDED if visitor.is_new else Notice.FORM_TOO_OLD)
            return await self._page(request, user, notice=notice, status=403)
        errors = _missing(form)
        if errors:
            return await self._page(request, user, errors=errors, status=422)
        outcome = await self._site.run_hashing(
            _choosing(self._purpose),
            self._site.installation,
            visit.environment,
            token=request.path_params["token"],
            new=secret_text(form, "new_password", longest=LONGEST_PASSWORD + 1),
            browser=browser_of(visit, visitor.token),
        )
        match outcome:
            case PasswordChosen():
                return see_other(saying("/sign-in", _DONE[self._purpose]))
            case LinkOver():
                raise StopRequest(_OVER[self._purpose], 410)
            case PasswordUnusable(problems=problems):
                errors = password_errors(problems)
                return await self._page(request, user, errors=errors, status=422)
            case _:
                assert_never(outcome)

    async def _demand_open(self, request: Request) -> User:
        """Whose link it is. Raises StopRequest (410)."""
        user = await self._site.run(
            user_of,
            self._site.installation,
            visit_of(request).environment,
            self._purpose,
            token=request.path_params["token"],
        )
        if user is None:
            raise StopRequest(_OVER[self._purpose], 410)
        return user

    async def _page(
        self,
        request: Request,
        user: User,
        *,
        errors: tuple[FieldError, ...] = (),
        notice: Said | None = None,
        status: int = 200,
    ) -> Response:
        visit = visit_of(request)
        visitor = self._site.visitor_token(visit)
        view = ChoosePassword(
            csrf=self._site.csrf(visitor.token),
            user_name=user.name,
            shortest=await self._site.run(
                password_minimum, self._site.installation, visit.environment.id
            ),
            save_url=request.scope["path"],
            invited=self._purpose is LinkPurpose.INVITATION,
            break_glass=self._purpose is LinkPurpose.BREAK_GLASS,
            errors=errors,
        )
        response = await self._site.page(request, view, notice=notice, status=status)
        if visitor.is_new:
            set_cookie(response, VISITOR, visitor.token.text.reveal())
        return response


def _choosing(purpose: LinkPurpose) -> Callable[..., Choosing]:
    """What the form does."""
    if purpose is LinkPurpose.BREAK_GLASS:
        return break_glass.use
    return partial(choose, purpose=purpose)


def _missing(form: Form) -> tuple[FieldError, ...]:
    if form.text("new_password", longest=1):
        return ()
    return (FieldError(field="new_password", said=said(Notice.NEW_PASSWORD_MISSING)),)
