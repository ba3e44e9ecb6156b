"""``/admin``: the first page for administrators, in pictures (B-10)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.overview_page import view_of
from twostep.flows import overview
from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest
from twostep.web.notices import notice_of
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, visit_of

PATH = "/admin"


class OverviewPages:
    """How one environment stands."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [Route(PATH, self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The pictures, for whoever holds any permission. Raises StopRequest (403)."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        held = await self._site.permissions(visit_of(request).environment, person)
        if not held:
            raise StopRequest(Matter.FORBIDDEN, 403)
        found = await self._site.run(
            overview.look, self._site.installation, person.user.environment_id
        )
        view = view_of(found, held, csrf=self._signed_in.csrf(request))
        return await self._site.page(request, view, person=person, notice=notice_of(request))
