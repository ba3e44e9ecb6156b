"""AC-17, R-11: what is true when a session is made is still true when it stands.

Each act begins in the middle of another one of the same user: after that has read its facts, and
before it has written what follows from them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.crossings import Meanwhile
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import mint as minting
from twostep.flows import step_up, users
from twostep.flows.mint import Minted
from twostep.flows.password_changes import Changed, change_own
from twostep.storage import sessions
from twostep.storage import users as stored_users

pytestmark = [
    pytest.mark.usefixtures("invariants_hold"),
    pytest.mark.parametrize(
        "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
    ),
]


def ann(house: House) -> User:
    found = house.installation.database.read(
        lambda connection: stored_users.by_name_key(connection, house.harbour.id, "ann")
    )
    assert found is not None
    return found


def live(house: House, user: User) -> int:
    found = house.installation.database.read(
        lambda connection: sessions.live_of_user(
            connection, house.harbour.id, user.id, begun_after=0
        )
    )
    return len(found)


def in_the_middle(monkeypatch: pytest.MonkeyPatch, word: str, meanwhile: Meanwhile[Any]) -> None:
    """Begin it when the mint has read its facts, the first time that it does."""
    plain: Callable[..., Any] = getattr(minting, word)

    def read(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(minting, word, plain)
        facts = plain(*given, **named)
        meanwhile.begin()
        return facts

    monkeypatch.setattr(minting, word, read)


def test_ac_17_nobody_who_is_being_disabled_is_left_with_a_session(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-17: the mint was first, so its session is among those that the disabling ends. It must not
    live on for the day on which the user is enabled again.
    """
    phone = with_app(house)
    user, guest = ann(house), Guest(house)
    guest.sign_in()
    disabling = Meanwhile(
        house.installation.database,
        lambda: users.disable(house.installation, house.harbour, user),
    )
    in_the_middle(monkeypatch, "of_sign_in", disabling)
    # The look of the code page reads through another module's name; the mint is the first here.
    assert isinstance(guest.code(phone.code()), Minted)
    assert disabling.outcome()
    assert live(house, user) == 0
    assert users.enable(house.installation, house.harbour, user)
    assert guest.person() is None


def test_ac_17_nor_by_showing_once_more_that_it_is_they(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-17: the session that takes another's place is made by the same rules."""
    house.add()
    user, guest = ann(house), Guest(house)
    guest.sign_in()
    disabling = Meanwhile(
        house.installation.database,
        lambda: users.disable(house.installation, house.harbour, user),
    )
    in_the_middle(monkeypatch, "of_session", disabling)
    person = guest.me()
    step_up.by_password(
        house.installation, person, password=Secret(PASSWORD), browser=guest.browser_in_session
    )
    assert disabling.outcome()
    assert live(house, user) == 0


def test_ac_17_a_password_change_ends_the_session_that_was_made_beside_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-17: of the thief who has the old password, in the moment in which the owner changes it."""
    house.add()
    user, owner, thief = ann(house), Guest(house), Guest(house)
    owner.sign_in()
    person = owner.me()

    changing = Meanwhile(
        house.installation.database,
        lambda: change_own(
            house.installation,
            house.harbour,
            person,
            current=Secret(PASSWORD),
            new=Secret(OTHER_PASSWORD),
            browser=owner.browser_in_session,
        ),
    )
    in_the_middle(monkeypatch, "of_sign_in", changing)
    assert isinstance(thief.sign_in(), Minted)
    assert isinstance(changing.outcome(), Changed)
    assert thief.person() is None
    assert live(house, user) == 1
