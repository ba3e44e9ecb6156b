"""``/admin/audit``: what happened, who did it to whom, and why (B-9)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from twostep.admin import audit_file
from twostep.admin.audit_forms import PATH, Asked, id_in, read
from twostep.admin.audit_page import CSV_PATH, JSON_LINES_PATH, list_of, shown_of
from twostep.admin.holders import HolderDoor
from twostep.core.permissions import Permission
from twostep.core.users import without_controls
from twostep.flows import audit_lists
from twostep.flows.sessions import Person
from twostep.i18n.audit_notices import AuditNotice
from twostep.i18n.audit_words import Nameless
from twostep.i18n.notices import said
from twostep.web.errors import not_found
from twostep.web.notices import notice_of
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, see_other, visit_of

LONGEST_TYPED = 400
"""More than any name has."""

AT_A_TIME = 500
"""Events that are read at once for a file."""


class AuditPages:
    """The log of one environment."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._door = HolderDoor(site, signed_in, Permission.AUDIT)

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.find, methods=["POST"]),
            Route(CSV_PATH, self.as_csv, methods=["GET"]),
            Route(JSON_LINES_PATH, self.as_json_lines, methods=["GET"]),
            Route(f"{PATH}/{{id}}", self.show_one, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The list that the address asks for."""
        person = await self._door.shown(request)
        if isinstance(person, Response):
            return person
        return await self._list(request, person, read(request.query_params))

    async def find(self, request: Request) -> Response:
        """The form above the list was sent: on to the address that asks for the same."""
        person, form = await self._door.sent(request)
        if isinstance(person, Response):
            return person
        typed = {name: form.text(name, longest=LONGEST_TYPED).strip() for name in form.names}
        ids, errors = {}, []
        for field in ("who", "whom"):
            id_ = await self._meant(
                request, person, typed.get(field, ""), typed.get(f"{field}_was")
            )
            ids[field] = id_ or ""
            if id_ is None:
                errors.append(FieldError(field=field, said=said(AuditNotice.NO_SUCH_USER)))
        asked = read({**typed, **ids, "before": ""})
        if not errors:
            return see_other(asked.path())
        as_typed = {field: without_controls(typed.get(field, "")) for field in ("who", "whom")}
        return await self._list(
            request, person, asked, typed=as_typed, errors=(*errors,), status=422
        )

    async def show_one(self, request: Request) -> Response:
        """One event."""
        person = await self._door.shown(request)
        if isinstance(person, Response):
            return person
        entry = await self._site.run(
            audit_lists.one,
            self._site.installation,
            person.user.environment_id,
            bytes.fromhex(id_in(request.path_params["id"])),
        )
        if entry is None:
            raise not_found()
        view = shown_of(entry, visit_of(request).language)
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    async def as_csv(self, request: Request) -> Response:
        """What the address asks for, for a spreadsheet."""
        return await self._file(request, form="csv", media_type="text/csv")

    async def as_json_lines(self, request: Request) -> Response:
        """What the address asks for, for a program."""
        return await self._file(request, form="jsonl", media_type="application/jsonl")

    async def _file(self, request: Request, *, form: str, media_type: str) -> Response:
        """Written while it is read. That somebody took it away is an event of its own."""
        person = await self._door.shown(request)
        if isinstance(person, Response):
            return person
        asked, visit = read(request.query_params), visit_of(request)
        await self._site.run(
            audit_lists.note_export,
            self._site.installation,
            person,
            asked.wanted,
            form=form,
            what=asked.what,
            visitor=visit.visitor,
        )
        return StreamingResponse(
            self._written(person.user.environment_id, asked, visit.language, form),
            media_type=media_type,
            headers={"content-disposition": f'attachment; filename="audit-log.{form}"'},
        )

    async def _written(
        self, environment_id: bytes, asked: Asked, language: str, form: str
    ) -> AsyncIterator[str]:
        place = (self._site.installation, environment_id, asked.wanted)
        if form == "csv":
            yield audit_file.heading(language)
        before = None
        while True:
            found = await self._site.run(audit_lists.page, *place, before=before, most=AT_A_TIME)
            if form == "csv":
                now = self._site.installation.clock()
                yield audit_file.csv_lines(found.entries, language, now=now)
            else:
                yield audit_file.json_lines(found.entries, language)
            before = found.older
            if before is None:
                return

    async def _list(
        self,
        request: Request,
        person: Person,
        asked: Asked,
        *,
        typed: dict[str, str] | None = None,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        place = (self._site.installation, person.user.environment_id)
        language = visit_of(request).language
        found = await self._site.run(audit_lists.page, *place, asked.wanted, before=asked.before)
        names = {
            "who": await self._name(person, asked.who, language),
            "whom": await self._name(person, asked.whom, language),
            **(typed or {}),
        }
        view = list_of(
            asked,
            found,
            language,
            csrf=self._signed_in.csrf(request),
            **names,
            errors=(*errors, *_bad_days(asked)),
        )
        return await self._site.page(
            request, view, person=person, notice=notice_of(request), status=status
        )

    async def _meant(
        self, request: Request, person: Person, name: str, was: str | None
    ) -> str | None:
        """The id of whoever is called so; empty where nobody is asked for, None where nobody is.

        ``was``: whose name stood in the field before. Nobody else can be found by the name of
        somebody who was erased.
        """
        if not name:
            return ""
        if was and await self._name(person, id_in(was), visit_of(request).language) == name:
            return was
        found = await self._site.run(
            audit_lists.find, self._site.installation, person.user.environment_id, name
        )
        return None if found is None else found.hex()

    async def _name(self, person: Person, id_: str, language: str) -> str:
        """What stands in the field of the search for the user of that id."""
        if not id_:
            return ""
        called = await self._site.run(
            audit_lists.name_of,
            self._site.installation,
            person.user.environment_id,
            bytes.fromhex(id_),
        )
        return called.sentence.in_language(language, {}) if isinstance(called, Nameless) else called


def _bad_days(asked: Asked) -> list[FieldError]:
    days = {"from": (asked.from_day, asked.from_moment), "to": (asked.to_day, asked.to_moment)}
    return [
        FieldError(field=field, said=said(AuditNotice.NOT_A_DAY))
        for field, (typed, moment) in days.items()
        if typed and moment is None
    ]
