"""**Remove 2-step Verification** as an administrator uses it (CT-13)."""

from __future__ import annotations

import re

import pytest

from tests.helpers.administrators import (
    REASON,
    Administrator,
    administrator,
    path_of,
    turn_codes_on,
    user_of,
    with_app,
    with_codes_by_message,
    words_of,
    write_notices,
)
from tests.helpers.clocks import MINUTE
from tests.helpers.codes_by_mail import allow, enter
from tests.helpers.house import House, phone_from, sign_in
from tests.helpers.http import Answer
from tests.helpers.letters import last_code, letters
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.messages import MessageKind
from twostep.core.users import User
from twostep.flows.audit import is_genuine
from twostep.flows.erasures import Erased, erase_by_operator
from twostep.flows.help_desk_codes import codes_of
from twostep.storage import people

WORD = "remove-two-step"


@pytest.fixture
def house(unlimited_house: House) -> House:
    """The counters are not looked at here."""
    return unlimited_house


def asks_code(house: House, name: str = "ann") -> bool:
    """Whether a sign-in of that user asks for a second step."""
    return (sign_in(house.client(), name).location or "").startswith("/sign-in/")


def code_shown(answer: Answer) -> str:
    match = re.search(r'id="shown-code">([0-9A-Z-]+)<', answer.text)
    assert match, answer.text
    return match[1]


