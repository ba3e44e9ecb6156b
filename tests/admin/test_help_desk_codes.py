"""**Help-desk code** and **Withdraw** as an administrator uses them (B-4)."""

from __future__ import annotations

import re

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
from tests.helpers.clocks import MINUTE
from tests.helpers.codes_by_mail import enter
from tests.helpers.house import House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.letters import last_code, letters
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.messages import MessageKind
from twostep.flows import users
from twostep.flows.help_desk_codes import codes_of

WORD = "help-desk-code"
WANTED = {"purpose": "today", "minutes": "60", "uses": "2"} | REASON


@pytest.fixture
def house(unlimited_house: House) -> House:
    """The counters are not looked at here."""
    return unlimited_house


def code_shown(answer: Answer) -> str:
    match = re.search(r'id="shown-code">([0-9A-Z-]+)<', answer.text)
    assert match, answer.text
    return match[1]


def gets_in(house: House, code: str, name: str = "ann") -> Client | None:
    """A browser in which the user signed in with the code; None where it did not do."""
    client = house.client()
    assert sign_in(client, name).location == "/sign-in/code"
    page = client.get("/sign-in/help-desk-code")
    if page.status == 303:
        return None  # no code of theirs works, so it is no way in
    answer = client.submit(page, "/sign-in/help-desk-code", help_desk_code=code)
    return client if answer.location == "/" else None


def test_b_4_a_code_for_today_is_shown_once_and_opens_so_many_sessions(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    page = morgan.get(ann, WORD)
    assert "nothing about their sign-in can be changed with it." in words_of(page)
    assert "There is none." in words_of(page)
    done = morgan.client.submit(page, path_of(ann, WORD), **WANTED)
    code = code_shown(done)
    assert done.header("cache-control") == "no-store"
    assert "for 2 sign-ins" in words_of(done)
    assert all(code not in value for _, value in done.headers)
    again = morgan.get(ann, WORD)
    assert code not in again.text
    assert "Code for today's work" in words_of(again)
    assert "2 uses left" in again.text
    assert "The phone is lost" in again.text
    assert "ticket 4711" in again.text
    assert gets_in(house, code)
    assert gets_in(house, code.lower().replace("-", " "))
    assert gets_in(house, code) is None
    assert "used up" in morgan.get(ann, WORD).text


def test_it_is_read_aloud_in_words(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    done = morgan.send(ann, WORD, **WANTED)
    first = code_shown(done).split("-")[0]
    assert f"<code>{first}</code>" in done.text
    assert "How to read it aloud" in done.text


def test_the_user_is_told_that_there_is_one_and_not_which(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    enter(house, ann)
    code = code_shown(morgan.send(ann, WORD, **WANTED))
    write_notices(house)
    [letter] = letters(house.installation, MessageKind.HELP_DESK_CODE)
    assert letter.data["by"] == "morgan"
    assert letter.data["until"] == house.clock() + 60 * MINUTE
    assert code not in str(letter.data)
    [event] = recorded(house.installation, house.harbour, EventKind.HELP_DESK_CODE_MADE)
    assert event.about["reason"] == "lost_phone"
    assert code not in str(event.about)


def test_a_code_for_set_up_is_used_once_whatever_was_typed(house: House) -> None:
    morgan, bo = administrator(house), house.add("bo")
    done = morgan.send(bo, WORD, **(WANTED | {"purpose": "set_up", "uses": "seven"}))
    assert len(code_shown(done).replace("-", "")) == 20
    assert "Set-up code" in done.text
    [row] = codes_of(house.installation, bo.environment_id, bo.id)
    assert row.uses == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"minutes": "9"}, "Choose how long the code works."),
        ({"minutes": "1441"}, "Choose how long the code works."),
        ({"minutes": "soon"}, "Choose how long the code works."),
        ({"purpose": "ever"}, "Choose what the code is for."),
        ({"uses": "0"}, "Type a whole number from 1 to 10."),
        ({"uses": "11"}, "Type a whole number from 1 to 10."),
        ({"reason": ""}, "Choose a reason."),
        ({"note": "b" * 201}, "Use at most 200 characters."),
    ],
)
def test_what_is_out_of_bounds_makes_no_code(
    house: House, typed: dict[str, str], said: str
) -> None:
    morgan, ann = administrator(house), with_app(house)
    answer = morgan.send(ann, WORD, **(WANTED | typed))
    assert answer.status == 422
    assert said in answer.text
    assert codes_of(house.installation, ann.environment_id, ann.id) == []


