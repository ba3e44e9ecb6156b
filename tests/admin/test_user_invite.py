"""New users by invitation, as an administrator and the invited use it."""

from __future__ import annotations

import pytest

from tests.helpers.administrators import Administrator, administrator, path_of, user_of, words_of
from tests.helpers.clocks import HOUR
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, sign_in
from tests.helpers.http import Answer
from tests.helpers.letters import letters
from tests.helpers.places import disable
from tests.helpers.recorded import recorded
from tests.helpers.resets import answered, ask, choose, links
from tests.helpers.resets import path_of as path_in
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind, ContactState
from twostep.core.messages import MessageKind
from twostep.core.permissions import ALL, Permission
from twostep.core.users import User
from twostep.flows import users
from twostep.flows.contact_entries import set_for_user
from twostep.flows.contacts import profile

PATH = "/admin/users/invite"
NEW = {"user_name": "ann", "full_name": "Ann Lee", "email": "ann@harbour.example"}


@pytest.fixture
def house(unlimited_house: House) -> House:
    """The counters are not looked at here."""
    return unlimited_house


def invite(by: Administrator, **typed: str) -> Answer:
    return by.client.post(PATH, {"csrf": by.csrf()} | NEW | typed)


def invited(house: House, by: Administrator) -> User:
    assert (invite(by).location or "").endswith("?said=invited")
    return user_of(house, "ann")


def invitations(house: House) -> list[str]:
    return [path_in(link) for link in links(house, MessageKind.INVITATION)]


def state_of_mailbox(house: House, user: User) -> ContactState:
    shown = profile(house.installation, user)[ContactKind.EMAIL].counts
    assert shown is not None
    return shown.state


def test_the_invited_choose_a_password_and_sign_in_as_ever(house: House) -> None:
    morgan = administrator(house)
    ann = invited(house, morgan)
    assert ann.full_name == "Ann Lee"
    [letter] = letters(house.installation, MessageKind.INVITATION)
    assert (letter.to, letter.data["user_name"], letter.data["hours"]) == (NEW["email"], "ann", 72)
    assert str(letter.data["link"]).startswith(f"{house.harbour.primary}/invitation/")
    client = house.client()
    page = client.get(invitations(house)[0])
    assert "Your user name is ann." in words_of(page)
    assert choose(client, invitations(house)[0]).location == "/sign-in?said=invitation-accepted"
    assert "__Host-sess" not in client.cookies
    assert sign_in(client, "ann", OTHER_PASSWORD).location == "/"
    kinds = {EventKind.USER_INVITED, EventKind.INVITATION_ACCEPTED}
    assert {event.kind for event in recorded(house.installation, house.harbour, *kinds)} == kinds


def test_using_the_link_confirms_the_address_that_it_went_to(house: House) -> None:
    morgan = administrator(house)
    ann = invited(house, morgan)
    assert state_of_mailbox(house, ann) is ContactState.UNCONFIRMED
    house.client().get(invitations(house)[0])
    assert state_of_mailbox(house, ann) is ContactState.UNCONFIRMED
    choose(house.client(), invitations(house)[0])
    assert state_of_mailbox(house, ann) is ContactState.CONFIRMED
    ask(house, "ann")
    assert answered(house) == 1


def test_without_a_password_a_sign_in_is_refused_like_a_wrong_one(house: House) -> None:
    morgan = administrator(house)
    invited(house, morgan)
    for password in ("", PASSWORD, OTHER_PASSWORD):
        assert sign_in(house.client(), "ann", password).status in {403, 422}
    ask(house, "ann")
    assert answered(house) == 0


def test_r_25_an_invitation_works_once_for_three_days_and_only_as_one(house: House) -> None:
    morgan = administrator(house)
    invited(house, morgan)
    [path] = invitations(house)
    assert house.client().get(path.replace("/invitation/", "/reset/")).status == 410
    house.clock.forward(72 * HOUR - 1)
    assert house.client().get(path).status == 200
    house.clock.forward(1)
    assert house.client().get(path).status == 410
    assert choose(house.client(), path).status == 410