def test_the_dialog_says_what_will_go_with_true_numbers(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    said = words_of(morgan.get(ann, WORD))
    assert "ann will sign in with the password alone, until they set up again." in said
    assert "1 session ends now." in said
    assert "1 device is forgotten now." in said
    assert "No message can tell ann" in said
    enter(house, ann)
    assert "ann is told by message." in words_of(morgan.get(ann, WORD))


def test_ct_13_with_an_app_the_code_is_asked_and_the_password_alone_is_enough_for_the_user_then(
    house: House,
) -> None:
    morgan, ann = administrator(house), with_app(house)
    page = morgan.get(ann, WORD)
    assert "Your own code" in page.text
    assert "Your own password" not in page.text
    house.clock.forward(MINUTE)
    assert morgan.phone is not None
    done = morgan.client.submit(
        page, path_of(ann, WORD), code=morgan.phone.code(), reason="lost_phone"
    )
    assert done.location == f"{path_of(ann)}?said=two-step-removed"
    assert not asks_code(house)
    [event] = recorded(house.installation, house.harbour, EventKind.TWO_STEP_REMOVED)
    assert event.about["reason"] == "lost_phone"
    assert event.about["proven_by"] == "second_step"
    assert morgan.get(ann, WORD).status == 200  # under their new token


def test_d_08_without_a_second_step_the_password_is_asked_and_log_and_mail_say_so(
    house: House,
) -> None:
    morgan, ann = administrator(house, app=False), with_app(house)
    enter(house, ann)
    page = morgan.get(ann, WORD)
    assert "Your own password" in page.text
    assert "You have no second step of your own" in page.text
    assert morgan.remove(ann).status == 303
    assert not asks_code(house)
    [event] = recorded(house.installation, house.harbour, EventKind.TWO_STEP_REMOVED)
    assert event.about["proven_by"] == "first_step"
    write_notices(house)
    [letter] = letters(house.installation, MessageKind.REMOVED)
    assert letter.data["by"] == "morgan"
    assert letter.data["by_second_step"] == 0


@pytest.mark.parametrize("word", [WORD, "pause"])
def test_the_note_is_kept_where_it_can_be_erased_and_stands_beside_the_event(
    house: House, word: str
) -> None:
    """The chain holds a reference; the words go when the user whom they are about is erased."""
    morgan, ann = administrator(house), with_app(house)
    morgan.send(ann, word, **(REASON | {"end": "1"} | morgan.proof()))
    kind = EventKind.TWO_STEP_REMOVED if word == WORD else EventKind.TWO_STEP_PAUSED
    [event] = recorded(house.installation, house.harbour, kind)
    assert "4711" not in str(event.about)
    listed = morgan.client.get("/admin/audit").text
    links = re.findall(r'href="(/admin/audit/[0-9a-f]{32})"', listed)
    told = [link for link in links if "ticket 4711" in morgan.client.get(link).text]
    assert len(told) == 1
    assert isinstance(erase_by_operator(house.installation, ann), Erased)
    assert "ticket 4711" not in morgan.client.get(told[0]).text
    assert people_are_genuine(house)


def people_are_genuine(house: House) -> bool:
    """Whether the check of the log finds every person as they were written, or erased."""
    rows = house.installation.database.read(
        lambda connection: people.after_id(connection, house.harbour.id, b"", most=1000)
    )
    keys = house.installation.keys
    return all(is_genuine(keys, house.harbour.id, row) for row in rows)


def test_a_proof_of_a_moment_ago_is_not_enough(house: House) -> None:
    """A removal takes a proof of its own, however fresh another one is."""
    morgan, ann = administrator(house), with_app(house)
    answer = morgan.send(ann, WORD, **REASON)
    assert answer.status == 422
    assert "Type the code that your app shows." in answer.text
    assert asks_code(house)


def test_without_a_reason_nothing_is_removed_and_no_code_is_used_up(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    proof = morgan.proof()
    answer = morgan.send(ann, WORD, **proof, note="a" * 201)
    assert answer.status == 422
    assert "Choose a reason." in answer.text
    assert "Use at most 200 characters." in answer.text
    assert "a" * 201 in answer.text
    assert asks_code(house)
    assert morgan.send(ann, WORD, **proof, **REASON).status == 303
    assert not asks_code(house)


def test_what_was_chosen_stands_there_again_after_a_wrong_code(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    assert morgan.phone is not None
    answer = morgan.send(ann, WORD, **REASON, code=morgan.phone.wrong_code())
    assert answer.status == 422
    assert "That code did not match." in answer.text
    assert '<option value="lost_phone" selected>' in answer.text
    assert "ticket 4711" in answer.text
    assert morgan.phone.code() not in answer.text


def test_the_fifth_wrong_code_ends_the_session(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    assert morgan.phone is not None
    for _ in range(4):
        wrong = morgan.send(ann, WORD, **REASON, code=morgan.phone.wrong_code())
        assert wrong.status == 422
    last = morgan.send(ann, WORD, **REASON, code=morgan.phone.wrong_code())
    assert last.location == "/sign-in?said=session-ended"
    assert (morgan.client.get("/security").location or "").startswith("/sign-in")


def test_every_session_device_and_waiting_sign_in_of_the_user_ends(house: House) -> None:
    morgan, ann = administrator(house), with_app(house)
    waiting = house.client()
    assert sign_in(waiting, "ann").location == "/sign-in/code"
    assert morgan.remove(ann).status == 303
    assert waiting.get("/sign-in/code").location != "/"
    assert "0 session" not in words_of(morgan.get(ann, WORD))
    assert "there is nothing to turn off" in words_of(morgan.get(ann, WORD))
    answer = morgan.remove(ann)
    assert answer.location == f"{path_of(ann)}?said=nothing-to-remove"


def test_codes_by_message_are_a_second_step_that_can_be_removed(house: House) -> None:
    allow(house, house.harbour)
    morgan, ann = administrator(house), house.add("ann")
    enter(house, ann)
    turn_codes_on(house, ann)
    assert asks_code(house)
    assert morgan.remove(ann).location == f"{path_of(ann)}?said=two-step-removed"
    assert not asks_code(house)


class TestRequired:
    """Where a second step is required, a set-up code is shown."""

    def test_ac_34_the_set_up_code_is_shown_once_and_is_needed_beside_the_password(
        self, house: House
    ) -> None:
        morgan, ann = required(house)
        said = words_of(morgan.get(ann, WORD))
        assert "ann has to set up again, and needs a set-up code for that" in said
        done = morgan.remove(ann)
        code = code_shown(done)
        assert done.status == 200
        assert done.header("cache-control") == "no-store"
        assert "once, beside the password" in words_of(done)
        assert code.split("-")[0] in done.text
        assert all(code not in value for _, value in done.headers)
        for path in (path_of(ann, WORD), "/security"):
            assert code not in morgan.client.get(path).text
        assert house.clock() < end_of(house, ann)

    def test_the_user_sets_up_again_with_it(self, house: House) -> None:
        morgan, ann = required(house)
        code = code_shown(morgan.remove(ann))
        client = house.client(house.northside)
        page = client.follow(sign_in(client, "ann"))
        answer = client.submit(page, "/sign-in/help-desk-code", help_desk_code=code)
        assert answer.location == "/sign-in/set-up"
        page = client.get("/sign-in/set-up")
        phone = phone_from(page, house.clock)
        done = client.submit(page, "/sign-in/set-up", code=phone.code())
        assert done.status == 303
        assert client.get("/security").status == 200

    def test_a_property_switches_it_off(self, house: House) -> None:
        house.set(house.northside, "set_up_code_after_removal", "no")
        morgan, ann = required(house)
        assert "right after the password." in words_of(morgan.get(ann, WORD))
        assert morgan.remove(ann).location == f"{path_of(ann)}?said=two-step-removed"
        client = house.client(house.northside)
        assert sign_in(client, "ann").location == "/sign-in/set-up"

    def test_the_mail_says_that_a_code_is_needed_and_not_which(self, house: House) -> None:
        morgan, ann = required(house)
        enter(house, ann)
        code = code_shown(morgan.remove(ann))
        write_notices(house)
        [letter] = letters(house.installation, MessageKind.REMOVED)
        assert letter.data["needs_code"] == 1
        assert code not in str(letter.data)


class TestCodesByMessage:
    """An administrator whose second step is codes by message alone."""

    def test_a_button_sends_the_code_and_nothing_typed_is_lost(self, house: House) -> None:
        morgan, ann = with_codes_by_message(house), with_app(house)
        page = morgan.get(ann, WORD)
        assert "Your own" not in page.text
        assert 'name="send_code" value="email"' in page.text
        sent = morgan.client.submit(page, path_of(ann, WORD), send_code="email", **REASON)
        assert sent.status == 200
        assert "A 6-digit code is on its way to m•••@northside.example." in words_of(sent)
        assert '<option value="lost_phone" selected>' in sent.text
        assert "ticket 4711" in sent.text
        code = last_code(house.installation, MessageKind.CODE)
        done = morgan.client.submit(sent, path_of(ann, WORD), code=code, **REASON)
        assert done.location == f"{path_of(ann)}?said=two-step-removed"
        assert not asks_code(house)

    def test_the_button_is_not_answered_with_what_else_is_missing(self, house: House) -> None:
        morgan, ann = with_codes_by_message(house), with_app(house)
        sent = morgan.send(ann, WORD, send_code="email")
        assert sent.status == 200
        assert "Choose a reason. It is kept" not in sent.text

    def test_the_filled_button_sends_one_as_well_where_none_was_sent(self, house: House) -> None:
        morgan, ann = with_codes_by_message(house), with_app(house)
        sent = morgan.send(ann, WORD, **REASON)
        assert "is on its way" in sent.text
        assert asks_code(house)

    def test_r_40_opening_the_dialog_sends_nothing(self, house: House) -> None:
        morgan, ann = with_codes_by_message(house), with_app(house)
        morgan.get(ann, WORD)
        morgan.get(ann, WORD)
        assert letters(house.installation, MessageKind.CODE) == []

    def test_asked_again_too_soon_it_says_when_and_keeps_the_field(self, house: House) -> None:
        morgan, ann = with_codes_by_message(house), with_app(house)
        morgan.send(ann, WORD, send_code="email", **REASON)
        again = morgan.send(ann, WORD, send_code="email", **REASON)
        assert again.status == 422
        assert "Ask for another one in" in again.text
        assert 'name="to" value="email"' in again.text
        assert len(letters(house.installation, MessageKind.CODE)) == 1

    def test_a_wrong_code_is_told_and_a_blank_one_too(self, house: House) -> None:
        morgan, ann = with_codes_by_message(house), with_app(house)
        sent = morgan.send(ann, WORD, send_code="email", **REASON)
        blank = morgan.client.submit(sent, path_of(ann, WORD), **REASON)
        assert "Type the code that stands in the message." in blank.text
        wrong = morgan.client.submit(sent, path_of(ann, WORD), code="000000", **REASON)
        assert wrong.status == 422
        assert asks_code(house)

    def test_with_an_app_a_code_by_message_will_do_and_the_app_again(self, house: House) -> None:
        allow(house, house.harbour)
        morgan, ann = administrator(house), with_app(house)
        enter(house, morgan.user, "morgan@northside.example")
        turn_codes_on(house, morgan.user)
        page = morgan.get(ann, WORD)
        assert "Your app is not at hand?" in page.text
        sent = morgan.client.submit(page, path_of(ann, WORD), send_code="email", **REASON)
        assert "Use your authenticator app instead" in sent.text
        back = morgan.client.submit(sent, path_of(ann, WORD), use_app="1", **REASON)
        assert back.status == 200
        assert 'name="to"' not in back.text
        assert "ticket 4711" in back.text
        code = last_code(house.installation, MessageKind.CODE)
        done = morgan.client.submit(sent, path_of(ann, WORD), code=code, **REASON)
        assert done.location == f"{path_of(ann)}?said=two-step-removed"


def required(house: House) -> tuple[Administrator, User]:
    """An administrator of *northside* (Required), and a user with an app there."""
    morgan = administrator(house, environment=house.northside)
    return morgan, with_app(house, "ann", house.northside)


def end_of(house: House, user: User) -> int:
    """Until when the user's set-up code works."""
    [row] = codes_of(house.installation, user.environment_id, user.id)
    assert row.code.ends_at - house.clock() == 24 * 60 * MINUTE
    assert user_of(house, user.name, house.northside).set_up_code_asked_at is not None
    return row.code.ends_at
