"""The gate that every act of an administrator on a user goes through."""

from __future__ import annotations

from tests.helpers.clocks import MINUTE
from tests.helpers.help_desk import HelpDesk, help_desk
from tests.helpers.house import House
from twostep.core.permissions import Permission
from twostep.flows import permissions, users
from twostep.flows.administration import Acting, MayNot, acting_on
from twostep.flows.sessions import Person


def ask(
    desk: HelpDesk,
    name: str = "ann",
    permission: Permission = Permission.MANAGE_USERS,
    *,
    person: Person | None = None,
    target: bytes | None = None,
    own_proof: bool = False,
) -> Acting | MayNot:
    who, whom = person or desk.person, target or desk.user(name).id
    installation, now = desk.house.installation, desk.house.clock()
    return installation.database.write(
        lambda connection: acting_on(
            connection, installation, who, permission, whom, now=now, own_proof=own_proof
        )
    )


def test_whoever_holds_the_permission_and_has_just_proven_themselves_may_act(house: House) -> None:
    house.add("ann")
    desk = help_desk(house)
    found = ask(desk)
    assert isinstance(found, Acting)
    assert (found.actor.name, found.target.name) == ("morgan", "ann")
    assert not found.by_second_step


def test_every_reason_against_it_has_a_name(house: House) -> None:
    """AC-36, AC-70, R-35."""
    house.add("ann")
    desk = help_desk(house)
    stranger = house.add("ann", house.northside)
    assert ask(desk, target=stranger.id) is MayNot.NOBODY
    assert ask(desk, "morgan") is MayNot.ONESELF
    ann = desk.user("ann")
    permissions.grant(house.installation, house.harbour, ann, Permission.AUDIT)
    permissions.revoke(house.installation, house.harbour, desk.person.user, Permission.AUDIT)
    assert ask(desk) is MayNot.HOLDS_MORE
    permissions.revoke(house.installation, house.harbour, ann, Permission.AUDIT)
    permissions.revoke(house.installation, house.harbour, desk.person.user, Permission.MANAGE_USERS)
    assert ask(desk) is MayNot.NOT_HELD
    assert ask(desk, target=stranger.id) is MayNot.NOT_HELD, "who may not is told nothing of ids"
    assert isinstance(ask(desk, permission=Permission.REMOVE_TWO_STEP), Acting)


def test_a_session_that_has_ended_acts_on_nobody(house: House) -> None:
    house.add("ann")
    desk = help_desk(house)
    person = desk.person
    house.add("robin", administrator=True)
    users.disable(house.installation, house.harbour, person.user)
    assert ask(desk, person=person) is MayNot.SIGNED_OUT


def test_a_proof_is_fresh_for_five_minutes_and_one_act_can_have_it_for_itself(
    house: House,
) -> None:
    """AC-36: one fresh proof, one removal."""
    house.add("ann")
    desk = help_desk(house)
    assert isinstance(ask(desk, own_proof=True), Acting)
    assert ask(desk, own_proof=True) is MayNot.PROVE_AGAIN
    assert isinstance(ask(desk), Acting), "for others it is as fresh as it was"
    house.clock.forward(5 * MINUTE + 1)
    assert ask(desk) is MayNot.PROVE_AGAIN
