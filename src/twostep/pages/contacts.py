"""``/security/contacts``: where codes and notices go, and what a person changes about it.

To look is free; to begin a change, or to remove an address, takes a fresh proof (AC-31). The code
that comes back needs none: without the proof before it there would be no code.
"""

from __future__ import annotations

from typing import assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.contacts import ContactKind
from twostep.core.sent_codes import LONGEST_TYPED as LONGEST_CODE
from twostep.flows import contact_codes, contacts, text_use
from twostep.flows.contact_codes import (
    CodeOver,
    CodeSent,
    CodeWrong,
    Confirmed,
    Confirming,
    Misshapen,
    NothingWaits,
    TooSoon,
    Unchanged,
)
from twostep.flows.contact_reading import (
    LONGEST_TYPED,
    ByCarrier,
    NotUsable,
    Problem,
)
from twostep.flows.contacts import Begun, LastForCodes, NothingThere
from twostep.flows.sessions import Person
from twostep.i18n.contact_notices import ContactNotice
from twostep.i18n.notices import Said, said
from twostep.i18n.sent_code_notices import SentCodeNotice
from twostep.pages.contact_lines import carrier_lines, field_of
from twostep.pages.contact_views import Contacts, Typed
from twostep.web.acts import Act
from twostep.web.errors import bad_request
from twostep.web.forms import Form
from twostep.web.notices import notice_of, saying
from twostep.web.refusals import address_refused
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, browser_of, see_other, visit_of

PATH = "/security/contacts"


