"""``/admin/users/<id>/password-reset``: **Send password reset**."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH
from twostep.admin.arrival_views import SendReset
from twostep.admin.dialogs import Dialogs, Opened
from twostep.core.messages import MINUTE
from twostep.core.permissions import Permission
from twostep.flows.administration import MayNot
from twostep.flows.password_reset_sending import EnoughSent, ResetSent, ToSend, send, to_send
from twostep.flows.reset_mails import NoMail
from twostep.flows.user_links import LASTS, LinkPurpose
from twostep.i18n.arrival_notices import ArrivalNotice
from twostep.i18n.notices import said
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
        self._dialogs = Dialogs(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.send, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """Where the link would go."""
        return await self._dialogs.show(request, NEEDED, self._page)

    async def send(self, request: Request) -> Response:
        """**Send the link**, or a button of the proof's fields."""
        return await self._dialogs.send(request, NEEDED, self._page, self._send)

    async def _send(self, opened: Opened) -> Response:
        outcome = await self._site.run(
            send,
            self._site.installation,
            opened.person,
            opened.user.id,
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case ResetSent():
                return self._dialogs.done(opened, ArrivalNotice.RESET_SENT)
            case EnoughSent(until=until):
                notice = said(ArrivalNotice.ENOUGH_SENT, until=until)
                return await self._page(opened.wrong(FieldError(field="", said=notice)))
            case NoMail():
                # The dialog says why: it looks at what holds now.
                return self._dialogs.go(opened, opened.here)
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def _page(self, opened: Opened) -> Response:
        found = await self._site.run(to_send, self._site.installation, opened.user)
        goes = found if isinstance(found, ToSend) else None
        view = SendReset(
            **await self._dialogs.parts(opened),
            caller_check=f"{opened.back}/check-caller",
            masked=goes.masked if goes else "",
            why_not=found.value if isinstance(found, NoMail) else "",
            codes_too=goes.codes_too if goes else False,
            link_lasts=LASTS[LinkPurpose.RESET] // MINUTE,
        )
        return await self._dialogs.page(opened, view)
