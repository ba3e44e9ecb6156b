"""``/admin/users/import``: a list of new users is sent, and read as it comes in.

The body may be large, so it is looked at who sends it, and whether they may, before any of it is
read; and the token of the form comes first in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH
from twostep.admin.arrival_views import ImportUsers
from twostep.admin.arriving import ArrivalDoor
from twostep.core.user_lists import MOST_LINES, Column, WrongList
from twostep.core.users import without_controls
from twostep.flows.sessions import Person
from twostep.flows.user_imports import ListDropped, Reading
from twostep.i18n.arrival_notices import LISTS, ArrivalNotice
from twostep.i18n.matters import Matter
from twostep.i18n.notices import Said, said
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

LONGEST_PASTE: Final = 100_000
"""Bytes of pasted lines that stand in the form again when they could not be read. More is not
shown: half a list would be sent as if it were all of it.
"""

EXAMPLE: Final = """user_name,full_name,email,invite
ann,Ann Lee,ann@northside.example,yes
bo,Bo Leeds,,no"""


class _TwoLists(Exception):
    """A file was chosen, and lines were pasted as well."""


@dataclass(slots=True)
class _Sent:
    """A form as it comes in. ``pasted``: its lines, to be shown again; ``problem``: why no more of
    it is read.
    """

    token: bytes = b""
    source: str = ""
    reading: Reading | None = None
    problem: Exception | None = None
    pasted: bytearray = field(default_factory=bytearray)


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
        sent = _Sent()
        try:
            found = await self._read(request, person, sent)
        except (WrongList, ListDropped, _TwoLists) as problem:
            error = _said(problem)
        else:
            if found is not None:
                return see_other(f"{PATH}/{found.hex()}")
            error = said(ArrivalNotice.LIST_MISSING)
        errors = (FieldError(field="file", said=error),)
        return await self._page(request, person, errors=errors, pasted=sent.pasted)

    async def _read(self, request: Request, person: Person, sent: _Sent) -> bytes | None:
        """The id of the list; None where none was sent. Whatever ends this before its end throws
        away what was read.
        """
        try:
            await self._lines(request, person, sent)
            if sent.problem is not None:
                raise sent.problem
            if sent.reading is None:
                return None
            await self._site.run(sent.reading.finish)
        except BaseException:
            if sent.reading is not None:
                await self._site.run(sent.reading.drop)
            raise
        return sent.reading.id

    async def _lines(self, request: Request, person: Person, sent: _Sent) -> None:
        async for name, data in read_parts(request):
            if name == "csrf" and sent.source == "":
                sent.token += data[:LONGEST_TOKEN]
            if name not in FIELDS:
                continue
            if not data:
                self._demand_token(request, sent.token)
                continue
            if name == "lines":
                sent.pasted += data[: LONGEST_PASTE + 1 - len(sent.pasted)]
            # What was pasted is shown again, so the form is taken to its end.
            if sent.problem is None:
                await self._take(request, person, sent, name, data)

    async def _take(
        self, request: Request, person: Person, sent: _Sent, name: str, data: bytes
    ) -> None:
        try:
            if sent.source not in ("", name):
                raise _TwoLists
            if sent.reading is None:
                sent.source, sent.reading = name, await self._begin(request, person)
            await self._site.run(sent.reading.feed, data)
        except (WrongList, ListDropped, _TwoLists) as problem:
            sent.problem = problem

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
        self,
        request: Request,
        person: Person,
        *,
        errors: tuple[FieldError, ...] = (),
        pasted: bytes | bytearray = b"",
    ) -> Response:
        view = ImportUsers(
            csrf=self._signed_in.csrf(request),
            columns=tuple(column.value for column in Column),
            example=EXAMPLE,
            most=MOST_LINES,
            pasted=_shown(pasted),
            errors=errors,
        )
        status = 422 if errors else 200
        notice = None if errors else notice_of(request)
        return await self._site.page(request, view, person=person, notice=notice, status=status)


def _said(problem: Exception) -> Said:
    match problem:
        case WrongList():
            return said(LISTS[problem.problem], number=problem.number)
        case ListDropped():
            return said(ArrivalNotice.LIST_DROPPED)
        case _:
            return said(ArrivalNotice.LIST_TWICE)


def _shown(pasted: bytes | bytearray) -> str:
    """What was pasted, as the form shows it once more; empty where that would be a part of it."""
    if len(pasted) > LONGEST_PASTE:
        return ""
    lines = pasted.decode("utf-8", "replace").splitlines()
    # Tabulators may stand between the fields; no document may hold other control characters.
    return "\n".join("\t".join(map(without_controls, line.split("\t"))) for line in lines)
