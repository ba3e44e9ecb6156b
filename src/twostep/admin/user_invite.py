"""``/admin/users/invite``: a new user, who chooses a password by a link."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH
from twostep.admin.arrival_views import InviteUser
from twostep.admin.arriving import ArrivalDoor
from twostep.admin.dialogs import Dialogs, Standing
from twostep.core.messages import HOUR
from twostep.core.users import LONGEST_FULL_NAME, LONGEST_NAME, without_controls
from twostep.flows.administration import MayNot
from twostep.flows.contact_reading import LONGEST_TYPED, NotUsable
from twostep.flows.invitations import FullNameUnusable, Invited, NameUnusable, invite
from twostep.flows.user_links import LASTS, LinkPurpose
from twostep.flows.users import UserNameTaken
from twostep.i18n.arrival_notices import ArrivalNotice
from twostep.i18n.notices import AnyNotice, Notice, said
from twostep.web.forms import Form
from twostep.web.notices import saying
from twostep.web.proof_fields import Proven
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, visit_of

PATH: Final = f"{USERS_PATH}/invite"


class InvitePages:
    """The dialog."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._door = ArrivalDoor(site, signed_in)
        self._dialogs = Dialogs(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.invite, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """The empty form."""
        person = await self._door.shown(request)
        if isinstance(person, Response):
            return person
        standing = Standing(request=request, proven=Proven(person=person), form=Form({}))
        return await self._page(standing)

    async def invite(self, request: Request) -> Response:
        """**Send the invitation**, or a button of the proof's fields."""
        person, form = await self._door.sent(request)
        if isinstance(person, Response):
            return person
        standing = Standing(request=request, proven=Proven(person=person), form=form)
        return await self._dialogs.prove(standing, self._page, self._invite, errors=_missing(form))

    async def _invite(self, standing: Standing) -> Response:
        visit, form = visit_of(standing.request), standing.form
        outcome = await self._site.run(
            invite,
            self._site.installation,
            visit.environment,
            standing.person,
            name=form.text("user_name", longest=LONGEST_NAME + 1),
            full_name=form.text("full_name", longest=LONGEST_FULL_NAME + 1),
            email=form.text("email", longest=LONGEST_TYPED),
            language=visit.language,
            browser=self._dialogs.browser(standing),
        )
        match outcome:
            case Invited(user_id=user_id):
                path = saying(f"{USERS_PATH}/{user_id.hex()}", ArrivalNotice.INVITED)
                return self._dialogs.go(standing, path)
            case UserNameTaken():
                error = _error("user_name", Notice.USER_NAME_TAKEN)
            case NameUnusable():
                error = _error("user_name", Notice.USER_NAME_INVALID)
            case FullNameUnusable():
                error = _error("full_name", ArrivalNotice.FULL_NAME_UNUSABLE)
            case NotUsable():
                error = _error("email", ArrivalNotice.ADDRESS_UNUSABLE)
            case MayNot():
                return self._dialogs.refused(standing, outcome)
            case _:
                assert_never(outcome)
        return await self._page(standing.wrong(error))

    async def _page(self, standing: Standing) -> Response:
        def typed(name: str, longest: int) -> str:
            return without_controls(standing.form.text(name, longest=longest))

        view = InviteUser(
            **await self._dialogs.form_parts(standing),
            link_lasts=LASTS[LinkPurpose.INVITATION] // HOUR,
            user_name=typed("user_name", LONGEST_NAME),
            full_name=typed("full_name", LONGEST_FULL_NAME),
            email=typed("email", LONGEST_TYPED),
        )
        return await self._dialogs.page(standing, view)


def _missing(form: Form) -> tuple[FieldError, ...]:
    found = []
    if not form.text("user_name", longest=LONGEST_NAME).strip():
        found.append(_error("user_name", ArrivalNotice.NAME_MISSING))
    if not form.text("email", longest=LONGEST_TYPED).strip():
        found.append(_error("email", ArrivalNotice.ADDRESS_MISSING))
    return tuple(found)


def _error(field: str, notice: AnyNotice) -> FieldError:
    return FieldError(field=field, said=said(notice))
