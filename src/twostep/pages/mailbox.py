"""The mailbox of ``twostep demo``: every message, for everybody. Nothing else has this page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.delivery.mailbox import KeptMail, read_mailbox
from twostep.web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxPage:
    """The newest messages, the newest first."""

    template: ClassVar[str] = "mailbox.html"

    mails: Sequence[KeptMail]


class MailboxPages:
    """One page."""

    def __init__(self, site: Site, folder: Path) -> None:
        self._site, self._folder = site, folder

    @property
    def routes(self) -> list[Route]:
        """Where it is."""
        return [Route("/mailbox", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """All of it, without asking who looks."""
        mails = await self._site.run(read_mailbox, self._folder)
        return await self._site.page(request, MailboxPage(mails=mails))
