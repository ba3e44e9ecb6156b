"""``/security``: **Security Settings**, for the person who wonders whether somebody else was in."""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.core.passwords import LONGEST as LONGEST_PASSWORD
from twostep.core.policies import TwoStepVerification
from twostep.core.sessions import Session
from twostep.flows import authenticators, contacts, device_lines, devices, sessions, step_up
from twostep.flows.activity import recent_activity
from twostep.flows.device_lines import Line
from twostep.flows.known_passwords import PasswordsPaused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.password_changes import (
    Changed,
    CurrentPasswordWrong,
    Outcome,
    Overtaken,
    change_own,
)
from twostep.flows.passwords import BadPassword, changed_at
from twostep.flows.properties import password_minimum, policy_for
from twostep.flows.recovery_codes import state_of
from twostep.flows.sent_code_choice import choice_of
from twostep.flows.sessions import Person
from twostep.flows.stay_signed_in import wish_of
from twostep.i18n.notices import Notice, said
from twostep.pages.activities import activity_lines
from twostep.pages.contact_lines import contacts_line
from twostep.pages.recovery_codes import line_of
from twostep.pages.security_views import Act, DeviceLine, SecuritySettings, SessionLine
from twostep.pages.stay_signed_in import card_of
from twostep.pages.views import ChangePassword
from twostep.web.forms import Form
from twostep.web.notices import notice_of, saying
from twostep.web.refusals import password_errors, paused_passwords, too_many
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, browser_of, secret_text, see_other, visit_of

PASSWORD_PATH = "/security/password"


