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

from twostep.admin.acting import USERS_PATH, Doors, Opened, after_all, called
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
from twostep.web.notices import notice_of, saying
from twostep.web.proof_fields import ProofInDialog, Proven, asks_for_code
from twostep.web.rendering import FieldError, View
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, visit_of

PATH: Final = f"{USERS_PATH}/{{id}}/check-caller"
READ_BACK_PATH: Final = f"{PATH}/read-back"


class CallerCheckPages:
    """The dialog: first where the code is to go, then what the caller reads."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._doors = Doors(site, signed_in)
        self._proof = ProofInDialog(site, signed_in)

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
        opened = await self._doors.shown(request, await self._needed(request))
        return opened if isinstance(opened, Response) else await self._ask(request, opened)

    async def send(self, request: Request) -> Response:
        """**Send code**."""
        opened = await self._doors.sent(request, await self._needed(request))
        if isinstance(opened, Response):
            return opened
        kind = _kind(opened.form)
        if kind is None and not asks_for_code(opened.form):
            return await self._ask(request, opened, errors=(_no_address(),))
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven) or kind is None:
            errors = () if isinstance(taken, Proven) else taken
            return await self._ask(request, opened, errors=errors)
        outcome = await self._site.run(
            caller_checks.send,
            self._site.installation,
            taken.person,
            opened.user.id,
            kind,
            browser=self._proof.browser(request, taken),
        )
        match outcome:
            case CodeSent():
                path = saying(f"{_path(opened)}/read-back", UserNotice.CALLER_CODE_SENT)
                return self._proof.go(request, taken, path)
            case NoAddress():
                error = _no_address()
            case EnoughForNow(until=until):
                what = said(UserNotice.CALLER_ENOUGH, until=until)
                error = FieldError(field="address", said=what)
            case MayNot():
                return self._refused(request, taken, outcome)
            case _:
                assert_never(outcome)
        return await self._ask(request, opened, proven=taken, errors=(error,))

    async def show_sent(self, request: Request) -> Response:
        """What the caller reads."""
        opened = await self._doors.shown(request, await self._needed(request))
        return opened if isinstance(opened, Response) else await self._listen(request, opened)

    async def read_back(self, request: Request) -> Response:
        """**Compare**."""
        opened = await self._doors.sent(request, await self._needed(request))
        if isinstance(opened, Response):
            return opened
        typed = opened.form.text("read_back", longest=LONGEST_TYPED + 1)
        if not typed.strip() and not asks_for_code(opened.form):
            error = FieldError(field="read_back", said=said(UserNotice.READ_BACK_MISSING))
            return await self._listen(request, opened, errors=(error,))
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._listen(request, opened, errors=taken)
        outcome = await self._site.run(
            caller_checks.read_back,
            self._site.installation,
            taken.person,
            opened.user.id,
            typed,
            browser=self._proof.browser(request, taken),
        )
        match outcome:
            case CallerChecked():
                path = saying(opened.back, UserNotice.CALLER_CHECKED)
                return self._proof.go(request, taken, path)
            case MayNot():
                return self._refused(request, taken, outcome)
            case CheckOver() | ReadBackWrong(tries_left=0):
                return self._proof.go(request, taken, saying(_path(opened), UserNotice.CHECK_OVER))
            case Misshapen() | ReadBackWrong():
                error = FieldError(field="read_back", said=_wrong(outcome))
                return await self._listen(request, opened, proven=taken, errors=(error,))
            case _:
                assert_never(outcome)

    async def _needed(self, request: Request) -> Permission:
        """Any of several will do: the one that this person holds."""
        found = await self._site.person(request)
        person = found if isinstance(found, Person) else None
        held = await self._site.permissions(visit_of(request).environment, person)
        return permission_to_check(held)

    def _refused(self, request: Request, proven: Proven, why: MayNot) -> Response:
        again = saying(request.url.path, UserNotice.PROVE_AGAIN)
        return after_all(why, self._proof.go(request, proven, again))

    async def _ask(
        self,
        request: Request,
        opened: Opened,
        *,
        proven: Proven | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> Response:
        shown = proven or Proven(person=opened.person)
        fields = await self._site.run(profile, self._site.installation, opened.user)
        view = CheckCaller(
            csrf=self._proof.csrf(request, shown),
            here=request.url.path,
            back=opened.back,
            called=called(opened.user),
            choices=_choices(fields, _kind(opened.form)),
            proof=await self._proof.fields(request, shown.person),
            errors=errors,
        )
        return await self._page(request, view, shown, errors)

    async def _listen(
        self,
        request: Request,
        opened: Opened,
        *,
        proven: Proven | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> Response:
        shown = proven or Proven(person=opened.person)
        found = await self._site.run(
            underway, self._site.installation, shown.person, opened.user.id
        )
        if found is None:
            return self._proof.go(request, shown, saying(_path(opened), UserNotice.CHECK_OVER))
        view = ReadBackCode(
            csrf=self._proof.csrf(request, shown),
            here=request.url.path,
            back=opened.back,
            again=_path(opened),
            called=called(opened.user),
            sent_to=found.masked,
            sent_at=found.sent_at,
            until=found.until,
            proof=await self._proof.fields(request, shown.person),
            errors=errors,
        )
        return await self._page(request, view, shown, errors)

    async def _page(
        self, request: Request, view: View, shown: Proven, errors: tuple[FieldError, ...]
    ) -> Response:
        return await self._site.page(
            request,
            view,
            person=shown.person,
            minted=shown.minted,
            notice=notice_of(request),
            status=422 if errors else 200,
        )


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


def _no_address() -> FieldError:
    return FieldError(field="address", said=said(UserNotice.CALLER_NO_ADDRESS))


def _wrong(outcome: Misshapen | ReadBackWrong) -> Said:
    if isinstance(outcome, ReadBackWrong):
        return said(UserNotice.READ_BACK_WRONG, tries=outcome.tries_left)
    return said(UserNotice.READ_BACK_MISSHAPEN)
