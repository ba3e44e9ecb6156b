"""**Export data** and **Erase**: what one person may ask of whoever keeps their data (AC-83)."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, Doors, Opened, after_all, called
from twostep.admin.person_views import ErasePerson, ExportPerson
from twostep.core.permissions import Permission
from twostep.core.users import LONGEST_NAME, name_key
from twostep.flows import erasures, person_data
from twostep.flows.administration import MayNot
from twostep.flows.erasures import Erased, NotTheName
from twostep.flows.person_data import PersonData
from twostep.flows.user_acts import LastManager
from twostep.flows.user_details import open_of
from twostep.i18n.notices import said
from twostep.i18n.person_notices import PersonNotice
from twostep.i18n.user_notices import UserNotice
from twostep.web.notices import notice_of, saying
from twostep.web.proof_fields import ProofInDialog, Proven, asks_for_code
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site

NEEDED: Final = Permission.MANAGE_USERS
FIELD: Final = "user_name_again"

EXPORT: Final = f"{USERS_PATH}/{{id}}/export-data"
ERASE: Final = f"{USERS_PATH}/{{id}}/erase"

_DIFFERS: Final = FieldError(field=FIELD, said=said(PersonNotice.NAME_DIFFERS))


class PersonPages:
    """The two dialogs of one environment."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._doors = Doors(site, signed_in)
        self._proof = ProofInDialog(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(EXPORT, self.show_export, methods=["GET"]),
            Route(EXPORT, self.export, methods=["POST"]),
            Route(ERASE, self.show_erase, methods=["GET"]),
            Route(ERASE, self.erase, methods=["POST"]),
        ]

    async def show_export(self, request: Request) -> Response:
        """What the file holds."""
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._exporting(request, opened)

    async def export(self, request: Request) -> Response:
        """**Export data**: the answer is the file."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._exporting(request, opened, errors=taken)
        if taken.minted is not None:
            # A file cannot hand the new session over as well: the dialog comes again, and asks for
            # nothing but the click.
            return self._proof.go(request, taken, request.url.path)
        outcome = await self._site.run(
            person_data.export,
            self._site.installation,
            taken.person,
            opened.user.id,
            browser=self._proof.browser(request, taken),
        )
        match outcome:
            case PersonData(text=text):
                # A user name may hold what a header may not; the id never does.
                file = f"person-{opened.user.id.hex()[:8]}.json"
                return Response(
                    text,
                    media_type="application/json",
                    headers={"content-disposition": f'attachment; filename="{file}"'},
                )
            case MayNot():
                return after_all(outcome, self._again(request, taken))
            case _:
                assert_never(outcome)

    async def show_erase(self, request: Request) -> Response:
        """What goes for ever."""
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._erasing(request, opened)

    async def erase(self, request: Request) -> Response:
        """**Erase for ever**, or a button of the proof's fields."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        if not asks_for_code(opened.form) and not _is_name(opened):
            return await self._erasing(request, opened, errors=(_DIFFERS,))
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._erasing(request, opened, errors=taken)
        return await self._erase(request, opened, taken)

    async def _erase(self, request: Request, opened: Opened, proven: Proven) -> Response:
        outcome = await self._site.run(
            erasures.erase,
            self._site.installation,
            proven.person,
            opened.user.id,
            typed=_typed(opened),
            browser=self._proof.browser(request, proven),
        )
        match outcome:
            case Erased():
                path = saying(USERS_PATH, PersonNotice.ERASED)
            case LastManager():
                path = saying(opened.back, PersonNotice.LAST_MANAGER)
            case NotTheName():
                path = request.url.path
            case MayNot():
                return after_all(outcome, self._again(request, proven))
            case _:
                assert_never(outcome)
        return self._proof.go(request, proven, path)

    def _again(self, request: Request, proven: Proven) -> Response:
        return self._proof.go(request, proven, saying(request.url.path, UserNotice.PROVE_AGAIN))

    async def _exporting(
        self, request: Request, opened: Opened, *, errors: tuple[FieldError, ...] = ()
    ) -> Response:
        view = ExportPerson(
            csrf=self._signed_in.csrf(request),
            called=called(opened.user),
            here=request.url.path,
            back=opened.back,
            proof=await self._proof.fields(request, opened.person),
            errors=errors,
        )
        return await self._page(request, view, opened, errors)

    async def _erasing(
        self, request: Request, opened: Opened, *, errors: tuple[FieldError, ...] = ()
    ) -> Response:
        found = await self._site.run(open_of, self._site.installation, opened.user)
        view = ErasePerson(
            csrf=self._signed_in.csrf(request),
            called=called(opened.user),
            user_name=opened.user.name,
            typed=_typed(opened),
            here=request.url.path,
            back=opened.back,
            export_path=f"{opened.back}/export-data",
            sessions=found.sessions,
            devices=found.devices,
            proof=await self._proof.fields(request, opened.person),
            errors=errors,
        )
        return await self._page(request, view, opened, errors)

    async def _page(
        self,
        request: Request,
        view: ExportPerson | ErasePerson,
        opened: Opened,
        errors: tuple[FieldError, ...],
    ) -> Response:
        return await self._site.page(
            request,
            view,
            person=opened.person,
            notice=notice_of(request),
            status=422 if errors else 200,
        )


def _typed(opened: Opened) -> str:
    return opened.form.text(FIELD, longest=LONGEST_NAME + 1)


def _is_name(opened: Opened) -> bool:
    return name_key(_typed(opened)) == name_key(opened.user.name)
