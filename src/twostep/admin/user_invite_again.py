"""``/admin/users/<id>/invite``: **Invite again**, for whoever has not chosen a password yet."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, Doors, Opened, after_all, called
from twostep.admin.arrival_views import InviteAgain
from twostep.core.messages import HOUR
from twostep.core.permissions import Permission
from twostep.flows.administration import MayNot
from twostep.flows.invitations import (
    ChangedMeanwhile,
    Disabled,
    EnoughSent,
    HasPassword,
    Invited,
    InvitingAgain,
    NoMailbox,
    Unsent,
    invite_again,
    prospect,
)
from twostep.flows.user_links import LASTS, LinkPurpose
from twostep.i18n.arrival_notices import ArrivalNotice
from twostep.i18n.notices import said
from twostep.web.notices import saying
from twostep.web.proof_fields import ProofInDialog, Proven
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
        self._doors = Doors(site, signed_in)
        self._proof = ProofInDialog(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.invite, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """Where it would go."""
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._page(request, opened)

    async def invite(self, request: Request) -> Response:
        """**Send the invitation**, or a button of the proof's fields."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._page(request, opened, errors=taken)
        outcome = await self._site.run(
            invite_again,
            self._site.installation,
            visit_of(request).environment,
            taken.person,
            opened.user.id,
            browser=self._proof.browser(request, taken),
        )
        return await self._after(request, opened, taken, outcome)

    async def _after(
        self, request: Request, opened: Opened, proven: Proven, outcome: InvitingAgain
    ) -> Response:
        match outcome:
            case Invited():
                path = saying(opened.back, ArrivalNotice.INVITED)
                return self._proof.go(request, proven, path)
            case EnoughSent(until=until):
                told = said(ArrivalNotice.ENOUGH_SENT, until=until)
            case ChangedMeanwhile():
                told = said(ArrivalNotice.CHANGED_MEANWHILE)
            case HasPassword() | NoMailbox() | Disabled():
                # The dialog says why: it looks at what holds now.
                return self._proof.go(request, proven, request.url.path)
            case MayNot():
                return after_all(outcome, self._proof.go(request, proven, request.url.path))
            case _:
                assert_never(outcome)
        errors = (FieldError(field="", said=told),)
        return await self._page(request, opened, errors=errors, proven=proven)

    async def _page(
        self,
        request: Request,
        opened: Opened,
        *,
        errors: tuple[FieldError, ...] = (),
        proven: Proven | None = None,
    ) -> Response:
        found = await self._site.run(prospect, self._site.installation, opened.user)
        proven = proven or Proven(person=opened.person)
        masked, why_not = "", ""
        if isinstance(found.to, HasPassword | NoMailbox | Disabled):
            why_not = _code(found.to)
        else:
            masked = found.to.masked
        view = InviteAgain(
            csrf=self._proof.csrf(request, proven),
            called=called(opened.user),
            here=request.url.path,
            back=opened.back,
            masked=masked,
            why_not=why_not,
            open_until=found.open_until,
            link_lasts=LASTS[LinkPurpose.INVITATION] // HOUR,
            proof=await self._proof.fields(request, proven.person),
            errors=errors,
        )
        return await self._site.page(
            request,
            view,
            person=proven.person,
            minted=proven.minted,
            status=422 if errors else 200,
        )


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
