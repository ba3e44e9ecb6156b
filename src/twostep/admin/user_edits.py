"""**Edit**: what a user is called, and the addresses that an administrator enters for them.

``/admin/users/<id>/edit``, ``/addresses/<kind>`` and ``/addresses/<kind>/remove``.
"""

from __future__ import annotations

from functools import partial
from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH
from twostep.admin.dialogs import Dialogs, Opened
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
from twostep.flows.user_edits import (
    AddressGone,
    AsBefore,
    Edited,
    Names,
    NamesOvertaken,
    NoAddressThere,
)
from twostep.flows.users import UserNameTaken
from twostep.i18n.contact_notices import ContactNotice
from twostep.i18n.notices import AnyNotice, Notice, said
from twostep.i18n.user_notices import UserNotice
from twostep.web.errors import not_found
from twostep.web.forms import Form
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
        self._dialogs = Dialogs(site, signed_in)

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
        return await self._dialogs.show(request, NEEDED, self._names)

    async def edit(self, request: Request) -> Response:
        """**Save** of the names."""
        return await self._dialogs.send(
            request, NEEDED, self._names, self._edit, check=_wrong_names
        )

    async def _edit(self, opened: Opened) -> Response:
        outcome = await self._site.run(
            user_edits.edit,
            self._site.installation,
            opened.person,
            opened.user.id,
            name=_text(opened.form, "user_name"),
            full_name=_text(opened.form, "full_name"),
            browser=self._dialogs.browser(opened),
            shown=_shown(opened.form),
        )
        match outcome:
            case Edited():
                return self._dialogs.done(opened, UserNotice.EDITED)
            case AsBefore():
                return self._dialogs.done(opened, UserNotice.AS_BEFORE)
            case NamesOvertaken():
                errors = _overtaken(opened.form, outcome.now)
                return await self._names(opened.wrong(*errors), shown=outcome.now)
            case UserNameTaken():
                error = _error("user_name", Notice.USER_NAME_TAKEN)
                return await self._names(opened.wrong(error))
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def show_address(self, request: Request) -> Response:
        """The field for a new address."""
        return await self._dialogs.show(request, NEEDED, self._address)

    async def enter(self, request: Request) -> Response:
        """**Save** of an address."""
        return await self._dialogs.send(
            request, NEEDED, self._address, self._enter, check=_wrong_address
        )

    async def _enter(self, opened: Opened) -> Response:
        outcome = await self._site.run(
            user_edits.enter_address,
            self._site.installation,
            opened.person,
            opened.user.id,
            _kind(opened),
            _text(opened.form, "address").strip(),
            language=visit_of(opened.request).language,
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case EnteredForUser():
                return self._dialogs.done(opened, UserNotice.ADDRESS_ENTERED)
            case Unchanged():
                return self._dialogs.done(opened, UserNotice.ADDRESS_AS_BEFORE)
            case Overtaken():
                return self._dialogs.done(opened, UserNotice.ADDRESS_OVERTAKEN)
            case NotUsable():
                error = FieldError(field="address", said=address_refused(outcome))
                return await self._address(opened.wrong(error))
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def show_removal(self, request: Request) -> Response:
        """What the removal does."""
        return await self._dialogs.show(request, NEEDED, partial(self._address, removing=True))

    async def remove(self, request: Request) -> Response:
        """**Remove address**."""
        page = partial(self._address, removing=True)
        return await self._dialogs.send(request, NEEDED, page, self._remove, check=_demand_kind)

    async def _remove(self, opened: Opened) -> Response:
        outcome = await self._site.run(
            user_edits.remove_address,
            self._site.installation,
            opened.person,
            opened.user.id,
            _kind(opened),
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case AddressGone():
                return self._dialogs.done(opened, UserNotice.ADDRESS_REMOVED)
            case NoAddressThere():
                return self._dialogs.done(opened, UserNotice.NO_ADDRESS)
            case Overtaken():
                return self._dialogs.done(opened, UserNotice.ADDRESS_OVERTAKEN)
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def _names(self, opened: Opened, *, shown: Names | None = None) -> Response:
        form, user = opened.form, opened.user
        stored = Names(name=user.name, full_name=user.full_name)
        fields = await self._site.run(profile, self._site.installation, user)
        sent = "user_name" in form.names
        view = EditUser(
            **await self._dialogs.parts(opened),
            user_name=without_controls(_text(form, "user_name")) if sent else user.name,
            full_name=without_controls(_text(form, "full_name")) if sent else user.full_name,
            shown=shown or _shown(form) or stored,
            addresses=address_lines(fields, opened.back),
        )
        return await self._dialogs.page(opened, view)

    async def _address(self, opened: Opened, *, removing: bool = False) -> Response:
        kind = _kind(opened)
        fields = await self._site.run(profile, self._site.installation, opened.user)
        counts = fields[kind].counts
        if removing and counts is None:
            return self._dialogs.done(opened, UserNotice.NO_ADDRESS)
        view = EditAddress(
            **await self._dialogs.parts(opened),
            kind=kind,
            masked=counts.masked if counts else "",
            removing=removing,
            typed=without_controls(_text(opened.form, "address")),
        )
        return await self._dialogs.page(opened, view)


def _wrong_names(opened: Opened) -> tuple[FieldError, ...]:
    form, found = opened.form, []
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


def _shown(form: Form) -> Names | None:
    """The names as the dialog showed them when it was opened."""
    if "user_name_shown" not in form.names:
        return None
    return Names(
        name=_text(form, "user_name_shown"),
        full_name=_text(form, "full_name_shown"),
    )


def _overtaken(form: Form, now: Names) -> tuple[FieldError, ...]:
    """What somebody else wrote meanwhile, beside what was typed."""
    return tuple(
        FieldError(field=field, said=said(_meanwhile(stored), name=stored))
        for field, stored in (("full_name", now.full_name), ("user_name", now.name))
        if stored not in (_text(form, field).strip(), _text(form, f"{field}_shown"))
    )


def _meanwhile(stored: str) -> UserNotice:
    return UserNotice.NAME_OVERTAKEN if stored else UserNotice.NAME_EMPTIED


def _text(form: Form, name: str) -> str:
    return form.text(name, longest=LONGEST_TYPED)


def _error(field: str, notice: AnyNotice) -> FieldError:
    return FieldError(field=field, said=said(notice))


def _kind(opened: Opened) -> ContactKind:
    """Raises StopRequest (404) for a kind that there is not."""
    text = opened.request.path_params["kind"]
    if text not in set(ContactKind):
        raise not_found()
    return ContactKind(text)


def _demand_kind(opened: Opened) -> tuple[FieldError, ...]:
    """Raises StopRequest (404), before any proof is compared."""
    _kind(opened)
    return ()


def _wrong_address(opened: Opened) -> tuple[FieldError, ...]:
    _kind(opened)
    missing = _error("address", ContactNotice.ADDRESS_MISSING)
    return () if _text(opened.form, "address").strip() else (missing,)
