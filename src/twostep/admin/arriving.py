"""To whom the dialogs are open by which new users come in, and that are about nobody yet.

As with ``dialogs``, whoever may not do it learns nothing by trying, and uses up none of their
tries.
"""

from __future__ import annotations

from starlette.requests import Request
from typing_extensions import override

from twostep.admin.acting import refusal
from twostep.admin.holders import HolderDoor
from twostep.core.permissions import Permission
from twostep.flows.administration import MayNot, reaching, whoever_holds
from twostep.flows.sessions import Person
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site


class ArrivalDoor(HolderDoor):
    """How every such dialog begins. It asks what the act will ask: a second step too, where
    administrators need one.
    """

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        super().__init__(site, signed_in, Permission.MANAGE_USERS)

    @override
    async def demand(self, request: Request, person: Person) -> None:
        """Raises StopRequest (403)."""
        found = await self._site.run(
            reaching,
            self._site.installation,
            person,
            self._needed,
            person.user.id,
            rule=whoever_holds,
        )
        if isinstance(found, MayNot):
            raise refusal(found)
