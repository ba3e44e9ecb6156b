"""Browsers without HTTP of people to whom codes are sent, for tests that make many tries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.helpers.codes_by_mail import allow, enter
from tests.helpers.guests import Guest, T
from tests.helpers.house import House
from tests.helpers.letters import last_code
from tests.helpers.places import a_name
from twostep.core.contacts import ContactKind
from twostep.core.environments import Environment
from twostep.core.messages import MessageKind
from twostep.core.users import User
from twostep.core.ways import Way
from twostep.flows import second_step_by_message, sent_code_checks
from twostep.flows.pending import Waiting
from twostep.flows.second_step_by_message import Outcome, by_sent_code, confirm_by_sent_code
from twostep.flows.sent_codes import Sending, Sent, send_in_session, send_in_sign_in
from twostep.flows.sign_in import Pending

ACT = "turn_off"
"""An act that asks for a fresh proof."""


@dataclass
class Reader(Guest):
    """One browser of somebody who reads the codes that are sent."""

    name: str = "ann"

    def begin(self) -> Waiting:
        """The password; nothing is sent by that alone here."""
        assert isinstance(self.sign_in(self.name), Pending)
        waiting = self.waiting()
        assert waiting is not None
        return waiting

    def ask(self, way: Way = Way.EMAIL, *, waiting: Waiting | None = None) -> Sending:
        """**Send a code**, a moment after whatever was sent before."""
        self.house.clock.forward(1)
        waiting = waiting or self.waiting()
        assert waiting is not None
        return send_in_sign_in(
            self.house.installation, waiting, way, language="en", browser=self.browser
        )

    def get_code(self, way: Way = Way.EMAIL) -> str:
        """A code that was just sent for this sign-in."""
        assert isinstance(self.ask(way), Sent)
        return last_code(self.house.installation, MessageKind.CODE)

    def type(self, digits: str, way: Way = Way.EMAIL, *, waiting: Waiting | None = None) -> Outcome:
        """A code, typed on the page of that way."""
        waiting = waiting or self.waiting()
        assert waiting is not None
        return self.take(
            by_sent_code(self.house.installation, waiting, way, typed=digits, browser=self.browser)
        )

    def get_in(self) -> None:
        """Password and code."""
        self.begin()
        self.type(self.get_code())
        assert self.session is not None

    def get_fresh_code(self, way: Way = Way.EMAIL) -> str:
        """A code that was just sent for a fresh proof."""
        self.house.clock.forward(1)
        sent = send_in_session(
            self.house.installation,
            self.me(),
            ACT,
            way,
            language="en",
            browser=self.browser_in_session,
        )
        assert isinstance(sent, Sent), sent
        return last_code(self.house.installation, MessageKind.CODE)

    def prove(self, digits: str, way: Way = Way.EMAIL) -> object:
        """A code, typed where a fresh proof is asked."""
        return self.take(
            confirm_by_sent_code(
                self.house.installation,
                self.me(),
                way,
                typed=digits,
                browser=self.browser_in_session,
            )
        )

    def take(self, answer: T) -> T:
        """Keep the cookies of an answer, where it has any."""
        return self._keep(answer)


def a_reader(house: House, environment: Environment | None = None) -> tuple[User, str]:
    """A new user of *northside*, or of that environment, whose codes go to an address of their own;
    and their name.
    """
    where, name = environment or house.northside, a_name()
    allow(house, where)
    user = house.add(name, where)
    enter(house, user, f"{name}@northside.example")
    return user, name


def with_gateway(house: House, user: User) -> None:
    """An SMS Email beside it."""
    enter(house, user, f"2125552368.{user.name}@gateway.example", ContactKind.SMS_EMAIL)


@contextmanager
def evaluated() -> Iterator[list[str]]:
    """Every sent code that is compared while the block runs."""
    compared: list[str] = []

    def compare(installation: Any, tried: Any, digits: str) -> bool:
        compared.append(digits)
        return sent_code_checks.compare(installation, tried, digits)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_step_by_message, "compare", compare)
        yield compared