def test_another_invitation_makes_the_one_before_void(house: House) -> None:
    morgan = administrator(house)
    ann = invited(house, morgan)
    house.clock.forward(1)
    page = morgan.get(ann, "invite")
    assert "A new one makes it void." in words_of(page)
    assert morgan.client.submit(page, path_of(ann, "invite")).status == 303
    first, second = invitations(house)
    assert house.client().get(first).status == 410
    assert choose(house.client(), second).status == 303
    assert "chosen a password already" in words_of(morgan.get(ann, "invite"))
    assert morgan.send(ann, "invite").location == path_of(ann, "invite")
    assert len(invitations(house)) == 2


def test_another_address_makes_an_invitation_void_and_is_not_confirmed_by_it(house: House) -> None:
    morgan = administrator(house)
    ann = invited(house, morgan)
    set_for_user(house.installation, ann, ContactKind.EMAIL, "new@harbour.example", language="en")
    assert house.client().get(invitations(house)[0]).status == 410
    assert state_of_mailbox(house, ann) is ContactState.UNCONFIRMED


def test_a_disabled_user_is_not_invited_and_their_invitation_is_void(house: House) -> None:
    morgan = administrator(house)
    ann = invited(house, morgan)
    disable(house, ann)
    users.enable(house.installation, house.harbour, ann)
    assert house.client().get(invitations(house)[0]).status == 410
    disable(house, ann)
    assert "(ann) is disabled" in words_of(morgan.get(ann, "invite"))
    assert morgan.send(ann, "invite").location == path_of(ann, "invite")


def test_nobodys_mailbox_is_filled_with_invitations(house: House) -> None:
    morgan = administrator(house)
    ann = invited(house, morgan)
    statuses = [morgan.send(ann, "invite").status for _ in range(3)]
    assert statuses == [303, 303, 422]
    house.clock.forward(HOUR)
    assert administrator(house, "taylor").send(ann, "invite").status == 303


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"user_name": ""}, "Type the user name with which this person is to sign in."),
        ({"user_name": "x" * 151}, "A user name has no blank"),
        ({"user_name": "ＡＮＮ-two\u200b"}, "A user name has no blank"),
        ({"full_name": "x" * 151}, "at most 150 characters"),
        ({"email": ""}, "Type an email address"),
        ({"email": "not an address"}, "no address that mail can be sent to"),
        ({"email": "a@b.example, c@d.example"}, "no address that mail can be sent to"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(
    house: House, typed: dict[str, str], said: str
) -> None:
    morgan = administrator(house)
    answer = invite(morgan, **typed)
    assert answer.status == 422
    assert said in answer.text
    assert invitations(house) == []


def test_ac_80_a_name_that_a_person_would_take_for_another_is_taken(house: House) -> None:
    morgan = administrator(house)
    invited(house, morgan)
    for name in ("ANN", "ａnn", " ann "):
        answer = invite(morgan, user_name=name)
        assert answer.status == 422
        assert "There is a user of that name already." in answer.text
    assert len(invitations(house)) == 1


def test_a_proof_is_asked_where_none_is_fresh_and_nothing_typed_is_lost(house: House) -> None:
    morgan = administrator(house, app=False)
    house.clock.forward(6 * 60_000)
    answer = invite(morgan)
    assert answer.status == 422
    assert 'value="Ann Lee"' in answer.text
    assert invitations(house) == []
    assert invite(morgan, password=PASSWORD).status == 303


def test_r_35_nobody_without_the_permission_invites_by_hand(house: House) -> None:
    few = administrator(house, "few", app=False, held=ALL - {Permission.MANAGE_USERS})
    assert few.client.get(PATH).status == 403
    assert invite(few).status == 403
    assert users.find(house.installation, house.harbour, "ann") is None
