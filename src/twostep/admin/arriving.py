"""To whom the dialogs are open by which new users come in, and that are about nobody yet.

As with ``acting``: whoever may not do it learns nothing by trying, and uses up none of their tries.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from twostep.admin.acting import refusal
from twostep.core.permissions import Permission
from twostep.flows.administration import MayNot, reaching, whoever_holds
from twostep.flows.sessions import Person
from twostep.web.forms import Form
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site


class ArrivalDoor:
    """How every such dialog begins."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    async def shown(self, request: Request, *, watches: bool = False) -> Person | Response:
        """A page was opened; ``watches``: it may ask by itself. Raises StopRequest (403)."""
        ask = self._signed_in.onlooker if watches else self._signed_in.person
        person = await ask(request)
        if isinstance(person, Person):
            await self.demand(person)
        return person

    async def sent(self, request: Request) -> tuple[Person | Response, Form]:
        """A form was sent. Raises StopRequest (403), and as a form does."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Person):
            await self.demand(person)
        return person, form

    async def demand(self, person: Person) -> None:
        """Raises StopRequest (403)."""
        found = await self._site.run(
            reaching,
            self._site.installation,
            person,
            Permission.MANAGE_USERS,
            person.user.id,
            rule=whoever_holds,
        )
        if isinstance(found, MayNot):
            raise refusal(found)
