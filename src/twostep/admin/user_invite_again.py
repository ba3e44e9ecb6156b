"""``/admin/users/<id>/invite``: **Invite again**, for whoever has not chosen a password yet."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH
from twostep.admin.arrival_views import InviteAgain
from twostep.admin.dialogs import Dialogs, Opened
from twostep.core.messages import HOUR
from twostep.core.permissions import Permission
from twostep.flows.administration import MayNot
from twostep.flows.invitations import (
    ChangedMeanwhile,
    Disabled,
    EnoughSent,
    HasPassword,
    Invited,
    NoMailbox,
    Unsent,
    invite_again,
    prospect,
)
from twostep.flows.user_links import LASTS, LinkPurpose
from twostep.i18n.arrival_notices import ArrivalNotice
from twostep.i18n.notices import said
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, visit_of

WORD: Final = "invite"
PATH: Final = f"{USERS_PATH}/{{id}}/{WORD}"

NEEDED: Final = Permission.MANAGE_USERS


class InviteAgainPages:
    """The dialog."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._dialogs = Dialogs(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.invite, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """Where it would go."""
        return await self._dialogs.show(request, NEEDED, self._page)

    async def invite(self, request: Request) -> Response:
        """**Send the invitation**, or a button of the proof's fields."""
        return await self._dialogs.send(request, NEEDED, self._page, self._invite)

    async def _invite(self, opened: Opened) -> Response:
        outcome = await self._site.run(
            invite_again,
            self._site.installation,
            visit_of(opened.request).environment,
            opened.person,
            opened.user.id,
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case Invited():
                return self._dialogs.done(opened, ArrivalNotice.INVITED)
            case EnoughSent(until=until):
                told = said(ArrivalNotice.ENOUGH_SENT, until=until)
            case ChangedMeanwhile():
                told = said(ArrivalNotice.CHANGED_MEANWHILE)
            case HasPassword() | NoMailbox() | Disabled():
                # The dialog says why: it looks at what holds now.
                return self._dialogs.go(opened, opened.here)
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)
        return await self._page(opened.wrong(FieldError(field="", said=told)))

    async def _page(self, opened: Opened) -> Response:
        found = await self._site.run(prospect, self._site.installation, opened.user)
        masked, why_not = "", ""
        if isinstance(found.to, HasPassword | NoMailbox | Disabled):
            why_not = _code(found.to)
        else:
            masked = found.to.masked
        view = InviteAgain(
            **await self._dialogs.parts(opened),
            masked=masked,
            why_not=why_not,
            open_until=found.open_until,
            link_lasts=LASTS[LinkPurpose.INVITATION] // HOUR,
        )
        return await self._dialogs.page(opened, view)


def _code(why: Unsent) -> str:
    match why:
        case HasPassword():
            return "has_password"
        case NoMailbox():
            return "no_address"
        case Disabled():
            return "disabled"
        case _:
            assert_never(why)
