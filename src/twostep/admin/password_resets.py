"""``/admin/users/<id>/password-reset``: **Send password reset**."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, Doors, Opened, after_all, called
from twostep.admin.arrival_views import SendReset
from twostep.core.messages import MINUTE
from twostep.core.permissions import Permission
from twostep.flows.administration import MayNot
from twostep.flows.password_reset_sending import EnoughSent, ResetSent, ToSend, send, to_send
from twostep.flows.reset_mails import NoMail
from twostep.flows.user_links import LASTS, LinkPurpose
from twostep.i18n.arrival_notices import ArrivalNotice
from twostep.i18n.notices import said
from twostep.web.notices import saying
from twostep.web.proof_fields import ProofInDialog, Proven
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site

WORD: Final = "password-reset"
PATH: Final = f"{USERS_PATH}/{{id}}/{WORD}"

NEEDED: Final = Permission.MANAGE_USERS


class PasswordResetPages:
    """The dialog. The administrator sees no link and chooses no password (ASVS 6.4.6)."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._doors = Doors(site, signed_in)
        self._proof = ProofInDialog(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.send, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """Where the link would go."""
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._page(request, opened)

    async def send(self, request: Request) -> Response:
        """**Send the link**, or a button of the proof's fields."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._page(request, opened, errors=taken)
        return await self._send(request, opened, taken)

    async def _send(self, request: Request, opened: Opened, proven: Proven) -> Response:
        outcome = await self._site.run(
            send,
            self._site.installation,
            proven.person,
            opened.user.id,
            browser=self._proof.browser(request, proven),
        )
        match outcome:
            case ResetSent():
                path = saying(opened.back, ArrivalNotice.RESET_SENT)
                return self._proof.go(request, proven, path)
            case EnoughSent(until=until):
                notice = said(ArrivalNotice.ENOUGH_SENT, until=until)
                errors = (FieldError(field="", said=notice),)
                return await self._page(request, opened, errors=errors, proven=proven)
            case NoMail():
                # The dialog says why: it looks at what holds now.
                return self._proof.go(request, proven, request.url.path)
            case MayNot():
                return after_all(outcome, self._proof.go(request, proven, request.url.path))
            case _:
                assert_never(outcome)

    async def _page(
        self,
        request: Request,
        opened: Opened,
        *,
        errors: tuple[FieldError, ...] = (),
        proven: Proven | None = None,
    ) -> Response:
        found = await self._site.run(to_send, self._site.installation, opened.user)
        goes = found if isinstance(found, ToSend) else None
        proven = proven or Proven(person=opened.person)
        view = SendReset(
            csrf=self._proof.csrf(request, proven),
            called=called(opened.user),
            here=request.url.path,
            back=opened.back,
            caller_check=f"{opened.back}/check-caller",
            masked=goes.masked if goes else "",
            why_not=found.value if isinstance(found, NoMail) else "",
            codes_too=goes.codes_too if goes else False,
            link_lasts=LASTS[LinkPurpose.RESET] // MINUTE,
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
