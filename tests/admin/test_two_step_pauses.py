"""**Pause** and **End the pause now** as an administrator uses them (B-5)."""

from __future__ import annotations

import pytest

from tests.helpers.administrators import (
    REASON,
    administrator,
    path_of,
    user_of,
    with_app,
    with_codes_by_message,
    words_of,
    write_notices,
)
from tests.helpers.clocks import DAY, MINUTE
from tests.helpers.codes_by_mail import enter
from tests.helpers.house import House, sign_in
from tests.helpers.letters import last_code, letters
from tests.helpers.recorded import recorded
from twostep.admin.helping_forms import day_text, last_day
from twostep.core.audit import EventKind
from twostep.core.messages import MessageKind
from twostep.flows.pauses import LONGEST

PAUSE, END = "pause", "end-pause"


@pytest.fixture
def house(unlimited_house: House) -> House:
    """The counters are not looked at here."""
    return unlimited_house


def paused_until(house: House, name: str = "ann") -> int | None:
    user = user_of(house, name)
    return user.two_step_paused_until if user.two_step_paused(house.clock()) else None


def test_b_5_until_the_end_the_password_is_enough_and_then_the_code_is_asked_again(
    house: House,
) -> None:
    morgan, ann = administrator(house), with_app(house)
    enter(house, ann)
    page = words_of(morgan.get(ann, PAUSE))
    assert "ann signs in with the password alone." in page
    assert "What has been set up is kept" in page
    begun = house.clock()
    done = morgan.send(ann, PAUSE, **REASON, end="3")
    assert done.location == f"{path_of(ann)}?said=two-step-paused"
    assert paused_until(house) == begun + 3 * DAY
    assert sign_in(house.client(), "ann").location == "/"
    [event] = recorded(house.installation, house.harbour, EventKind.TWO_STEP_PAUSED)
    assert event.about["reason"] == "lost_phone"
    write_notices(house)
    [letter] = letters(house.installation, MessageKind.TWO_STEP_PAUSED)
    assert letter.data["until"] == begun + 3 * DAY
    house.clock.forward(3 * DAY)
    assert sign_in(house.client(), "ann").location == "/sign-in/code"


@pytest.mark.parametrize("end", ["today", "1", "7"])
def test_the_ends_that_are_offered(house: House, end: str) -> None:
    morgan, ann = administrator(house, app=False), with_app(house)
    now = house.clock()
    assert morgan.send(ann, PAUSE, **REASON, end=end).status == 303
    midnight = (now // DAY + 1) * DAY
    assert paused_until(house) == {"today": midnight, "1": now + DAY, "7": now + 7 * DAY}[end]


def test_a_day_ends_at_midnight_and_thirty_days_are_the_most(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    now = house.clock()
    latest = last_day(now)
    for day in (latest + DAY, now - DAY, now + 400 * DAY):
        answer = morgan.send(ann, PAUSE, **REASON, end="date", day=day_text(day))
        assert answer.status == 422
        assert f"Choose a day from today to {day_text(latest)}" in answer.text
        assert paused_until(house) is None
    done = morgan.send(ann, PAUSE, **REASON, end="date", day=day_text(latest))
    assert done.status == 303
    assert paused_until(house) == latest + DAY
    assert latest + DAY - now <= LONGEST < latest + 2 * DAY - now


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choose until when."),
        ({"end": "for ever"}, "Choose until when."),
        ({"end": "date"}, "Type a day as year, month and day"),
        ({"end": "date", "day": "tomorrow"}, "Type a day as year, month and day"),
        ({"end": "date", "day": "86400000"}, "Type a day as year, month and day"),
        ({"end": "1", "reason": "just so"}, "Choose a reason."),
    ],
)
def test_what_cannot_be_read_pauses_nothing_and_stands_there_again(
    house: House, typed: dict[str, str], said: str
) -> None:
    morgan, ann = administrator(house), with_app(house)
    answer = morgan.send(ann, PAUSE, **(REASON | typed))
    assert answer.status == 422
    assert said in answer.text
    assert "ticket 4711" in answer.text
    assert paused_until(house) is None


