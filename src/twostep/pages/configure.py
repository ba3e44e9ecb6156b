"""**Configure** on Security Settings: setting up, a new key, turning off."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.authenticators import LONGEST_TYPED
from twostep.core.policies import TwoStepVerification
from twostep.flows import authenticators
from twostep.flows.authenticators import Offer
from twostep.flows.mint import Minted
from twostep.flows.properties import policy_for
from twostep.flows.sent_code_choice import choice_of
from twostep.flows.sessions import Person
from twostep.flows.set_up import (
    SetUpDone,
    verify_and_save_in_session,
)
from twostep.flows.turn_off import NothingToTurnOff, RequiredHere, turn_off
from twostep.i18n.matters import Matter
from twostep.i18n.notices import Notice
from twostep.pages.recovery_codes import after_set_up
from twostep.pages.security_views import Act, CodesChoice, TwoStepState
from twostep.pages.set_up import errors_of, missing
from twostep.pages.views import SetUp, Wait
from twostep.web.errors import StopRequest
from twostep.web.notices import notice_of, saying
from twostep.web.pictures import qr_picture
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, browser_of, see_other, visit_of

DIALOG_PATH = "/security/two-step"
CODES_PATH = f"{DIALOG_PATH}/codes"


class ConfigurePages:
    """The dialog of **Configure**, for somebody who is signed in."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(DIALOG_PATH, self.show, methods=["GET"]),
            Route(DIALOG_PATH, self.configure, methods=["POST"]),
            Route(CODES_PATH, self.codes, methods=["GET"]),
            Route(f"{DIALOG_PATH}/app", self.set_up_app, methods=["POST"]),
            Route(f"{DIALOG_PATH}/verify", self.save, methods=["POST"]),
            Route(f"{DIALOG_PATH}/new-key", self.new_key, methods=["POST"]),
            Route(f"{DIALOG_PATH}/turn-off", self.turn_off, methods=["POST"]),
        ]

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
        installation = self._site.installation
        choice = await self._site.run(choice_of, installation, person)
        since = await self._site.run(authenticators.state_of, installation, person)
        if choice.since is not None or since is not None or not policy.methods_to_set_up:
            # Beginning anew shows the state first, not the key of an attempt that was given up.
            await self._site.run(authenticators.drop_offer_in_session, installation, person)
            return see_other(DIALOG_PATH)
        return await self._offer(person)

    async def codes(self, request: Request) -> Response:
        """What there is to choose, also while a key is on offer: codes that are sent."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        since = await self._site.run(authenticators.state_of, self._site.installation, person)
        return await self._state(request, person, since)

    async def set_up_app(self, request: Request) -> Response:
        """The app was chosen, where codes could be sent as well."""
        person, _ = await self._signed_in.person_and_form(request)
        return person if isinstance(person, Response) else await self._offer(person)

    async def _offer(self, person: Person) -> Response:
        """A key to show, after a fresh proof; nothing where one is active already."""
        policy = await self._site.run(
            policy_for, self._site.installation, person.user.environment_id
        )
        if not policy.methods_to_set_up:
            return see_other(saying("/security", Notice.NOTHING_CHANGED))
        unproven = await self._signed_in.unproven(person, Act.SET_UP)
        if unproven is not None:
            return unproven
        await self._site.run(authenticators.offer_in_session, self._site.installation, person)
        return see_other(DIALOG_PATH)

    async def new_key(self, request: Request) -> Response:
        """**Generate a New Key** was pressed: the old one works until the new one is confirmed."""
        person, _ = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        unproven = await self._signed_in.unproven(person, Act.NEW_KEY)
        if unproven is not None:
            return unproven
        await self._site.run(
            authenticators.offer_in_session, self._site.installation, person, instead=True
        )
        return see_other(DIALOG_PATH)

    async def turn_off(self, request: Request) -> Response:
        """**Turn Off** was pressed; not offered where it is required, and refused here as well."""
        person, _ = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        unproven = await self._signed_in.unproven(person, Act.TURN_OFF)
        if unproven is not None:
            return unproven
        visit = visit_of(request)
        outcome = await self._site.run(
            turn_off,
            self._site.installation,
            person,
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        match outcome:
            case Minted():
                return self._site.signed_in(
                    request, outcome, saying("/security", Notice.TURNED_OFF)
                )
            case RequiredHere():
                raise StopRequest(Matter.REQUIRED_HERE, 403)
            case NothingToTurnOff():
                return see_other(saying("/security", Notice.NOTHING_CHANGED))

    async def save(self, request: Request) -> Response:
        """**Verify and Save** on Security Settings."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        lacking = missing(form)
        if lacking:
            return await self._dialog(request, person, errors=lacking, status=422)
        visit = visit_of(request)
        outcome = await self._site.run(
            verify_and_save_in_session,
            self._site.installation,
            person,
            typed=form.text("code", longest=LONGEST_TYPED + 1),
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        errors = errors_of(self._site, outcome)
        if errors:
            return await self._dialog(request, person, errors=errors, status=403)
        match outcome:
            case SetUpDone(step=Minted() as minted):
                person = Person(person.user, minted.session)
                going_to = saying("/security", Notice.SET_UP_DONE)
                path = await after_set_up(self._site, person, going_to)
                return self._site.signed_in(request, minted, path)
            case _:
                # A second click finds the app set up by the first; otherwise the key is too old.
                since = await self._site.run(
                    authenticators.state_of, self._site.installation, person
                )
                notice = Notice.SET_UP_ANEW if since is None else Notice.NOTHING_CHANGED
                return see_other(saying("/security", notice))

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
        offer = await self._site.run(
            authenticators.offered,
            installation,
            visit.environment,
            user_id=person.user.id,
            offered_to=person.session.id,
        )
        if offer is None:
            return await self._state(request, person, since)
        replaces = since is not None
        choice = await self._site.run(choice_of, installation, person)
        codes_url = CODES_PATH if choice.allowed and not replaces else None
        view = self._dialog_view(request, person, offer, errors, replaces, codes_url)
        return await self._site.page(request, view, person=person, status=status)

    async def _state(self, request: Request, person: Person, since: int | None) -> Response:
        policy = await self._site.run(
            policy_for, self._site.installation, person.user.environment_id
        )
        choice = await self._site.run(choice_of, self._site.installation, person)
        off = policy.two_step_verification is TwoStepVerification.OFF
        if since is None and (off or not choice.allowed):
            return see_other("/security")
        codes = CodesChoice(to=choice.to, since=choice.since, confirmed=choice.confirmed)
        view = TwoStepState(
            csrf=self._signed_in.csrf(request),
            since=since,
            codes=codes if choice.allowed and not off else None,
            required=policy.two_step_verification is TwoStepVerification.REQUIRED,
            app_allowed=bool(policy.methods_to_set_up),
        )
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    def _dialog_view(
        self,
        request: Request,
        person: Person,
        offer: Offer,
        errors: tuple[FieldError, ...],
        replaces: bool,
        codes_url: str | None,
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
            replaces=replaces,
            codes_url=codes_url,
            errors=errors,
            # Asking for the dialog again shows the same key for half an hour more.
            wait=Wait(
                until=offer.ends_at,
                more_time_url=f"{DIALOG_PATH}/new-key" if replaces else DIALOG_PATH,
            ),
        )
