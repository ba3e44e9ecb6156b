"""**Export data** and **Erase**: what one person may ask of whoever keeps their data (AC-83)."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH
from twostep.admin.dialogs import Dialogs, Opened
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
from twostep.web.notices import saying
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
        self._dialogs = Dialogs(site, signed_in)

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
        return await self._dialogs.show(request, NEEDED, self._exporting)

    async def export(self, request: Request) -> Response:
        """**Export data**: the answer is the file."""
        return await self._dialogs.send(request, NEEDED, self._exporting, self._export)

    async def _export(self, opened: Opened) -> Response:
        if opened.proven.minted is not None:
            # A file cannot hand the new session over as well: the dialog comes again, and asks for
            # nothing but the click.
            return self._dialogs.go(opened, opened.here)
        outcome = await self._site.run(
            person_data.export,
            self._site.installation,
            opened.person,
            opened.user.id,
            browser=self._dialogs.browser(opened),
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
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def show_erase(self, request: Request) -> Response:
        """What goes for ever."""
        return await self._dialogs.show(request, NEEDED, self._erasing)

    async def erase(self, request: Request) -> Response:
        """**Erase for ever**, or a button of the proof's fields."""
        return await self._dialogs.send(
            request, NEEDED, self._erasing, self._erase, check=_wrong_name
        )

    async def _erase(self, opened: Opened) -> Response:
        outcome = await self._site.run(
            erasures.erase,
            self._site.installation,
            opened.person,
            opened.user.id,
            typed=_typed(opened),
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case Erased():
                return self._dialogs.go(opened, saying(USERS_PATH, PersonNotice.ERASED))
            case LastManager():
                return self._dialogs.done(opened, PersonNotice.LAST_MANAGER)
            case NotTheName():
                return self._dialogs.go(opened, opened.here)
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def _exporting(self, opened: Opened) -> Response:
        view = ExportPerson(**await self._dialogs.parts(opened))
        return await self._dialogs.page(opened, view)

    async def _erasing(self, opened: Opened) -> Response:
        found = await self._site.run(open_of, self._site.installation, opened.user)
        view = ErasePerson(
            **await self._dialogs.parts(opened),
            user_name=opened.user.name,
            typed=_typed(opened),
            export_path=f"{opened.back}/export-data",
            sessions=found.sessions,
            devices=found.devices,
        )
        return await self._dialogs.page(opened, view)


def _typed(opened: Opened) -> str:
    return opened.form.text(FIELD, longest=LONGEST_NAME + 1)


def _wrong_name(opened: Opened) -> tuple[FieldError, ...]:
    return () if name_key(_typed(opened)) == name_key(opened.user.name) else (_DIFFERS,)
