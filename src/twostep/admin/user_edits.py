"""**Edit**: what a user is called, and the addresses that an administrator enters for them.

``/admin/users/<id>/edit``, ``/addresses/<kind>`` and ``/addresses/<kind>/remove``.
"""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, Doors, Opened, after_all, called
from twostep.admin.user_page_lines import address_lines
from twostep.admin.user_views import EditAddress, EditUser
from twostep.core.contacts import ContactKind
from twostep.core.permissions import Permission
from twostep.core.users import NotAName, checked_full_name, checked_name, without_controls
from twostep.flows import user_edits
from twostep.flows.administration import MayNot
from twostep.flows.contact_codes import Unchanged
from twostep.flows.contact_entries import EnteredForUser, Overtaken
from twostep.flows.contact_reading import NotUsable
from twostep.flows.contacts import profile
from twostep.flows.user_edits import AddressGone, AsBefore, Edited, NoAddressThere
from twostep.flows.users import UserNameTaken
from twostep.i18n.contact_notices import ContactNotice
from twostep.i18n.notices import AnyNotice, Notice, said
from twostep.i18n.user_notices import UserNotice
from twostep.web.errors import not_found
from twostep.web.forms import Form
from twostep.web.notices import notice_of, saying
from twostep.web.proof_fields import ProofInDialog, Proven, asks_for_code
from twostep.web.refusals import address_refused
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, visit_of

EDIT_PATH: Final = f"{USERS_PATH}/{{id}}/edit"
ADDRESS_PATH: Final = f"{USERS_PATH}/{{id}}/addresses/{{kind}}"
REMOVE_PATH: Final = f"{ADDRESS_PATH}/remove"

NEEDED: Final = Permission.MANAGE_USERS

LONGEST_TYPED: Final = 400
"""More than any name or address has."""


