"""Granting and revoking by people who hold a permission themselves (CT-14)."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from tests.helpers.clocks import MINUTE
from tests.helpers.holders import Holder, holder
from tests.helpers.house import House
from tests.helpers.letters import Letter, letters
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import notice_expansion, permissions, users
from twostep.flows.administration import MayNot
from twostep.flows.contact_entries import set_for_user
from twostep.flows.permissions import AsBefore, Done, LastHolder
from twostep.storage.tables import passwords

USERS, REMOVE, AUDIT = Permission.MANAGE_USERS, Permission.REMOVE_TWO_STEP, Permission.AUDIT


@pytest.fixture
def kim(house: House) -> Holder:
    """Kim may remove 2-step verification, and nothing else."""
    return holder(house, "kim", {REMOVE})


def mailed(house: House) -> list[tuple[MessageKind, str, Letter]]:
    """The notices about permissions, expanded: kind, to whom, and all of it."""
    notice_expansion.expand(house.installation, now=house.clock(), most=50)
    kinds = {MessageKind.PERMISSION_CHANGED, MessageKind.PERMISSION_OF_ANOTHER}
    found = [letter for letter in letters(house.installation) if letter.kind in kinds]
    return sorted(((each.kind, each.to, each) for each in found), key=lambda each: each[:2])


def with_mail(house: House, user: User) -> User:
    address = f"{user.name}@harbour.example"
    set_for_user(house.installation, user, ContactKind.EMAIL, address, language="en")
    return user


def test_ct_14_what_one_holds_one_can_give_to_somebody_else(house: House, kim: Holder) -> None:
    ann = holder(house, "ann")
    assert kim.grants(ann.user, REMOVE) == Done()
    assert ann.held == {REMOVE}
    assert kim.grants(ann.user, REMOVE) == AsBefore()
    bo = house.add("bo")
    assert ann.grants(bo, REMOVE) == Done(), "and who got it can give it on"


def test_ct_14_nobody_gives_what_they_do_not_hold_nor_to_themselves(
    house: House, kim: Holder
) -> None:
    """AC-75."""
    ann, bo = holder(house, "ann"), house.add("bo")
    assert kim.grants(ann.user, AUDIT) is MayNot.NOT_HELD
    assert kim.grants(kim.user, AUDIT) is MayNot.NOT_HELD
    assert kim.grants(kim.user, REMOVE) is MayNot.ONESELF
    assert ann.grants(bo, REMOVE) is MayNot.NOT_HELD
    assert kim.held == {REMOVE}
    assert not ann.held


def test_ac_75_what_was_taken_back_cannot_be_given_again(house: House, kim: Holder) -> None:
    """AC-75: nor by whoever got it from them meanwhile, once it is taken back there as well."""
    ann = holder(house, "ann", {REMOVE})
    assert kim.revokes(ann.user, REMOVE) == Done()
    assert ann.grants(house.add("bo"), REMOVE) is MayNot.NOT_HELD
    assert ann.revokes(kim.user, REMOVE) is MayNot.NOT_HELD
    assert kim.revokes(ann.user, REMOVE) == AsBefore()


def test_a_permission_is_taken_back_from_nobody_who_holds_more(house: House, kim: Holder) -> None:
    """AC-36: it is an act on them like every other."""
    lou = holder(house, "lou", {REMOVE, AUDIT})
    assert kim.revokes(lou.user, REMOVE) is MayNot.HOLDS_MORE
    assert lou.revokes(kim.user, REMOVE) == Done()
    assert kim.grants(lou.user, REMOVE) is MayNot.NOT_HELD


def test_a_permission_may_be_given_to_somebody_who_holds_another_one(
    house: House, kim: Holder
) -> None:
    """It takes nothing from them. Two who hold different ones can make each other mightier, which
    is what CT-14 says.
    """
    lou = holder(house, "lou", {AUDIT})
    assert kim.grants(lou.user, REMOVE) == Done()
    assert lou.grants(kim.user, AUDIT) == Done()
    assert kim.held == lou.held == {REMOVE, AUDIT}


def test_ones_own_may_be_given_up_but_not_the_last_one(house: House, kim: Holder) -> None:
    assert kim.revokes(kim.user, REMOVE) == LastHolder()
    assert kim.held == {REMOVE}
    lou = holder(house, "lou", {REMOVE})
    assert kim.revokes(kim.user, REMOVE) == Done()
    assert lou.revokes(lou.user, REMOVE) == LastHolder()
    assert lou.held == {REMOVE}
    assert not kim.held


def test_whoever_is_disabled_or_has_no_password_is_no_other_one(house: House, kim: Holder) -> None:
    """AC-76: only who could come and use it counts."""
    lou = holder(house, "lou", {REMOVE})
    users.disable(house.installation, house.harbour, lou.user)
    assert kim.revokes(kim.user, REMOVE) == LastHolder()
    users.enable(house.installation, house.harbour, lou.user)
    without_password(house, lou.user)
    assert kim.revokes(kim.user, REMOVE) == LastHolder()


def without_password(house: House, user: User) -> None:
    gone = delete(passwords).where(
        passwords.c.environment_id == user.environment_id, passwords.c.user_id == user.id
    )
    house.installation.database.write(lambda connection: connection.execute(gone).close())


def test_a_fresh_proof_is_asked(house: House, kim: Holder) -> None:
    ann = house.add("ann")
    house.clock.forward(6 * MINUTE)
    assert kim.grants(ann, REMOVE) is MayNot.PROVE_AGAIN
    assert kim.revokes(kim.user, REMOVE) is MayNot.PROVE_AGAIN


def test_ac_71_a_user_of_another_environment_is_nobody(house: House, kim: Holder) -> None:
    """AC-71: and holds nothing by what holds there."""
    there = house.add("ann", house.northside, administrator=True)
    assert kim.grants(there, REMOVE) is MayNot.NOBODY
    assert kim.revokes(there, REMOVE) is MayNot.NOBODY
    permissions.revoke(house.installation, house.northside, there, AUDIT)
    assert kim.grants(there, AUDIT) is MayNot.NOT_HELD


def test_each_change_is_an_event_with_who_did_it(house: House, kim: Holder) -> None:
    ann = house.add("ann")
    kinds = (EventKind.PERMISSION_GRANTED, EventKind.PERMISSION_REVOKED)
    before = len(recorded(house.installation, house.harbour, *kinds))
    kim.grants(ann, REMOVE)
    kim.grants(ann, REMOVE)
    kim.grants(ann, AUDIT)
    house.clock.forward(1)
    kim.revokes(ann, REMOVE)
    found = recorded(house.installation, house.harbour, *kinds)[before:]
    assert [event.kind for event in found] == list(kinds)
    assert all(event.about == {"permission": "remove_two_step"} for event in found)


def test_ac_75_the_user_is_told_and_who_manages_users_but_not_who_did_it(house: House) -> None:
    """AC-75. Where the administrator sits is not for the user to know."""
    kim = holder(house, "kim", {REMOVE, USERS})
    people = [with_mail(house, house.add(name)) for name in ("ann", "lou", "max")]
    ann, lou, stranger = people
    with_mail(house, kim.user)
    permissions.grant_all(house.installation, house.harbour, lou, {USERS})
    permissions.grant_all(house.installation, house.harbour, stranger, {REMOVE})
    mailed(house)
    house.clock.forward(1)
    before = len(mailed(house))
    assert kim.grants(ann, REMOVE) == Done()
    told = mailed(house)
    new = [each for each in told if each[2].data["at"] == house.clock()]
    assert len(told) - before == len(new) == 2
    assert [each[:2] for each in new] == [
        (MessageKind.PERMISSION_CHANGED, "ann@harbour.example"),
        (MessageKind.PERMISSION_OF_ANOTHER, "lou@harbour.example"),
    ]
    for _, _, letter in new:
        assert (letter.data["by"], letter.data["name"]) == ("kim", "ann")
        assert (letter.data["permissions"], letter.data["granted"]) == ("remove_two_step", 1)
        assert letter.data["network_address"] == ""


def test_ac_75_what_the_operator_does_is_told_as_well_once_for_all_of_it(house: House) -> None:
    """AC-75: a stolen shell gives itself away."""
    ann, lou = with_mail(house, house.add("ann")), with_mail(house, house.add("lou"))
    permissions.grant_all(house.installation, house.harbour, lou, {USERS})
    house.clock.forward(1)
    permissions.grant_all(house.installation, house.harbour, ann, set(Permission))
    new = [each for each in mailed(house) if each[2].data["at"] == house.clock()]
    assert [each[:2] for each in new] == [
        (MessageKind.PERMISSION_CHANGED, "ann@harbour.example"),
        (MessageKind.PERMISSION_OF_ANOTHER, "lou@harbour.example"),
    ]
    assert {letter.data["by"] for _, _, letter in new} == {""}
    assert new[0][2].data["permissions"].count(",") == len(Permission) - 1


def test_whoever_gives_one_up_is_told_where_it_was_done(house: House, kim: Holder) -> None:
    """A session that somebody left open could do it, too."""
    holder(house, "lou", {REMOVE})
    with_mail(house, kim.user)
    house.clock.forward(1)
    assert kim.revokes(kim.user, REMOVE) == Done()
    ((_, to, letter),) = [each for each in mailed(house) if each[2].data["at"] == house.clock()]
    assert (to, letter.data["own"]) == ("kim@harbour.example", 1)
    assert letter.data["network_address"] == kim.guest.address
