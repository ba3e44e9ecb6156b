"""``/admin/users``: every user of an environment, for the help desk with somebody on the telephone.

Whoever holds any permission may read it (CT-14); inviting, importing and taking the list away as a
file are for whoever manages users. The search is sent as a form, so that no address that somebody
types stands in an address bar; what it finds is an address of its own, which can be sent to a
colleague.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from twostep.admin.user_list_file import heading, lines
from twostep.admin.user_list_forms import (
    FILE_PATH,
    LONGEST_SEARCH,
    PATH,
    Asked,
    read,
    search_in,
)
from twostep.admin.user_list_page import list_of
from twostep.core.permissions import Permission, opens_user_management
from twostep.core.user_filters import Wanted
from twostep.flows import user_lists
from twostep.flows.sessions import Person
from twostep.flows.user_lists import Place
from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest
from twostep.web.notices import notice_of
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, see_other, visit_of

AT_A_TIME = 500
"""Users that are read at once for the file."""


class UserListPages:
    """The list of one environment, and the same as a file."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where these are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.find, methods=["POST"]),
            Route(FILE_PATH, self.download, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The list that the address asks for."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        held = await self._held(request, person)
        asked = read(request.query_params)
        place = (self._site.installation, person.user.environment_id)
        found = await self._site.run(
            user_lists.page,
            *place,
            asked.wanted(self._site.installation.clock()),
            place=asked.before or asked.after,
            backwards=asked.before is not None,
        )
        search = asked.search
        if asked.user:
            called = await self._site.run(user_lists.name_of, *place, bytes.fromhex(asked.user))
            search = called or ""
        view = list_of(
            asked,
            found,
            csrf=self._signed_in.csrf(request),
            search=search,
            manages=Permission.MANAGE_USERS in held,
        )
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    async def find(self, request: Request) -> Response:
        """The form above the list was sent: on to the address that asks for the same."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        await self._held(request, person)
        asked = read({name: form.text(name, longest=LONGEST_SEARCH) for name in form.names})
        typed = search_in(form.text("search", longest=LONGEST_SEARCH))
        if not typed:
            return see_other(asked.at().path())
        whom = await self._site.run(
            user_lists.find, self._site.installation, person.user.environment_id, typed
        )
        return see_other(asked.about(typed, whom).path())

    async def download(self, request: Request) -> Response:
        """The whole list as a file, written while it is read. Raises StopRequest (403)."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        if Permission.MANAGE_USERS not in await self._held(request, person):
            raise StopRequest(Matter.FORBIDDEN, 403)
        asked, visit = read(request.query_params), visit_of(request)
        await self._site.run(
            user_lists.note_download,
            self._site.installation,
            person,
            asked.filters,
            visitor=visit.visitor,
        )
        return StreamingResponse(
            self._written(person.user.environment_id, asked, visit.language),
            media_type="text/csv",
            headers={"content-disposition": 'attachment; filename="users.csv"'},
        )

    async def _written(
        self, environment_id: bytes, asked: Asked, language: str
    ) -> AsyncIterator[str]:
        yield heading(language)
        wanted: Wanted = asked.wanted(self._site.installation.clock())
        place: Place | None = None
        while True:
            found = await self._site.run(
                user_lists.page,
                self._site.installation,
                environment_id,
                wanted,
                place=place,
                most=AT_A_TIME,
            )
            yield lines(found.lines, language)
            place = found.next
            if place is None:
                return

    async def _held(self, request: Request, person: Person) -> frozenset[Permission]:
        """What the person may do. Raises StopRequest (403) for whoever may do nothing here."""
        held = await self._site.permissions(visit_of(request).environment, person)
        if not opens_user_management(held):
            raise StopRequest(Matter.FORBIDDEN, 403)
        return held