class ContactPages:
    """The addresses of somebody who is signed in."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.change, methods=["POST"]),
            Route(f"{PATH}/confirm", self.confirm, methods=["POST"]),
            Route(f"{PATH}/again", self.again, methods=["POST"]),
            Route(f"{PATH}/cancel", self.cancel, methods=["POST"]),
            Route(f"{PATH}/remove", self.remove, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What there is."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        return await self._page(request, person)

    async def change(self, request: Request) -> Response:
        """An address was typed, or a number with its carrier."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        unproven = await self._signed_in.unproven(person, Act.CONTACTS)
        if unproven is not None:
            return unproven
        kind, visit = _kind(form), visit_of(request)
        field, typed = _typed_for(kind, form)
        if field not in form.names or not form.text(field, longest=1):
            error = FieldError(field=field, said=said(ContactNotice.ADDRESS_MISSING))
            return await self._page(request, person, form=form, error=error, status=422)
        begun = await self._site.run(
            contacts.change_own,
            self._site.installation,
            person,
            kind,
            typed,
            language=visit.language,
            browser=browser_of(visit, self._site.session_token(visit)),
            texts=self._site.ways.texts,
        )
        return await self._after_begun(request, person, begun, field, form)

    async def again(self, request: Request) -> Response:
        """Another code was asked for."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        kind, visit = _kind(form), visit_of(request)
        begun = await self._site.run(
            contacts.send_again,
            self._site.installation,
            person,
            kind,
            language=visit.language,
            browser=browser_of(visit, self._site.session_token(visit)),
            texts=self._site.ways.texts,
        )
        return await self._after_begun(request, person, begun, "", form)

    async def confirm(self, request: Request) -> Response:
        """The code of an address that waits was typed."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        kind, visit = _kind(form), visit_of(request)
        field = f"{kind.value}_code"
        ended = await self._site.run(
            contact_codes.confirm_own,
            self._site.installation,
            person,
            kind,
            form.text(field, longest=LONGEST_CODE + 1),
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        wrong = _wrong(ended)
        if wrong is not None:
            error = FieldError(field=field, said=wrong)
            return await self._page(request, person, error=error, status=403)
        confirmed = isinstance(ended, Confirmed)
        notice = ContactNotice.CONFIRMED if confirmed else ContactNotice.NOTHING_WAITS
        return see_other(saying(PATH, notice))

    async def cancel(self, request: Request) -> Response:
        """The address that waits is to be forgotten."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        done = await self._site.run(
            contacts.cancel_own, self._site.installation, person, _kind(form)
        )
        notice = ContactNotice.CANCELLED if done else ContactNotice.NOTHING_WAITS
        return see_other(saying(PATH, notice))

    async def remove(self, request: Request) -> Response:
        """An address is to be used no more."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        unproven = await self._signed_in.unproven(person, Act.CONTACTS)
        if unproven is not None:
            return unproven
        visit = visit_of(request)
        done = await self._site.run(
            contacts.remove_own,
            self._site.installation,
            person,
            _kind(form),
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        if isinstance(done, LastForCodes):
            return see_other(saying(PATH, SentCodeNotice.LAST_ADDRESS))
        return see_other(saying(PATH, ContactNotice.REMOVED) if done else PATH)

    async def _after_begun(
        self, request: Request, person: Person, begun: Begun | NothingThere, field: str, form: Form
    ) -> Response:
        match begun:
            case CodeSent():
                return see_other(saying(PATH, ContactNotice.CODE_SENT))
            case Unchanged():
                return see_other(saying(PATH, ContactNotice.UNCHANGED))
            case NothingThere():
                return see_other(saying(PATH, ContactNotice.NOTHING_WAITS))
            case TooSoon(until=until):
                what, status = said(ContactNotice.TOO_SOON, until=until), 429
            case NotUsable():
                what, status = address_refused(begun), 422
                # Said at the top where its field is not shown.
                others = {Problem.NO_CARRIER: "carrier", Problem.NO_TEXTS: ""}
                field = others.get(begun.problem, field)
            case _:
                assert_never(begun)
        error = FieldError(field=field, said=what)
        return await self._page(request, person, form=form, error=error, status=status)

    async def _page(
        self,
        request: Request,
        person: Person,
        *,
        form: Form | None = None,
        error: FieldError | None = None,
        status: int = 200,
    ) -> Response:
        installation = self._site.installation
        fields = await self._site.run(contacts.profile, installation, person.user)
        unproven = await self._signed_in.unproven(person, Act.CONTACTS)
        takes_numbers = await self._site.run(
            text_use.takes_numbers,
            installation,
            person.user.environment_id,
            ours=self._site.ways.texts,
        )
        view = Contacts(
            takes_numbers=takes_numbers,
            csrf=self._signed_in.csrf(request),
            email=field_of(ContactKind.EMAIL, fields),
            sms_email=field_of(ContactKind.SMS_EMAIL, fields),
            phone=field_of(ContactKind.PHONE, fields),
            carriers=carrier_lines(installation.clock()),
            may_change=unproven is None,
            typed=_typed(form),
            errors=(error,) if error else (),
        )
        notice = None if error else notice_of(request)
        return await self._site.page(request, view, person=person, status=status, notice=notice)


def _kind(form: Form) -> ContactKind:
    """Raises StopRequest for a kind that no form of ours sends."""
    text = form.text("kind", longest=20)
    if text not in set(ContactKind):
        raise bad_request()
    return ContactKind(text)


def _typed_for(kind: ContactKind, form: Form) -> tuple[str, str | ByCarrier]:
    """The field in which it was typed, and what."""
    if kind is ContactKind.SMS_EMAIL and "carrier" in form.names:
        number = form.text("number", longest=LONGEST_TYPED)
        return "number", ByCarrier(number=number, carrier=form.text("carrier", longest=40))
    return kind.value, form.text(kind.value, longest=LONGEST_TYPED + 1)


def _typed(form: Form | None) -> Typed:
    if form is None:
        return Typed()
    return Typed(
        email=form.text("email", longest=LONGEST_TYPED),
        sms_email=form.text("sms_email", longest=LONGEST_TYPED),
        number=form.text("number", longest=LONGEST_TYPED),
        phone=form.text("phone", longest=LONGEST_TYPED),
        carrier=form.text("carrier", longest=40),
    )


def _wrong(ended: Confirming) -> Said | None:
    """What is said beside the code's field; None where there is no such field any more."""
    match ended:
        case Misshapen():
            return said(ContactNotice.CODE_MISSHAPEN)
        case CodeWrong(tries_left=0) | CodeOver():
            return said(ContactNotice.CODE_OVER)
        case CodeWrong(tries_left=left):
            return said(ContactNotice.CODE_WRONG, tries=left)
        case Confirmed() | NothingWaits():
            return None
        case _:
            assert_never(ended)
