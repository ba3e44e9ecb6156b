"""``/admin/users/<id>/check-caller``: **Check caller**, before anything is changed (B-4).

A code goes to an address of the user; whoever is on the telephone reads it out. Any permission by
which one helps on the telephone opens it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH
from twostep.admin.dialogs import Dialogs, Opened
from twostep.admin.user_views import AddressChoice, CheckCaller, ReadBackCode
from twostep.core.contacts import ContactKind
from twostep.core.permissions import Permission
from twostep.core.sent_codes import LONGEST_TYPED
from twostep.flows import caller_checks
from twostep.flows.administration import MayNot
from twostep.flows.caller_checks import (
    CallerChecked,
    CheckOver,
    CodeSent,
    EnoughForNow,
    Misshapen,
    NoAddress,
    ReadBackWrong,
    permission_to_check,
    underway,
)
from twostep.flows.contacts import Field, profile
from twostep.flows.sessions import Person
from twostep.i18n.notices import Said, said
from twostep.i18n.user_notices import UserNotice
from twostep.web.forms import Form
from twostep.web.notices import saying
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, visit_of

PATH: Final = f"{USERS_PATH}/{{id}}/check-caller"
READ_BACK_PATH: Final = f"{PATH}/read-back"

_NO_ADDRESS: Final = FieldError(field="address", said=said(UserNotice.CALLER_NO_ADDRESS))


class CallerCheckPages:
    """The dialog: first where the code is to go, then what the caller reads."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._dialogs = Dialogs(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.send, methods=["POST"]),
            Route(READ_BACK_PATH, self.show_sent, methods=["GET"]),
            Route(READ_BACK_PATH, self.read_back, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Where the code is to go."""
        return await self._dialogs.show(request, await self._needed(request), self._ask)

    async def send(self, request: Request) -> Response:
        """**Send code**."""
        needed = await self._needed(request)
        return await self._dialogs.send(
            request, needed, self._ask, self._send, check=_address_missing
        )

    async def _send(self, opened: Opened) -> Response:
        kind = _kind(opened.form)
        if kind is None:
            return await self._ask(opened)
        outcome = await self._site.run(
            caller_checks.send,
            self._site.installation,
            opened.person,
            opened.user.id,
            kind,
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case CodeSent():
                path = saying(f"{_path(opened)}/read-back", UserNotice.CALLER_CODE_SENT)
                return self._dialogs.go(opened, path)
            case NoAddress():
                return await self._ask(opened.wrong(_NO_ADDRESS))
            case EnoughForNow(until=until):
                what = said(UserNotice.CALLER_ENOUGH, until=until)
                return await self._ask(opened.wrong(FieldError(field="address", said=what)))
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def show_sent(self, request: Request) -> Response:
        """What the caller reads."""
        return await self._dialogs.show(request, await self._needed(request), self._listen)

    async def read_back(self, request: Request) -> Response:
        """**Compare**."""
        needed = await self._needed(request)
        return await self._dialogs.send(
            request, needed, self._listen, self._compare, check=_code_missing
        )

    async def _compare(self, opened: Opened) -> Response:
        outcome = await self._site.run(
            caller_checks.read_back,
            self._site.installation,
            opened.person,
            opened.user.id,
            _typed(opened),
            browser=self._dialogs.browser(opened),
        )
        match outcome:
            case CallerChecked():
                return self._dialogs.done(opened, UserNotice.CALLER_CHECKED)
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case CheckOver() | ReadBackWrong(tries_left=0):
                return self._over(opened)
            case Misshapen() | ReadBackWrong():
                error = FieldError(field="read_back", said=_wrong(outcome))
                return await self._listen(opened.wrong(error))
            case _:
                assert_never(outcome)

    async def _needed(self, request: Request) -> Permission:
        """Any of several will do: the one that this person holds."""
        found = await self._site.person(request)
        person = found if isinstance(found, Person) else None
        held = await self._site.permissions(visit_of(request).environment, person)
        return permission_to_check(held)

    def _over(self, opened: Opened) -> Response:
        return self._dialogs.go(opened, saying(_path(opened), UserNotice.CHECK_OVER))

    async def _ask(self, opened: Opened) -> Response:
        fields = await self._site.run(profile, self._site.installation, opened.user)
        choices = _choices(fields, _kind(opened.form))
        view = CheckCaller(**await self._dialogs.parts(opened), choices=choices)
        return await self._dialogs.page(opened, view)

    async def _listen(self, opened: Opened) -> Response:
        found = await self._site.run(
            underway, self._site.installation, opened.person, opened.user.id
        )
        if found is None:
            return self._over(opened)
        view = ReadBackCode(
            **await self._dialogs.parts(opened),
            again=_path(opened),
            sent_to=found.masked,
            sent_at=found.sent_at,
            until=found.until,
        )
        return await self._dialogs.page(opened, view)


def _path(opened: Opened) -> str:
    return f"{opened.back}/check-caller"


def _choices(
    fields: Mapping[ContactKind, Field], chosen: ContactKind | None
) -> tuple[AddressChoice, ...]:
    """The addresses that count; the first one is chosen where nothing else was."""
    there = [(kind, field.counts) for kind, field in fields.items() if field.counts is not None]
    first = chosen or next((kind for kind, _ in there), None)
    return tuple(
        AddressChoice(
            kind=kind,
            masked=counts.masked,
            state=counts.state,
            changed_at=counts.changed_at,
            chosen=kind is first,
        )
        for kind, counts in there
    )


def _kind(form: Form) -> ContactKind | None:
    text = form.text("address", longest=20)
    return ContactKind(text) if text in set(ContactKind) else None


def _address_missing(opened: Opened) -> tuple[FieldError, ...]:
    return () if _kind(opened.form) else (_NO_ADDRESS,)


def _typed(opened: Opened) -> str:
    return opened.form.text("read_back", longest=LONGEST_TYPED + 1)


def _code_missing(opened: Opened) -> tuple[FieldError, ...]:
    missing = FieldError(field="read_back", said=said(UserNotice.READ_BACK_MISSING))
    return () if _typed(opened).strip() else (missing,)


def _wrong(outcome: Misshapen | ReadBackWrong) -> Said:
    if isinstance(outcome, ReadBackWrong):
        return said(UserNotice.READ_BACK_WRONG, tries=outcome.tries_left)
    return said(UserNotice.READ_BACK_MISSHAPEN)
