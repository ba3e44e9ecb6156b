"""Setting up the authenticator app inside a sign-in (``/sign-in/set-up``), and what it shares with
the dialog of Security Settings.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.authenticators import LONGEST_TYPED
from twostep.core.reasons import Code
from twostep.core.sign_in import SetUp as SetUpStep
from twostep.flows import authenticators
from twostep.flows.codes import CodeRefused, CodesPaused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting
from twostep.flows.sessions import Person
from twostep.flows.set_up import (
    NothingOffered,
    Outcome,
    SetUpDone,
    verify_and_save_in_sign_in,
)
from twostep.i18n.notices import Notice, said
from twostep.pages.pending import HELP_DESK_PATH, SET_UP_PATH, PendingPages
from twostep.pages.recovery_codes import after_set_up
from twostep.pages.views import SetUp
from twostep.web.forms import Form, read_form
from twostep.web.notices import notice_of, saying
from twostep.web.pictures import qr_picture
from twostep.web.refusals import code_error, paused_codes, too_many
from twostep.web.rendering import FieldError
from twostep.web.site import Site, visit_of


class SetUpPages:
    """The dialog of **Configure**, where a sign-in is held at it."""

    def __init__(self, site: Site, pending: PendingPages) -> None:
        self._site = site
        self._pending = pending

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(SET_UP_PATH, self.show, methods=["GET"]),
            Route(SET_UP_PATH, self.save, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The key that this sign-in was given. A look makes none."""
        waiting = await self._pending.waiting(request)
        if isinstance(waiting, Response):
            return waiting
        if not isinstance(waiting.step, SetUpStep):
            return await self._pending.elsewhere(request, waiting)
        return await self._page(request, waiting)

    async def save(self, request: Request) -> Response:
        """**Verify and Save** inside a sign-in."""
        form = await read_form(request)
        waiting = await self._pending.waiting(request, form)
        if isinstance(waiting, Response):
            return waiting
        if not isinstance(waiting.step, SetUpStep):
            return self._pending.follow(request, waiting.step, waiting)
        lacking = missing(form)
        if lacking:
            return await self._page(request, waiting, errors=lacking, status=422)
        outcome = await self._site.run(
            verify_and_save_in_sign_in,
            self._site.installation,
            waiting.sign_in,
            typed=form.text("code", longest=LONGEST_TYPED + 1),
            browser=self._pending.browser(request),
        )
        errors = errors_of(self._site, outcome)
        if errors:
            return await self._page(request, waiting, errors=errors, status=403)
        match outcome:
            case SetUpDone(step=Minted() as minted):
                person = Person(waiting.user, minted.session)
                going_to = saying(minted.going_to or "/", Notice.SET_UP_DONE)
                path = await after_set_up(self._site, person, going_to)
                return self._site.signed_in(request, minted, path)
            case SetUpDone(step=step):
                return self._pending.follow(request, step, waiting)
            case _:
                return self._pending.follow(request, None, waiting)

    async def _page(
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
            return self._pending.follow(request, None, waiting)
        step = waiting.step
        why = {reason.code for reason in step.reasons}
        told = bool(why & {Code.LAST_RECOVERY_CODE, Code.SET_UP_CODE_SHOWN})
        by_help_desk = isinstance(step, SetUpStep) and step.or_help_desk_code
        view = SetUp(
            csrf=self._pending.csrf(request),
            issuer=visit.environment.name,
            account=waiting.user.name,
            qr=qr_picture(offer.address),
            key=offer.key_text.reveal(),
            save_url=SET_UP_PATH,
            cancel_url="/sign-in/cancel",
            inside_sign_in=True,
            required=not told,
            replaces=Code.LAST_RECOVERY_CODE in why,
            reasons=step.reasons if told else (),
            help_desk_url=HELP_DESK_PATH if by_help_desk else None,
            errors=errors,
            wait=self._pending.wait(waiting),
        )
        return await self._site.page(request, view, notice=notice_of(request), status=status)


def errors_of(site: Site, outcome: Outcome) -> tuple[FieldError, ...]:
    """What is wrong with the code that was typed; nothing where it was taken or came too late.

    Raises StopRequest where the network is paused.
    """
    match outcome:
        case CodeRefused():
            return (code_error(outcome, in_set_up=True),)
        case CodesPaused():
            return (FieldError(field="code", said=paused_codes(outcome)),)
        case NetworkPaused():
            raise too_many(outcome, site.installation.clock())
        case SetUpDone() | NothingOffered():
            return ()


def missing(form: Form) -> tuple[FieldError, ...]:
    """The error of a form without a code."""
    if form.text("code", longest=1):
        return ()
    return (FieldError(field="code", said=said(Notice.CODE_MISSING)),)
