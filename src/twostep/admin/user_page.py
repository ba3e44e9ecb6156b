"""``/admin/users/<id>``: one user, for the help desk with somebody on the telephone.

Whoever holds any permission may read it (CT-14). What they may do to this very user stands in its
menu; each act is a dialog of its own, which asks for the permission once more.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, id_of
from twostep.admin.user_page_lines import page_of
from twostep.core.permissions import opens_user_management
from twostep.flows.user_details import details_of, target_of
from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest, not_found
from twostep.web.notices import notice_of
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, visit_of

PATH = f"{USERS_PATH}/{{id}}"


class UserPages:
    """The page of each user of one environment."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where the page is. Behind all others below ``/admin/users``: an id may be any word."""
        return [Route(PATH, self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The page. Raises StopRequest (403, 404)."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        visit, installation = visit_of(request), self._site.installation
        held = await self._site.permissions(visit.environment, person)
        if not opens_user_management(held):
            raise StopRequest(Matter.FORBIDDEN, 403)
        target = await self._site.run(
            target_of, installation, visit.environment.id, id_of(request.path_params["id"])
        )
        if target is None:
            raise not_found()
        view = page_of(
            await self._site.run(details_of, installation, target),
            held,
            here=f"{USERS_PATH}/{target.user.id.hex()}",
            oneself=target.user.id == person.user.id,
            language=visit.language,
        )
        return await self._site.page(request, view, person=person, notice=notice_of(request))
