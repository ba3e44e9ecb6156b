"""``POST /security/stay``: the tick *Stay signed in on this device* of **Security Settings**."""

from __future__ import annotations

from typing import assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.sessions import HOUR, MINUTE
from twostep.flows import stay_signed_in
from twostep.flows.mint import Minted
from twostep.flows.stay_signed_in import Over, Wish
from twostep.i18n.notices import Notice
from twostep.pages.security_views import StayCard
from twostep.web.notices import saying
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, browser_of, see_other, visit_of

PATH = "/security/stay"


class StaySignedInPages:
    """Where the tick is saved."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where it is."""
        return [Route(PATH, self.save, methods=["POST"])]

    async def save(self, request: Request) -> Response:
        """The form was sent. A box that is not ticked sends nothing."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        visit = visit_of(request)
        outcome = await self._site.run(
            stay_signed_in.save,
            self._site.installation,
            person,
            stays=form.text("stay", longest=1) != "",
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        match outcome:
            case Minted():
                path = saying("/security", Notice.STAY_SAVED)
                return self._site.signed_in(request, outcome, path)
            case Over():
                return see_other(saying("/sign-in", Notice.SESSION_ENDED))
            case _:
                assert_never(outcome)


def card_of(wish: Wish) -> StayCard:
    """What the page says of it."""
    return StayCard(
        chosen=wish.stays,
        overruled=wish.overruled,
        idle_minutes=wish.limits.idle // MINUTE,
        hours=wish.limits.absolute // HOUR,
    )
