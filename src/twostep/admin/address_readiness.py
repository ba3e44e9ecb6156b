"""``/admin/readiness``: who could be reached by sent codes, before they are switched on (CS-6)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from twostep.admin.address_readiness_file import heading, lines
from twostep.admin.address_readiness_views import FILE_PATH, PATH, AddressReadiness, Asked
from twostep.admin.holders import HolderDoor
from twostep.core.address_readiness import Gap, SentBy, way_of
from twostep.core.permissions import Permission
from twostep.flows import address_readiness
from twostep.flows.properties import policy_for
from twostep.flows.sessions import Person
from twostep.web.notices import notice_of
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, visit_of

ON_A_PAGE = 50

AT_A_TIME = 500
"""People that are read at once for the file."""


class AddressReadinessPages:
    """The list of one environment, and the same as a file."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._door = HolderDoor(site, signed_in, Permission.SYSTEM_PROPERTIES)

    @property
    def routes(self) -> list[Route]:
        """Where these are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(FILE_PATH, self.download, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The counts, and the list that the address asks for."""
        person = await self._door.shown(request)
        if isinstance(person, Response):
            return person
        asked = await self._asked(request, person)
        place = (self._site.installation, person.user.environment_id, asked.way)
        counts = await self._site.run(address_readiness.counts, *place)
        after = await self._site.run(address_readiness.place_of, *place[:2], _id(asked.after))
        found = await self._site.run(
            address_readiness.page, *place, gap=asked.gap, after=after, most=ON_A_PAGE
        )
        last = found.last
        view = AddressReadiness(
            csrf=self._signed_in.csrf(request),
            asked=asked if after else Asked(way=asked.way, gap=asked.gap),
            counts=counts,
            lines=found.lines,
            next_path=None
            if last is None
            else Asked(way=asked.way, gap=asked.gap, after=last.user_id.hex()).path(),
        )
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    async def download(self, request: Request) -> Response:
        """The whole list as a file, written while it is read."""
        person = await self._door.shown(request)
        if isinstance(person, Response):
            return person
        asked, visit = await self._asked(request, person), visit_of(request)
        await self._site.run(
            address_readiness.note_download,
            self._site.installation,
            person,
            gap=asked.gap,
            way=asked.way,
            visitor=visit.visitor,
        )
        return StreamingResponse(
            self._written(person.user.environment_id, asked, visit.language),
            media_type="text/csv",
            headers={"content-disposition": 'attachment; filename="readiness.csv"'},
        )

    async def _written(
        self, environment_id: bytes, asked: Asked, language: str
    ) -> AsyncIterator[str]:
        yield heading(language)
        place = (self._site.installation, environment_id, asked.way)
        after: str | None = ""
        while after is not None:
            found = await self._site.run(
                address_readiness.page, *place, gap=asked.gap, after=after, most=AT_A_TIME
            )
            yield lines(found.lines, language)
            after = None if found.last is None else found.last.name_key

    async def _asked(self, request: Request, person: Person) -> Asked:
        """What the address asks for; what means nothing is left out of it."""
        query = request.query_params
        by, lacks = query.get("by", ""), query.get("lacks", "")
        if by in set(SentBy):
            way = SentBy(by)
        else:
            policy = await self._site.run(
                policy_for, self._site.installation, person.user.environment_id
            )
            way = way_of(policy.methods)
        gap = Gap(lacks) if lacks in set(Gap) else None
        return Asked(way=way, gap=gap, after=query.get("after", ""))


def _id(text: str) -> bytes:
    try:
        return bytes.fromhex(text) if len(text) == 32 else b""
    except ValueError:
        return b""
