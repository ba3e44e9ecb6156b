"""``/security/recovery-codes``: how many are left, making new ones, and the one page that shows
them.

The codes stand in the answer to the POST that made them, which no browser or proxy keeps, and in no
address. What the page hands on (to be downloaded as a file) goes back and forth in a form of its
own, and is stored nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import ClassVar, assert_never
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.recovery_codes import CODES, NotARecoveryCode, few, read_code
from twostep.flows import recovery_codes
from twostep.flows.recovery_codes import Made, NotNow, NotReplaced, State
from twostep.flows.sessions import Person
from twostep.i18n.notices import Notice
from twostep.pages.recovery_views import RecoveryCodes, RecoveryCodesShown
from twostep.pages.security_views import Act
from twostep.pages.views import RecoveryCodesLine
from twostep.web.destinations import LONGEST, own_path
from twostep.web.errors import bad_request
from twostep.web.forms import Form
from twostep.web.notices import notice_of, saying
from twostep.web.rendering import Frame
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, browser_of, see_other, visit_of

PATH = "/security/recovery-codes"
AFTERWARDS = "/security"

FILE = "recovery-codes.txt"
LONGEST_LIST = 400
"""Ten codes with a blank between any two are 219 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesFile:
    """The codes as a file of plain text."""

    template: ClassVar[str] = "recovery_codes.txt"

    codes: tuple[str, ...]
    address: str


class RecoveryCodePages:
    """The codes of somebody who is signed in."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.make, methods=["POST"]),
            Route(f"{PATH}/download", self.download, methods=["POST"]),
            Route(f"{PATH}/kept", self.kept, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """How many are left. A look makes none, and shows none (R-40)."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        state = await self._site.run(recovery_codes.state_of, self._site.installation, person)
        view = RecoveryCodes(
            csrf=self._signed_in.csrf(request),
            line=line_of(state),
            replaces="" if state.made_at is None else str(state.made_at),
            going_to=own_path(request.query_params.get("going_to")) or AFTERWARDS,
        )
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    async def make(self, request: Request) -> Response:
        """The button was pressed: make codes, and show them in this very answer."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        unproven = await self._signed_in.unproven(person, Act.RECOVERY_CODES)
        if unproven is not None:
            return unproven
        visit = visit_of(request)
        outcome = await self._site.run_hashing(
            recovery_codes.make,
            self._site.installation,
            person,
            replaces=_replaces(form),
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        going_to = _going_to(form)
        match outcome:
            case Made():
                return await self._shown(request, person, outcome, going_to)
            case NotReplaced():
                return see_other(saying(path_to(going_to), Notice.RECOVERY_CODES_SHOWN_ONCE))
            case NotNow():
                return see_other(path_to(going_to))
            case _:
                assert_never(outcome)

    async def download(self, request: Request) -> Response:
        """The codes of the page, as a file: what the page's own form holds comes back as text."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        visit = visit_of(request)
        frame = Frame(
            environment_name=visit.environment.name,
            language=visit.language,
            now=self._site.installation.clock(),
            nonce=visit.nonce,
            timezone=UTC,
            user_name=person.user.name,
            csrf="",
        )
        view = RecoveryCodesFile(codes=_codes(form), address=visit.environment.primary.host)
        return Response(
            self._site.renderer.render(view, frame),
            media_type="text/plain",
            headers={"content-disposition": f'attachment; filename="{FILE}"'},
        )

    async def kept(self, request: Request) -> Response:
        """**Continue**. Who has not ticked that they kept them is told that it was the only time.

        Browsers do not send the form without the tick; this is for those that do.
        """
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        going_to = _going_to(form)
        if form.text("kept", longest=1):
            return see_other(going_to)
        return see_other(saying(path_to(going_to), Notice.RECOVERY_CODES_SHOWN_ONCE))

    async def _shown(self, request: Request, person: Person, made: Made, going_to: str) -> Response:
        view = RecoveryCodesShown(
            csrf=self._signed_in.csrf(request),
            codes=tuple(code.reveal() for code in made.codes),
            user_name=person.user.name,
            address=visit_of(request).environment.primary.host,
            made_at=made.made_at,
            going_to=going_to,
        )
        return await self._site.page(request, view, person=person)


async def after_set_up(site: Site, person: Person, going_to: str) -> str:
    """The first page after set-up: recovery codes, unless all ten are still there to be used."""
    state = await site.run(recovery_codes.state_of, site.installation, person)
    return path_to(going_to) if state.of_use and state.left < CODES else going_to


def path_to(going_to: str) -> str:
    """This page's address, with where its person goes on to."""
    return f"{PATH}?going_to={quote(going_to, safe='/')}"


def line_of(state: State) -> RecoveryCodesLine | None:
    """What other pages say of somebody's codes; None where they would be of no use."""
    if not state.of_use:
        return None
    return RecoveryCodesLine(
        made_at=state.made_at,
        left=state.left,
        few=few(state.left),
        app_missing=state.app_missing,
    )


def _replaces(form: Form) -> int | None:
    """The set that the form is for. What is no number is nobody's set."""
    text = form.text("replaces", longest=20)
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() else -1


def _going_to(form: Form) -> str:
    return own_path(form.text("going_to", longest=LONGEST + 1)) or AFTERWARDS


def _codes(form: Form) -> tuple[str, ...]:
    """The codes that the form holds, as they are to be printed. Raises StopRequest for anything
    else: this address gives back nothing but codes.
    """
    texts: Sequence[str] = form.text("codes", longest=LONGEST_LIST).split()
    try:
        codes = tuple(read_code(text).shown for text in texts)
    except NotARecoveryCode:
        raise bad_request() from None
    if not 1 <= len(codes) <= CODES:
        raise bad_request()
    return codes