class UserEditPages:
    """The dialogs of one environment."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._doors = Doors(site, signed_in)
        self._proof = ProofInDialog(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(EDIT_PATH, self.show, methods=["GET"]),
            Route(EDIT_PATH, self.edit, methods=["POST"]),
            Route(ADDRESS_PATH, self.show_address, methods=["GET"]),
            Route(ADDRESS_PATH, self.enter, methods=["POST"]),
            Route(REMOVE_PATH, self.show_removal, methods=["GET"]),
            Route(REMOVE_PATH, self.remove, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The names as they are."""
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._names(request, opened)

    async def edit(self, request: Request) -> Response:
        """**Save** of the names."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        wrong = () if asks_for_code(opened.form) else _wrong_names(opened.form)
        if wrong:
            return await self._names(request, opened, errors=wrong)
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._names(request, opened, errors=taken)
        outcome = await self._site.run(
            user_edits.edit,
            self._site.installation,
            taken.person,
            opened.user.id,
            name=_text(opened.form, "user_name"),
            full_name=_text(opened.form, "full_name"),
            browser=self._proof.browser(request, taken),
        )
        match outcome:
            case Edited():
                return self._done(request, opened, taken, UserNotice.EDITED)
            case AsBefore():
                return self._done(request, opened, taken, UserNotice.AS_BEFORE)
            case UserNameTaken():
                error = _error("user_name", Notice.USER_NAME_TAKEN)
                return await self._names(request, opened, proven=taken, errors=(error,))
            case MayNot():
                return self._refused(request, taken, outcome)
            case _:
                assert_never(outcome)

    async def show_address(self, request: Request) -> Response:
        """The field for a new address."""
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._address(request, opened)

    async def enter(self, request: Request) -> Response:
        """**Save** of an address."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        typed = _text(opened.form, "address").strip()
        if not typed and not asks_for_code(opened.form):
            error = _error("address", ContactNotice.ADDRESS_MISSING)
            return await self._address(request, opened, errors=(error,))
        kind = _kind(request)
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._address(request, opened, errors=taken)
        outcome = await self._site.run(
            user_edits.enter_address,
            self._site.installation,
            taken.person,
            opened.user.id,
            kind,
            typed,
            language=visit_of(request).language,
            browser=self._proof.browser(request, taken),
        )
        match outcome:
            case EnteredForUser():
                return self._done(request, opened, taken, UserNotice.ADDRESS_ENTERED)
            case Unchanged():
                return self._done(request, opened, taken, UserNotice.ADDRESS_AS_BEFORE)
            case Overtaken():
                return self._done(request, opened, taken, UserNotice.ADDRESS_OVERTAKEN)
            case NotUsable():
                error = FieldError(field="address", said=address_refused(outcome))
                return await self._address(request, opened, proven=taken, errors=(error,))
            case MayNot():
                return self._refused(request, taken, outcome)
            case _:
                assert_never(outcome)

    async def show_removal(self, request: Request) -> Response:
        """What the removal does."""
        opened = await self._doors.shown(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        return await self._address(request, opened, removing=True)

    async def remove(self, request: Request) -> Response:
        """**Remove address**."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        kind = _kind(request)
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._address(request, opened, removing=True, errors=taken)
        outcome = await self._site.run(
            user_edits.remove_address,
            self._site.installation,
            taken.person,
            opened.user.id,
            kind,
            browser=self._proof.browser(request, taken),
        )
        match outcome:
            case AddressGone():
                return self._done(request, opened, taken, UserNotice.ADDRESS_REMOVED)
            case NoAddressThere():
                return self._done(request, opened, taken, UserNotice.NO_ADDRESS)
            case Overtaken():
                return self._done(request, opened, taken, UserNotice.ADDRESS_OVERTAKEN)
            case MayNot():
                return self._refused(request, taken, outcome)
            case _:
                assert_never(outcome)

    def _done(
        self, request: Request, opened: Opened, proven: Proven, notice: UserNotice
    ) -> Response:
        return self._proof.go(request, proven, saying(opened.back, notice))

    def _refused(self, request: Request, proven: Proven, why: MayNot) -> Response:
        again = saying(request.url.path, UserNotice.PROVE_AGAIN)
        return after_all(why, self._proof.go(request, proven, again))

    async def _names(
        self,
        request: Request,
        opened: Opened,
        *,
        proven: Proven | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> Response:
        shown, form, user = proven or Proven(person=opened.person), opened.form, opened.user
        fields = await self._site.run(profile, self._site.installation, user)
        sent = "user_name" in form.names
        view = EditUser(
            csrf=self._proof.csrf(request, shown),
            here=request.url.path,
            back=opened.back,
            called=called(user),
            user_name=without_controls(_text(form, "user_name")) if sent else user.name,
            full_name=without_controls(_text(form, "full_name")) if sent else user.full_name,
            addresses=address_lines(fields, opened.back),
            proof=await self._proof.fields(request, shown.person),
            errors=errors,
        )
        return await self._site.page(
            request,
            view,
            person=shown.person,
            minted=shown.minted,
            notice=notice_of(request),
            status=422 if errors else 200,
        )

    async def _address(
        self,
        request: Request,
        opened: Opened,
        *,
        removing: bool = False,
        proven: Proven | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> Response:
        shown, kind = proven or Proven(person=opened.person), _kind(request)
        fields = await self._site.run(profile, self._site.installation, opened.user)
        counts = fields[kind].counts
        if removing and counts is None:
            return self._done(request, opened, shown, UserNotice.NO_ADDRESS)
        view = EditAddress(
            csrf=self._proof.csrf(request, shown),
            here=request.url.path,
            back=opened.back,
            called=called(opened.user),
            kind=kind,
            masked=counts.masked if counts else "",
            removing=removing,
            typed=without_controls(_text(opened.form, "address")),
            proof=await self._proof.fields(request, shown.person),
            errors=errors,
        )
        return await self._site.page(
            request,
            view,
            person=shown.person,
            minted=shown.minted,
            notice=notice_of(request),
            status=422 if errors else 200,
        )


def _wrong_names(form: Form) -> tuple[FieldError, ...]:
    found = []
    try:
        checked_full_name(_text(form, "full_name"))
    except NotAName:
        found.append(_error("full_name", UserNotice.FULL_NAME_INVALID))
    try:
        checked_name(_text(form, "user_name"))
    except NotAName:
        missing = not _text(form, "user_name").strip()
        notice = Notice.FIELD_MISSING if missing else Notice.USER_NAME_INVALID
        found.append(_error("user_name", notice))
    return tuple(found)


def _text(form: Form, name: str) -> str:
    return form.text(name, longest=LONGEST_TYPED)


def _error(field: str, notice: AnyNotice) -> FieldError:
    return FieldError(field=field, said=said(notice))


def _kind(request: Request) -> ContactKind:
    """Raises StopRequest (404) for a kind that there is not."""
    text = request.path_params["kind"]
    if text not in set(ContactKind):
        raise not_found()
    return ContactKind(text)
