"""``/admin/messages``: what became of each code and notice, for whoever helps (CS-7).

The page is looked at again and again while one waits for a message, by itself where there is a
script. Such looks are no use of the session: whoever has gone away is signed out in time.
"""

from __future__ import annotations

from typing import assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import id_of
from twostep.admin.holders import HolderDoor
from twostep.admin.message_forms import PATH, Asked, read
from twostep.admin.message_page import form_of, list_of, shown_of
from twostep.admin.message_views import TrialForm
from twostep.core.contacts import ContactKind
from twostep.core.permissions import Permission
from twostep.core.users import LONGEST_NAME, without_controls
from twostep.flows import message_lists, try_messages
from twostep.flows.message_lists import Whose
from twostep.flows.sessions import Person
from twostep.flows.try_messages import EnoughForNow, MayNot, NoAddress, NoSuchUser, Queued
from twostep.i18n.matters import Matter
from twostep.i18n.message_notices import MessageNotice
from twostep.i18n.notices import said
from twostep.web.errors import StopRequest, bad_request, not_found
from twostep.web.forms import Form
from twostep.web.notices import notice_of, saying
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, browser_of, see_other, visit_of

TEST_PATH = f"{PATH}/send-test"

LONGEST_TYPED = 400
"""More than any name or address has."""


class MessagePages:
    """The messages of one environment."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._door = HolderDoor(site, signed_in, Permission.MESSAGES)

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.find, methods=["POST"]),
            Route(TEST_PATH, self.send_test, methods=["POST"]),
            Route(f"{PATH}/{{id}}", self.show_one, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The list that the address asks for."""
        person = await self._door.shown(request, watches=True)
        if isinstance(person, Response):
            return person
        return await self._list(request, person, read(request.query_params))

    async def find(self, request: Request) -> Response:
        """The form above the list was sent: on to the address that asks for the same."""
        person, form = await self._door.sent(request)
        if isinstance(person, Response):
            return person
        asked = read({name: form.text(name, longest=LONGEST_TYPED) for name in form.names})
        typed = form.text("who", longest=LONGEST_TYPED).strip()
        if not typed:
            return see_other(_found(asked, Whose()).path())
        whose = await self._site.run(
            message_lists.find, self._site.installation, person.user.environment_id, typed
        )
        if whose is None:
            error = FieldError(field="who", said=said(MessageNotice.NOBODY_FOUND))
            return await self._list(
                request, person, asked, who=without_controls(typed), errors=(error,), status=422
            )
        return see_other(_found(asked, whose).path())

    async def show_one(self, request: Request) -> Response:
        """One message."""
        person = await self._door.shown(request, watches=True)
        if isinstance(person, Response):
            return person
        message = await self._site.run(
            message_lists.one,
            self._site.installation,
            person.user.environment_id,
            id_of(request.path_params["id"]),
        )
        if message is None:
            raise not_found()
        view = shown_of(message, csrf=self._signed_in.csrf(request))
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    async def send_test(self, request: Request) -> Response:
        """**Send test message** was pressed."""
        person, form = await self._door.sent(request)
        if isinstance(person, Response):
            return person
        name, kind = form.text("user_name", longest=LONGEST_NAME), _kind(form)
        visit = visit_of(request)
        outcome = await self._site.run(
            try_messages.send_test,
            self._site.installation,
            person,
            name,
            kind,
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        match outcome:
            case Queued(message_id=message_id):
                return see_other(saying(f"{PATH}/{message_id.hex()}", MessageNotice.TEST_QUEUED))
            case NoSuchUser():
                error, status = _error("user_name", MessageNotice.NO_SUCH_USER), 422
            case NoAddress():
                error, status = _error("address_kind", MessageNotice.NO_ADDRESS), 422
            case EnoughForNow(until=until):
                error, status = _error("user_name", MessageNotice.ENOUGH_FOR_NOW, until=until), 429
            case MayNot():
                raise StopRequest(Matter.FORBIDDEN, 403)
            case _:
                assert_never(outcome)
        return await self._list(request, person, Asked(), form=form, errors=(error,), status=status)

    async def _list(
        self,
        request: Request,
        person: Person,
        asked: Asked,
        *,
        who: str | None = None,
        form: Form | None = None,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        place = (self._site.installation, person.user.environment_id)
        wanted = asked.wanted
        found = await self._site.run(message_lists.page, *place, wanted, before=asked.before)
        if wanted.user_id is not None and who is None:
            who = await self._site.run(message_lists.name_of, *place, wanted.user_id)
        if asked.from_day and asked.from_moment is None:
            errors = (*errors, _error("from", MessageNotice.NOT_A_DAY))
        view = list_of(
            asked,
            found,
            await self._site.ways_out(visit_of(request).environment),
            csrf=self._signed_in.csrf(request),
            who=who or "",
            test=_trial(form),
            errors=errors,
        )
        return await self._site.page(
            request, view, person=person, notice=notice_of(request), status=status
        )


def _found(asked: Asked, whose: Whose) -> Asked:
    """What was asked, of that person or address."""
    return Asked(
        user="" if whose.user_id is None else whose.user_id.hex(),
        address="" if whose.address_hash is None else whose.address_hash.hex(),
        state=asked.state,
        kind=asked.kind,
        route=asked.route,
        from_day=asked.from_day,
    )


def _trial(form: Form | None) -> TrialForm:
    if form is None:
        return form_of()
    name = without_controls(form.text("user_name", longest=LONGEST_NAME))
    return form_of(name, form.text("address_kind", longest=20))


def _error(field: str, notice: MessageNotice, **data: int) -> FieldError:
    return FieldError(field=field, said=said(notice, **data))


def _kind(form: Form) -> ContactKind:
    """Raises StopRequest for a kind that no form of ours sends."""
    text = form.text("address_kind", longest=20)
    if text not in set(ContactKind):
        raise bad_request()
    return ContactKind(text)
