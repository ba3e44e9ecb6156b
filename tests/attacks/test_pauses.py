"""B-5: a pause lets somebody in for as long as it runs, and not a moment longer, however often it
is changed.
"""

from __future__ import annotations

import pytest

from tests.helpers.clocks import HOUR, MINUTE
from tests.helpers.help_desk import BROWSER, HelpDesk, help_desk
from tests.helpers.house import House, enrolled, sign_in
from tests.helpers.http import Client
from twostep.core.help_desk_codes import HelpReason
from twostep.flows import pauses
from twostep.flows.pauses import Paused, PauseEnded


def pause(desk: HelpDesk, *, minutes: int) -> None:
    done = pauses.pause(
        desk.house.installation,
        desk.person,
        desk.user("ann").id,
        until=desk.house.clock() + minutes * MINUTE,
        reason=HelpReason.FORGOT_PHONE,
        note="",
        browser=BROWSER,
    )
    assert isinstance(done, Paused), done


def let_in(house: House) -> Client:
    client = house.client()
    assert sign_in(client).location == "/"
    return client


def still_in(client: Client) -> bool:
    return client.get("/security").status == 200


@pytest.mark.parametrize("minutes", [30, 180])
def test_ending_a_pause_ends_what_the_pause_before_it_opened(house: House, minutes: int) -> None:
    """The session was to end with the pause of two hours; another one has taken its place."""
    enrolled(house)
    desk = help_desk(house)
    pause(desk, minutes=120)
    client = let_in(house)
    pause(desk, minutes=minutes)
    assert still_in(client)
    ended = pauses.end_pause(house.installation, desk.person, desk.user("ann").id, browser=BROWSER)
    assert ended == PauseEnded()
    assert not still_in(client)


def test_what_a_long_pause_opened_does_not_outlast_the_short_one_in_its_place(
    house: House,
) -> None:
    """The session is used all the while, so it is no idle limit that ends it."""
    enrolled(house)
    desk = help_desk(house)
    pause(desk, minutes=8 * 60)
    client = let_in(house)
    pause(desk, minutes=60)
    house.clock.forward(HOUR // 2)
    assert still_in(client)
    house.clock.forward(HOUR // 2)
    assert not still_in(client)
