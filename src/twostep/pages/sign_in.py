"""``/sign-in``: the first page, user name and password."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.passwords import LONGEST as LONGEST_PASSWORD
from twostep.core.users import LONGEST_NAME, without_controls
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.sign_in import NotLetIn, Pending, first_step
from twostep.i18n.notices import Notice, Said, said
from twostep.pages.pending import PendingPages, path_of
from twostep.pages.views import SignIn
from twostep.web.cookies import VISITOR, set_cookie
from twostep.web.destinations import LONGEST as LONGEST_PATH
from twostep.web.destinations import own_path
from twostep.web.forms import Form, read_form
from twostep.web.notices import notice_of
from twostep.web.refusals import too_many
from twostep.web.rendering import FieldError
from twostep.web.site import SignedOutForm, Site, browser_of, secret_text, see_other, visit_of


class SignInPages:
    """The first page of a sign-in."""

    def __init__(self, site: Site, pending: PendingPages) -> None:
        self._site = site
        self._pending = pending

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route("/sign-in", self.show, methods=["GET"]),
            Route("/sign-in", self.password, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The first page; whoever is signed in already goes on to where they were going."""
        going_to = own_path(request.query_params.get("going_to"))
        if await self._site.person(request) is not None:
            return see_other(going_to or "/")
        return await self._first_page(request, going_to=going_to or "", notice=notice_of(request))

    async def password(self, request: Request) -> Response:
        """User name and password were sent."""
        visit = visit_of(request)
        form = await read_form(request)
        visitor = self._site.visitor_token(visit)
        going_to = own_path(form.text("going_to", longest=LONGEST_PATH)) or ""
        if await self._site.person(request) is not None:
            return see_other(going_to or "/")
        problem = self._unusable(form, visitor)
        if problem is not None:
            return await self._first_page(
                request, form=form, going_to=going_to, notice=problem, status=403
            )
        errors = _missing(form)
        if errors:
            return await self._first_page(
                request, form=form, going_to=going_to, errors=errors, status=422
            )
        outcome = await self._site.run_hashing(
            first_step,
            self._site.installation,
            visit.environment,
            name=form.text("user_name", longest=LONGEST_NAME),
            password=secret_text(form, "password", longest=LONGEST_PASSWORD),
            browser=browser_of(visit, visitor.token),
            going_to=going_to or None,
        )
        return await self._after_password(request, form, going_to, outcome)

    async def _after_password(
        self,
        request: Request,
        form: Form,
        going_to: str,
        outcome: Minted | Pending | NotLetIn | NetworkPaused,
    ) -> Response:
        match outcome:
            case Minted():
                return self._site.signed_in(request, outcome, outcome.going_to or "/")
            case Pending(token=token, step=step, waiting=waiting):
                going = await self._pending.begin(request, waiting) if waiting else path_of(step)
                response = see_other(going)
                self._pending.set_cookie(response, token.text.reveal(), step)
                return response
            case NotLetIn():
                wrong = FieldError(field="", said=said(Notice.NAME_OR_PASSWORD_WRONG))
                return await self._first_page(
                    request, form=form, going_to=going_to, errors=(wrong,), status=403
                )
            case NetworkPaused():
                raise too_many(outcome, self._site.installation.clock())

    def _unusable(self, form: Form, visitor: SignedOutForm) -> Said | None:
        """Why this form cannot be taken: no cookie came back, or the form is not this browser's."""
        if visitor.is_new:
            return said(Notice.COOKIES_NEEDED)
        if not self._site.form_is_ours(form, visitor.token):
            return said(Notice.FORM_TOO_OLD)
        return None

    async def _first_page(
        self,
        request: Request,
        *,
        going_to: str,
        form: Form | None = None,
        errors: tuple[FieldError, ...] = (),
        notice: Said | None = None,
        status: int = 200,
    ) -> Response:
        """The page, with what was typed before, secrets aside."""
        visitor = self._site.visitor_token(visit_of(request))
        view = SignIn(
            csrf=self._site.csrf(visitor.token),
            user_name=without_controls(form.text("user_name", longest=LONGEST_NAME))
            if form
            else "",
            going_to=going_to,
            errors=errors,
        )
        response = await self._site.page(request, view, notice=notice, status=status)
        if visitor.is_new:
            set_cookie(response, VISITOR, visitor.token.text.reveal())
        return response


def _missing(form: Form) -> tuple[FieldError, ...]:
    """What a person forgot to type, or typed far too much of."""
    found = []
    for field, notice, longest in (
        ("user_name", Notice.USER_NAME_MISSING, LONGEST_NAME),
        ("password", Notice.PASSWORD_MISSING, LONGEST_PASSWORD),
    ):
        if not form.text(field, longest=longest).strip():
            found.append(FieldError(field=field, said=said(notice)))
        elif form.too_long(field, longest=longest):
            what = said(Notice.FIELD_TOO_LONG, limit=longest)
            found.append(FieldError(field=field, said=what))
    return tuple(found)
