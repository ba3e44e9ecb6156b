"""The catalogue of permissions, and who may use one on whom."""

import pytest

from twostep.core.permissions import (
    ALL,
    Permission,
    Reach,
    Rule,
    opens_user_management,
    reach,
    reach_to_grant,
    reach_to_revoke,
)

USERS, REMOVE, AUDIT = Permission.MANAGE_USERS, Permission.REMOVE_TWO_STEP, Permission.AUDIT


def test_the_first_administrator_gets_every_permission_there_is() -> None:
    assert set(ALL) == set(Permission)


def test_their_names_are_what_the_database_and_the_command_line_say() -> None:
    """Stored in grants: a name, once released, stays."""
    assert {permission.value for permission in Permission} == {
        "manage_users",
        "remove_two_step",
        "help_desk_codes",
        "system_properties",
        "messages",
        "audit",
    }


@pytest.mark.parametrize("rule", [reach, reach_to_grant, reach_to_revoke])
@pytest.mark.parametrize("oneself", [False, True])
def test_nobody_uses_a_permission_that_they_do_not_hold(rule: Rule, oneself: bool) -> None:
    """R-35: whatever the act, and whoever it is done to."""
    for theirs in (frozenset(), ALL, frozenset({AUDIT})):
        assert rule({USERS, AUDIT}, REMOVE, theirs, oneself=oneself) is Reach.NOT_HELD


def test_ac_36_nobody_acts_on_somebody_who_may_do_what_they_may_not() -> None:
    assert reach({REMOVE}, REMOVE, {AUDIT}, oneself=False) is Reach.HOLDS_MORE
    assert reach({REMOVE}, REMOVE, {REMOVE}, oneself=False) is Reach.REACHES
    assert reach({REMOVE}, REMOVE, set(), oneself=False) is Reach.REACHES
    assert reach(ALL, REMOVE, ALL, oneself=True) is Reach.ONESELF


def test_ct_14_one_grants_what_one_holds_to_anybody_but_oneself() -> None:
    assert reach_to_grant({REMOVE}, REMOVE, set(), oneself=False) is Reach.REACHES
    assert reach_to_grant({REMOVE}, REMOVE, {AUDIT}, oneself=False) is Reach.REACHES
    assert reach_to_grant(ALL, REMOVE, ALL, oneself=True) is Reach.ONESELF


def test_one_takes_back_from_whoever_holds_no_more_and_gives_up_ones_own() -> None:
    assert reach_to_revoke({REMOVE}, REMOVE, {REMOVE}, oneself=False) is Reach.REACHES
    assert reach_to_revoke({REMOVE}, REMOVE, {REMOVE, AUDIT}, oneself=False) is Reach.HOLDS_MORE
    assert reach_to_revoke({REMOVE}, REMOVE, {REMOVE}, oneself=True) is Reach.REACHES


def test_any_permission_opens_user_management_to_read() -> None:
    assert all(opens_user_management({permission}) for permission in Permission)
    assert not opens_user_management(frozenset())
