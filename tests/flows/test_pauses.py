"""Pausing a user's second step: how far it lets them, and how it ends (MISSION B-5)."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import DAY, HOUR, MINUTE
from tests.helpers.help_desk import BROWSER, HelpDesk, help_desk
from tests.helpers.house import PASSWORD, House, enrolled, sign_in
from tests.helpers.http import Client
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.help_desk_codes import HelpReason
from twostep.flows import pauses
from twostep.flows.administration import MayNot
from twostep.flows.pauses import NothingPaused, Paused, PauseEnded, PauseNotUsable, Wrong


def pause(
    desk: HelpDesk, name: str = "ann", *, hours: float = 2, note: str = ""
) -> Paused | PauseNotUsable | MayNot:
    return pauses.pause(
        desk.house.installation,
        desk.person,
        desk.user(name).id,
        until=desk.house.clock() + int(hours * HOUR),
        reason=HelpReason.FORGOT_PHONE,
        note=note,
        browser=BROWSER,
    )


def end(desk: HelpDesk) -> PauseEnded | NothingPaused | MayNot:
    return pauses.end_pause(
        desk.house.installation, desk.person, desk.user("ann").id, browser=BROWSER
    )


def gets_in(house: House, desk: HelpDesk) -> Client | None:
    client = house.client(desk.environment)
    return client if sign_in(client).location == "/" else None


def still_in(client: Client) -> bool:
    return client.get("/security").status == 200


@pytest.mark.parametrize("required", [False, True])
def test_nothing_is_asked_in_a_pause_and_everything_is_there_after_it(
    house: House, required: bool
) -> None:
    place = house.northside if required else house.harbour
    phone = enrolled(house, environment=place)
    desk = help_desk(house, place)
    assert isinstance(pause(desk), Paused)
    client = gets_in(house, desk)
    assert client is not None
    assert "has paused 2-Step Verification" in client.get("/security").text
    house.clock.forward(2 * HOUR)
    assert not still_in(client), "what was opened in a pause ends with it"
    asked = house.client(place)
    assert sign_in(asked).location == "/sign-in/code"
    page = asked.get("/sign-in/code")
    assert asked.submit(page, "/sign-in/code", code=phone.code()).location == "/"


def test_a_pause_can_be_ended_before_its_time_with_what_it_opened(house: House) -> None:
    phone = enrolled(house)
    before = house.client()
    sign_in(before)
    before.submit(before.get("/sign-in/code"), "/sign-in/code", code=phone.code())
    desk = help_desk(house)
    assert end(desk) == NothingPaused()
    pause(desk)
    client = gets_in(house, desk)
    assert client is not None
    assert end(desk) == PauseEnded()
    assert not still_in(client)
    assert still_in(before), "a session with both steps goes on"
    assert gets_in(house, desk) is None
    kinds = (EventKind.TWO_STEP_PAUSED, EventKind.TWO_STEP_PAUSE_ENDED)
    found = {event.kind: event for event in recorded(house.installation, house.harbour, *kinds)}
    assert set(found) == set(kinds)
    assert found[kinds[0]].about["reason"] == "forgot_phone"


def test_who_is_let_in_by_a_pause_cannot_change_the_second_step(house: House) -> None:
    """R-19: removing or adding a second step needs the level that it protects."""
    enrolled(house)
    desk = help_desk(house)
    pause(desk)
    client = gets_in(house, desk)
    assert client is not None
    page = client.follow(client.submit(client.get("/security"), "/security/two-step"))
    for act in ("new-key", "turn-off"):
        answer = client.submit(page, f"/security/two-step/{act}")
        assert answer.location == f"/security/confirm?act={act}"
    confirm = client.get("/security/confirm?act=new-key")
    assert 'name="password"' not in confirm.text
    typed = {"act": "new-key", "password": PASSWORD}
    assert client.submit(confirm, "/security/confirm", **typed).status == 422


@pytest.mark.parametrize("hours", [0, -1, 0.1, 30 * 24 + 1])
def test_a_pause_has_an_end_that_is_neither_now_nor_far_away(house: House, hours: float) -> None:
    enrolled(house)
    assert pause(help_desk(house), hours=hours) == PauseNotUsable(Wrong.END)


def test_a_note_is_a_note(house: House) -> None:
    enrolled(house)
    assert pause(help_desk(house), note="n" * 201) == PauseNotUsable(Wrong.NOTE)


def test_nobody_pauses_themselves_and_a_proof_must_be_fresh(house: House) -> None:
    enrolled(house)
    desk = help_desk(house)
    assert pause(desk, "morgan") is MayNot.ONESELF
    house.clock.forward(6 * MINUTE)
    assert pause(desk) is MayNot.PROVE_AGAIN
    assert end(desk) is MayNot.PROVE_AGAIN


def test_a_second_pause_takes_the_place_of_the_first(house: House) -> None:
    enrolled(house)
    desk = help_desk(house)
    pause(desk, hours=1)
    pause(desk, hours=24)
    house.clock.forward(HOUR)
    assert gets_in(house, desk) is not None
    house.clock.forward(DAY)
    assert gets_in(house, desk) is None
