"""``/security/confirm``: showing once more that it is they, before a sensitive act."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.flows import authenticators, step_up
from twostep.flows.mint import Minted
from twostep.flows.sessions import Person
from twostep.pages.security_views import Act, Confirm
from twostep.web.errors import not_found
from twostep.web.fresh_proof import FreshProof, missing, session_over
from twostep.web.rendering import FieldError
from twostep.web.signed_in import CONFIRM_PATH, SignedInPages
from twostep.web.site import Site, see_other, visit_of

DIALOG_PATH = "/security/two-step"
SENT_CODE_PATH = f"{CONFIRM_PATH}/sent-code"
USERS_PATH = "/admin/users"

AFTERWARDS = {
    Act.SET_UP: DIALOG_PATH,
    Act.NEW_KEY: DIALOG_PATH,
    Act.TURN_OFF: DIALOG_PATH,
    Act.CODES_ON: f"{DIALOG_PATH}/codes",
    Act.CODES_OFF: f"{DIALOG_PATH}/codes",
    Act.PASSWORD: "/security/password",
    Act.RECOVERY_CODES: "/security/recovery-codes",
    Act.PROPERTIES: "/admin/properties",
    Act.CONTACTS: "/security/contacts",
    Act.USERS: USERS_PATH,
}


AWAY = {Act.PROPERTIES: "/", Act.USERS: USERS_PATH}
"""Where **Cancel** leads; from every other act to Security Settings."""


class ConfirmPages:
    """The fresh proof."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._proof = FreshProof(site)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [
            Route(CONFIRM_PATH, self.show, methods=["GET"]),
            Route(CONFIRM_PATH, self.prove, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What is asked, where something is."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        return await self._page(request, person, act_of(request.query_params.get("act", "")))

    async def prove(self, request: Request) -> Response:
        """A code or a password was sent."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        act = act_of(form.text("act", longest=20))
        step = await self._site.run(step_up.demanded, self._site.installation, person, act.value)
        if not step_up.is_asked(step):
            return see_other(AFTERWARDS[act])
        by = step_up.asked_by(step)
        if by is step_up.By.SENT_CODE:
            return see_other(f"{SENT_CODE_PATH}?act={act.value}")
        lacking = missing(form, by=by)
        if lacking:
            return await self._page(request, person, act, errors=lacking, status=422)
        outcome = await self._proof.compare(request, person, form, by=by)
        match outcome:
            case Minted():
                return await self.go_on(request, person, act, outcome)
            case step_up.Ended():
                return session_over()
            case _:
                errors = (self._proof.error(outcome),)
                return await self._page(request, person, act, errors=errors, status=403)

    async def go_on(self, request: Request, person: Person, act: Act, minted: Minted) -> Response:
        """To what the person was about to do; the key to show is made here, as by the button."""
        if act in (Act.SET_UP, Act.NEW_KEY):
            await self._site.run(
                authenticators.offer_in_session,
                self._site.installation,
                Person(person.user, minted.session),
                instead=act is Act.NEW_KEY,
            )
        return self._site.signed_in(request, minted, AFTERWARDS[act])

    async def _page(
        self,
        request: Request,
        person: Person,
        act: Act,
        *,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        step = await self._site.run(step_up.demanded, self._site.installation, person, act.value)
        if not step_up.is_asked(step) and not errors:
            return see_other(AFTERWARDS[act])
        by = step_up.asked_by(step)
        if by is step_up.By.SENT_CODE and not errors:
            return see_other(f"{SENT_CODE_PATH}?act={act.value}")
        view = Confirm(
            csrf=self._signed_in.csrf(request),
            act=act,
            by_code=by is step_up.By.CODE,
            or_sent_code=step_up.or_sent_code(step),
            or_recovery_code=step_up.takes_recovery_code(step),
            user_name=person.user.name,
            issuer=visit_of(request).environment.name,
            errors=errors,
        )
        return await self._site.page(request, view, person=person, status=status)


def act_of(text: str) -> Act:
    """The act that the address names. Raises StopRequest for one that does not exist."""
    if text not in set(Act):
        raise not_found()
    return Act(text)
