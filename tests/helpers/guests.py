"""A browser without HTTP: it calls the flows as the pages do, for tests that make many tries.

    guest = Guest(house, address="203.0.113.7")
    guest.sign_in()                  # what first_step answered
    guest.code(phone.wrong_code())   # what second_step answered

It keeps its tokens as a browser keeps its cookies, and comes from the address that it is given.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from secrets import token_bytes
from typing import TypeVar

from tests.helpers.house import PASSWORD, House, Phone
from twostep.core.audit import Visitor
from twostep.core.environments import Environment
from twostep.crypto.secret import Secret
from twostep.flows import authenticators
from twostep.flows.codes import CodeRefused, CodesPaused
from twostep.flows.lockouts import NetworkPaused
from twostep.flows.mint import Minted
from twostep.flows.pending import Waiting, look
from twostep.flows.second_step import Elsewhere, second_step
from twostep.flows.sessions import Person, who
from twostep.flows.set_up import Outcome as SetUpOutcome
from twostep.flows.set_up import (
    SetUpDone,
    verify_and_save_in_session,
    verify_and_save_in_sign_in,
)
from twostep.flows.sign_in import NotLetIn, Pending, first_step
from twostep.flows.visitors import Browser

T = TypeVar("T")


@dataclass
class Guest:
    """One browser. ``pending`` and ``session`` are what its cookies would hold."""

    house: House
    environment: Environment | None = None
    address: str = "203.0.113.7"
    pending: str | None = None
    session: str | None = None
    visitor_id: bytes = field(default_factory=lambda: token_bytes(32))
    session_id: bytes = b""

    @property
    def browser(self) -> Browser:
        """As the flows know it before anybody is signed in: by its visitor cookie."""
        return Browser(id=self.visitor_id, visitor=Visitor(address=self.address, browser="Firefox"))

    @property
    def browser_in_session(self) -> Browser:
        """As they know it afterwards."""
        return replace(self.browser, id=self.session_id)

    @property
    def where(self) -> Environment:
        """The environment whose pages it looks at."""
        return self.environment or self.house.harbour

    def sign_in(
        self, name: str = "ann", password: str = PASSWORD
    ) -> Minted | Pending | NotLetIn | NetworkPaused:
        """User name and password, sent."""
        answer = first_step(
            self.house.installation,
            self.where,
            name=name,
            password=Secret(password),
            browser=self.browser,
            going_to=None,
        )
        if isinstance(answer, Pending):
            self.pending = answer.token.text.reveal()
        return self._keep(answer)

    def waiting(self) -> Waiting | None:
        """The sign-in that waits in this browser."""
        assert self.pending is not None, "no password was accepted"
        return look(self.house.installation, self.where, self.pending, self.browser)

    def code(self, typed: str) -> Minted | CodeRefused | CodesPaused | NetworkPaused | Elsewhere:
        """A code, sent from the code page."""
        waiting = self.waiting()
        assert waiting is not None, "there is no sign-in that waits"
        return self.answer(waiting, typed)

    def answer(
        self, waiting: Waiting, typed: str
    ) -> Minted | CodeRefused | CodesPaused | NetworkPaused | Elsewhere:
        """A code, sent from a code page that was loaded before."""
        return self._keep(
            second_step(self.house.installation, waiting, typed=typed, browser=self.browser)
        )

    def person(self) -> Person | None:
        """Who is signed in in this browser."""
        if self.session is None:
            return None
        found = who(self.house.installation, self.where, self.session)
        return found if isinstance(found, Person) else None

    def me(self) -> Person:
        """The same, where somebody is."""
        person = self.person()
        assert person is not None, "nobody is signed in"
        return person

    def configure(self) -> Phone:
        """**Configure**: the key that is then shown, taken into an app."""
        person = self.me()
        authenticators.offer_in_session(self.house.installation, person)
        return self.phone(person.user.id, person.session.id)

    def phone(self, user_id: bytes, offered_to: bytes) -> Phone:
        """The key that is shown to that session or sign-in, taken into an app."""
        offer = authenticators.offered(
            self.house.installation, self.where, user_id=user_id, offered_to=offered_to
        )
        assert offer is not None, "no key is on offer"
        match = re.search(r"secret=([A-Z2-7]+)", offer.address.reveal())
        assert match is not None
        return Phone(base64.b32decode(match[1]), self.house.clock)

    def phone_in_sign_in(self) -> Phone:
        """The same in a sign-in that waits for set-up."""
        waiting = self.waiting()
        assert waiting is not None
        return self.phone(waiting.user.id, waiting.sign_in.id)

    def verify_and_save(self, typed: str) -> SetUpOutcome:
        """**Verify and Save** in Security Settings."""
        outcome = verify_and_save_in_session(
            self.house.installation, self.me(), typed=typed, browser=self.browser_in_session
        )
        return self._kept(outcome)

    def verify_and_save_in_sign_in(self, typed: str) -> SetUpOutcome:
        """**Verify and Save** in a sign-in."""
        waiting = self.waiting()
        assert waiting is not None
        outcome = verify_and_save_in_sign_in(
            self.house.installation, waiting.sign_in, typed=typed, browser=self.browser
        )
        return self._kept(outcome)

    def _kept(self, outcome: SetUpOutcome) -> SetUpOutcome:
        if isinstance(outcome, SetUpDone):
            self._keep(outcome.step)
        return outcome

    def _keep(self, answer: T) -> T:
        if isinstance(answer, Minted):
            self.session, self.pending = answer.token.text.reveal(), None
            self.session_id, self.visitor_id = answer.token.stored, token_bytes(32)
        return answer


def with_app(house: House, name: str = "ann", environment: Environment | None = None) -> Phone:
    """A user with an app, and a minute later: the code that confirmed it is spent and gone."""
    house.add(name, environment)
    guest = Guest(house, environment)
    if isinstance(guest.sign_in(name), Pending):
        phone = guest.phone_in_sign_in()
        done = guest.verify_and_save_in_sign_in(phone.code())
    else:
        phone = guest.configure()
        done = guest.verify_and_save(phone.code())
    assert isinstance(done, SetUpDone)
    house.clock.forward(60_000)
    return phone
