"""``/welcome/<token>``: the first administrator of an environment chooses a name and a password.

A GET spends nothing: mail programs and chat windows open links before people do. Only the form
does, once.
"""

from __future__ import annotations

from typing import assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.passwords import LONGEST as LONGEST_PASSWORD
from twostep.core.users import LONGEST_NAME, without_controls
from twostep.flows.links import (
    LASTS_MINUTES,
    LinkOver,
    Made,
    NameUnusable,
    PasswordUnusable,
    is_open,
    welcome,
)
from twostep.flows.properties import password_minimum
from twostep.i18n.matters import Matter
from twostep.i18n.notices import Notice, Said, said
from twostep.pages.views import Welcome
from twostep.web.cookies import VISITOR, set_cookie
from twostep.web.errors import StopRequest
from twostep.web.forms import Form, read_form
from twostep.web.notices import saying
from twostep.web.refusals import password_errors
from twostep.web.rendering import FieldError
from twostep.web.site import Site, browser_of, secret_text, see_other, visit_of


class WelcomePages:
    """The way in of the first administrator."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route("/welcome/{token}", self.show, methods=["GET"]),
            Route("/welcome/{token}", self.save, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form, while the link can be used."""
        await self._demand_open(request)
        return await self._page(request)

    async def save(self, request: Request) -> Response:
        """Name and password were chosen."""
        form = await read_form(request)
        await self._demand_open(request)
        visit = visit_of(request)
        visitor = self._site.visitor_token(visit)
        if visitor.is_new or not self._site.form_is_ours(form, visitor.token):
            notice = said(Notice.COOKIES_NEEDED if visitor.is_new else Notice.FORM_TOO_OLD)
            return await self._page(request, form=form, notice=notice, status=403)
        errors = _missing(form)
        if errors:
            return await self._page(request, form=form, errors=errors, status=422)
        outcome = await self._site.run_hashing(
            welcome,
            self._site.installation,
            visit.environment,
            token=request.path_params["token"],
            name=form.text("user_name", longest=LONGEST_NAME + 1),
            password=secret_text(form, "new_password", longest=LONGEST_PASSWORD + 1),
            browser=browser_of(visit, visitor.token),
        )
        match outcome:
            case Made():
                return see_other(saying("/sign-in", Notice.FIRST_ADMINISTRATOR_MADE))
            case LinkOver():
                raise StopRequest(Matter.LINK_OVER, 410)
            case NameUnusable():
                errors = (FieldError(field="user_name", said=said(Notice.USER_NAME_INVALID)),)
            case PasswordUnusable(problems=problems):
                errors = password_errors(problems)
            case _:
                assert_never(outcome)
        return await self._page(request, form=form, errors=errors, status=422)

    async def _demand_open(self, request: Request) -> None:
        environment = visit_of(request).environment
        token = request.path_params["token"]
        if not await self._site.run(is_open, self._site.installation, environment, token=token):
            raise StopRequest(Matter.LINK_OVER, 410)

    async def _page(
        self,
        request: Request,
        *,
        form: Form | None = None,
        errors: tuple[FieldError, ...] = (),
        notice: Said | None = None,
        status: int = 200,
    ) -> Response:
        visit = visit_of(request)
        visitor = self._site.visitor_token(visit)
        shortest = await self._site.run(
            password_minimum, self._site.installation, visit.environment.id
        )
        view = Welcome(
            csrf=self._site.csrf(visitor.token),
            save_url=request.scope["path"],
            shortest=shortest,
            link_lasts=LASTS_MINUTES,
            user_name=without_controls(form.text("user_name", longest=LONGEST_NAME))
            if form
            else "",
            errors=errors,
        )
        response = await self._site.page(request, view, notice=notice, status=status)
        if visitor.is_new:
            set_cookie(response, VISITOR, visitor.token.text.reveal())
        return response


def _missing(form: Form) -> tuple[FieldError, ...]:
    found = []
    name = form.text("user_name", longest=LONGEST_NAME + 1)
    if not name.strip():
        found.append(FieldError(field="user_name", said=said(Notice.USER_NAME_MISSING)))
    if not form.text("new_password", longest=1):
        found.append(FieldError(field="new_password", said=said(Notice.NEW_PASSWORD_MISSING)))
    return tuple(found)