class SecurityPages:
    """What people look after by themselves."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route("/security", self.show, methods=["GET"]),
            Route(PASSWORD_PATH, self.show_password, methods=["GET"]),
            Route(PASSWORD_PATH, self.change_password, methods=["POST"]),
            Route("/security/sessions/end", self.end_session, methods=["POST"]),
            Route("/security/devices/forget", self.forget_device, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page itself."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        installation = self._site.installation
        policy = await self._site.run(policy_for, installation, person.user.environment_id)
        off = policy.two_step_verification is TwoStepVerification.OFF
        since = await self._site.run(authenticators.state_of, installation, person)
        activity = await self._site.run(recent_activity, installation, person)
        view = SecuritySettings(
            csrf=self._signed_in.csrf(request),
            password_changed_at=await self._site.run(changed_at, installation, person.user),
            two_step_since=since,
            two_step_off_here=off,
            codes_to=await self._codes_to(person, since),
            may_configure=not off,
            recovery_codes=line_of(await self._site.run(state_of, installation, person)),
            contacts=contacts_line(
                await self._site.run(contacts.profile, installation, person.user)
            ),
            stay=card_of(await self._site.run(wish_of, installation, person)),
            devices=tuple(
                _device(line)
                for line in await self._site.run(device_lines.lines_of, installation, person)
            ),
            sessions=_lines(await self._site.run(sessions.list_of, installation, person), person),
            activity=activity_lines(activity),
        )
        return await self._site.page(request, view, person=person, notice=notice_of(request))

    async def _codes_to(self, person: Person, since: int | None) -> str:
        """Where codes go at sign-in, where these and not the app are asked."""
        choice = await self._site.run(choice_of, self._site.installation, person)
        sends = choice.since is not None or choice.required
        return choice.to[0] if since is None and sends and choice.to else ""

    async def end_session(self, request: Request) -> Response:
        """End one other session, or all others."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        chosen = form.text("session", longest=32)
        if chosen == "others":
            ended = await self._site.run(sessions.end_all_others, self._site.installation, person)
            notice = Notice.OTHER_SESSIONS_ENDED
        else:
            ended = await self._site.run(
                sessions.end_one, self._site.installation, person, _id(chosen)
            )
            notice = Notice.OTHER_SESSION_ENDED
        return see_other(saying("/security", notice if ended else Notice.NO_OTHER_SESSION))

    async def forget_device(self, request: Request) -> Response:
        """Forget one other device, or all others."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        chosen = form.text("device", longest=32)
        installation = self._site.installation
        if chosen == "others":
            gone = await self._site.run(devices.forget_others, installation, person)
            notice = Notice.DEVICES_FORGOTTEN
        else:
            gone = await self._site.run(device_lines.forget_line, installation, person, _id(chosen))
            notice = Notice.DEVICE_FORGOTTEN
        return see_other(saying("/security", notice if gone else Notice.NO_OTHER_DEVICE))

    async def show_password(self, request: Request) -> Response:
        """The form for a new password."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        unproven = await self._unproven(person)
        return unproven or await self._password_page(request, person)

    async def change_password(self, request: Request) -> Response:
        """A new password was sent, with the current one."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        unproven = await self._unproven(person)
        if unproven is not None:
            return unproven
        missing = _missing(form)
        if missing:
            return await self._password_page(request, person, errors=missing, status=422)
        visit = visit_of(request)
        outcome = await self._site.run_hashing(
            change_own,
            self._site.installation,
            visit.environment,
            person,
            # One more than there can be: a password is never cut to fit.
            current=secret_text(form, "current_password", longest=LONGEST_PASSWORD + 1),
            new=secret_text(form, "new_password", longest=LONGEST_PASSWORD + 1),
            browser=browser_of(visit, self._site.session_token(visit)),
        )
        return await self._after_change(request, person, outcome)

    async def _unproven(self, person: Person) -> Response | None:
        """Who has a second step shows it; for the others the current password is fresh proof."""
        step = await self._site.run(
            step_up.demanded, self._site.installation, person, Act.PASSWORD.value
        )
        if step_up.asked_by(step) is step_up.By.PASSWORD:
            return None
        return await self._signed_in.unproven(person, Act.PASSWORD)

    async def _after_change(self, request: Request, person: Person, outcome: Outcome) -> Response:
        match outcome:
            case Changed(step=Minted() as minted):
                return self._site.signed_in(
                    request, minted, saying("/security", Notice.PASSWORD_SAVED)
                )
            case Changed() | Overtaken():
                return see_other(saying("/sign-in", Notice.PASSWORD_CHANGED_SIGN_IN))
            case BadPassword(problems=problems, same=same):
                errors = password_errors(problems, same=same)
                return await self._password_page(request, person, errors=errors, status=422)
            case CurrentPasswordWrong():
                what = said(Notice.CURRENT_PASSWORD_WRONG)
            case PasswordsPaused(until=until):
                what = paused_passwords(until)
            case NetworkPaused():
                raise too_many(outcome, self._site.installation.clock())
            case _:
                assert_never(outcome)
        errors = (FieldError(field="current_password", said=what),)
        return await self._password_page(request, person, errors=errors, status=403)

    async def _password_page(
        self,
        request: Request,
        person: Person,
        *,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
    ) -> Response:
        shortest = await self._site.run(
            password_minimum, self._site.installation, person.user.environment_id
        )
        view = ChangePassword(
            csrf=self._signed_in.csrf(request),
            user_name=person.user.name,
            shortest=shortest,
            save_url=PASSWORD_PATH,
            cancel_url="/security",
            errors=errors,
        )
        return await self._site.page(request, view, person=person, status=status)


def _lines(found: Sequence[Session], person: Person) -> tuple[SessionLine, ...]:
    """This session first, where everybody looks for it; then the others as they came."""
    lines = [_line(session, person) for session in found]
    return tuple(sorted(lines, key=lambda line: not line.current))


def _line(session: Session, person: Person) -> SessionLine:
    return SessionLine(
        id=session.id.hex(),
        current=session.id == person.session.id,
        browser=session.browser,
        address=session.address,
        started_at=session.started_at,
        last_used_at=session.last_used_at,
    )


def _device(line: Line) -> DeviceLine:
    device = line.listed.device
    return DeviceLine(
        id=device.id.hex(),
        current=line.listed.current,
        browser=device.browser,
        address=device.address,
        first_used_at=line.first_used_at,
        last_used_at=device.last_used_at,
        remembered_until=line.remembered_until,
        times=len(line.ids),
    )


def _id(text: str) -> bytes:
    """An id out of a form; what is none is nobody's."""
    try:
        return binascii.unhexlify(text)
    except (binascii.Error, ValueError):
        return b""


def _missing(form: Form) -> tuple[FieldError, ...]:
    found = []
    if not form.text("current_password", longest=1):
        found.append(FieldError(field="current_password", said=said(Notice.PASSWORD_MISSING)))
    if not form.text("new_password", longest=1):
        found.append(FieldError(field="new_password", said=said(Notice.NEW_PASSWORD_MISSING)))
    return tuple(found)
