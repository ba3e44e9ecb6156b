"""Where a recovery code is typed: inside a sign-in (``/sign-in/recovery``), and where an act asks
for a fresh proof (``/security/confirm/recovery``). And the page after it, which asks for the app.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.recovery_codes import LONGEST_TYPED
from twostep.core.sign_in import SetUp
from twostep.flows import recovery_codes, recovery_sign_in, step_up
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting
from twostep.flows.recovery_checks import RecoveryCodeRefused, RecoveryCodesPaused
from twostep.flows.recovery_sign_in import by_recovery_code
from twostep.flows.second_step import Elsewhere
from twostep.flows.sessions import Person
from twostep.i18n.notices import Notice, said
from twostep.pages.confirm import ConfirmPages, act_of
from twostep.pages.pending import RECOVERY_PATH, PendingPages
from twostep.pages.recovery_codes import PATH
from twostep.pages.recovery_views import EnterRecoveryCode, RecoveryCodeUsed
from twostep.pages.security_views import Act
from twostep.web import cookies
from twostep.web.destinations import own_path
from twostep.web.forms import Form, read_form
from twostep.web.fresh_proof import session_over
from twostep.web.notices import notice_of
from twostep.web.refusals import recovery_code_error, too_many
from twostep.web.rendering import FieldError
from twostep.web.signed_in import CONFIRM_PATH, SignedInPages
from twostep.web.site import Site, browser_of, see_other, visit_of

USED_PATH = f"{PATH}/used"
CONFIRM_BY_CODE_PATH = f"{CONFIRM_PATH}/recovery"


class RecoverySignInPages:
    """The pages of somebody whose app is not at hand."""

    def __init__(
        self,
        site: Site,
        pending: PendingPages,
        signed_in: SignedInPages,
        confirm: ConfirmPages,
    ) -> None:
        self._site = site
        self._pending = pending
        self._signed_in = signed_in
        self._confirm = confirm

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(RECOVERY_PATH, self.show, methods=["GET"]),
            Route(RECOVERY_PATH, self.sign_in, methods=["POST"]),
            Route(USED_PATH, self.used, methods=["GET"]),
            Route(CONFIRM_BY_CODE_PATH, self.show_confirm, methods=["GET"]),
            Route(CONFIRM_BY_CODE_PATH, self.confirm, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page for a code, where one is a way in."""
        waiting = await self._pending.waiting(request)
        if isinstance(waiting, Response):
            return waiting
        if not step_up.takes_recovery_code(waiting.step):
            return await self._pending.elsewhere(request, waiting)
        return await self._page(request, waiting)

    async def sign_in(self, request: Request) -> Response:
        """A code was sent."""
        form = await read_form(request)
        waiting = await self._pending.waiting(request, form)
        if isinstance(waiting, Response):
            return waiting
        lacking = _missing(form)
        if lacking:
            return await self._page(request, waiting, errors=lacking, status=422)
        outcome = await self._site.run_hashing(
            by_recovery_code,
            self._site.installation,
            waiting,
            typed=_typed(form),
            browser=self._pending.browser(request),
        )
        match outcome:
            case Minted():
                wanted = outcome.going_to
                path = f"{USED_PATH}?going_to={quote(wanted, safe='/')}" if wanted else USED_PATH
                return self._site.signed_in(request, outcome, path)
            case RecoveryCodeRefused() | RecoveryCodesPaused():
                errors = (recovery_code_error(outcome),)
                return await self._page(request, waiting, errors=errors, status=403)
            case NetworkPaused():
                raise too_many(outcome, self._site.installation.clock())
            case Elsewhere(step=step):
                response = self._pending.follow(request, step, waiting)
                if isinstance(step, SetUp):
                    token = visit_of(request).cookies[cookies.PENDING]
                    self._pending.set_cookie(response, token, step)
                return response

    async def used(self, request: Request) -> Response:
        """After a sign-in by a recovery code: set the app up again, now or later."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        going_to = own_path(request.query_params.get("going_to")) or "/"
        state = await self._site.run(recovery_codes.state_of, self._site.installation, person)
        if not (state.app_missing and state.of_use):
            return see_other(going_to)
        csrf = self._signed_in.csrf(request)
        view = RecoveryCodeUsed(csrf=csrf, left=state.left, going_to=going_to)
        return await self._site.page(request, view, person=person)

    async def show_confirm(self, request: Request) -> Response:
        """The page for a code in place of one of the app, where an act takes it."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        act = act_of(request.query_params.get("act", ""))
        return await self._other_way(person, act) or await self._confirm_page(request, person, act)

    async def confirm(self, request: Request) -> Response:
        """A code was sent to show once more that it is they."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        act = act_of(form.text("act", longest=20))
        other_way = await self._other_way(person, act)
        if other_way is not None:
            return other_way
        lacking = _missing(form)
        if lacking:
            return await self._confirm_page(request, person, act, errors=lacking, status=422)
        visit = visit_of(request)
        outcome = await self._site.run_hashing(
            recovery_sign_in.confirm,
            self._site.installation,
            person,
            typed=_typed(form),
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        match outcome:
            case Minted():
                return await self._confirm.go_on(request, person, act, outcome)
            case step_up.Ended():
                return session_over()
            case NetworkPaused():
                raise too_many(outcome, self._site.installation.clock())
            case RecoveryCodeRefused() | RecoveryCodesPaused():
                errors = (recovery_code_error(outcome),)
                return await self._confirm_page(request, person, act, errors=errors, status=403)

    async def _other_way(self, person: Person, act: Act) -> Response | None:
        """Where a recovery code is not what is asked: the page that asks, or goes on."""
        step = await self._site.run(step_up.demanded, self._site.installation, person, act.value)
        return (
            None
            if step_up.takes_recovery_code(step)
            else see_other(f"{CONFIRM_PATH}?act={act.value}")
        )

    async def _page(
        self,
        request: Request,
        waiting: Waiting,
        *,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        view = EnterRecoveryCode(
            csrf=self._pending.csrf(request),
            user_name=waiting.user.name,
            errors=errors,
            wait=self._pending.wait(waiting),
        )
        return await self._site.page(request, view, notice=notice_of(request), status=status)

    async def _confirm_page(
        self,
        request: Request,
        person: Person,
        act: Act,
        *,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        csrf = self._signed_in.csrf(request)
        view = EnterRecoveryCode(csrf=csrf, user_name=person.user.name, act=act, errors=errors)
        return await self._site.page(request, view, person=person, status=status)


def _typed(form: Form) -> str:
    return form.text("recovery_code", longest=LONGEST_TYPED + 1)


def _missing(form: Form) -> tuple[FieldError, ...]:
    if _typed(form).strip():
        return ()
    return (FieldError(field="recovery_code", said=said(Notice.RECOVERY_CODE_MISSING)),)
