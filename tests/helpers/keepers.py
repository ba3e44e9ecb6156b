"""A guest that keeps the lasting cookies by which it is recognised, as a real browser does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from typing_extensions import override

from tests.helpers.guests import Guest
from tests.helpers.house import PASSWORD, House
from twostep.core.authenticators import NEW_KEY, step_at
from twostep.core.sign_in import PENDING_LASTS, AskFirstStep, AskSecondStep, NextStep, next_step
from twostep.core.situations import Proof, ProofKind
from twostep.core.users import User
from twostep.crypto.identifiers import new_id
from twostep.crypto.secret import Secret
from twostep.flows import step_up
from twostep.flows.devices import recognise
from twostep.flows.mint import Minted
from twostep.flows.second_step import Outcome, second_step
from twostep.flows.situations import generations_of, of_sign_in
from twostep.flows.visitors import Browser
from twostep.storage import sign_ins, users
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn

T = TypeVar("T")


@dataclass
class Keeper(Guest):
    """One browser of one user, with its device cookies."""

    cookies: dict[str, str] = field(default_factory=dict)

    @property
    @override
    def browser(self) -> Browser:
        """With the cookies of its devices."""
        return replace(super().browser, devices=dict(self.cookies))

    def code_and_tick(self, typed: str, *, tick: bool) -> Outcome:
        """The code page, sent with or without the tick."""
        waiting = self.waiting()
        assert waiting is not None
        return self._keep(
            second_step(
                self.house.installation, waiting, typed=typed, browser=self.browser, remember=tick
            )
        )

    def prove(self, act: str, code: str, password: str = PASSWORD) -> bool:
        """Show what an act asks for; whether nothing more is asked."""
        installation, person = self.house.installation, self.me()
        asked = step_up.demanded(installation, person, act)
        done: step_up.Outcome | None = None
        if isinstance(asked, AskSecondStep):
            done = step_up.by_code(
                installation, person, typed=code, browser=self.browser_in_session
            )
        elif isinstance(asked, AskFirstStep):
            done = step_up.by_password(
                installation, person, password=Secret(password), browser=self.browser_in_session
            )
        self.take(done)
        return done is None or isinstance(done, Minted)

    def take(self, answer: T) -> T:
        """Keep the cookies of an answer, where it has any."""
        return self._keep(answer)

    @override
    def _keep(self, answer: T) -> T:
        if isinstance(answer, Minted) and answer.device is not None:
            self.cookies[answer.device.name] = answer.device.token.text.reveal()
        return super()._keep(answer)


def step_now(house: House) -> int:
    """The step of a code that is shown now."""
    return step_at(house.clock(), NEW_KEY)


class _Seen(Exception):
    """Takes what a look found out of a transaction that is then undone."""


def would_be(
    house: House, user: User, guests: Mapping[str, Keeper], looks: Sequence[tuple[str, int]]
) -> Sequence[NextStep]:
    """What a right password would lead to in each browser at each time. Nothing of it stays, and no
    look sees what another one did.
    """
    found: list[NextStep] = []

    def look(connection: Connection) -> None:
        for letter, now in looks:
            undone = connection.begin_nested()
            found.append(_password_right(connection, house, user, guests[letter], now))
            undone.rollback()
        raise _Seen

    with suppress(_Seen):
        house.installation.database.write(look)
    return found


def _password_right(
    connection: Connection, house: House, user: User, guest: Keeper, now: int
) -> NextStep:
    installation = house.installation
    place = (installation, user.environment_id, user.id)
    seen = recognise(connection, *place, browser=guest.browser, now=now)
    today = generations_of(connection, users.by_id(connection, *place[1:]))
    assert today is not None
    sign_in = SignIn(
        id=new_id(),
        environment_id=user.environment_id,
        user_id=user.id,
        state="pending",
        token_hash=None,
        browser_id=guest.browser.id,
        going_to=None,
        device_id=seen.device_id,
        device_is_good=seen.good,
        wants_remembering=False,
        started_at=now,
        waits_until=now + PENDING_LASTS,
        extensions=0,
        begun=today,
    )
    sign_ins.add(connection, sign_in)
    shown = Proof(kind=ProofKind.PASSWORD, shown_at=now)
    sign_ins.add_proof(connection, user.environment_id, sign_in.id, new_id(), shown)
    return next_step(of_sign_in(connection, installation, sign_in, now=now), now)
