"""To whom the pages are open that are about no one user: to whoever holds one permission."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from twostep.core.permissions import Permission
from twostep.flows.sessions import Person
from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest
from twostep.web.forms import Form
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, visit_of


class HolderDoor:
    """How every such page begins."""

    def __init__(self, site: Site, signed_in: SignedInPages, needed: Permission) -> None:
        self._site = site
        self._signed_in = signed_in
        self._needed = needed

    async def shown(self, request: Request, *, watches: bool = False) -> Person | Response:
        """A page was opened; ``watches``: it may ask by itself. Raises StopRequest (403)."""
        ask = self._signed_in.onlooker if watches else self._signed_in.person
        person = await ask(request)
        if isinstance(person, Person):
            await self.demand(request, person)
        return person

    async def sent(self, request: Request) -> tuple[Person | Response, Form]:
        """A form was sent. Raises StopRequest (403), and as a form does."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Person):
            await self.demand(request, person)
        return person, form

    async def demand(self, request: Request, person: Person) -> None:
        """Raises StopRequest (403)."""
        held = await self._site.permissions(visit_of(request).environment, person)
        if self._needed not in held:
            raise StopRequest(Matter.FORBIDDEN, 403)