@pytest.mark.parametrize("minutes", ["10", "45", "1440"])
def test_from_ten_minutes_to_a_day(house: House, minutes: str) -> None:
    morgan, ann = administrator(house), with_app(house)
    assert morgan.send(ann, WORD, **(WANTED | {"minutes": minutes})).status == 200
    [row] = codes_of(house.installation, ann.environment_id, ann.id)
    assert row.code.ends_at == house.clock() + int(minutes) * MINUTE


def test_withdrawn_it_is_good_for_nothing_and_its_sessions_end(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    code = code_shown(morgan.send(ann, WORD, **WANTED))
    anns = gets_in(house, code)
    assert anns is not None
    page = morgan.get(ann, WORD)
    [link] = re.findall(r'href="([^"]+/withdraw)"', page.text)
    dialog = morgan.client.get(link)
    assert "good for nothing from now on" in dialog.text
    done = morgan.client.submit(dialog, link)
    assert done.location == f"{path_of(ann, WORD)}?said=code-withdrawn"
    assert "The code is withdrawn" in morgan.client.follow(done).text
    assert (anns.get("/security").location or "").startswith("/sign-in")
    assert gets_in(house, code) is None
    assert "That code is over already." in morgan.client.get(link).text
    again = morgan.client.post(link, {"csrf": morgan.csrf()})
    assert again.location == f"{path_of(ann, WORD)}?said=no-such-code"


def test_after_five_minutes_a_proof_is_asked_for_both(house: House) -> None:
    morgan, ann = administrator(house, app=False), with_app(house)
    morgan.send(ann, WORD, **WANTED)
    house.clock.forward(6 * MINUTE)
    page = morgan.get(ann, WORD)
    assert "Your own password" in page.text
    assert morgan.send(ann, WORD, **WANTED).status == 422
    [link] = re.findall(r'href="([^"]+/withdraw)"', page.text)
    assert morgan.client.post(link, {"csrf": morgan.csrf()}).status == 422
    done = morgan.client.post(link, {"csrf": morgan.csrf()} | morgan.proof())
    assert done.location == f"{path_of(ann, WORD)}?said=code-withdrawn"


def test_with_codes_by_message_all_that_was_typed_comes_back(house: House) -> None:
    morgan, ann = with_codes_by_message(house), with_app(house)
    house.clock.forward(6 * MINUTE)
    typed = {"purpose": "set_up", "minutes": "480", "uses": "7"} | REASON
    sent = morgan.send(ann, WORD, send_code="email", **typed)
    assert sent.status == 200
    assert 'id="purpose-set-up" name="purpose" value="set_up"' in sent.text
    assert '<option value="480" selected>' in sent.text
    assert 'id="uses" name="uses" type="text" value="7"' in sent.text
    code = last_code(house.installation, MessageKind.CODE)
    done = morgan.send(ann, WORD, to="email", code=code, **typed)
    assert code_shown(done)
    assert user_of(house, "ann") is not None


def test_a_form_that_is_sent_twice_makes_one_code(house: House) -> None:
    """A page that is loaded again, or a double click: the second code would be nobody's."""
    morgan, ann = administrator(house), with_app(house)
    page = morgan.get(ann, WORD)
    typed = {**REASON, "purpose": "today", "minutes": "60", "uses": "1"}
    fields = page.form(path_of(ann, WORD)).fields | typed
    shown = morgan.client.post(path_of(ann, WORD), fields)
    assert shown.status == 200
    again = morgan.client.post(path_of(ann, WORD), fields)
    assert again.location == f"{path_of(ann, WORD)}?said=code-made-before"
    said = morgan.client.follow(again)
    assert "a code is shown only once" in said.text
    assert said.text.count("Withdraw</a>") == 1
    assert len(codes_of(house.installation, ann.environment_id, ann.id)) == 1
    fields = said.form(path_of(ann, WORD)).fields | typed
    assert morgan.client.post(path_of(ann, WORD), fields).status == 200
    assert len(codes_of(house.installation, ann.environment_id, ann.id)) == 2


def test_no_code_is_made_for_somebody_whom_it_would_not_let_in(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    users.disable(house.installation, house.harbour, ann)
    answer = morgan.send(ann, WORD, **REASON, purpose="today", minutes="60", uses="1")
    assert answer.location == f"{path_of(ann)}?said=nobody-to-let-in"
    assert not codes_of(house.installation, ann.environment_id, ann.id)
