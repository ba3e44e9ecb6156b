"""Ways to pass the second step, as a person sees them."""

from __future__ import annotations

import pytest

from twostep.core.contacts import Contact, ContactKind, EnteredBy
from twostep.core.policies import STRONGEST_FIRST, Method
from twostep.core.ways import Way, begins_with, ways_of


def contact(kind: ContactKind, *, counts: bool = True) -> Contact:
    return Contact(
        id=kind.value.ljust(16).encode(),
        user_id=bytes(16),
        kind=kind,
        entered_by=EnteredBy.USER,
        confirmed_at=1 if counts else None,
        changed_at=1,
    )


EVERY = [contact(kind) for kind in ContactKind]


def test_the_strongest_comes_first_and_the_text_before_the_email() -> None:
    """CS-2."""
    assert ways_of(STRONGEST_FIRST, EVERY) == (
        Way.AUTHENTICATOR,
        Way.RECOVERY_CODE,
        Way.PHONE,
        Way.SMS_EMAIL,
        Way.EMAIL,
        Way.HELP_DESK_CODE,
    )


def test_there_is_no_way_without_an_address_that_counts() -> None:
    waits = [contact(ContactKind.EMAIL, counts=False)]
    assert ways_of([Method.EMAIL_CODE, Method.TEXT_CODE], waits) == ()
    assert ways_of([Method.EMAIL_CODE], EVERY) == (Way.SMS_EMAIL, Way.EMAIL)
    assert ways_of([], EVERY) == ()


@pytest.mark.parametrize("way", list(Way))
def test_a_way_that_sends_knows_to_which_kind_of_address(way: Way) -> None:
    sends = way not in (Way.AUTHENTICATOR, Way.RECOVERY_CODE, Way.HELP_DESK_CODE)
    assert way.sent_to == (ContactKind(way.value) if sends else None)


def test_a_sign_in_begins_with_what_was_chosen_before_else_with_the_strongest() -> None:
    both = (Way.AUTHENTICATOR, Way.RECOVERY_CODE, Way.EMAIL)
    assert begins_with(both, None) is Way.AUTHENTICATOR
    assert begins_with(both, Way.EMAIL) is Way.EMAIL
    assert begins_with(both, Way.PHONE) is Way.AUTHENTICATOR, "they do not have it any more"
    assert begins_with(both, Way.RECOVERY_CODE) is Way.AUTHENTICATOR
    assert begins_with((Way.RECOVERY_CODE, Way.HELP_DESK_CODE), Way.HELP_DESK_CODE) is None
    assert begins_with((), Way.EMAIL) is None
