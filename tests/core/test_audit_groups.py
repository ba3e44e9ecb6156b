"""Kinds of events in groups: none is out of reach."""

from twostep.core.audit import EventKind
from twostep.core.audit_groups import EventGroup, group_of, kinds_of


def test_every_kind_is_in_exactly_one_group() -> None:
    found = [kind for group in EventGroup for kind in kinds_of(group)]
    assert sorted(found) == sorted(EventKind)


def test_no_group_is_empty() -> None:
    assert all(kinds_of(group) for group in EventGroup)


def test_kinds_stand_where_somebody_would_look_for_them() -> None:
    assert group_of(EventKind.TWO_STEP_REMOVED) is EventGroup.TWO_STEP
    assert group_of(EventKind.SIGN_IN_COMPLETED) is EventGroup.SIGN_IN
    assert group_of(EventKind.AUDIT_TRIMMED) is EventGroup.SERVICE
    assert group_of(EventKind.MESSAGE_SETTLED) is EventGroup.MESSAGES
