"""Setting up the authenticator app: inside a sign-in (``/sign-in/set-up``) and from Security
Settings (``/security/two-step``).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.authenticators import LONGEST_TYPED
from twostep.core.policies import TwoStepVerification
from twostep.core.sign_in import SetUp as SetUpStep
from twostep.flows import authenticators
from twostep.flows.authenticators import Offer
from twostep.flows.codes import CodeRefused, CodesPaused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting
from twostep.flows.properties import policy_for
from twostep.flows.sessions import Person
from twostep.flows.set_up import (
    NothingOffered,
    Outcome,
    SetUpDone,
    verify_and_save_in_session,
    verify_and_save_in_sign_in,
)
from twostep.i18n.notices import Notice, said
from twostep.pages.notices import notice_of, saying
from twostep.pages.pending import SET_UP_PATH, PendingPages
from twostep.pages.refusals import code_error, too_many
from twostep.pages.signed_in import SignedInPages
from twostep.pages.views import SetUp, TwoStepState, Wait
from twostep.web.forms import Form, read_form
from twostep.web.pictures import qr_picture
from twostep.web.rendering import FieldError
from twostep.web.site import Site, browser_of, see_other, visit_of

DIALOG_PATH = "/security/two-step"


class SetUpPages:
    """The dialog of **Configure**."""

    def __init__(self, site: Site, pending: PendingPages, signed_in: SignedInPages) -> None:
        self._site = site
        self._pending = pending
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(SET_UP_PATH, self.show_in_sign_in, methods=["GET"]),
            Route(SET_UP_PATH, self.save_in_sign_in, methods=["POST"]),
            Route(DIALOG_PATH, self.show, methods=["GET"]),
            Route(DIALOG_PATH, self.configure, methods=["POST"]),
            Route(f"{DIALOG_PATH}/verify", self.save, methods=["POST"]),
        ]

    async def show_in_sign_in(self, request: Request) -> Response:
        """The key that this sign-in was given. A look makes none."""
        waiting = await self._pending.waiting(request)
        if isinstance(waiting, Response):
            return waiting
        if not isinstance(waiting.step, SetUpStep):
            return await self._pending.elsewhere(request, waiting)
        return await self._page_in_sign_in(request, waiting)

    async def save_in_sign_in(self, request: Request) -> Response:
        """**Verify and Save** inside a sign-in."""
        form = await read_form(request)
        waiting = await self._pending.waiting(request, form)
        if isinstance(waiting, Response):
            return waiting
        if not isinstance(waiting.step, SetUpStep):
            return self._pending.follow(waiting.step, waiting)
        missing = _missing(form)
        if missing:
            return await self._page_in_sign_in(request, waiting, errors=missing, status=422)
        outcome = await self._site.run(
            verify_and_save_in_sign_in,
            self._site.installation,
            waiting.sign_in,
            typed=form.text("code", longest=LONGEST_TYPED + 1),
            browser=self._pending.browser(request),
        )
        errors = self._errors(outcome)
        if errors:
            return await self._page_in_sign_in(request, waiting, errors=errors, status=403)
        match outcome:
            case SetUpDone(step=Minted() as minted):
                return self._site.signed_in(
                    minted, saying(minted.going_to or "/", Notice.SET_UP_DONE)
                )
            case SetUpDone(step=step):
                return self._pending.follow(step, waiting)
            case _:
                return self._pending.follow(None, waiting)

    async def show(self, request: Request) -> Response:
        """The dialog on Security Settings: the key that is on offer, or since when the app is set
        up.
        """
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        return await self._dialog(request, person)

    async def configure(self, request: Request) -> Response:
        """**Configure** was pressed: see that there is a key to show. Only this makes one, R-40."""
        person, _ = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        policy = await self._site.run(
            policy_for, self._site.installation, visit_of(request).environment.id
        )
        if policy.two_step_verification is TwoStepVerification.OFF:
            return see_other(saying("/security", Notice.NOTHING_CHANGED))
        await self._site.run(authenticators.offer_in_session, self._site.installation, person)
        return see_other(DIALOG_PATH)

    async def save(self, request: Request) -> Response:
        """**Verify and Save** on Security Settings."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        missing = _missing(form)
        if missing:
            return await self._dialog(request, person, errors=missing, status=422)
        visit = visit_of(request)
        outcome = await self._site.run(
            verify_and_save_in_session,
            self._site.installation,
            person,
            typed=form.text("code", longest=LONGEST_TYPED + 1),
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        errors = self._errors(outcome)
        if errors:
            return await self._dialog(request, person, errors=errors, status=403)
        match outcome:
            case SetUpDone(step=Minted() as minted):
                return self._site.signed_in(minted, saying("/security", Notice.SET_UP_DONE))
            case _:
                # A second click finds the app set up by the first; otherwise the key is too old.
                since = await self._site.run(
                    authenticators.state_of, self._site.installation, person
                )
                notice = Notice.SET_UP_ANEW if since is None else Notice.NOTHING_CHANGED
                return see_other(saying("/security", notice))

    def _errors(self, outcome: Outcome) -> tuple[FieldError, ...]:
        match outcome:
            case CodeRefused():
                return (code_error(outcome, in_set_up=True),)
            case CodesPaused(until=int() as until):
                return (FieldError(field="code", said=said(Notice.PAUSED_UNTIL, until=until)),)
            case CodesPaused():
                return (FieldError(field="code", said=said(Notice.CODES_STOPPED)),)
            case NetworkPaused():
                raise too_many(outcome, self._site.installation.clock())
            case SetUpDone() | NothingOffered():
                return ()

    async def _page_in_sign_in(
        self,
        request: Request,
        waiting: Waiting,
        *,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        visit = visit_of(request)
        offer = await self._site.run(
            authenticators.offered,
            self._site.installation,
            visit.environment,
            user_id=waiting.user.id,
            offered_to=waiting.sign_in.id,
        )
        if offer is None:
            return self._pending.follow(None, waiting)
        view = SetUp(
            csrf=self._pending.csrf(request),
            issuer=visit.environment.name,
            account=waiting.user.name,
            qr=qr_picture(offer.address),
            key=offer.key_text.reveal(),
            save_url=SET_UP_PATH,
            cancel_url="/sign-in/cancel",
            inside_sign_in=True,
            required=True,
            errors=errors,
            wait=self._pending.wait(waiting),
        )
        return await self._site.page(request, view, notice=notice_of(request), status=status)

    async def _dialog(
        self,
        request: Request,
        person: Person,
        *,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        visit, installation = visit_of(request), self._site.installation
        since = await self._site.run(authenticators.state_of, installation, person)
        if since is not None:
            policy = await self._site.run(policy_for, installation, visit.environment.id)
            required = policy.two_step_verification is TwoStepVerification.REQUIRED
            state = TwoStepState(since=since, required=required)
            return await self._site.page(request, state, person=person)
        offer = await self._site.run(
            authenticators.offered,
            installation,
            visit.environment,
            user_id=person.user.id,
            offered_to=person.session.id,
        )
        if offer is None:
            return see_other("/security")
        view = self._dialog_view(request, person, offer, errors)
        return await self._site.page(request, view, person=person, status=status)

    def _dialog_view(
        self, request: Request, person: Person, offer: Offer, errors: tuple[FieldError, ...]
    ) -> SetUp:
        visit = visit_of(request)
        return SetUp(
            csrf=self._site.csrf(self._site.session_token(visit)),
            issuer=visit.environment.name,
            account=person.user.name,
            qr=qr_picture(offer.address),
            key=offer.key_text.reveal(),
            save_url=f"{DIALOG_PATH}/verify",
            cancel_url="/security",
            inside_sign_in=False,
            errors=errors,
            # Asking for the dialog again shows the same key for half an hour more.
            wait=Wait(until=offer.ends_at, more_time_url=DIALOG_PATH),
        )


def _missing(form: Form) -> tuple[FieldError, ...]:
    if form.text("code", longest=1):
        return ()
    return (FieldError(field="code", said=said(Notice.CODE_MISSING)),)
