"""``/admin/users/import/<id>``: a list of new users: what was found in it, **Import**, and how far
that has come.

While a list is imported the page renews itself where there is a script, and by its link where there
is none. Such looks are no use of the session.
"""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, after_all, id_of
from twostep.admin.arrival_views import ListShown, WrongLine
from twostep.admin.arriving import ArrivalDoor
from twostep.core.user_lists import BadLine, Import, ImportState, LineProblem
from twostep.flows.administration import MayNot
from twostep.flows.import_lists import NotImported, Switched, switch
from twostep.flows.sessions import Person
from twostep.flows.user_imports import (
    MOST_SHOWN,
    bad_lines,
    drop,
    find,
    samples,
    was_dropped,
)
from twostep.i18n.arrival_notices import LINES, ArrivalNotice
from twostep.i18n.notices import said
from twostep.i18n.user_notices import UserNotice
from twostep.web.errors import not_found
from twostep.web.notices import notice_of, saying
from twostep.web.proof_fields import NOTHING_ASKED, ProofInDialog, Proven, asks_for_code
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, see_other

PATH: Final = f"{USERS_PATH}/import/{{id}}"
FORM_PATH: Final = f"{USERS_PATH}/import"

MOST_SAMPLES: Final = 5


class ImportListPages:
    """The page of one list."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._door = ArrivalDoor(site, signed_in)
        self._proof = ProofInDialog(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.do, methods=["POST"]),
            Route(f"{PATH}/drop", self.drop, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """How the list stands."""
        person = await self._door.shown(request, watches=True)
        if isinstance(person, Response):
            return person
        return await self._page(request, Proven(person=person))

    async def do(self, request: Request) -> Response:
        """**Import**, or a button of the proof's fields."""
        person, form = await self._door.sent(request)
        if isinstance(person, Response):
            return person
        found = await self._found(request, person)
        if isinstance(found, Response):
            return found
        taken = await self._proof.take(request, person, form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._page(request, Proven(person=person), errors=taken)
        if asks_for_code(form):
            # Another tab has shown that it is they, and asking for a code is no word for the act.
            return await self._page(request, taken)
        outcome = await self._site.run(
            switch,
            self._site.installation,
            found.environment_id,
            found.id,
            person=taken.person,
            browser=self._proof.browser(request, taken),
        )
        here = request.url.path
        match outcome:
            case Switched():
                return self._proof.go(request, taken, here)
            case NotImported():
                return self._proof.go(request, taken, await self._why_not(found, here))
            case MayNot():
                again = saying(here, UserNotice.PROVE_AGAIN)
                return after_all(outcome, self._proof.go(request, taken, again))
            case _:
                assert_never(outcome)

    async def _why_not(self, found: Import, here: str) -> str:
        """Where it is seen why a press of the button made nobody."""
        now = await self._site.run(find, self._site.installation, found.environment_id, found.id)
        if now is not None and now.state in (ImportState.SWITCHED, ImportState.DONE):
            # Pressed twice, or in two tabs: the users of the list are there, and its page says so.
            return here
        return saying(here, ArrivalNotice.LIST_CHANGED)

    async def drop(self, request: Request) -> Response:
        """**Throw away**."""
        person, _ = await self._door.sent(request)
        if isinstance(person, Response):
            return person
        found = await self._found(request, person)
        if isinstance(found, Response):
            return found
        dropped = await self._site.run(drop, self._site.installation, found, person)
        if not dropped:
            return see_other(f"{FORM_PATH}/{found.id.hex()}")
        return see_other(saying(FORM_PATH, ArrivalNotice.LIST_THROWN_AWAY))

    async def _found(self, request: Request, person: Person) -> Import | Response:
        """The list, or the way to send it again where it was thrown away, as its maker's next one
        does. Raises StopRequest (404).
        """
        which = (person.user.environment_id, id_of(request.path_params["id"]))
        found = await self._site.run(find, self._site.installation, *which)
        if found is not None:
            return found
        if await self._site.run(was_dropped, self._site.installation, *which):
            return see_other(saying(FORM_PATH, ArrivalNotice.LIST_DROPPED))
        raise not_found()

    async def _page(
        self, request: Request, proven: Proven, *, errors: tuple[FieldError, ...] = ()
    ) -> Response:
        person = proven.person
        found = await self._found(request, person)
        if isinstance(found, Response):
            return found
        here, after = f"{FORM_PATH}/{found.id.hex()}", _after(request)
        wrong = await self._site.run(bad_lines, self._site.installation, found, after=after)
        ready = found.state is ImportState.CHECKED and found.bad == 0
        shown = MOST_SAMPLES if ready else 0
        view = ListShown(
            csrf=self._proof.csrf(request, proven),
            here=here,
            state=found.state.value,
            lines=found.lines,
            bad=found.bad,
            invited=found.invited,
            without=found.lines - found.bad - found.invited,
            finished=found.finished,
            wrong=tuple(_wrong(line) for line in wrong),
            more=f"{here}?after={wrong[-1].number}" if len(wrong) == MOST_SHOWN else None,
            samples=tuple(
                await self._site.run(samples, self._site.installation, found, most=shown)
            ),
            proof=await self._proof.fields(request, person) if ready else NOTHING_ASKED,
            errors=errors,
        )
        return await self._site.page(
            request,
            view,
            person=person,
            minted=proven.minted,
            notice=notice_of(request),
            status=422 if errors else 200,
        )


def _after(request: Request) -> int:
    """After which line the bad ones begin."""
    text = request.query_params.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _wrong(line: BadLine) -> WrongLine:
    problem = LineProblem(line.problem)
    data = {"first": line.first} if problem is LineProblem.TWICE else {}
    return WrongLine(number=line.number, name=line.name, why=said(LINES[problem], **data))
