"""**Send password reset** as an administrator uses it."""

from __future__ import annotations

import pytest

from tests.helpers.administrators import administrator, path_of, words_of
from tests.helpers.clocks import HOUR, MINUTE
from tests.helpers.codes_by_mail import allow, confirmed, enter
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, sign_in
from tests.helpers.letters import letters
from tests.helpers.places import disable
from tests.helpers.recorded import recorded
from tests.helpers.resets import choose, links
from tests.helpers.resets import path_of as path_in
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.messages import MessageKind
from twostep.core.permissions import ALL, Permission
from twostep.flows.contact_entries import set_for_user

WORD = "password-reset"


@pytest.fixture
def house(unlimited_house: House) -> House:
    """The counters are not looked at here."""
    return unlimited_house


def test_the_link_goes_to_the_user_and_the_administrator_never_sees_it(house: House) -> None:
    morgan, ann = administrator(house), house.add("ann")
    confirmed(house, ann, "ann@harbour.example")
    page = morgan.get(ann, WORD)
    assert "ann gets a mail at a•••@harbour.example." in words_of(page)
    assert "password" not in page.form(path_of(ann, WORD)).fields
    done = morgan.client.submit(page, path_of(ann, WORD))
    assert done.location == f"{path_of(ann)}?said=reset-sent"
    [letter] = letters(house.installation, MessageKind.PASSWORD_RESET)
    assert (letter.to, letter.data["by_help_desk"]) == ("ann@harbour.example", 1)
    [event] = recorded(house.installation, house.harbour, EventKind.PASSWORD_RESET_SENT)
    assert event.about["by_second_step"] is True
    assert str(letter.data["link"]).rsplit("/", 1)[1] not in str(event.about)
    assert sign_in(house.client(), "ann", PASSWORD).location == "/"
    assert choose(house.client(), path_in(links(house)[0])).status == 303
    assert sign_in(house.client(), "ann", OTHER_PASSWORD).location == "/"


def test_a_proof_is_asked_where_none_is_fresh(house: House) -> None:
    morgan, ann = administrator(house, app=False), house.add("ann")
    confirmed(house, ann, "ann@harbour.example")
    house.clock.forward(6 * MINUTE)
    assert "Your own password" in morgan.get(ann, WORD).text
    assert morgan.send(ann, WORD).status == 422
    assert morgan.send(ann, WORD, password=OTHER_PASSWORD).status == 422
    assert links(house) == []
    assert morgan.send(ann, WORD, password=PASSWORD).status == 303
    assert len(links(house)) == 1


def test_ac_31_not_to_an_address_that_was_entered_less_than_a_day_ago(house: House) -> None:
    morgan, ann = administrator(house), house.add("ann")
    confirmed(house, ann, "ann@harbour.example")
    set_for_user(house.installation, ann, ContactKind.EMAIL, "thief@evil.example", language="en")
    assert "less than a day ago" in words_of(morgan.get(ann, WORD))
    assert morgan.send(ann, WORD).location == path_of(ann, WORD)
    assert links(house) == []
    house.clock.forward(24 * HOUR)
    morgan = administrator(house, "taylor")
    assert morgan.send(ann, WORD).status == 303
    assert len(links(house)) == 1


def test_the_dialog_says_why_nothing_can_be_sent(house: House) -> None:
    morgan, ann, bo = administrator(house), house.add("ann"), house.add("bo")
    assert "no email address for ann" in words_of(morgan.get(ann, WORD))
    disable(house, bo)
    assert "bo is disabled" in words_of(morgan.get(bo, WORD))
    assert morgan.send(ann, WORD).location == path_of(ann, WORD)


def test_r_37_who_gets_codes_there_too_gets_it_from_the_help_desk_with_a_warning(
    house: House,
) -> None:
    allow(house, house.northside)
    morgan = administrator(house, environment=house.northside)
    ann = house.add("ann", house.northside)
    confirmed(house, ann, "ann@northside.example")
    assert "whoever reads it gets both" in words_of(morgan.get(ann, WORD))
    assert morgan.send(ann, WORD).status == 303
    assert len(links(house)) == 1


def test_enough_is_enough_for_six_hours(house: House) -> None:
    morgan, ann = administrator(house), house.add("ann")
    confirmed(house, ann, "ann@harbour.example")
    for _ in range(3):
        assert morgan.send(ann, WORD).status == 303
        house.clock.forward(1)
    answer = morgan.send(ann, WORD)
    assert answer.status == 422
    assert "enough for now" in answer.text
    assert len(links(house)) == 3


def test_r_35_nobody_without_the_permission_or_on_whoever_holds_more(house: House) -> None:
    few = administrator(house, "few", app=False, held=ALL - {Permission.MANAGE_USERS})
    some = administrator(house, "some", app=False, held={Permission.MANAGE_USERS})
    ann, boss = house.add("ann"), house.add("boss", administrator=True)
    for user in (ann, boss, some.user):
        enter(house, user, "x@harbour.example")
    house.clock.forward(25 * HOUR)
    assert few.get(ann, WORD).status in {303, 403}
    few = administrator(house, "few2", app=False, held=ALL - {Permission.MANAGE_USERS})
    some2 = administrator(house, "some2", app=False, held={Permission.MANAGE_USERS})
    assert few.get(ann, WORD).status == 403
    assert few.send(ann, WORD).status == 403
    assert some2.send(boss, WORD).status == 403
    assert some2.send(some2.user, WORD).status == 403
    assert links(house) == []
