"""The fields of a dialog in which somebody shows once more that it is they, right beside what they
are about to do: one form, one click.

What is asked is the strongest that the person has. A code by message is sent by a button of the
dialog, which posts its whole form: nothing typed is lost, and opening the page sends nothing.
Whoever takes a proof has asked before whether the person may do the act at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from twostep.core.sent_codes import SHORTEST
from twostep.core.sign_in import NextStep, SignedIn
from twostep.core.ways import Way
from twostep.flows import step_up
from twostep.flows.mint import Minted
from twostep.flows.sent_code_checks import SentCodeRefused
from twostep.flows.sent_code_states import Last, WayTo, last_of, ways_open
from twostep.flows.sent_codes import NotYet, of_live_session, send_in_session
from twostep.flows.sessions import Person
from twostep.flows.step_up import By
from twostep.flows.visitors import Browser
from twostep.web.acts import Act
from twostep.web.forms import Form
from twostep.web.fresh_proof import CodeSentTo, FreshProof, missing, session_over
from twostep.web.rendering import FieldError
from twostep.web.sent_code_refusals import missing as sent_code_missing
from twostep.web.sent_code_refusals import not_yet, sent_code_error
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, browser_of, see_other, visit_of

SEND = "send_code"
"""The name of the buttons that send a code; the value is the way."""

USE_APP = "use_app"
"""The name of the button that goes back from a sent code to one of the app."""

_LONGEST_WAY = 20

_CHOSEN = "twostep.code_by_message"
"""In the request's scope: this form was about a code by message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFields:
    """What the dialog asks. ``by`` is None where nothing is asked, because a proof is fresh.

    ``sent_to``: where the code went whose field is shown; None before one was sent, or where it is
    no longer good. ``ways``: where a code can be sent to. ``or_sent_code``: a code by message will
    do in the place of the app's; ``or_app``: the other way about.
    """

    by: By | None = None
    sent_to: CodeSentTo | None = None
    ways: tuple[WayTo, ...] = ()
    or_sent_code: bool = False
    or_app: bool = False


NOTHING_ASKED = ProofFields()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """It is they. ``person`` is to be given to the flow: with ``minted``, whose token the answer
    must carry, they go on in a new session.
    """

    person: Person
    minted: Minted | None = None


