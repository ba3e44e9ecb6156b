"""Granting and revoking permissions from the command line."""

from tests.helpers.house import House
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.permissions import Permission
from twostep.flows import permissions


def test_a_permission_is_held_from_its_grant_to_its_revocation(house: House) -> None:
    user, other = house.add("ann"), house.add("bo")
    installation, place = house.installation, house.harbour
    assert permissions.held_by(installation, place, user) == frozenset()

    assert permissions.grant(installation, place, user, Permission.REMOVE_TWO_STEP)
    assert permissions.held_by(installation, place, user) == {Permission.REMOVE_TWO_STEP}
    assert permissions.held_by(installation, place, other) == frozenset()

    assert permissions.revoke(installation, place, user, Permission.REMOVE_TWO_STEP)
    assert permissions.held_by(installation, place, user) == frozenset()


def test_only_what_changes_something_is_recorded(house: House) -> None:
    user = house.add("ann")
    installation, place = house.installation, house.harbour
    assert not permissions.revoke(installation, place, user, Permission.AUDIT)
    assert permissions.grant(installation, place, user, Permission.AUDIT)
    assert not permissions.grant(installation, place, user, Permission.AUDIT)
    assert permissions.revoke(installation, place, user, Permission.AUDIT)
    kinds = (EventKind.PERMISSION_GRANTED, EventKind.PERMISSION_REVOKED)
    events = recorded(installation, place, *kinds)
    assert sorted(event.kind for event in events) == sorted(kinds)
    assert all(event.about == {"permission": "audit"} and event.has_target for event in events)
