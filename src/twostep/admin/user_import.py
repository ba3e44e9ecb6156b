"""``/admin/users/import``: a list of new users is sent, and read as it comes in.

The body may be large, so it is looked at who sends it, and whether they may, before any of it is
read; and the token of the form comes first in it.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH
from twostep.admin.arrival_views import ImportUsers
from twostep.admin.arriving import ArrivalDoor
from twostep.core.user_lists import MOST_LINES, Column, WrongList
from twostep.flows.sessions import Person
from twostep.flows.user_imports import ListDropped, Reading
from twostep.i18n.arrival_notices import LISTS, ArrivalNotice
from twostep.i18n.matters import Matter
from twostep.i18n.notices import said
from twostep.web.errors import StopRequest
from twostep.web.forms import Form
from twostep.web.multipart import read_parts
from twostep.web.notices import notice_of
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, see_other, visit_of

PATH: Final = f"{USERS_PATH}/import"

FIELDS: Final = ("file", "lines")
"""Where a list may stand: a file, or lines that were pasted."""

LONGEST_TOKEN: Final = 100

EXAMPLE: Final = """user_name,full_name,email,invite
ann,Ann Lee,ann@northside.example,yes
bo,Bo Leeds,,no"""


class _TwoLists(Exception):
    """A file was chosen, and lines were pasted as well."""


class ImportPages:
    """The page on which a list is sent."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._door = ArrivalDoor(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.read, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """The form."""
        person = await self._door.shown(request)
        return person if isinstance(person, Response) else await self._page(request, person)

    async def read(self, request: Request) -> Response:
        """A list comes in. On to what was found in it."""
        person = await self._door.shown(request)
        if isinstance(person, Response):
            return person
        try:
            found = await self._read(request, person)
        except WrongList as wrong:
            error = said(LISTS[wrong.problem], number=wrong.number)
        except _TwoLists:
            error = said(ArrivalNotice.LIST_TWICE)
        except ListDropped:
            error = said(ArrivalNotice.LIST_DROPPED)
        else:
            if found is not None:
                return see_other(f"{PATH}/{found.hex()}")
            error = said(ArrivalNotice.LIST_MISSING)
        errors = (FieldError(field="file", said=error),)
        return await self._page(request, person, errors=errors)

    async def _read(self, request: Request, person: Person) -> bytes | None:
        """The id of the list; None where none was sent. Whatever ends this before its end throws
        away what was read.
        """
        try:
            reading = await self._lines(request, person)
            if reading is None:
                return None
            await self._site.run(reading.finish)
        except BaseException:
            unfinished: Reading | None = request.scope.get(_READING)
            if unfinished is not None:
                await self._site.run(unfinished.drop)
            raise
        return reading.id

    async def _lines(self, request: Request, person: Person) -> Reading | None:
        token, source = b"", ""
        reading: Reading | None = None
        async for name, data in read_parts(request):
            if name == "csrf" and source == "":
                token += data[:LONGEST_TOKEN]
            if name not in FIELDS:
                continue
            if not data:
                self._demand_token(request, token)
                continue
            if source not in ("", name):
                raise _TwoLists
            if reading is None:
                source, reading = name, await self._begin(request, person)
                request.scope[_READING] = reading
            await self._site.run(reading.feed, data)
        return reading

    async def _begin(self, request: Request, person: Person) -> Reading:
        visit = visit_of(request)
        return await self._site.run(
            Reading,
            self._site.installation,
            visit.environment,
            made_by=person.user.id,
            language=visit.language,
        )

    def _demand_token(self, request: Request, token: bytes) -> None:
        """Raises StopRequest (403) for a form that was not made for this session."""
        form = Form({"csrf": token.decode("ascii", "replace")})
        if not self._site.form_is_ours(form, self._site.session_token(visit_of(request))):
            raise StopRequest(Matter.FORM_TOO_OLD, 403)

    async def _page(
        self, request: Request, person: Person, *, errors: tuple[FieldError, ...] = ()
    ) -> Response:
        view = ImportUsers(
            csrf=self._signed_in.csrf(request),
            columns=tuple(column.value for column in Column),
            example=EXAMPLE,
            most=MOST_LINES,
            errors=errors,
        )
        status = 422 if errors else 200
        notice = None if errors else notice_of(request)
        return await self._site.page(request, view, person=person, notice=notice, status=status)


_READING: Final = "twostep.reading"
"""In the request's scope: the list that is being read."""