class ProofInDialog:
    """The proof fields of one form.

    ``own`` in each method: the act takes a proof for itself alone, so one is always asked (AC-36);
    otherwise only where none of the last five minutes is there.
    """

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._proof = FreshProof(site)

    async def fields(self, request: Request, person: Person, *, own: bool = False) -> ProofFields:
        """What the dialog shows, on a GET and when it is shown again. Sends nothing."""
        step = await self._demanded(person, own=own)
        if not step_up.is_asked(step):
            return NOTHING_ASKED
        by, ways = step_up.asked_by(step), await self._ways(person, step)
        app = by is By.CODE
        if not ways or not (by is By.SENT_CODE or _CHOSEN in request.scope):
            return ProofFields(by=by, ways=ways, or_sent_code=app and bool(ways))
        last = await self._last(person)
        sent_to = None
        if last is not None and last.works and last.way in {to.way for to in ways}:
            sent_to = CodeSentTo(way=last.way.value, masked=last.masked, digits=last.digits)
        return ProofFields(by=By.SENT_CODE, sent_to=sent_to, ways=ways, or_app=app)

    async def take(
        self, request: Request, person: Person, form: Form, *, own: bool = False
    ) -> Proven | tuple[FieldError, ...] | Response:
        """Compare what was typed, or send the code that was asked for.

        Errors, and an empty tuple, mean that the dialog is to be shown again with all that was
        typed: an empty one after a code was sent. A response ends the matter. To be called only
        once it is known that the person may do it. Raises Busy, and StopRequest for a network that
        is paused.
        """
        step = await self._demanded(person, own=own)
        if isinstance(step, SignedIn):
            return Proven(person=person)
        if not step_up.is_asked(step):
            return see_other(request.url.path)
        if USE_APP in form.names:
            return ()
        ways = await self._ways(person, step)
        by = _by(form, step, ways)
        wanted = _wanted(form, by, ways)
        if by is By.SENT_CODE or wanted is not None:
            request.scope[_CHOSEN] = True
        if wanted is not None:
            return await self._send(request, person, wanted, own=own)
        nothing = _nothing_typed(form, by)
        return nothing or await self._compare(request, person, form, by=by)

    def browser(self, request: Request, proven: Proven) -> Browser:
        """The browser for the flow that follows."""
        visit = visit_of(request)
        token = proven.minted.token if proven.minted else self._site.session_token(visit)
        return browser_of(visit, token)

    def csrf(self, request: Request, proven: Proven) -> str:
        """For the forms of a page that answers after the proof."""
        if proven.minted is not None:
            return self._site.csrf(proven.minted.token)
        return self._signed_in.csrf(request)

    def go(self, request: Request, proven: Proven, path: str) -> Response:
        """On to another page, in the session that they are in now."""
        if proven.minted is not None:
            return self._site.signed_in(request, proven.minted, path)
        return see_other(path)

    async def _compare(
        self, request: Request, person: Person, form: Form, *, by: By
    ) -> Proven | tuple[FieldError, ...] | Response:
        outcome = await self._proof.compare(request, person, form, by=by)
        match outcome:
            case Minted():
                return Proven(person=Person(person.user, outcome.session), minted=outcome)
            case step_up.Ended():
                return session_over()
            case SentCodeRefused():
                last = await self._last(person)
                return (sent_code_error(outcome, last.digits if last else SHORTEST),)
            case _:
                return (self._proof.error(outcome),)

    async def _send(
        self, request: Request, person: Person, way: Way, *, own: bool
    ) -> tuple[FieldError, ...]:
        visit = visit_of(request)
        sending = await self._site.run(
            send_in_session,
            self._site.installation,
            person,
            Act.USERS.value,
            way,
            language=visit.language,
            browser=browser_of(visit, self._site.session_token(visit)),
            own=own,
        )
        if isinstance(sending, NotYet):
            early = not_yet(sending, self._site.installation.clock())
            return (FieldError(field="code", said=early),)
        return ()

    async def _demanded(self, person: Person, *, own: bool) -> NextStep:
        return await self._site.run(
            step_up.demanded, self._site.installation, person, Act.USERS.value, own=own
        )

    async def _ways(self, person: Person, step: NextStep) -> tuple[WayTo, ...]:
        found = await self._site.run(ways_open, self._site.installation, person.user, step)
        return tuple(to for to in found if to.way.sent_to)

    async def _last(self, person: Person) -> Last | None:
        bound = of_live_session(person)
        return await self._site.run(last_of, self._site.installation, person.user, bound)


def asks_for_code(form: Form) -> bool:
    """Whether the form was sent by one of the buttons of the proof fields, and not to do the act:
    then the dialog does not look yet at what else was typed.
    """
    return SEND in form.names or USE_APP in form.names


def _by(form: Form, step: NextStep, ways: Sequence[WayTo]) -> By:
    """What this form shows: a code by message where it names the way, and there is that way."""
    if _way(form.text("to", longest=_LONGEST_WAY), ways) is not None:
        return By.SENT_CODE
    return step_up.asked_by(step)


def _wanted(form: Form, by: By, ways: Sequence[WayTo]) -> Way | None:
    """By which way a code is to be sent now. Whoever has nothing but codes by message, and sends
    the dialog without one, gets one as well: it is what comes next.
    """
    if SEND in form.names:
        return _way(form.text(SEND, longest=_LONGEST_WAY), ways)
    if by is By.SENT_CODE and "to" not in form.names:
        return next((to.way for to in ways), None)
    return None


def _nothing_typed(form: Form, by: By) -> tuple[FieldError, ...]:
    if by is not By.SENT_CODE:
        return missing(form, by=by)
    return () if form.text("code", longest=1) else sent_code_missing()


def _way(text: str, ways: Sequence[WayTo]) -> Way | None:
    return next((to.way for to in ways if to.way.value == text), None)