def test_the_last_minutes_of_a_day_are_not_offered(house: House) -> None:
    morgan, ann = administrator(house, app=False), with_app(house)
    now = house.clock()
    assert 'value="today"' in morgan.get(ann, PAUSE).text
    house.clock.forward((now // DAY + 1) * DAY - now - 9 * MINUTE)
    assert sign_in(morgan.client, "morgan").location == "/"
    assert 'value="today"' not in morgan.get(ann, PAUSE).text
    answer = morgan.send(ann, PAUSE, **REASON, **morgan.proof(), end="today")
    assert "This end is only minutes away." in answer.text
    assert paused_until(house) is None


def test_after_five_minutes_a_proof_is_asked_in_the_dialog(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    assert "Your own code" not in morgan.get(ann, PAUSE).text
    house.clock.forward(6 * MINUTE)
    assert "Your own code" in morgan.get(ann, PAUSE).text
    refused = morgan.send(ann, PAUSE, **REASON, end="1")
    assert refused.status == 422
    assert paused_until(house) is None
    assert morgan.send(ann, PAUSE, **REASON, end="1", **morgan.proof()).status == 303
    assert "Your own code" not in morgan.get(ann, END).text


def test_ending_it_asks_the_code_again_and_ends_what_was_opened_meanwhile(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    assert "is not paused." in words_of(morgan.get(ann, END))
    morgan.send(ann, PAUSE, **REASON, end="7")
    anns = house.client()
    assert sign_in(anns, "ann").location == "/"
    assert "End the pause now" in morgan.get(ann, PAUSE).text
    page = morgan.get(ann, END)
    done = morgan.client.submit(page, path_of(ann, END))
    assert done.location == f"{path_of(ann)}?said=pause-ended"
    assert (anns.get("/security").location or "").startswith("/sign-in")
    assert sign_in(house.client(), "ann").location == "/sign-in/code"
    again = morgan.send(ann, END)
    assert again.location == f"{path_of(ann)}?said=nothing-paused"


def test_a_code_by_message_is_sent_from_both_dialogs(house: House) -> None:
    morgan, ann = with_codes_by_message(house), with_app(house)
    house.clock.forward(6 * MINUTE)
    sent = morgan.send(ann, PAUSE, send_code="email", end="date", day="2030-01-01")
    assert sent.status == 200
    assert 'value="2030-01-01"' in sent.text
    assert 'id="end-date" name="end" value="date" checked' in sent.text
    code = last_code(house.installation, MessageKind.CODE)
    typed = {"to": "email", "code": code, "end": "1"}
    assert morgan.send(ann, PAUSE, **REASON, **typed).status == 303
    house.clock.forward(6 * MINUTE)
    sent = morgan.send(ann, END, send_code="email")
    code = last_code(house.installation, MessageKind.CODE)
    done = morgan.client.submit(sent, path_of(ann, END), code=code)
    assert done.location == f"{path_of(ann)}?said=pause-ended"


def test_who_has_no_second_step_has_nothing_to_pause(house: House) -> None:
    morgan = administrator(house, app=False)
    bo = house.add("bo")
    said = words_of(morgan.get(bo, PAUSE))
    assert "so there is nothing to pause." in said
    assert "You have no second step of your own" not in said


def test_d_08_a_pause_by_password_is_marked(house: House) -> None:
    morgan, ann = administrator(house, app=False), with_app(house)
    enter(house, ann)
    assert "You have no second step of your own" in morgan.get(ann, PAUSE).text
    morgan.send(ann, PAUSE, **REASON, end="1")
    [event] = recorded(house.installation, house.harbour, EventKind.TWO_STEP_PAUSED)
    assert event.about["proven_by"] == "first_step"
    write_notices(house)
    [letter] = letters(house.installation, MessageKind.TWO_STEP_PAUSED)
    assert letter.data["by_second_step"] == 0
