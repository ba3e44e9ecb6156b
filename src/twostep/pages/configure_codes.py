"""**Configure** on Security Settings: codes by email and text message, on and off."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.flows.mint import Minted
from twostep.flows.sent_code_choice import (
    NoConfirmedAddress,
    NothingToChange,
    turn_off,
    turn_on,
)
from twostep.i18n.notices import Notice
from twostep.i18n.sent_code_notices import SentCodeNotice
from twostep.pages.configure import CODES_PATH
from twostep.web.acts import Act
from twostep.web.notices import saying
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, browser_of, see_other, visit_of


class ConfigureCodesPages:
    """The two buttons of the dialog."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where these are."""
        return [
            Route(CODES_PATH, self.on, methods=["POST"]),
            Route(f"{CODES_PATH}/off", self.off, methods=["POST"]),
        ]

    async def on(self, request: Request) -> Response:
        """**Turn on codes** was pressed."""
        return await self._changed(request, on=True)

    async def off(self, request: Request) -> Response:
        """Codes were turned off."""
        return await self._changed(request, on=False)

    async def _changed(self, request: Request, *, on: bool) -> Response:
        person, _ = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        unproven = await self._signed_in.unproven(person, Act.CODES_ON if on else Act.CODES_OFF)
        if unproven is not None:
            return unproven
        visit = visit_of(request)
        outcome = await self._site.run(
            turn_on if on else turn_off,
            self._site.installation,
            person,
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        match outcome:
            case Minted():
                notice = SentCodeNotice.TURNED_ON if on else SentCodeNotice.TURNED_OFF
                return self._site.signed_in(request, outcome, saying("/security", notice))
            case NoConfirmedAddress():
                return see_other(saying("/security/contacts", SentCodeNotice.CONFIRM_FIRST))
            case NothingToChange():
                return see_other(saying("/security", Notice.NOTHING_CHANGED))
