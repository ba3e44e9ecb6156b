"""What can happen to a person while their sign-in is half-way, each as one act."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

import pytest
from sqlalchemy import insert, update

from tests.helpers.clocks import MINUTE
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, Phone
from twostep.core.authenticators import Match, match_code
from twostep.core.lockouts import Purpose
from twostep.core.reasons import Code
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import codes, pending, users
from twostep.flows.mint import Minted
from twostep.flows.password_changes import Changed, change_own
from twostep.storage import tables


@dataclass
class Scene:
    """Ann with an app, signed in in one browser (``owner``), half-way in another (``guest``)."""

    house: House
    ann: User
    phone: Phone
    owner: Guest
    guest: Guest


def scene(house: House) -> Scene:
    """The scene, a minute after the owner's code was used."""
    phone = with_app(house)
    owner, guest = Guest(house), Guest(house, address="198.51.100.9")
    owner.sign_in()
    assert isinstance(owner.code(phone.code()), Minted)
    house.clock.forward(MINUTE)
    guest.sign_in()
    return Scene(house, owner.me().user, phone, owner, guest)


def wrong_passwords(of: Scene) -> None:
    """Somebody who knows the name makes the password pause."""
    for _ in range(5):
        Guest(of.house, address="192.0.2.66").sign_in(password="not the right password")


def disabled(of: Scene) -> None:
    """An administrator shuts the person out."""
    assert users.disable(of.house.installation, of.house.harbour, of.ann)


def new_password(of: Scene) -> None:
    """The owner changes the password in the other browser."""
    outcome = change_own(
        of.house.installation,
        of.house.harbour,
        of.owner.me(),
        current=Secret(PASSWORD),
        new=Secret(OTHER_PASSWORD),
        browser=of.owner.browser_in_session,
    )
    assert isinstance(outcome, Changed)


def cancelled(of: Scene) -> None:
    """The sign-in is given up in another tab."""
    waiting = of.guest.waiting()
    assert waiting is not None
    pending.cancel(of.house.installation, waiting, of.guest.browser)


def a_quarter_of_an_hour(of: Scene) -> None:
    """Nobody does anything."""
    of.house.clock.forward(15 * MINUTE)


def replaced_second_step(of: Scene) -> None:
    """The second step is another one. By hand: nobody can replace one in this version."""
    _write(
        of,
        update(tables.users)
        .where(tables.users.c.id == of.ann.id)
        .values(second_step_generation=tables.users.c.second_step_generation + 1),
    )


def restored(of: Scene) -> None:
    """A backup came back. By hand: a restore takes the database's place."""
    _write(of, update(tables.installation).values(generation=99))


def paused_codes(of: Scene) -> None:
    """The codes are paused though a try is open. By hand: an open try counts, so the flows let
    nobody else make a fifth beside it.
    """
    _pause(of, Purpose.SECOND_STEP)


def paused_passwords(of: Scene) -> None:
    """The same with passwords."""
    _pause(of, Purpose.PASSWORD)


def _pause(of: Scene, purpose: Purpose) -> None:
    rows = [
        {
            "environment_id": of.ann.environment_id,
            "id": token_bytes(16),
            "subject": of.ann.id,
            "purpose": purpose.value,
            "state": "failed",
            "browser_id": token_bytes(32),
            "network": token_bytes(8),
            "wider_network": token_bytes(8),
            "started_at": of.house.clock(),
        }
        for _ in range(5)
    ]
    _write(of, insert(tables.attempts).values(rows))


BY_THE_FLOWS: Mapping[Callable[[Scene], None], Code | None] = {
    wrong_passwords: Code.TOO_MANY_PASSWORDS,
    disabled: None,
    new_password: Code.PASSWORD_CHANGED,
    cancelled: None,
    a_quarter_of_an_hour: Code.WAITED_TOO_LONG,
}
"""Each with the reason for which the sign-in is refused; None where it is gone."""

BY_HAND: Mapping[Callable[[Scene], None], Code] = {
    replaced_second_step: Code.SECOND_STEP_CHANGED,
    restored: Code.INSTALLATION_RESTORED,
    paused_codes: Code.TOO_MANY_CODES,
}

CHANGES = {**BY_THE_FLOWS, **BY_HAND}


@contextmanager
def while_comparing(patch: pytest.MonkeyPatch, act: Callable[[], None]) -> Iterator[None]:
    """Do it after the next code was compared, and before anything is made of the result."""
    done: list[Callable[[], None]] = []

    def then_something_happens(*given: Any, **named: Any) -> Match:
        match = match_code(*given, **named)
        if not done:
            done.append(act)
            act()
        return match

    with patch.context() as patched:
        patched.setattr(codes, "match_code", then_something_happens)
        yield
    assert done, "no code was compared"


def _write(of: Scene, statement: Any) -> None:
    of.house.installation.database.write(lambda connection: connection.execute(statement))
