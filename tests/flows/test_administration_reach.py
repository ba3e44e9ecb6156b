"""The gate of every act of an administrator on another user, past all pages."""

from __future__ import annotations

import pytest

from tests.helpers.administrators import administrator, user_of, with_app
from tests.helpers.clocks import MINUTE
from tests.helpers.help_desk import BROWSER, HelpDesk, help_desk
from tests.helpers.house import House, set_up
from twostep.core.help_desk_codes import HelpReason
from twostep.core.permissions import Permission
from twostep.flows import pauses, two_step_removals
from twostep.flows.administration import Acting, MayNot, reaching
from twostep.flows.help_desk_codes import MadeCode
from twostep.flows.sessions import Person, who
from twostep.web import cookies

NEED = "administrators_need_two_step"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What two transactions do to each other is in ``attacks.test_removals_at_once``."""
    return sqlite_url


def outcomes(desk: HelpDesk) -> list[object]:
    """What each kind of act comes to."""
    house, ann = desk.house, desk.user("ann")
    why = {"reason": HelpReason.OTHER, "note": "", "browser": BROWSER}
    until = house.clock() + 60 * MINUTE
    return [
        desk.make(),
        pauses.pause(house.installation, desk.person, ann.id, until=until, **why),  # type: ignore[arg-type]
        pauses.end_pause(house.installation, desk.person, ann.id, browser=BROWSER),
        two_step_removals.remove(house.installation, desk.person, ann.id, **why),  # type: ignore[arg-type]
    ]


def test_d_08_where_administrators_need_a_second_step_no_act_is_done_without_one(
    house: House,
) -> None:
    """D-08: asked in the act's own transaction, whatever a page has found."""
    with_app(house)
    desk = help_desk(house)
    house.set(house.harbour, NEED, "yes")
    assert outcomes(desk) == [MayNot.NEEDS_TWO_STEP] * 4
    set_up(house, desk.client)
    assert isinstance(desk.make(), MadeCode)


def test_d_08_who_has_an_app_that_is_not_allowed_any_more_has_none(house: House) -> None:
    """D-08: a second step counts that the policy allows at this moment."""
    with_app(house)
    morgan = administrator(house)
    house.set(house.harbour, NEED, "yes")
    house.set(house.harbour, "allow_email_codes", "yes")
    house.set(house.harbour, "allow_authenticator", "no")
    found = who(house.installation, house.harbour, morgan.client.cookies[cookies.SESSION])
    assert isinstance(found, Person)
    ann, needed = user_of(house, "ann"), Permission.HELP_DESK_CODES
    assert reaching(house.installation, found, needed, ann.id) is MayNot.NEEDS_TWO_STEP


def test_a_page_asks_the_same_but_for_the_proof(house: House) -> None:
    with_app(house)
    desk = help_desk(house)
    ann, needed = desk.user("ann"), Permission.HELP_DESK_CODES
    house.clock.forward(6 * MINUTE)
    found = reaching(house.installation, desk.person, needed, ann.id)
    assert isinstance(found, Acting)
    assert not found.by_second_step
    assert found.target == ann
    assert outcomes(desk) == [MayNot.PROVE_AGAIN] * 4
    for target, why in ((desk.person.user.id, MayNot.ONESELF), (b"x" * 16, MayNot.NOBODY)):
        assert reaching(house.installation, desk.person, needed, target) is why
